/*
 * queue/outbox.c - rows that leave in order: numbered at commit, acknowledged by a
 * watermark, kept for a while after.
 *
 * A lane's rows have no holes, so "everything up to seq" is one number and no row is
 * written twice; counts are differences, sums of bytes are carried along.
 */
#include "queue/outbox.h"

#include <sqlite3.h>

#include "core/clock.h"
#include "core/hash.h"
#include "core/limits.h"
#include "queue/event.h"
#include "queue/ledger_impl.h"

#define SEQ_BITS 56u /* of outbox.id; the lane stands above them */

static int64_t row_id(wd_lane lane, uint64_t seq)
{
    return (int64_t)((uint64_t)lane << SEQ_BITS | seq);
}

static uint64_t seq_of(int64_t id)
{
    return (uint64_t)id & (((uint64_t)1 << SEQ_BITS) - 1);
}

static int64_t last_id(wd_lane lane)
{
    return row_id(lane, ((uint64_t)1 << SEQ_BITS) - 1);
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static wd_ledger_lane *change(wd_ledger *l, wd_lane lane)
{
    l->now.lane[lane].dirty = true;
    return &l->now.lane[lane];
}

/* Bytes of bodies with from < seq <= to. */
static uint64_t bytes_between(wd_ledger *l, wd_lane lane, uint64_t from, uint64_t to)
{
    if (to <= from)
        return 0;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_EVENT_BYTES);
    wd_sql_int(st, 1, row_id(lane, from));
    wd_sql_int(st, 2, row_id(lane, to));
    return (uint64_t)wd_sql_value(l, st, 0);
}

uint64_t wd_outbox_first_kept(wd_ledger *l, wd_lane lane)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_FIRST_EVENT);
    wd_sql_int(st, 1, row_id(lane, 0));
    wd_sql_int(st, 2, last_id(lane));
    int64_t id = wd_sql_value(l, st, 0);
    return id == 0 ? l->now.lane[lane].next_seq : seq_of(id);
}

wd_status wd_ledger_next_slot(wd_ledger *l, wd_lane lane, int64_t now_ms, wd_outbox_slot *out)
{
    if (!l->in_transaction)
        return WD_DENIED;
    const wd_ledger_lane *now = &l->now.lane[lane];
    *out = (wd_outbox_slot){ .lane = lane,
                             .generation = l->now.generation,
                             .seq = now->next_seq,
                             .ms = now_ms > now->last_ms ? now_ms : now->last_ms };
    return WD_OK;
}

void wd_ledger_set_outbox_limit(wd_ledger *l, uint64_t waiting_bytes)
{
    l->outbox_limit = waiting_bytes;
}

static uint64_t waiting_bytes(const wd_ledger_counters *at)
{
    uint64_t waiting = 0;
    for (int i = 0; i < WD_LANE_COUNT; i++)
        waiting += at->lane[i].waiting_bytes;
    return waiting;
}

/* Judged by what waited before this transaction: alone, it may have any size. */
static bool is_full(const wd_ledger *l, size_t more)
{
    return waiting_bytes(&l->before) > 0 && waiting_bytes(&l->now) + more > l->outbox_limit;
}

bool wd_ledger_outbox_refused(const wd_ledger *l)
{
    return l->refused;
}

wd_outbox_pressure wd_ledger_pressure(const wd_ledger *l)
{
    return wd_outbox_pressure_of(waiting_bytes(&l->now), l->outbox_limit);
}

wd_status wd_ledger_add_event(wd_ledger *l, const wd_outbox_row *row)
{
    wd_ledger_lane *lane = change(l, row->slot.lane);
    if (!l->in_transaction || row->slot.seq != lane->next_seq)
        return WD_DENIED; /* a slot of another transaction, or used already */
    if (l->failed == WD_OK && !row->owed && is_full(l, row->body.len)) {
        l->refused = true;
        l->failed = WD_NOSPACE;
        return l->failed;
    }
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_ADD_EVENT);
    wd_sql_int(st, 1, row_id(row->slot.lane, row->slot.seq));
    wd_sql_int(st, 2, row->slot.ms);
    wd_sql_text(st, 3, wd_span_of(row->type));
    wd_sql_text(st, 4, wd_span_of(row->language));
    wd_sql_text(st, 5, row->cluster);
    wd_sql_text(st, 6, row->feed);
    wd_sql_blob(st, 7, row->body);
    wd_status s = wd_sql_run(l, st);
    if (s != WD_OK)
        return s;
    lane->next_seq++;
    lane->last_ms = row->slot.ms;
    lane->waiting_bytes += row->body.len;
    lane->kept_bytes += row->body.len;
    return WD_OK;
}

/* SQLite ends every text with a NUL; an absent one is "". */
static const char *text_column(sqlite3_stmt *st, int at)
{
    const char *text = (const char *)sqlite3_column_text(st, at);
    return text != NULL ? text : "";
}

static wd_outbox_row read_row(wd_ledger *l, wd_lane lane, sqlite3_stmt *st)
{
    return (wd_outbox_row){ .slot = { .lane = lane,
                                      .generation = l->now.generation,
                                      .seq = seq_of(wd_sql_column_int(st, 0)),
                                      .ms = wd_sql_column_int(st, 1) },
                            .type = text_column(st, 2),
                            .language = text_column(st, 3),
                            .cluster = wd_sql_column(st, 4),
                            .feed = wd_sql_column(st, 5),
                            .body = wd_sql_column(st, 6) };
}

wd_status wd_ledger_each_event(wd_ledger *l,
                               const wd_outbox_range *range,
                               void (*each)(void *ctx, const wd_outbox_row *row),
                               void *ctx)
{
    wd_lane lane = range->lane;
    uint64_t acked = range->acked_too ? 0 : l->now.lane[lane].acked_seq;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_EACH_EVENT);
    wd_sql_int(st, 1, row_id(lane, range->after_seq > acked ? range->after_seq : acked));
    wd_sql_int(st, 2, last_id(lane));
    wd_sql_int(st, 3, range->max_rows);
    size_t bytes = 0;
    while (wd_sql_next(l, st)) {
        wd_outbox_row row = read_row(l, lane, st);
        if (bytes > 0 && bytes + row.body.len > range->max_bytes) {
            wd_sql_end(st);
            break;
        }
        bytes += row.body.len;
        each(ctx, &row);
    }
    return l->failed;
}

static wd_status ack(wd_ledger *l, wd_lane lane, uint64_t seq, int64_t now_ms)
{
    uint64_t acked = l->now.lane[lane].acked_seq;
    uint64_t bytes = bytes_between(l, lane, acked, seq);
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_PUT_ACK);
    wd_sql_int(st, 1, lane);
    wd_sql_int(st, 2, now_ms / WD_SECOND_MS);
    wd_sql_int(st, 3, (int64_t)seq);
    wd_status s = wd_sql_run(l, st);
    if (s != WD_OK)
        return s;
    wd_ledger_lane *now = change(l, lane);
    now->acked_seq = seq;
    now->waiting_bytes -= at_most(bytes, now->waiting_bytes);
    return WD_OK;
}

wd_status wd_ledger_ack(wd_ledger *l, wd_lane lane, uint64_t seq, int64_t now_ms)
{
    seq = at_most(seq, l->now.lane[lane].next_seq - 1);
    if (seq <= l->now.lane[lane].acked_seq)
        return l->failed;
    bool mine;
    /* Soft: an acknowledgement that the power took is found again by comparing. */
    wd_status s = wd_ledger_join(l, true, &mine);
    return s != WD_OK ? s : wd_ledger_leave(l, mine, ack(l, lane, seq, now_ms));
}

static wd_status unack(wd_ledger *l, wd_lane lane, uint64_t seq)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_DROP_ACKS_FROM);
    wd_sql_int(st, 1, lane);
    wd_sql_int(st, 2, (int64_t)seq);
    wd_status s = wd_sql_run(l, st);
    wd_ledger_lane *now = change(l, lane);
    now->acked_seq = seq;
    l->safe_seq[lane] = at_most(seq, l->safe_seq[lane]);
    now->waiting_bytes = bytes_between(l, lane, seq, now->next_seq - 1);
    return s != WD_OK ? s : l->failed;
}

wd_status wd_ledger_unack(wd_ledger *l, wd_lane lane, uint64_t seq)
{
    if (seq >= l->now.lane[lane].acked_seq)
        return l->failed;
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    return s != WD_OK ? s : wd_ledger_leave(l, mine, unack(l, lane, seq));
}

wd_status wd_outbox_drop_upto(wd_ledger *l, wd_lane lane, uint64_t seq)
{
    uint64_t bytes = bytes_between(l, lane, 0, seq);
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_DROP_EVENTS);
    wd_sql_int(st, 1, row_id(lane, 0));
    wd_sql_int(st, 2, row_id(lane, seq));
    wd_status s = wd_sql_run(l, st);
    if (s != WD_OK)
        return s;
    wd_ledger_lane *now = change(l, lane);
    now->kept_bytes -= at_most(bytes, now->kept_bytes);
    return WD_OK;
}

/* The highest waiting row gets the highest number, so that no two rows ever meet. */
static wd_status move_last(wd_ledger *l, const wd_outbox_slot *to, uint64_t *old_seq)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_EVENTS_DOWN);
    wd_sql_int(st, 1, row_id(to->lane, l->now.lane[to->lane].acked_seq));
    wd_sql_int(st, 2, row_id(to->lane, *old_seq));
    if (!wd_sql_next(l, st))
        return l->failed != WD_OK ? l->failed : WD_CORRUPT;
    wd_outbox_row row = read_row(l, to->lane, st);
    wd_outbox_slot slot = *to;
    slot.ms = row.slot.ms > to->ms ? row.slot.ms : to->ms;
    wd_buf body = WD_BUF_INIT(WD_EVENT_BYTES);
    wd_status s = wd_event_renumber(row.body, &slot, &body);
    wd_sql_end(st);
    if (s == WD_OK) {
        st = wd_sql_get(l, WD_SQL_MOVE_EVENT);
        wd_sql_int(st, 1, row_id(to->lane, row.slot.seq));
        wd_sql_int(st, 2, row_id(to->lane, slot.seq));
        wd_sql_int(st, 3, slot.ms);
        wd_sql_blob(st, 4, wd_buf_span(&body));
        s = wd_sql_run(l, st);
    }
    wd_buf_done(&body);
    *old_seq = row.slot.seq - 1;
    l->now.lane[to->lane].last_ms =
        slot.ms > l->now.lane[to->lane].last_ms ? slot.ms : l->now.lane[to->lane].last_ms;
    return s;
}

static wd_status renumber(wd_ledger *l, wd_lane lane, uint64_t top, int64_t top_ms)
{
    wd_ledger_lane *now = change(l, lane);
    uint64_t old_seq = now->next_seq - 1;
    uint64_t first = wd_outbox_first_kept(l, lane);
    uint64_t n = old_seq - (first > now->acked_seq + 1 ? first - 1 : now->acked_seq);
    uint64_t generation = wd_random64();
    now->last_ms = top_ms > now->last_ms ? top_ms : now->last_ms;
    wd_status s = wd_outbox_drop_upto(l, lane, now->acked_seq);
    for (uint64_t i = n; s == WD_OK && i > 0; i--) {
        wd_outbox_slot to = {
            .lane = lane, .generation = generation, .seq = top + i, .ms = top_ms
        };
        s = move_last(l, &to, &old_seq);
    }
    if (s != WD_OK)
        return s;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_DROP_ACKS_FROM);
    wd_sql_int(st, 1, lane);
    wd_sql_int(st, 2, -1);
    now->next_seq = top + n + 1;
    now->acked_seq = top;
    l->safe_seq[lane] = 0;
    now->waiting_bytes = now->kept_bytes = bytes_between(l, lane, top, top + n);
    l->now.generation = generation;
    l->now.generation_dirty = true;
    return wd_sql_run(l, st);
}

wd_status wd_ledger_renumber(wd_ledger *l, wd_lane lane, uint64_t top, int64_t top_ms)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    return s != WD_OK ? s : wd_ledger_leave(l, mine, renumber(l, lane, top, top_ms));
}

wd_status wd_ledger_outbox_stat(wd_ledger *l, wd_lane lane, wd_outbox_stat *out)
{
    const wd_ledger_lane *now = &l->now.lane[lane];
    uint64_t first = wd_outbox_first_kept(l, lane);
    uint64_t next = now->acked_seq + 1 > first ? now->acked_seq + 1 : first;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_EVENT_MS);
    wd_sql_int(st, 1, row_id(lane, next));
    int64_t oldest = wd_sql_value(l, st, 0);
    if (l->failed != WD_OK)
        return l->failed;
    *out = (wd_outbox_stat){ .next_seq = now->next_seq,
                             .acked_seq = now->acked_seq,
                             .first_kept_seq = first,
                             .waiting = now->next_seq - next,
                             .waiting_bytes = now->waiting_bytes,
                             .kept = now->next_seq - first,
                             .kept_bytes = now->kept_bytes,
                             .oldest_waiting_ms = next < now->next_seq ? oldest : 0 };
    return WD_OK;
}
