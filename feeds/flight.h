/* feeds/flight.h - a poll on its way: what travels, and what was asked for it. */
#pragma once

#include "feeds/http.h"
#include "feeds/poller.h"
#include "feeds/registry.h"

/* One poll with its request; lives in the poll's arena. */
typedef struct wd_flight {
    wd_poll poll; /* first: this is what travels */
    wd_http_request request;
    wd_validators sent;
    wd_poller *poller;
    wd_entry *entry;
    wd_link asking;
} wd_flight;

/* A poll that begins now, in an arena of its own; NULL: no memory. */
wd_flight *wd_poller_new_flight(wd_poller *p, wd_entry *e);
