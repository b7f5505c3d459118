/*
 * daemon/storer.h - verdicts into the ledger: what was decided of a poll becomes rows
 * and events of one transaction.
 *
 * Thread: the desk thread, which owns ledger and desk.
 * Errors: anything but WD_OK means the transaction must be rolled back and the whole
 *         batch stored again later; verdicts already given are kept in the stories,
 *         so a repeat stores the same answers.
 */
#pragma once

#include "core/log.h"
#include "daemon/config/config.h"
#include "daemon/progress.h"
#include "daemon/reading.h"
#include "daemon/roster.h"
#include "daemon/row_copies.h"
#include "dedup/desk.h"
#include "feeds/schedule.h"
#include "queue/outbox.h"

typedef struct wd_storer wd_storer;

/* How many items ended how, since the start: for metrics and the summary. */
typedef struct wd_storer_counts {
    uint64_t seen, fresh, updated, copies, revisions, silent;
    uint64_t top_seq[WD_LANE_COUNT]; /* newest event of a lane, 0: none yet */
    int64_t last_item_ms;
} wd_storer_counts;

/* Who hears of the filling and of images, borrowed: how far it is (may be NULL), only while it
 * is opened; and the log. */
typedef struct wd_storer_ears {
    wd_progress *progress;
    const wd_log *log;
} wd_storer_ears;

/* Opens <state>/ledger.db, fills the desk from it, and makes the first roster (the
 * caller frees it). */
WD_MUST_USE wd_status wd_storer_open(wd_storer **out,
                                     wd_roster **roster,
                                     const wd_config *config,
                                     const wd_storer_ears *ears,
                                     wd_error *err);
void wd_storer_close(wd_storer **s);

/* The feeds' groups and trust after a reload. */
WD_MUST_USE wd_status wd_storer_set_feeds(wd_storer *s, const wd_roster *roster);

wd_ledger *wd_storer_ledger(wd_storer *s);
const char *wd_storer_source(const wd_storer *s); /* "urn:wiredesk:desk" */
uint64_t wd_storer_hash_key(const wd_storer *s);

/* Inside a transaction: decides, writes, and moves the feed's state forward.
 * `random` is for the schedule's jitter. */
WD_MUST_USE wd_status wd_storer_store(
    wd_storer *s, wd_poll *poll, const wd_schedule_policy *policy, int64_t now_ms, uint64_t random);

/* The transaction is on disk / was rolled back: counts move only now.  Gives the first of the
 * events that it queued (daemon/teller.h). */
WD_MUST_USE wd_row_copies wd_storer_committed(wd_storer *s);
void wd_storer_rolled_back(wd_storer *s);

/* Forgets a little of what is too old; call it now and then, outside a transaction, and
 * again soon while there is *more. */
WD_MUST_USE wd_status wd_storer_tidy(wd_storer *s, int64_t now_ms, bool *more);

/* A turn of whoever keeps the desk's memory for the next life (daemon/desk_keeper.h), outside a
 * transaction; milliseconds until the next one, UINT64_MAX: after the next transaction. */
uint64_t wd_storer_keep(wd_storer *s);

void wd_storer_get_counts(const wd_storer *s, wd_storer_counts *out);
void wd_storer_get_desk(const wd_storer *s, wd_desk_stats *out);
