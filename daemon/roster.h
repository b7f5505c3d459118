/*
 * daemon/roster.h - the configured feeds with what the ledger remembers of each.
 *
 * Thread: made on the thread that owns the ledger, then handed to the loop, which
 *         gives it to the poller.  Owner: whoever holds it; wd_roster_free().
 */
#pragma once

#include "daemon/config/config.h"
#include "feeds/poller.h"
#include "queue/ledger.h"

typedef struct wd_roster {
    const wd_config *config; /* borrowed */
    wd_poller_feed *feeds;   /* parallel to config->feeds */
    struct wd_arena *arena;
} wd_roster;

/* Gives every new slug its number (one transaction) and reads states and validators. */
WD_MUST_USE wd_status wd_roster_make(wd_roster **out, const wd_config *config, wd_ledger *ledger);

/* Only reads: a feed that the ledger does not know has the state of one never polled.
 * `ledger` may be NULL: there is none yet. */
WD_MUST_USE wd_status wd_roster_read(wd_roster **out, const wd_config *config, wd_ledger *ledger);

void wd_roster_free(wd_roster *r);
