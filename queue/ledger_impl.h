/* queue/ledger_impl.h - the ledger's inside, shared by queue/ledger*.c and queue/outbox*.c. */
#pragma once

#include "queue/ledger_sql.h"
#include "queue/outbox.h"

struct sqlite3;

/* Counters of one lane.  Rows have no holes, so that counts are differences. */
typedef struct wd_ledger_lane {
    uint64_t next_seq, acked_seq;
    int64_t last_ms;
    uint64_t waiting_bytes, kept_bytes; /* of bodies: unacknowledged; all */
    bool dirty;
} wd_ledger_lane;

/* What a rollback puts back. */
typedef struct wd_ledger_counters {
    wd_ledger_lane lane[WD_LANE_COUNT];
    uint64_t generation;
    uint64_t last_item;
    bool item_dirty, generation_dirty;
} wd_ledger_counters;

/* The last identity found: a touch that follows need not look again. */
typedef struct wd_ledger_sight {
    uint32_t feed;
    uint64_t id_key;
    int64_t day;
} wd_ledger_sight;

/* Two days of a large desk (50 events/s of 500 bytes on disk), and less than a small
 * machine's disk. */
#define WD_OUTBOX_WAITING_BYTES ((uint64_t)4 << 30)

struct wd_ledger {
    struct sqlite3 *db;
    struct sqlite3_stmt *statement[WD_SQL_COUNT];
    int lock_fd; /* -1: read-only */
    bool in_transaction;
    wd_status failed; /* of this transaction, or of a look-up before the next one */
    uint64_t hash_key;
    uint64_t outbox_limit; /* bytes that may wait for Redis */
    bool refused;          /* more than that would have, in the last transaction */
    wd_ledger_counters now, before;
    uint64_t safe_seq[WD_LANE_COUNT]; /* what Redis cannot lose; no higher than acked_seq */
    wd_ledger_sight sight;
    char agency[128]; /* of the item found last; the longest known name has 40 bytes */
    struct {          /* where the sweep for old identities stands */
        int64_t feed, id_key, item;
    } sweep;
};

/* The schema's steps up to the newest; WD_UNSUPPORTED for a file from the future. */
WD_MUST_USE wd_status wd_ledger_migrate(wd_ledger *l, wd_error *err);
/* How this connection works: WAL, FULL, bounded cache. */
WD_MUST_USE wd_status wd_ledger_set_up(wd_ledger *l, bool read_only, wd_error *err);
/* WD_CORRUPT with what to do when SQLite finds the file damaged. */
WD_MUST_USE wd_status wd_ledger_check(wd_ledger *l, wd_error *err);
/* One number or text of the file's own bookkeeping. */
int64_t wd_ledger_meta(wd_ledger *l, const char *key, int64_t otherwise);
WD_MUST_USE wd_status wd_ledger_put_meta(wd_ledger *l, const char *key, int64_t value);

/* begin, or join: for single writes that may stand inside a larger transaction.
 * `soft`: may be lost with the power (never with the process), so it needs no fsync. */
WD_MUST_USE wd_status wd_ledger_join(wd_ledger *l, bool soft, bool *mine);
WD_MUST_USE wd_status wd_ledger_leave(wd_ledger *l, bool mine, wd_status s);

/* outbox.c: the lane's first row, or the next number; rows up to `seq` go. */
uint64_t wd_outbox_first_kept(wd_ledger *l, wd_lane lane);
WD_MUST_USE wd_status wd_outbox_drop_upto(wd_ledger *l, wd_lane lane, uint64_t seq);
