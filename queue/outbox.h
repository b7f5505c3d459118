/*
 * queue/outbox.h - events committed and not yet safe with Redis, in the ledger's file.
 *
 * Thread, errors and transactions: queue/ledger.h.  Numbers have no holes: a lane's
 * seq grows by one an event, and its stream id is fixed here, at commit.
 */
#pragma once

#include "queue/ledger.h"

typedef enum wd_lane { WD_LANE_ITEMS, WD_LANE_COPIES, WD_LANE_COUNT } wd_lane;

const char *wd_lane_text(wd_lane lane); /* "items", "copies" */

/* Names the event before its body is written: the body carries them.  Asking does not
 * use the number up: wd_ledger_add_event() does, and takes no other slot than the next. */
typedef struct wd_outbox_slot {
    wd_lane lane;
    uint64_t generation, seq;
    int64_t ms; /* max(now, last_ms of the lane): the stream id is "<ms>-<seq>" */
} wd_outbox_slot;

WD_MUST_USE wd_status wd_ledger_next_slot(wd_ledger *l,
                                          wd_lane lane,
                                          int64_t now_ms,
                                          wd_outbox_slot *out);

typedef struct wd_outbox_row {
    wd_outbox_slot slot;
    const char *type;      /* "item.new": the stream's `t` */
    const char *language;  /* "" when unknown */
    wd_span cluster, feed; /* the stream's `k` and `f` */
    wd_span body;          /* the event, JSON */
    bool owed;             /* small, and nobody would tell it again: taken however much waits */
} wd_outbox_row;

/* WD_NOSPACE: so much waits for Redis already (both lanes, 4 GiB unless set) that the
 * transaction is refused; nothing is dropped, the feeds still have it (queue.md 11).  Where
 * nothing waits one transaction may have any size, else a large one would wait for ever. */
WD_MUST_USE wd_status wd_ledger_add_event(wd_ledger *l, const wd_outbox_row *row);
void wd_ledger_set_outbox_limit(wd_ledger *l, uint64_t waiting_bytes);
/* It was this, and not the disk, that failed the last transaction. */
bool wd_ledger_outbox_refused(const wd_ledger *l);

/* What the rows that wait ask of polling (queue.md 11). */
typedef enum wd_outbox_pressure {
    WD_PRESSURE_NONE,
    WD_PRESSURE_SLOW, /* more than half full: intervals double */
    WD_PRESSURE_STOP, /* more than 90 %: no new polls */
} wd_outbox_pressure;

wd_outbox_pressure wd_ledger_pressure(const wd_ledger *l);
static inline wd_outbox_pressure wd_outbox_pressure_of(uint64_t waiting_bytes, uint64_t limit)
{
    if (waiting_bytes > limit / 10 * 9)
        return WD_PRESSURE_STOP;
    return waiting_bytes > limit / 2 ? WD_PRESSURE_SLOW : WD_PRESSURE_NONE;
}

typedef struct wd_outbox_range {
    wd_lane lane;
    uint64_t after_seq;
    uint32_t max_rows;
    size_t max_bytes; /* of bodies; one row is given in any case */
    bool acked_too;   /* else only what waits */
} wd_outbox_range;

/* Rows of the range, in order; each is borrowed for its call. */
WD_MUST_USE wd_status wd_ledger_each_event(wd_ledger *l,
                                           const wd_outbox_range *range,
                                           void (*each)(void *ctx, const wd_outbox_row *row),
                                           void *ctx);

/* Redis has everything up to `seq` (its own transaction when none is open). */
WD_MUST_USE wd_status wd_ledger_ack(wd_ledger *l, wd_lane lane, uint64_t seq, int64_t now_ms);
/* Redis lost what came after `seq`: those rows are to be sent again. */
WD_MUST_USE wd_status wd_ledger_unack(wd_ledger *l, wd_lane lane, uint64_t seq);
/* The outbox is an old copy: new generation, unsent rows renumbered from top + 1. */
WD_MUST_USE wd_status wd_ledger_renumber(wd_ledger *l, wd_lane lane, uint64_t top, int64_t top_ms);
/* Redis cannot lose what came up to `seq` (replicas and disks have it).  Not written down: the
 * publisher finds out again after a start. */
void wd_ledger_set_safe(wd_ledger *l, wd_lane lane, uint64_t seq);

/* How long acknowledged rows stay (queue.md 8). */
typedef struct wd_outbox_keep {
    int64_t now_ms;
    int64_t safe_ms, unsafe_ms; /* since their acknowledgement */
    uint64_t max_bytes;         /* of all that are acknowledged: beyond, the oldest go; 0: any */
    uint32_t max_rows;          /* of each lane in one call, which is then a short one */
} wd_outbox_keep;

/* *more: others may go as well. */
WD_MUST_USE wd_status wd_ledger_trim_outbox(wd_ledger *l, const wd_outbox_keep *keep, bool *more);

typedef struct wd_outbox_stat {
    uint64_t next_seq;  /* of the next event */
    uint64_t acked_seq; /* everything up to here is with Redis */
    uint64_t first_kept_seq;
    uint64_t waiting, waiting_bytes, kept, kept_bytes;
    int64_t oldest_waiting_ms; /* 0: none waits */
} wd_outbox_stat;

WD_MUST_USE wd_status wd_ledger_outbox_stat(wd_ledger *l, wd_lane lane, wd_outbox_stat *out);
