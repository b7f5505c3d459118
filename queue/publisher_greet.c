/*
 * queue/publisher_greet.c - is this the master, does it have our script, and whose is the lane?
 * One command after the other (queue.md 3).
 */
#include <inttypes.h>
#include <stdio.h>

#include "core/hash.h"
#include "queue/publisher_impl.h"
#include "queue/scripts.h"

/* True when the reply is an answer; trouble is dealt with. */
static bool answered(wd_courier *l, const wd_redis_reply *reply)
{
    if (reply == NULL) /* on_down follows */
        return false;
    if (wd_redis_reply_type(reply) != WD_REDIS_ERROR)
        return true;
    wd_span error = wd_redis_reply_text(reply);
    wd_courier_trouble(l, wd_redis_reason_of(error), error);
    return false;
}

static void ask(wd_courier *l,
                size_t argc,
                const wd_span *argv,
                void (*done)(wd_redis_call *, const wd_redis_reply *))
{
    l->ask.done = done;
    wd_status s = wd_redis_command(l->redis, argc, argv, &l->ask);
    (void)s; /* the connection is going down: on_down follows */
}

bool wd_courier_read_id(wd_span id, int64_t *ms, uint64_t *seq)
{
    unsigned long long a, b;
    wd_span rest = id;
    wd_span first = wd_span_cut(&rest, '-');
    if (!wd_span_u64(first, &a) || !wd_span_u64(rest, &b) || a > INT64_MAX)
        return false;
    *ms = (int64_t)a;
    *seq = b;
    return true;
}

static void hello_done(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_courier *l = wd_owner(call, wd_courier, ask);
    if (!answered(l, reply))
        return;
    wd_span verdict = wd_redis_reply_text(wd_redis_reply_at(reply, 0));
    wd_span top = wd_redis_reply_text(wd_redis_reply_at(reply, 2));
    if (wd_span_is(verdict, "FENCED")) {
        wd_courier_fenced(l);
        return;
    }
    if (!wd_span_is(verdict, "OK") || !wd_courier_read_id(top, &l->top_ms, &l->top)) {
        wd_courier_trouble(l, WD_REDIS_REASON_UNKNOWN,
                           WD_SPAN_LIT("the hello got a strange answer"));
        return;
    }
    wd_span body = wd_redis_reply_text(wd_redis_reply_at(reply, 4));
    l->top_hash = body.len > 0 ? wd_hash64(body, 0) : 0;
    l->epoch = (uint64_t)wd_redis_reply_int(wd_redis_reply_at(reply, 1));
    snprintf(l->owner, sizeof(l->owner), "%" PRIu64 ":%s", l->epoch, l->p->nonce);
    l->hellos++;
    wd_courier_want_stat(l);
}

static void say_hello(wd_courier *l)
{
    char generation[20], epoch[24], now[24];
    l->hello_generation = l->p->generation;
    snprintf(generation, sizeof(generation), "%016" PRIx64, l->hello_generation);
    snprintf(epoch, sizeof(epoch), "%" PRIu64, l->epoch);
    snprintf(now, sizeof(now), "%" PRId64, wd_wall_ms(l->p->spec.clock));
    wd_span argv[] = { WD_SPAN_LIT("EVAL"),     wd_span_of(wd_lua_hello),
                       WD_SPAN_LIT("2"),        wd_span_of(l->p->stream[l->lane]),
                       wd_span_of(l->fence),    wd_span_of(generation),
                       wd_span_of(l->p->nonce), wd_span_of(epoch),
                       wd_span_of(now) };
    ask(l, WD_COUNT(argv), argv, hello_done);
}

static void load_done(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_courier *l = wd_owner(call, wd_courier, ask);
    if (!answered(l, reply))
        return;
    wd_span sha = wd_span_head(wd_redis_reply_text(reply), sizeof(l->sha) - 1);
    snprintf(l->sha, sizeof(l->sha), "%.*s", WD_SPAN_ARG(sha));
    say_hello(l);
}

static void role_done(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_courier *l = wd_owner(call, wd_courier, ask);
    if (!answered(l, reply))
        return;
    if (!wd_span_is(wd_redis_reply_text(wd_redis_reply_at(reply, 0)), "master")) {
        wd_courier_trouble(l, WD_REDIS_REASON_READONLY, WD_SPAN_LIT("not a master"));
        return;
    }
    wd_span argv[] = { WD_SPAN_LIT("SCRIPT"), WD_SPAN_LIT("LOAD"), wd_span_of(wd_lua_push) };
    ask(l, WD_COUNT(argv), argv, load_done);
}

void wd_courier_greet(wd_courier *l)
{
    wd_span role[] = { WD_SPAN_LIT("ROLE") };
    uv_timer_stop(&l->timer);
    if (l->follows && l->p->courier[WD_LANE_ITEMS].hellos == l->items_hellos) {
        wd_courier_wait(l, WD_COURIER_PAUSING);
        return;
    }
    l->follows = false;
    l->state = WD_COURIER_GREETING;
    l->probe = WD_PROBE_NONE;
    l->want_renumber = false;
    l->rows_unwanted = l->rows_due;
    if (l->sha[0] == '\0')
        ask(l, WD_COUNT(role), role, role_done);
    else
        say_hello(l);
}
