/*
 * queue/publisher_push.c - the window: rows in order, at most so many in flight, each
 * acknowledged by its own answer and by nothing else (queue.md 5, 6).
 */
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "queue/publisher_impl.h"

void wd_courier_fruitful(wd_courier *l)
{
    l->failures = l->fruitless = 0;
    if (!l->healthy)
        wd_publisher_lane_up(l);
}

void wd_courier_report(wd_courier *l)
{
    if (l->acked <= l->reported)
        return;
    l->reported = l->acked;
    l->p->spec.source.acked(l->p->spec.source.ctx, l->lane, l->acked);
}

static void rang(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_publisher *p = wd_owner(call, wd_publisher, ring);
    (void)reply; /* a bell: the stream is the record */
    p->ringing--;
    wd_publisher_progress(p);
}

static void ring(wd_courier *l, const wd_push *push)
{
    wd_publisher *p = l->p;
    wd_span argv[] = { WD_SPAN_LIT("PUBLISH"), wd_span_of(p->channel[l->lane]),
                       push->parcel->row.body };
    p->ring.done = rang;
    if (wd_redis_command(l->redis, WD_COUNT(argv), argv, &p->ring) == WD_OK)
        p->ringing++; /* else the connection is going down, and nobody hears this one */
}

static void acknowledge(wd_courier *l, const wd_push *push, bool duplicate)
{
    l->p->stats.acked++;
    l->p->stats.duplicates += duplicate;
    wd_histogram_observe(&l->p->stats.handoff, &wd_scale_work,
                         (double)(uv_hrtime() - push->sent_ns) / 1e9, 1);
    l->p->stats.last_ack_ms = wd_wall_ms(l->p->spec.clock);
    if (push->parcel->row.slot.seq > l->acked)
        l->acked = push->parcel->row.slot.seq;
    l->gap_said = 0;
    if (!duplicate)
        ring(l, push);
    wd_courier_fruitful(l);
    /* Not every one: each report costs the ledger's thread a write. */
    if (l->in_flight == 0 || l->acked - l->reported >= WD_WINDOW_CALLS / 2)
        wd_courier_report(l);
    wd_publisher_progress(l->p);
}

static void read_answer(wd_courier *l, const wd_push *push, const wd_redis_reply *reply)
{
    wd_span tag = wd_redis_reply_text(wd_redis_reply_at(reply, 0));
    if (reply == NULL)
        return; /* the connection is gone: on_down follows */
    if (wd_redis_reply_type(reply) == WD_REDIS_ERROR) {
        wd_span error = wd_redis_reply_text(reply);
        if (l->state == WD_COURIER_RUNNING)
            wd_courier_trouble(l, wd_redis_reason_of(error), error);
    } else if (wd_span_is(tag, "OK") || wd_span_is(tag, "DUP")) {
        acknowledge(l, push, wd_span_is(tag, "DUP"));
    } else if (wd_span_is(tag, "FENCED")) {
        wd_courier_fenced(l);
    } else if (l->state == WD_COURIER_RUNNING) { /* GAP, GEN: compare again */
        l->fruitless++;
        wd_courier_settle(l, WD_NEXT_HELLO);
    }
}

static void pushed(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_push *push = wd_owner(call, wd_push, call);
    wd_courier *l = push->courier;
    l->in_flight--;
    l->in_flight_bytes -= push->parcel->row.body.len;
    l->oldest = (l->oldest + 1) % WD_WINDOW_CALLS;
    read_answer(l, push, reply);
    free(push->parcel);
    push->parcel = NULL;
    if (l->state == WD_COURIER_SETTLING && l->in_flight == 0)
        wd_courier_settled(l);
    else if (l->state == WD_COURIER_RUNNING)
        wd_courier_kick(l);
}

/* Written from their last digit: five printf a push cost as much as the rest of it. */
typedef struct number {
    char digits[48]; /* an id has two */
    size_t at;
} number;

static void put_before(number *n, uint64_t value)
{
    do {
        n->digits[--n->at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
}

static wd_span decimal(number *n, uint64_t value)
{
    n->at = sizeof(n->digits);
    put_before(n, value);
    return (wd_span){ n->digits + n->at, sizeof(n->digits) - n->at };
}

static wd_span id_of(number *n, const wd_outbox_slot *slot)
{
    (void)decimal(n, slot->seq);
    n->digits[--n->at] = '-';
    put_before(n, (uint64_t)slot->ms); /* never before 1970: the ledger's own clock */
    return (wd_span){ n->digits + n->at, sizeof(n->digits) - n->at };
}

static wd_status send_push(wd_courier *l, wd_push *push, const wd_outbox_row *row)
{
    wd_publisher *p = l->p;
    char generation[16];
    number seq, base, maxlen, id;
    wd_hex_put(generation, l->hello_generation, sizeof(generation));
    bool list = l->lane == WD_LANE_ITEMS && p->list[0] != '\0';
    wd_span argv[24] = { WD_SPAN_LIT("EVALSHA"), wd_span_of(l->sha),
                         list ? WD_SPAN_LIT("3") : WD_SPAN_LIT("2"), wd_span_of(p->stream[l->lane]),
                         wd_span_of(l->fence) };
    size_t n = 5;
    if (list)
        argv[n++] = wd_span_of(p->list);
    const wd_span more[] = { { generation, sizeof(generation) },
                             wd_span_of(l->owner),
                             decimal(&seq, row->slot.seq),
                             decimal(&base, l->base),
                             decimal(&maxlen, p->spec.config.maxlen),
                             id_of(&id, &row->slot),
                             wd_span_of(row->type),
                             row->cluster,
                             row->feed,
                             wd_span_of(row->language),
                             WD_SPAN_LIT("1"),
                             row->body };
    memcpy(argv + n, more, sizeof(more));
    push->call.done = pushed;
    return wd_redis_command(l->redis, n + WD_COUNT(more), argv, &push->call);
}

/* The first row that is ready; false: the connection is going down. */
static bool push_next(wd_courier *l)
{
    wd_push *push = &l->window[(l->oldest + l->in_flight) % WD_WINDOW_CALLS];
    wd_parcel *parcel = wd_parcel_line_take(&l->ready);
    *push = (wd_push){ .courier = l, .sent_ns = uv_hrtime(), .parcel = parcel };
    if (send_push(l, push, &parcel->row) != WD_OK) {
        free(parcel);
        push->parcel = NULL;
        return false;
    }
    l->cursor = parcel->row.slot.seq;
    l->in_flight++;
    l->in_flight_bytes += parcel->row.body.len;
    l->p->stats.sent++;
    return true;
}

/* Only the next one, and only while there is room: the others are asked for later.  What was
 * asked for always finds some, else it would be asked for again and again. */
static void take(wd_courier *l, const wd_outbox_row *row)
{
    bool first = l->fetched == l->top && l->acked == l->top && l->in_flight == 0;
    bool room = l->ready.n < WD_READY_ROWS && l->ready.bytes < WD_READY_BYTES;
    if (l->state != WD_COURIER_RUNNING || l->want_renumber || row->slot.seq != l->fetched + 1 ||
        !room)
        return;
    if (first && row->slot.ms < l->top_ms)
        l->want_renumber = true; /* XADD would refuse: the stream had another writer */
    else if (wd_parcel_line_add(&l->ready, row))
        l->fetched = row->slot.seq;
}

void wd_courier_offer(wd_courier *l, const wd_outbox_row *row)
{
    take(l, row);
}

/* Two daemons may write their n-th row in the same millisecond. */
static bool is_top(const wd_courier *l, const wd_outbox_row *row)
{
    return l->top_hash == 0 || wd_hash64(row->body, 0) == l->top_hash;
}

void wd_courier_row(wd_courier *l, const wd_outbox_row *row)
{
    l->rows_none = false;
    if (l->rows_unwanted)
        return;
    if (l->state != WD_COURIER_COMPARING)
        take(l, row);
    else if (l->probe == WD_PROBE_ASKED && row->slot.seq == l->top && is_top(l, row))
        l->probe_ms = row->slot.ms;
}

void wd_courier_rows_end(wd_courier *l)
{
    bool wanted = !l->rows_unwanted;
    l->rows_due = l->rows_unwanted = false;
    if (l->probe == WD_PROBE_ASKED && wanted)
        l->probe = WD_PROBE_ANSWERED;
    /* Told of rows that are not there: of numbers before a renumbering. */
    else if (wanted && l->rows_none && l->known == l->rows_known && l->state == WD_COURIER_RUNNING)
        l->known = l->fetched;
    wd_courier_kick(l);
}

void wd_courier_fill(wd_courier *l)
{
    while (l->ready.n > 0 && l->in_flight < WD_WINDOW_CALLS && l->in_flight_bytes < WD_WINDOW_BYTES)
        if (!push_next(l))
            return; /* on_down follows */
    if (l->rows_due || l->ready.n > WD_READY_ROWS / 4 || l->ready.bytes > WD_READY_BYTES / 2 ||
        l->known <= l->fetched)
        return;
    l->rows_due = l->rows_none = true;
    l->rows_known = l->known;
    l->p->spec.source.want_rows(l->p->spec.source.ctx, l->lane, l->fetched,
                                WD_READY_ROWS - (uint32_t)l->ready.n,
                                WD_READY_BYTES - l->ready.bytes);
}
