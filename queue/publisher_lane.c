/*
 * queue/publisher_lane.c - one lane's states, from no connection to running and back
 * (queue.md 7, 9).
 *
 *     WAITING -> CONNECTING -> GREETING -> COMPARING -> RUNNING
 *        ^                        ^            |            |
 *        |                        +- PAUSING <-+- SETTLING <+
 *        +---------------------------------------/
 *
 * Whatever goes wrong, the way back is the same: wait until nothing is in flight, ask
 * Redis how far it is, compare, go on from there.  Nothing is ever assumed.
 */
#include <stdio.h>

#include "core/hash.h"
#include "queue/publisher_impl.h"
#include "queue/scripts.h"

static void connect_now(wd_courier *l);
static void look(wd_courier *l);

static void kicked(uv_timer_t *timer)
{
    wd_courier_work(wd_owner(timer, wd_courier, kick));
}

void wd_courier_kick(wd_courier *l)
{
    if (!l->p->closing)
        uv_timer_start(&l->kick, kicked, 0, 0);
}

/* Half of it fixed, half of it random: two daemons do not knock in step. */
static uint64_t backoff_ms(const wd_courier *l)
{
    uint64_t ms = WD_BACKOFF_FIRST_MS;
    for (unsigned i = 1; i < l->failures && ms < WD_BACKOFF_LAST_MS; i++)
        ms *= 2;
    if (ms > WD_BACKOFF_LAST_MS)
        ms = WD_BACKOFF_LAST_MS;
    return ms / 2 + wd_random64() % (ms / 2 + 1);
}

static uint64_t retry_ms(const wd_courier *l)
{
    return wd_redis_reason_remedy(l->reason) == WD_REDIS_OPERATOR ? WD_OPERATOR_RETRY_MS
                                                                  : backoff_ms(l);
}

static void timer_due(uv_timer_t *timer)
{
    wd_courier *l = wd_owner(timer, wd_courier, timer);
    if (l->state == WD_COURIER_WAITING)
        connect_now(l);
    else if (l->state == WD_COURIER_PAUSING)
        wd_courier_greet(l);
    else if (l->state == WD_COURIER_RUNNING) {
        look(l);
        wd_courier_upkeep(l);
    }
}

void wd_courier_wait(wd_courier *l, enum wd_courier_state state)
{
    l->state = state;
    uv_timer_start(&l->timer, timer_due, retry_ms(l), 0);
}

/* --- trouble --------------------------------------------------------------- */

static void reconnect_later(wd_courier *l)
{
    wd_redis_close(&l->redis); /* answers what is in flight with nothing */
    wd_parcel_line_clear(&l->ready);
    wd_courier_wait(l, WD_COURIER_WAITING);
}

void wd_courier_settle(wd_courier *l, enum wd_courier_next next)
{
    if (l->state == WD_COURIER_SETTLING) {
        if (next == WD_NEXT_RECONNECT)
            l->next = next;
        return;
    }
    uv_timer_stop(&l->timer);
    l->state = WD_COURIER_SETTLING;
    l->next = next;
    wd_parcel_line_clear(&l->ready); /* compared first, and then asked for again */
    if (l->in_flight == 0)
        wd_courier_settled(l);
}

void wd_courier_settled(wd_courier *l)
{
    if (l->next == WD_NEXT_RECONNECT) {
        reconnect_later(l);
    } else if (l->next == WD_NEXT_PAUSE || l->fruitless > WD_FRUITLESS_HELLOS) {
        wd_courier_wait(l, WD_COURIER_PAUSING);
    } else {
        if (l->next == WD_NEXT_LOAD)
            l->sha[0] = '\0';
        wd_courier_greet(l);
    }
}

void wd_courier_trouble(wd_courier *l, wd_redis_reason reason, wd_span error)
{
    static const enum wd_courier_next next[] = { [WD_REDIS_WAIT] = WD_NEXT_PAUSE,
                                                 [WD_REDIS_RELOAD] = WD_NEXT_LOAD,
                                                 [WD_REDIS_RECONNECT] = WD_NEXT_RECONNECT,
                                                 [WD_REDIS_OPERATOR] = WD_NEXT_RECONNECT };
    char why[160];
    l->reason = reason;
    if (reason == WD_REDIS_REASON_MOVED)
        wd_courier_moved(l, error);
    else if (wd_redis_reason_remedy(reason) == WD_REDIS_RECONNECT)
        wd_courier_forget(l);
    l->failures++;
    l->fruitless++;
    l->p->stats.errors++;
    if (reason == WD_REDIS_REASON_UNKNOWN)
        snprintf(why, sizeof(why), "%.*s", (int)(error.len < 150 ? error.len : 150), error.ptr);
    else
        snprintf(why, sizeof(why), "%s (%s)", wd_redis_reason_text(reason),
                 wd_redis_reason_name(reason));
    /* Scripts to load again, a slot elsewhere: mended at once, unless it goes on. */
    if (l->fruitless > WD_FRUITLESS_HELLOS ||
        (reason != WD_REDIS_REASON_MOVED && reason != WD_REDIS_REASON_NOSCRIPT))
        wd_publisher_lane_down(l, why);
    wd_courier_settle(l, next[wd_redis_reason_remedy(reason)]);
}

/* Who has the items has the copies too.  Else two daemons that start in one moment could win
 * a lane each, and both would stop: so the items are asked, and this lane taken if they are ours.
 */
static void follow_items(wd_courier *l)
{
    wd_courier *items = &l->p->courier[WD_LANE_ITEMS];
    if (l->follows)
        return;
    l->follows = true;
    l->items_hellos = items->hellos;
    l->epoch = 0; /* the next hello takes the lane, whoever has it */
    if (items->state == WD_COURIER_RUNNING)
        wd_courier_settle(items, WD_NEXT_HELLO);
    wd_courier_settle(l, WD_NEXT_PAUSE);
}

void wd_courier_fenced(wd_courier *l)
{
    if (l->state == WD_COURIER_FENCED)
        return;
    if (l->lane != WD_LANE_ITEMS) {
        follow_items(l);
        return;
    }
    l->state = WD_COURIER_FENCED;
    uv_timer_stop(&l->timer);
    wd_redis_close(&l->redis);
    l->p->stats.fenced = true;
    wd_publisher_lane_down(l, "another wiredesk has taken over this stream (FENCED)");
}

void wd_courier_run(wd_courier *l)
{
    l->state = WD_COURIER_RUNNING;
    uv_timer_start(&l->timer, timer_due, WD_LOOK_EVERY_MS, WD_LOOK_EVERY_MS);
    if (l->failures == 0 || l->known <= l->cursor) /* else the first answer tells */
        wd_courier_fruitful(l);
    wd_courier_kick(l);
}

void wd_courier_work(wd_courier *l)
{
    if (l->state == WD_COURIER_COMPARING)
        wd_courier_compare(l);
    else if (l->state == WD_COURIER_RUNNING && l->want_renumber)
        wd_courier_go_on_behind(l);
    else if (l->state == WD_COURIER_RUNNING)
        wd_courier_fill(l);
}

/* --- looking (queue.md 7) ------------------------------------------------------------- */

/* FLUSHALL, a restored server or another owner, while nothing is being pushed. */
static void look_done(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_courier *l = wd_owner(call, wd_courier, look);
    uint64_t top = 0;
    int64_t ms = 0;
    l->looking = false;
    if (reply == NULL || l->state != WD_COURIER_RUNNING || l->in_flight > 0 || l->cursor != l->seen)
        return; /* a push has asked the same since, and better */
    if (wd_redis_reply_type(reply) == WD_REDIS_ERROR) {
        wd_span error = wd_redis_reply_text(reply);
        wd_courier_trouble(l, wd_redis_reason_of(error), error);
        return;
    }
    bool ours = wd_span_is(wd_redis_reply_text(wd_redis_reply_at(reply, 1)), l->owner);
    bool same = wd_courier_read_id(wd_redis_reply_text(wd_redis_reply_at(reply, 2)), &ms, &top) &&
                (top == l->acked || (l->base > 0 && top < l->base));
    if (ours && same)
        wd_courier_fruitful(l);
    else
        wd_courier_settle(l, WD_NEXT_HELLO);
}

static void look(wd_courier *l)
{
    wd_span argv[] = { WD_SPAN_LIT("EVAL"), wd_span_of(wd_lua_look), WD_SPAN_LIT("2"),
                       wd_span_of(l->p->stream[l->lane]), wd_span_of(l->fence) };
    if (l->in_flight > 0 || l->looking)
        return;
    l->seen = l->cursor;
    l->look.done = look_done;
    l->looking = wd_redis_command(l->redis, WD_COUNT(argv), argv, &l->look) == WD_OK;
}

/* --- the connection ----------------------------------------------------------------- */

static void on_up(void *ctx)
{
    wd_courier *l = ctx;
    l->sha[0] = '\0';
    wd_courier_upkeep_anew(l);
    wd_courier_greet(l);
}

static void on_down(void *ctx, wd_status s, const char *why)
{
    wd_courier *l = ctx;
    wd_courier_forget(l);
    wd_span said = wd_span_of(why);
    wd_courier_lost(l, s == WD_DENIED ? wd_redis_reason_of(said) : wd_redis_reason_of_loss(said),
                    why);
}

void wd_courier_lost(wd_courier *l, wd_redis_reason reason, const char *why)
{
    l->reason = reason;
    l->failures++;
    wd_publisher_lane_down(l, why);
    reconnect_later(l);
}

static void on_closed(void *ctx)
{
    wd_courier *l = ctx;
    wd_publisher_released(l->p);
}

static void connect_now(wd_courier *l)
{
    l->state = WD_COURIER_CONNECTING;
    l->p->stats.reconnects += l->epoch > 0;
    wd_courier_find(l);
}

void wd_courier_connect(wd_courier *l)
{
    wd_redis_spec spec = { .loop = l->p->spec.loop,
                           .url = &l->p->url,
                           .where = l->where.host[0] != '\0' ? &l->where : NULL,
                           .answer_ms = WD_ANSWER_MS,
                           .up = on_up,
                           .down = on_down,
                           .closed = on_closed,
                           .ctx = l };
    if (wd_redis_open(&l->redis, &spec) == WD_OK) {
        l->p->handles++;
        return;
    }
    l->failures++;
    wd_courier_wait(l, WD_COURIER_WAITING);
}

void wd_courier_start(wd_courier *l)
{
    l->state = WD_COURIER_WAITING;
    uv_timer_start(&l->timer, timer_due, 0, 0);
}

void wd_courier_stop(wd_courier *l)
{
    l->state = WD_COURIER_STOPPED;
    wd_redis_close(&l->redis);
    wd_redis_close(&l->finder);
}
