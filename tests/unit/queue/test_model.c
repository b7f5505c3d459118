/*
 * tests/unit/queue/test_model.c - the simulator's Redis (tests/faults/sim) answers as a real
 * one does: random commands to both, reply by reply.
 */
#include <inttypes.h>

#include "queue/redis_reason.h"
#include "queue/scripts.h"
#include "tests/faults/sim/model.h"
#include "tests/support/check.h"
#include "tests/support/redis_server.h"

#define COMMANDS 4000

static redis_server real;

static const char *const fences[] = { "{wiredesk:items}:fence", "{wiredesk:copies}:fence" };
static const char *const streams[] = { "wiredesk:items", "wiredesk:copies" };

typedef struct pair {
    sim s;
    model_server model;
    char sha[48];
} pair;

/* One reply as text: "[OK 5 1-5 g1]". */
static void show_real(const redisReply *r, char *out, size_t size)
{
    size_t n = 0;
    if (r->type == REDIS_REPLY_ARRAY) {
        n = (size_t)snprintf(out, size, "[");
        for (size_t i = 0; i < r->elements; i++) {
            show_real(r->element[i], out + n, size - n);
            n += strlen(out + n);
            n += (size_t)snprintf(out + n, size - n, "%s", i + 1 < r->elements ? " " : "");
        }
        snprintf(out + n, size - n, "]");
    } else if (r->type == REDIS_REPLY_INTEGER) {
        snprintf(out, size, "%lld", r->integer);
    } else {
        snprintf(out, size, "%s", r->str);
    }
}

static void show_model(const wd_redis_reply *r, char *out, size_t size)
{
    size_t n = 0;
    if (r->type == WD_REDIS_LIST) {
        n = (size_t)snprintf(out, size, "[");
        for (size_t i = 0; i < r->n; i++) {
            show_model(r->at[i], out + n, size - n);
            n += strlen(out + n);
            n += (size_t)snprintf(out + n, size - n, "%s", i + 1 < r->n ? " " : "");
        }
        snprintf(out + n, size - n, "]");
    } else if (r->type == WD_REDIS_INT) {
        snprintf(out, size, "%" PRId64, r->number);
    } else {
        snprintf(out, size, "%.*s", WD_SPAN_ARG(r->text));
    }
}

/* Errors need only mean the same to us. */
static void compare(size_t argc, const char **argv, const redisReply *r, const wd_redis_reply *m)
{
    char one[512], other[512];
    show_real(r, one, sizeof(one));
    show_model(m, other, sizeof(other));
    bool same = strcmp(one, other) == 0;
    if (r->type == REDIS_REPLY_ERROR && m->type == WD_REDIS_ERROR)
        same = wd_redis_reason_of(wd_span_of(one)) == wd_redis_reason_of(m->text);
    if (same)
        return;
    fprintf(stderr, "%s", argv[0]);
    for (size_t i = 2; i < argc; i++)
        fprintf(stderr, " %s", argv[i]);
    fail_msg("Redis says %s, the model %s", one, other);
}

static void both(pair *p, size_t argc, const char **argv)
{
    wd_span span[24];
    for (size_t i = 0; i < argc; i++)
        span[i] = wd_span_of(argv[i]);
    redisReply *reply = redisCommandArgv(real.client, (int)argc, argv, NULL);
    assert_non_null(reply);
    compare(argc, argv, reply, model_server_do(&p->model, argc, span));
    freeReplyObject(reply);
}

static void greet(pair *p, unsigned lane)
{
    static const char *const generations[] = { "g1", "g2" }, *const nonces[] = { "na", "nb" };
    char epoch[16], now[16];
    snprintf(epoch, sizeof(epoch), "%d", (int)sim_roll(&p->s, 6));
    snprintf(now, sizeof(now), "%d", (int)sim_roll(&p->s, 8));
    const char *argv[] = { "EVAL",
                           wd_lua_hello,
                           "2",
                           streams[lane],
                           fences[lane],
                           generations[sim_chance(&p->s, 10)],
                           nonces[sim_roll(&p->s, 2)],
                           epoch,
                           now };
    both(p, WD_COUNT(argv), argv);
}

static void look(pair *p, unsigned lane)
{
    const char *argv[] = { "EVAL", wd_lua_look, "2", streams[lane], fences[lane] };
    both(p, WD_COUNT(argv), argv);
}

/* Mostly the right owner and the next number; everything else as well. */
static void push(pair *p, unsigned lane)
{
    const model_stream *stream = &p->model.stream[lane];
    char owner[64], seq[24], base[24], id[48];
    uint64_t next = stream->last_seq + 1;
    if (sim_chance(&p->s, 30))
        next = next + sim_roll(&p->s, 4) - (next > 2 ? 2 : 0);
    int64_t ms = stream->last_ms + sim_between(&p->s, sim_chance(&p->s, 10) ? -1 : 0, 1);
    uint64_t skipped = sim_chance(&p->s, 10) ? next - 1 : 0;
    snprintf(owner, sizeof(owner), "%" PRIu64 ":%s", stream->fence.epoch + sim_chance(&p->s, 10),
             sim_chance(&p->s, 80) ? "na" : "nb");
    if (stream->fence.owner.ptr != NULL && sim_chance(&p->s, 60))
        snprintf(owner, sizeof(owner), "%.*s", WD_SPAN_ARG(stream->fence.owner));
    snprintf(seq, sizeof(seq), "%" PRIu64, next);
    snprintf(base, sizeof(base), "%" PRIu64, skipped);
    snprintf(id, sizeof(id), "%" PRId64 "-%" PRIu64, ms > 0 ? ms : 1, next);
    const char *argv[] = { "EVALSHA", p->sha, "2",  streams[lane], fences[lane], "g1",
                           owner,     seq,    base, "1000000",     id,           "item.new",
                           "c",       "f",    "en", "1",           "{}" };
    both(p, WD_COUNT(argv), argv);
}

static void unfence(pair *p, unsigned lane)
{
    redis_server_do(&real, "DEL %s", fences[lane]);
    model_server_unfence(&p->model, (wd_lane)lane);
}

static void flush(pair *p, unsigned lane)
{
    (void)lane;
    redis_server_do(&real, "FLUSHALL");
    model_server_flush(&p->model);
}

static void step(pair *p)
{
    static const struct {
        unsigned weight; /* of a thousand */
        void (*act)(pair *p, unsigned lane);
    } rows[] = { { 150, greet }, { 100, look }, { 10, unfence }, { 3, flush }, { 737, push } };
    unsigned lane = (unsigned)sim_roll(&p->s, 2);
    uint64_t what = sim_roll(&p->s, 1000);
    size_t i = 0;
    for (; what >= rows[i].weight; i++)
        what -= rows[i].weight;
    rows[i].act(p, lane);
}

static void answers_as_redis_does(void **state)
{
    pair *p = calloc(1, sizeof(*p));
    const wd_span load[] = { WD_SPAN_LIT("SCRIPT"), WD_SPAN_LIT("LOAD"), wd_span_of(wd_lua_push) };
    (void)state;
    sim_init(&p->s, 7);
    model_server_init(&p->model, &p->s, 1);
    (void)model_server_do(&p->model, WD_COUNT(load), load);
    snprintf(p->sha, sizeof(p->sha), "%s",
             redis_server_do(&real, "SCRIPT LOAD %s", wd_lua_push)->str);
    size_t added = 0;
    for (int i = 0; i < COMMANDS; i++) {
        size_t before = p->model.stream[0].n;
        step(p);
        added += p->model.stream[0].n > before;
    }
    if (added < COMMANDS / 20) /* else too few of them meant anything */
        fail_msg("only %zu entries were added", added);
    model_server_done(&p->model);
    sim_done(&p->s);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(answers_as_redis_does) };
    redis_server_start(&real, NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    redis_server_stop(&real);
    return failed;
}
