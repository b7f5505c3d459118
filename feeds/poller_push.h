/*
 * feeds/poller_push.h - documents that come by themselves, from WebSub's hubs, and what they
 * change for the feed's polls.
 *
 * Thread: loop thread.
 */
#pragma once

#include "feeds/host_gate.h"
#include "feeds/poller.h"

typedef struct wd_poller_push {
    const char *slug;
    char *body; /* from malloc */
    size_t len;
    wd_span url, content_type;
    uint64_t selves[2]; /* as in wd_poll */
} wd_poller_push;

/* A document that came by itself goes the way of a poll.  With WD_OK the body is taken.
 * WD_NOTFOUND: no such slug; WD_DENIED: it is paused; WD_BUSY: not now, since the feed is being
 * asked or the pipeline is full. */
WD_MUST_USE wd_status wd_poller_push_document(wd_poller *p, const wd_poller_push *push);

/* Whether a hub delivers what is new, so that polls may be rare.  When it does no longer the next
 * poll comes as if it never had, and `changed` stores that. */
void wd_poller_set_backup(wd_poller *p, const char *slug, bool backup);

/* The hosts' gates, for others who ask the same hosts.  They leave before the poller closes. */
wd_host_gate *wd_poller_gate(wd_poller *p);

/* As wd_host_gate_done() and _leave(), for a request on behalf of that feed: that its host wants
 * to be left alone, and does so no longer, is said once each, whoever was told. */
void wd_poller_gate_done(wd_poller *p,
                         wd_gate_seat *seat,
                         const wd_gate_result *result,
                         const char *slug);
void wd_poller_gate_leave(wd_poller *p, wd_gate_seat *seat, const char *slug);
