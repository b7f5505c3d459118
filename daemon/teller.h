/*
 * daemon/teller.h - tells one story: its verdict as an event in the outbox.
 *
 * Thread: the desk thread, inside a transaction.
 */
#pragma once

#include "daemon/config/config.h"
#include "daemon/reading.h"
#include "daemon/row_copies.h"

typedef struct wd_teller wd_teller;

WD_MUST_USE wd_status wd_teller_new(wd_teller **out, const wd_config *config, wd_ledger *ledger);
void wd_teller_free(wd_teller *t);

typedef struct wd_telling {
    const wd_poll *poll;
    const wd_reading *reading;
    const wd_story *story; /* decided, and not SEEN */
    int64_t now_ms, first_seen_ms;
    uint32_t revision;
    wd_span feed_url; /* redacted, once a poll */
} wd_telling;

/* *slot names the event that was queued. */
WD_MUST_USE wd_status wd_teller_tell(wd_teller *t, const wd_telling *what, wd_outbox_slot *slot);

/* What the transaction told, for who hands it on at once: after its commit.  The first so many;
 * the outbox has them all.  To be done with by the caller. */
wd_row_copies wd_teller_take(wd_teller *t);
/* It was rolled back: nothing was told. */
void wd_teller_forget(wd_teller *t);

const char *wd_teller_source(const wd_teller *t);
