/*
 * daemon/desk_thread.h - the one thread that owns ledger and desk: jobs in, answers out.
 *
 * Thread:   calls from the loop only; every answer arrives on the loop, never inside a
 *           call made here.  The work itself is done on a thread of its own, since an
 *           fsync costs milliseconds.
 * Order:    answers come in the order of the jobs, per kind.
 * Errors:   a transaction that fails (disk full, I/O) is rolled back and repeated with
 *           the same verdicts until it succeeds; meanwhile nothing is acknowledged, so
 *           polling comes to a halt by itself.  Said once: storage.failed, storage.restored.
 *           One that the full outbox has no room for waits in the same way, and is not said
 *           here: the report has it.
 */
#pragma once

#include <uv.h>

#include "core/log.h"
#include "daemon/roster.h"
#include "daemon/storer.h"
#include "feeds/schedule.h"
#include "queue/ledger_websub.h"
#include "queue/outbox.h"

typedef struct wd_desk_thread wd_desk_thread;

/* What the desk thread knows, as of its last batch. */
typedef struct wd_desk_report {
    wd_storer_counts counts;
    wd_desk_stats desk;
    wd_outbox_stat outbox[WD_LANE_COUNT];
    bool storage_ok;
    bool refused; /* a batch waits until Redis has taken what fills the outbox */
    uint64_t commits;
} wd_desk_report;

typedef struct wd_desk_sink {
    void (*stored)(void *ctx, wd_poll *poll);  /* takes the poll */
    void (*dropped)(void *ctx, wd_poll *poll); /* not stored, since we stop; takes the poll */
    /* There are events up to top_seq; the first of them, when it is their commit, came just
     * before by `offered`. */
    void (*offered)(void *ctx, const wd_outbox_row *row);
    void (*committed)(void *ctx, const uint64_t top_seq[WD_LANE_COUNT]);
    void (*stat)(void *ctx, wd_lane lane, const wd_outbox_stat *stat, uint64_t generation);
    void (*row)(void *ctx, const wd_outbox_row *row);
    void (*rows_end)(void *ctx, wd_lane lane);
    void (*roster)(void *ctx, wd_status s, wd_roster *roster); /* takes the roster */
    void (*noted)(void *ctx, wd_status s, uint64_t tag);
    void (*closed)(void *ctx);
    void *ctx;
} wd_desk_sink;

typedef struct wd_desk_spec {
    uv_loop_t *loop;
    wd_storer *storer; /* lent: nobody else may touch it until closed */
    const wd_clock *clock;
    const wd_log *log;
    wd_schedule_policy policy;
    wd_desk_sink sink;
} wd_desk_spec;

WD_MUST_USE wd_status wd_desk_thread_open(wd_desk_thread **out, const wd_desk_spec *spec);

/* Takes the poll; answered by stored or dropped. */
void wd_desk_thread_store(wd_desk_thread *t, wd_poll *poll);

void wd_desk_thread_want_stat(wd_desk_thread *t, wd_lane lane);
void wd_desk_thread_want_rows(
    wd_desk_thread *t, wd_lane lane, uint64_t after_seq, uint32_t max_rows, size_t max_bytes);
void wd_desk_thread_ack(wd_desk_thread *t, wd_lane lane, uint64_t seq);
void wd_desk_thread_unack(wd_desk_thread *t, wd_lane lane, uint64_t seq);
void wd_desk_thread_renumber(wd_desk_thread *t, wd_lane lane, uint64_t top, int64_t top_ms);

/* Redis lost events from..to and the outbox keeps them no more: commits a stream.gap. */
void wd_desk_thread_gap(wd_desk_thread *t, wd_lane lane, uint64_t from, uint64_t to);

/* Redis cannot lose what came up to `seq`. */
void wd_desk_thread_safe(wd_desk_thread *t, wd_lane lane, uint64_t seq);

/* A reload: numbers new feeds and reads all states; answered by roster. */
void wd_desk_thread_want_roster(wd_desk_thread *t,
                                const wd_config *config,
                                const wd_schedule_policy *policy);

/* Stores a feed's state that an order changed; answered by noted, with the tag. */
void wd_desk_thread_note(wd_desk_thread *t, const wd_feed_state *state, uint64_t tag);

/* Keeps a subscription's row (copied), or without a slug drops it; no answer. */
void wd_desk_thread_keep_websub(wd_desk_thread *t, const wd_ledger_websub *row);

/* We are stopping: what cannot be stored now is dropped, not tried again. */
void wd_desk_thread_hurry(wd_desk_thread *t);

void wd_desk_thread_get_report(wd_desk_thread *t, wd_desk_report *out);

/* Finishes what can be stored, answers everything, then closed.  Sets *t to NULL. */
void wd_desk_thread_close(wd_desk_thread **t);
