/*
 * queue/outbox_keep.c - how long Redis' word is not enough: acknowledged rows stay until what
 * they became cannot be lost, or long enough that somebody would have noticed (queue.md 8).
 */
#include <sqlite3.h>

#include "core/clock.h"
#include "queue/ledger_impl.h"

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void wd_ledger_set_safe(wd_ledger *l, wd_lane lane, uint64_t seq)
{
    seq = at_most(seq, l->now.lane[lane].acked_seq);
    if (seq > l->safe_seq[lane])
        l->safe_seq[lane] = seq;
}

/* The last row whose acknowledgement is older than that. */
static uint64_t acked_before(wd_ledger *l, wd_lane lane, int64_t ms)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_ACKED_BEFORE);
    wd_sql_int(st, 1, lane);
    wd_sql_int(st, 2, ms / WD_SECOND_MS);
    return (uint64_t)wd_sql_value(l, st, 0);
}

static uint64_t acked_bytes(const wd_ledger *l)
{
    uint64_t bytes = 0;
    for (int i = 0; i < WD_LANE_COUNT; i++) {
        const wd_ledger_lane *lane = &l->now.lane[i];
        bytes += lane->kept_bytes - at_most(lane->waiting_bytes, lane->kept_bytes);
    }
    return bytes;
}

/* The last row that may go. */
static uint64_t may_go(wd_ledger *l, wd_lane lane, const wd_outbox_keep *keep)
{
    uint64_t safe = at_most(acked_before(l, lane, keep->now_ms - keep->safe_ms), l->safe_seq[lane]);
    uint64_t old = acked_before(l, lane, keep->now_ms - keep->unsafe_ms);
    uint64_t acked = l->now.lane[lane].acked_seq;
    if (keep->max_bytes > 0 && acked_bytes(l) > keep->max_bytes)
        return acked; /* a bite of them, and then the sum is looked at again */
    return at_most(safe > old ? safe : old, acked);
}

static wd_status trim(wd_ledger *l, wd_lane lane, const wd_outbox_keep *keep, bool *more)
{
    uint64_t upto = may_go(l, lane, keep), first = wd_outbox_first_kept(l, lane);
    if (upto < first)
        return l->failed;
    uint64_t goal = at_most(upto, first + keep->max_rows - 1);
    *more = *more || goal < upto;
    wd_status s = wd_outbox_drop_upto(l, lane, goal);
    if (s != WD_OK)
        return s;
    /* A second's watermark stays until everything below it is gone. */
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_DROP_ACKS_UPTO);
    wd_sql_int(st, 1, lane);
    wd_sql_int(st, 2, (int64_t)goal);
    return wd_sql_run(l, st);
}

wd_status wd_ledger_trim_outbox(wd_ledger *l, const wd_outbox_keep *keep, bool *more)
{
    bool mine;
    *more = false;
    wd_status s = keep->max_rows == 0 ? WD_DENIED : wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    for (int lane = 0; s == WD_OK && lane < WD_LANE_COUNT; lane++)
        s = trim(l, (wd_lane)lane, keep, more);
    return wd_ledger_leave(l, mine, s);
}
