/*
 * tests/faults/sim/model_link.c - queue/redis.h over a simulated network, in the place of
 * queue/redis.c: the same promises about callbacks, deadlines and the end.
 *
 * What a client has written may be executed after the client has gone, as a real server
 * reads on what its socket still holds.  That is what fences are for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/list.h"
#include "tests/faults/sim/model.h"

#define CONNECT_MS 3000 /* as queue/redis.c */

/* The way to one server and back; outlives the client. */
typedef struct pipe_line {
    model_net *net;
    model_server *server;
    unsigned life;
    wd_redis *client;    /* NULL: it has gone */
    bool lost;           /* nothing of it arrives any more */
    int64_t there, back; /* when the newest of each way arrives */
    wd_link inbox;
    bool serving;
} pipe_line;

typedef struct letter {
    wd_link link, sent; /* in the inbox; in the client's list of the unanswered */
    pipe_line *line;
    size_t argc;
    wd_span *argv;
    wd_redis_call *call;
    const wd_redis_reply *reply;
} letter;

struct wd_redis {
    wd_redis_spec spec;
    model_net *net;
    pipe_line *line;
    wd_redis *next, **link; /* of net->first */
    wd_link sent;
    uint16_t port;
    bool up, down, closing, in_callback, drop_later;
    char deadline;
};

static int64_t latency(model_net *n)
{
    return sim_between(&n->s, 20, n->latency);
}

/* --- the client's end ------------------------------------------------------- */

static void give_nothing(wd_redis *r)
{
    while (!wd_list_empty(&r->sent)) {
        letter *l = wd_owner(wd_list_pop(&r->sent), letter, sent);
        l->call->done(l->call, NULL);
    }
}

static void drop_line(wd_redis *r)
{
    r->up = false;
    if (r->line != NULL) {
        r->line->client = NULL;
        r->line->lost = r->line->lost || sim_chance(&r->net->s, 50);
        r->line = NULL;
    }
    if (r->in_callback)
        r->drop_later = true;
    else
        give_nothing(r);
}

static void go_down(wd_redis *r, wd_status s, const char *why)
{
    if (r->down || r->closing)
        return;
    r->down = true;
    sim_forget(&r->net->s, &r->deadline);
    drop_line(r);
    r->spec.down(r->spec.ctx, s, why);
}

static void deadline_passed(void *ctx)
{
    wd_redis *r = ctx;
    go_down(r, WD_NET, r->up ? "no answer in time" : "no connection in time");
}

static void set_deadline(wd_redis *r, uint32_t ms)
{
    sim_forget(&r->net->s, &r->deadline);
    if (ms > 0)
        sim_after(&r->net->s, (int64_t)ms * SIM_MS, &r->deadline, deadline_passed, r);
}

static void refused(void *ctx)
{
    go_down(ctx, WD_NET, "Connection refused");
}

static void lost(void *ctx)
{
    go_down(ctx, WD_NET, "connection closed");
}

static void connected(void *ctx)
{
    wd_redis *r = ctx;
    if (r->down || r->closing)
        return;
    if (r->line->server != NULL && r->line->server->down) {
        go_down(r, WD_NET, "Connection refused");
        return;
    }
    if (r->line->server != NULL)
        r->line->life = r->line->server->life;
    r->up = true;
    set_deadline(r, 0);
    r->spec.up(r->spec.ctx);
}

static void answer(void *ctx)
{
    letter *l = ctx;
    pipe_line *line = l->line;
    wd_redis *r = line->client;
    line->lost = line->lost || line->net->black_hole;
    if (r == NULL || line->lost)
        return;
    wd_list_remove(&l->sent);
    if (r->up)
        set_deadline(r, wd_list_empty(&r->sent) ? 0 : r->spec.answer_ms);
    r->in_callback = true;
    l->call->done(l->call, l->reply);
    r->in_callback = false;
    if (r->drop_later) {
        r->drop_later = false;
        give_nothing(r);
    }
}

/* --- the server's end ----------------------------------------------------------- */

static const wd_redis_reply *sentinel(model_net *n)
{
    char port[8];
    snprintf(port, sizeof(port), "%u", n->server[n->believed].port);
    const wd_redis_reply *at[MODEL_LIST] = { model_text(&n->s, WD_SPAN_LIT("127.0.0.1")),
                                             model_text(&n->s, wd_span_of(port)) };
    return model_list(&n->s, 2, at);
}

static void serve(void *ctx)
{
    pipe_line *line = ctx;
    model_net *n = line->net;
    model_server *m = line->server;
    line->serving = false;
    while (!wd_list_empty(&line->inbox)) {
        if (m != NULL && m->busy_until > n->s.now) {
            line->serving = true;
            sim_after(&n->s, m->busy_until - n->s.now, line, serve, line);
            return;
        }
        letter *l = wd_owner(wd_list_pop(&line->inbox), letter, link);
        if (m != NULL && (m->down || m->life != line->life))
            continue;
        l->reply = m != NULL ? model_server_do(m, l->argc, l->argv) : sentinel(n);
        if (l->reply->type == WD_REDIS_ERROR)
            SIM_TRACE(&n->s, "%u: %.*s: %.*s", m != NULL ? m->port : MODEL_SENTINEL,
                      WD_SPAN_ARG(l->argv[0]), WD_SPAN_ARG(l->reply->text));
        int64_t at = n->s.now + latency(n);
        line->back = at > line->back ? at : line->back;
        sim_after(&n->s, line->back - n->s.now, line, answer, l);
    }
}

static void arrive(void *ctx)
{
    letter *l = ctx;
    pipe_line *line = l->line;
    line->lost = line->lost || line->net->black_hole; /* TCP has no holes: nothing comes after */
    if (line->lost)
        return;
    wd_list_push(&line->inbox, &l->link);
    if (!line->serving)
        serve(line);
}

/* --- queue/redis.h ------------------------------------------------------------------ */

static model_server *server_at(model_net *n, uint16_t port)
{
    if (port == MODEL_SENTINEL)
        return NULL;
    if (!n->by_sentinel && !n->by_cluster)
        return &n->server[n->master]; /* one address for whoever it is */
    for (size_t i = 0; i < MODEL_SERVERS; i++)
        if (n->server[i].port == port)
            return &n->server[i];
    abort();
}

wd_status wd_redis_open(wd_redis **out, const wd_redis_spec *spec)
{
    model_net *n = spec->loop->data;
    wd_redis *r = calloc(1, sizeof(*r));
    pipe_line *line = sim_alloc(&n->s, sizeof(*line));
    if (r == NULL)
        abort();
    r->spec = *spec;
    r->net = n;
    r->line = line;
    r->port = (spec->where != NULL ? spec->where : &spec->url->hosts[0])->port;
    wd_list_init(&r->sent);
    *line = (pipe_line){ .net = n, .server = server_at(n, r->port), .client = r };
    wd_list_init(&line->inbox);
    r->next = n->first;
    r->link = &n->first;
    if (r->next != NULL)
        r->next->link = &r->next;
    n->first = r;
    set_deadline(r, spec->connect_ms > 0 ? spec->connect_ms : CONNECT_MS);
    if (!n->black_hole)
        sim_after(&n->s, latency(n), r,
                  line->server != NULL && line->server->down ? refused : connected, r);
    *out = r;
    return WD_OK;
}

wd_status wd_redis_command(wd_redis *r, size_t argc, const wd_span *argv, wd_redis_call *call)
{
    if (!r->up || r->closing)
        return WD_NET;
    model_net *n = r->net;
    letter *l = sim_alloc(&n->s, sizeof(*l));
    *l = (letter){ .line = r->line, .argc = argc, .call = call };
    l->argv = sim_alloc(&n->s, argc * sizeof(*l->argv));
    for (size_t i = 0; i < argc; i++)
        l->argv[i] = sim_copy(&n->s, argv[i]);
    if (wd_list_empty(&r->sent))
        set_deadline(r, r->spec.answer_ms);
    wd_list_push(&r->sent, &l->sent);
    int64_t at = n->s.now + latency(n);
    r->line->there = at > r->line->there ? at : r->line->there;
    sim_after(&n->s, r->line->there - n->s.now, r->line, arrive, l);
    return WD_OK;
}

static void closed(void *ctx)
{
    wd_redis *r = ctx;
    void (*said)(void *) = r->spec.closed;
    void *to = r->spec.ctx;
    free(r);
    said(to);
}

void wd_redis_close(wd_redis **redis)
{
    wd_redis *r = *redis;
    *redis = NULL;
    if (r == NULL || r->closing)
        return;
    sim *s = &r->net->s;
    r->closing = true;
    *r->link = r->next;
    if (r->next != NULL)
        r->next->link = r->link;
    sim_forget(s, r);
    sim_forget(s, &r->deadline);
    drop_line(r);
    sim_after(s, 0, r, closed, r);
}

static void cut_one(wd_redis *r)
{
    if (r->down || r->closing || r->line == NULL)
        return;
    r->line->lost = r->line->lost || sim_chance(&r->net->s, 50);
    sim_after(&r->net->s, latency(r->net), r, lost, r);
}

void model_net_cut_server(model_net *n, const model_server *m)
{
    for (wd_redis *r = n->first; r != NULL; r = r->next)
        if (r->line != NULL && (m == NULL || r->line->server == m))
            cut_one(r);
}

void model_net_cut(model_net *n)
{
    model_net_cut_server(n, NULL);
}

/* --- replies ---------------------------------------------------------------------------- */

wd_redis_type wd_redis_reply_type(const wd_redis_reply *r)
{
    return r != NULL ? r->type : WD_REDIS_NIL;
}

wd_span wd_redis_reply_text(const wd_redis_reply *r)
{
    bool has = r != NULL && (r->type == WD_REDIS_TEXT || r->type == WD_REDIS_ERROR);
    return has ? r->text : WD_SPAN_NONE;
}

int64_t wd_redis_reply_int(const wd_redis_reply *r)
{
    unsigned long long n = 0;
    if (r != NULL && r->type == WD_REDIS_INT)
        return r->number;
    return wd_span_u64(wd_redis_reply_text(r), &n) && n <= INT64_MAX ? (int64_t)n : 0;
}

size_t wd_redis_reply_count(const wd_redis_reply *r)
{
    return r != NULL && r->type == WD_REDIS_LIST ? r->n : 0;
}

const wd_redis_reply *wd_redis_reply_at(const wd_redis_reply *r, size_t at)
{
    return at < wd_redis_reply_count(r) ? r->at[at] : NULL;
}

bool wd_redis_has_tls(void)
{
    return false;
}
