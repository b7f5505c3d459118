/* tests/faults/sim/model_server.c - commands against two streams and their fences. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/scripts.h"
#include "tests/faults/sim/model.h"

#define PUSH_SHA "5ca1ab1e"

typedef const struct wd_redis_reply *reply;

/* --- replies --------------------------------------------------------------- */

reply model_text(sim *s, wd_span text)
{
    struct wd_redis_reply *r = sim_alloc(s, sizeof(*r));
    *r = (struct wd_redis_reply){ .type = WD_REDIS_TEXT, .text = sim_copy(s, text) };
    return r;
}

reply model_error(sim *s, const char *text)
{
    struct wd_redis_reply *r = sim_alloc(s, sizeof(*r));
    *r = (struct wd_redis_reply){ .type = WD_REDIS_ERROR, .text = wd_span_of(text) };
    return r;
}

reply model_int(sim *s, int64_t n)
{
    struct wd_redis_reply *r = sim_alloc(s, sizeof(*r));
    *r = (struct wd_redis_reply){ .type = WD_REDIS_INT, .number = n };
    return r;
}

reply model_list(sim *s, size_t n, const reply at[MODEL_LIST])
{
    struct wd_redis_reply *r = sim_alloc(s, sizeof(*r));
    *r = (struct wd_redis_reply){ .type = WD_REDIS_LIST, .n = n };
    for (size_t i = 0; i < n; i++)
        r->at[i] = at[i];
    return r;
}

/* --- the log of writes -------------------------------------------------------- */

static void add_entry(model_stream *to, const model_entry *e)
{
    if (to->n == to->room) {
        to->room = to->room ? 2 * to->room : 64;
        to->entry = realloc(to->entry, to->room * sizeof(*to->entry));
        if (to->entry == NULL)
            abort();
    }
    to->entry[to->n++] = *e;
    to->there = true;
    to->last_ms = e->ms;
    to->last_seq = e->seq;
}

static void play(model_server *m, const model_op *op)
{
    model_stream *stream = &m->stream[op->lane];
    switch (op->kind) {
    case MODEL_ADD:
        add_entry(stream, &op->entry);
        break;
    case MODEL_TAKE:
        stream->fence = op->fence;
        break;
    case MODEL_UNFENCE:
        stream->fence = (model_fence){ 0 };
        break;
    case MODEL_FLUSH:
        for (int i = 0; i < WD_LANE_COUNT; i++) {
            model_stream *s = &m->stream[i];
            *s = (model_stream){ .entry = s->entry, .room = s->room };
        }
        break;
    }
}

static void append(model_server *m, const model_op *op)
{
    if (m->n_ops == m->room) {
        m->room = m->room ? 2 * m->room : 128;
        m->op = realloc(m->op, m->room * sizeof(*m->op));
        if (m->op == NULL)
            abort();
    }
    m->op[m->n_ops++] = *op;
}

static void write_op(model_server *m, const model_op *op)
{
    append(m, op);
    play(m, op);
}

void model_server_lose(model_server *m, size_t lost)
{
    size_t unsafe = m->n_ops - m->n_safe;
    m->n_ops -= lost < unsafe ? lost : unsafe;
    play(m, &(model_op){ .kind = MODEL_FLUSH });
    for (size_t i = 0; i < m->n_ops; i++)
        play(m, &m->op[i]);
}

void model_server_copy(const model_server *from, model_server *to, size_t lag)
{
    to->n_ops = 0;
    to->n_safe = from->n_safe;
    for (size_t i = 0; i + lag < from->n_ops || i < from->n_safe; i++)
        append(to, &from->op[i]);
    model_server_lose(to, 0);
    to->knows_script = false; /* 7.0 and later do not replicate scripts */
}

void model_server_flush(model_server *m)
{
    write_op(m, &(model_op){ .kind = MODEL_FLUSH });
}

void model_server_unfence(model_server *m, wd_lane lane)
{
    write_op(m, &(model_op){ .kind = MODEL_UNFENCE, .lane = lane });
}

/* --- the scripts ----------------------------------------------------------------- */

static reply id_text(sim *s, const model_stream *stream)
{
    char id[48] = "0-0";
    if (stream->there)
        snprintf(id, sizeof(id), "%" PRId64 "-%" PRIu64, stream->last_ms, stream->last_seq);
    return model_text(s, wd_span_of(id));
}

static uint64_t number(wd_span text)
{
    unsigned long long n = 0;
    return wd_span_u64(text, &n) ? n : 0;
}

static wd_span nonce_of(wd_span owner)
{
    wd_span rest = owner;
    (void)wd_span_cut(&rest, ':');
    return rest;
}

static wd_span last_body(const model_stream *stream)
{
    return stream->there && stream->n > 0 ? stream->entry[stream->n - 1].body : WD_SPAN_LIT("");
}

/* queue/lua/hello.lua; argv: generation, nonce, last epoch, time */
static reply hello(model_server *m, wd_lane lane, const wd_span *argv)
{
    const model_stream *stream = &m->stream[lane];
    const model_fence *fence = &stream->fence;
    wd_span before = fence->generation.ptr != NULL ? fence->generation : WD_SPAN_LIT("");
    uint64_t epoch = fence->epoch, mine = number(argv[2]), now = number(argv[3]);
    char owner[96];
    bool fenced = mine > 0 && fence->owner.ptr != NULL &&
                  !wd_span_eq(nonce_of(fence->owner), argv[1]) && epoch >= mine;
    if (!fenced) {
        epoch = mine > epoch ? mine : epoch;
        epoch = (now > epoch ? now : epoch) + 1;
        snprintf(owner, sizeof(owner), "%" PRIu64 ":%.*s", epoch, WD_SPAN_ARG(argv[1]));
        write_op(m, &(model_op){ .kind = MODEL_TAKE,
                                 .lane = lane,
                                 .fence = { .generation = sim_copy(m->s, argv[0]),
                                            .owner = sim_copy(m->s, wd_span_of(owner)),
                                            .epoch = epoch } });
    }
    reply at[] = { model_text(m->s, fenced ? WD_SPAN_LIT("FENCED") : WD_SPAN_LIT("OK")),
                   model_int(m->s, (int64_t)epoch), id_text(m->s, stream), model_text(m->s, before),
                   model_text(m->s, last_body(stream)) };
    return model_list(m->s, fenced ? 4 : WD_COUNT(at), at);
}

/* queue/lua/look.lua */
static reply look(model_server *m, wd_lane lane)
{
    const model_stream *stream = &m->stream[lane];
    wd_span generation = stream->fence.generation, owner = stream->fence.owner;
    reply at[MODEL_LIST] = {
        model_text(m->s, generation.ptr != NULL ? generation : WD_SPAN_LIT("")),
        model_text(m->s, owner.ptr != NULL ? owner : WD_SPAN_LIT("")), id_text(m->s, stream)
    };
    return model_list(m->s, 3, at);
}

static reply tag(sim *s, const char *word, uint64_t n)
{
    reply at[MODEL_LIST] = { model_text(s, wd_span_of(word)), model_int(s, (int64_t)n) };
    return model_list(s, 2, at);
}

enum push_arg {
    GENERATION,
    OWNER,
    SEQ,
    BASE,
    MAXLEN,
    ID,
    TYPE,
    CLUSTER,
    FEED,
    LANG,
    VERSION,
    BODY
};

/* XADD; the id is "<ms>-<seq>". */
static reply add(model_server *m, wd_lane lane, const wd_span *argv)
{
    model_stream *stream = &m->stream[lane];
    wd_span rest = argv[ID];
    int64_t ms = (int64_t)number(wd_span_cut(&rest, '-'));
    uint64_t seq = number(rest);
    if (stream->there &&
        (ms < stream->last_ms || (ms == stream->last_ms && seq <= stream->last_seq)))
        return model_error(m->s, "ERR The ID specified in XADD is equal or smaller than the "
                                 "target stream top item");
    write_op(m, &(model_op){ .kind = MODEL_ADD,
                             .lane = lane,
                             .entry = { .ms = ms,
                                        .seq = seq,
                                        .type = sim_copy(m->s, argv[TYPE]),
                                        .body = sim_copy(m->s, argv[BODY]) } });
    return tag(m->s, "OK", number(argv[SEQ]));
}

/* queue/lua/push.lua */
static reply push(model_server *m, wd_lane lane, const wd_span *argv)
{
    const model_stream *stream = &m->stream[lane];
    uint64_t seq = number(argv[SEQ]), base = number(argv[BASE]);
    uint64_t top = stream->there ? stream->last_seq : 0;
    bool ours = wd_span_eq(nonce_of(stream->fence.owner), nonce_of(argv[OWNER]));
    if (!wd_span_eq(stream->fence.generation, argv[GENERATION]))
        return tag(m->s, "GEN", top);
    if (!wd_span_eq(stream->fence.owner, argv[OWNER]))
        return tag(m->s, ours ? "GEN" : "FENCED", top);
    top = base > top ? base : top;
    if (seq <= top)
        return tag(m->s, "DUP", top);
    return seq > top + 1 ? tag(m->s, "GAP", top) : add(m, lane, argv);
}

/* --- commands ------------------------------------------------------------------------ */

static reply role(model_server *m)
{
    wd_span name = m->replica ? WD_SPAN_LIT("slave") : WD_SPAN_LIT("master");
    reply at[MODEL_LIST] = { model_text(m->s, name) };
    return model_list(m->s, 1, at);
}

/* WAITAOF and WAIT: sometimes in time, sometimes not. */
static reply wait(model_server *m, bool disk)
{
    if (disk && !m->has_waitaof)
        return model_error(m->s, "ERR unknown command 'WAITAOF'");
    bool safe = sim_chance(m->s, 80) && !m->replica;
    if (safe)
        m->n_safe = m->n_ops;
    reply at[MODEL_LIST] = { model_int(m->s, safe), model_int(m->s, safe) };
    return disk ? model_list(m->s, 2, at) : at[0];
}

static bool starts(wd_span s, const char *word)
{
    return wd_span_is_nocase(s, word);
}

static wd_lane lane_of(wd_span stream)
{
    return wd_span_is(stream, "wiredesk:copies") ? WD_LANE_COPIES : WD_LANE_ITEMS;
}

/* EVAL and EVALSHA: script, 2, stream, fence, then the script's own */
static reply script(model_server *m, size_t argc, const wd_span *argv)
{
    bool by_sha = starts(argv[0], "EVALSHA");
    bool reads = !by_sha && wd_span_is(argv[1], wd_lua_look);
    if (m->moved_to != 0) {
        char moved[64];
        snprintf(moved, sizeof(moved), "MOVED 3999 127.0.0.1:%u", m->moved_to);
        return model_error(m->s, sim_copy(m->s, wd_span_of(moved)).ptr);
    }
    if (by_sha && !m->knows_script)
        return model_error(m->s, "NOSCRIPT No matching script. Please use EVAL.");
    if (m->replica && !reads)
        return model_error(m->s, "READONLY You can't write against a read only replica.");
    if (m->error != NULL && !reads)
        return model_error(m->s, m->error);
    wd_lane lane = lane_of(argv[3]);
    if (by_sha && argc >= 5 + BODY + 1)
        return push(m, lane, argv + 5);
    if (reads)
        return look(m, lane);
    return hello(m, lane, argv + 5);
}

reply model_server_do(model_server *m, size_t argc, const wd_span *argv)
{
    if (m->error != NULL && !m->only_to_writes)
        return model_error(m->s, m->error);
    if (starts(argv[0], "ROLE"))
        return role(m);
    if (starts(argv[0], "SCRIPT")) {
        m->knows_script = true;
        return model_text(m->s, WD_SPAN_LIT(PUSH_SHA));
    }
    if (starts(argv[0], "EVAL") || starts(argv[0], "EVALSHA"))
        return script(m, argc, argv);
    if (starts(argv[0], "WAITAOF") || starts(argv[0], "WAIT"))
        return wait(m, starts(argv[0], "WAITAOF"));
    if (starts(argv[0], "XINFO")) /* no groups */
        return model_list(m->s, 0, NULL);
    if (starts(argv[0], "PUBLISH")) {
        m->rings++;
        return model_int(m->s, 0);
    }
    return model_error(m->s, "ERR unknown command");
}

void model_server_init(model_server *m, sim *s, uint16_t port)
{
    *m = (model_server){ .s = s, .port = port };
}

void model_server_done(model_server *m)
{
    for (int i = 0; i < WD_LANE_COUNT; i++)
        free(m->stream[i].entry);
    free(m->op);
}
