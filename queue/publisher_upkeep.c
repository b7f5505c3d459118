/*
 * queue/publisher_upkeep.c - what a running lane asks beside its events: is what Redis has
 * safe, is something too old, does a consumer group fall behind? (queue.md 8, 10)
 *
 * Nothing here is needed to hand events on: a refusal is said once and costs the answer only.
 * One call at a time; the next one follows from the answer of the last.
 */
#include <inttypes.h>
#include <stdio.h>

#include "queue/publisher_impl.h"

#define SAFE_WAIT_MS  "20"   /* WAIT keeps the connection for so long at most */
#define SWEEP_MS      60000  /* trimming and groups: once a minute */
#define BEHIND_ALARM  8 / 10 /* of what the stream keeps */
#define BEHIND_BETTER 6 / 10 /* and below that all is well again */

enum safe_how { BY_DISK, BY_REPLICAS, BY_NOTHING };

static void ask(wd_courier *l,
                size_t argc,
                const wd_span *argv,
                void (*done)(wd_redis_call *, const wd_redis_reply *))
{
    l->chore.done = done;
    l->at_chores = wd_redis_command(l->redis, argc, argv, &l->chore) == WD_OK;
}

/* False: there is no answer to read.  A missing permission is said once. */
static bool answered(wd_courier *l, const wd_redis_reply *reply, const char *what)
{
    l->at_chores = false;
    if (reply == NULL || l->state == WD_COURIER_STOPPED)
        return false;
    if (wd_redis_reply_type(reply) != WD_REDIS_ERROR)
        return true;
    wd_span error = wd_redis_reply_text(reply);
    bool refused = wd_redis_reason_of(error) == WD_REDIS_REASON_NOPERM;
    if (refused && !l->said_refused)
        wd_warn(l->p->spec.log, "redis.upkeep", WD_FIELDS({ "STREAM", l->p->stream[l->lane] }),
                "%s is refused (%.*s): events are handed on all the same", what,
                (int)(error.len < 150 ? error.len : 150), error.ptr);
    l->said_refused = l->said_refused || refused;
    return false;
}

/* --- does a group fall behind? -------------------------------------------------- */

static wd_span field(const wd_redis_reply *group, const char *name)
{
    for (size_t i = 0; i + 1 < wd_redis_reply_count(group); i += 2)
        if (wd_span_is(wd_redis_reply_text(wd_redis_reply_at(group, i)), name))
            return wd_redis_reply_text(wd_redis_reply_at(group, i + 1));
    return WD_SPAN_NONE;
}

/* Of what the stream keeps, how much has the group not yet been given?  1: the cut has come. */
static double behind(const wd_courier *l, const wd_redis_reply *group)
{
    const wd_publisher_config *c = &l->p->spec.config;
    uint64_t seq = 0;
    int64_t ms = 0;
    if (!wd_courier_read_id(field(group, "last-delivered-id"), &ms, &seq) || seq >= l->acked)
        return 0;
    double by_count = (double)(l->acked - seq) / (double)c->maxlen;
    if (c->max_age_ms == 0 || ms == 0)
        return by_count;
    double by_age = (double)(wd_wall_ms(l->p->spec.clock) - ms) / (double)c->max_age_ms;
    return by_age > by_count ? by_age : by_count;
}

static void list_measured(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_courier *l = wd_owner(call, wd_courier, chore);
    if (!answered(l, reply, "LLEN"))
        return;
    const char *list = l->p->list;
    double part = (double)wd_redis_reply_int(reply) / (double)l->p->spec.config.maxlen;
    if (!l->said_long && part > 1.0 * BEHIND_ALARM) {
        l->said_long = true;
        wd_warn(l->p->spec.log, "redis.list_behind", WD_FIELDS({ "LIST", list }),
                "nobody takes from the list %s as fast as it grows: it has %" PRId64 " events",
                list, wd_redis_reply_int(reply));
    } else if (part < 1.0 * BEHIND_BETTER) {
        l->said_long = false;
    }
}

static void measure_list(wd_courier *l)
{
    wd_span argv[] = { WD_SPAN_LIT("LLEN"), wd_span_of(l->p->list) };
    if (l->lane == WD_LANE_ITEMS && l->p->list[0] != '\0')
        ask(l, WD_COUNT(argv), argv, list_measured);
}

static void groups_listed(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_courier *l = wd_owner(call, wd_courier, chore);
    const char *stream = l->p->stream[l->lane];
    wd_span worst = WD_SPAN_NONE;
    double most = 0;
    char name[64];
    if (!answered(l, reply, "XINFO GROUPS")) { /* no stream yet is an error, too */
        measure_list(l);
        return;
    }
    measure_list(l);
    for (size_t i = 0; i < wd_redis_reply_count(reply); i++) {
        const wd_redis_reply *group = wd_redis_reply_at(reply, i);
        double much = behind(l, group);
        if (much > most) {
            most = much;
            worst = field(group, "name");
        }
    }
    snprintf(name, sizeof(name), "%.*s", (int)(worst.len < 60 ? worst.len : 60), worst.ptr);
    if (!l->said_behind && most > 1.0 * BEHIND_ALARM) {
        l->said_behind = true;
        wd_warn(l->p->spec.log, "redis.group_behind",
                WD_FIELDS({ "STREAM", stream }, { "GROUP", name }),
                "the consumer group %s of %s is so far behind that entries %s", name, stream,
                most >= 1 ? "were trimmed before it read them" : "will soon be trimmed unread");
    } else if (l->said_behind && most < 1.0 * BEHIND_BETTER) {
        l->said_behind = false;
        wd_notice(l->p->spec.log, "redis.group_behind", WD_FIELDS({ "STREAM", stream }),
                  "the consumer groups of %s keep up again", stream);
    }
}

static void list_groups(wd_courier *l)
{
    wd_span argv[] = { WD_SPAN_LIT("XINFO"), WD_SPAN_LIT("GROUPS"),
                       wd_span_of(l->p->stream[l->lane]) };
    ask(l, WD_COUNT(argv), argv, groups_listed);
}

/* --- is something too old? ---------------------------------------------------------- */

static void trimmed(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_courier *l = wd_owner(call, wd_courier, chore);
    if (answered(l, reply, "XTRIM"))
        list_groups(l);
}

static void sweep(wd_courier *l)
{
    char oldest[32];
    int64_t now = wd_wall_ms(l->p->spec.clock);
    if (now - l->swept_ms < SWEEP_MS && now >= l->swept_ms)
        return;
    l->swept_ms = now;
    if (l->p->spec.config.max_age_ms == 0) {
        list_groups(l);
        return;
    }
    snprintf(oldest, sizeof(oldest), "%" PRId64 "-0", now - l->p->spec.config.max_age_ms);
    wd_span argv[] = { WD_SPAN_LIT("XTRIM"), wd_span_of(l->p->stream[l->lane]),
                       WD_SPAN_LIT("MINID"), WD_SPAN_LIT("~"), wd_span_of(oldest) };
    ask(l, WD_COUNT(argv), argv, trimmed);
}

/* --- is it safe? ----------------------------------------------------------------------- */

static bool is_safe(const wd_courier *l, const wd_redis_reply *reply)
{
    int64_t want = (int64_t)l->p->spec.config.safe_replicas;
    if (l->safe_how == BY_REPLICAS)
        return wd_redis_reply_int(reply) >= want;
    return wd_redis_reply_int(wd_redis_reply_at(reply, 0)) >= 1 &&
           wd_redis_reply_int(wd_redis_reply_at(reply, 1)) >= want;
}

static void waited(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_courier *l = wd_owner(call, wd_courier, chore);
    bool fits = wd_redis_reply_type(reply) != WD_REDIS_ERROR;
    if (reply != NULL && !fits) { /* before 7.2, or no append-only file: the next best */
        l->safe_how = l->safe_how == BY_DISK && l->p->spec.config.safe_replicas > 0 ? BY_REPLICAS
                                                                                    : BY_NOTHING;
        l->at_chores = false;
        return;
    }
    if (!answered(l, reply, "WAIT"))
        return;
    if (is_safe(l, reply) && l->state == WD_COURIER_RUNNING && l->safe_asked <= l->acked) {
        l->safe = l->safe_asked;
        if (l->p->spec.source.safe != NULL)
            l->p->spec.source.safe(l->p->spec.source.ctx, l->lane, l->safe);
    }
    sweep(l);
}

/* Every write of this connection, and the hello was one: so it answers for what came before. */
static void ask_whether_safe(wd_courier *l)
{
    char replicas[24];
    snprintf(replicas, sizeof(replicas), "%u", l->p->spec.config.safe_replicas);
    wd_span by_disk[] = { WD_SPAN_LIT("WAITAOF"), WD_SPAN_LIT("1"), wd_span_of(replicas),
                          WD_SPAN_LIT(SAFE_WAIT_MS) };
    wd_span by_replicas[] = { WD_SPAN_LIT("WAIT"), wd_span_of(replicas),
                              WD_SPAN_LIT(SAFE_WAIT_MS) };
    l->safe_asked = l->acked;
    if (l->safe_how == BY_DISK)
        ask(l, WD_COUNT(by_disk), by_disk, waited);
    else
        ask(l, WD_COUNT(by_replicas), by_replicas, waited);
}

void wd_courier_upkeep(wd_courier *l)
{
    if (l->at_chores)
        return;
    if (l->acked > l->safe && l->safe_how != BY_NOTHING)
        ask_whether_safe(l);
    else
        sweep(l);
}

void wd_courier_upkeep_anew(wd_courier *l)
{
    l->safe = 0;
    l->safe_how = BY_DISK;
    l->said_refused = false;
}
