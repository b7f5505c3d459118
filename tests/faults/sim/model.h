/*
 * tests/faults/sim/model.h - a model of Redis: as much of it as the publisher speaks to.
 *
 * The scripts are written out in C (model_server.c); unit.queue.model compares them, reply
 * by reply, with queue/lua/ in a real server.  Every write is an entry of an op log, as in
 * an append-only file: a server that loses its tail, or a replica that lags, is a shorter
 * log played again.
 */
#pragma once

#include "core/span.h"
#include "queue/outbox.h"
#include "queue/redis.h"
#include "tests/faults/sim/sim.h"

/* --- replies --------------------------------------------------------------- */

#define MODEL_LIST 5u

struct wd_redis_reply {
    wd_redis_type type;
    int64_t number;
    wd_span text;
    size_t n;
    const struct wd_redis_reply *at[MODEL_LIST];
};

/* --- one server -------------------------------------------------------------- */

typedef struct model_entry {
    int64_t ms;
    uint64_t seq;
    wd_span type, body;
} model_entry;

typedef struct model_fence {
    wd_span generation, owner;
    uint64_t epoch;
} model_fence;

typedef enum model_op_kind { MODEL_ADD, MODEL_TAKE, MODEL_UNFENCE, MODEL_FLUSH } model_op_kind;

typedef struct model_op {
    model_op_kind kind;
    wd_lane lane;
    model_entry entry;
    model_fence fence;
} model_op;

typedef struct model_stream {
    model_entry *entry;
    size_t n, room;
    bool there;
    int64_t last_ms;
    uint64_t last_seq;
    model_fence fence;
} model_stream;

typedef struct model_server {
    sim *s;
    uint16_t port;
    bool down, replica, knows_script;
    unsigned life;       /* connections of an earlier one are dead */
    const char *error;   /* the answer to everything ... */
    bool only_to_writes; /* ... or to what writes */
    int64_t busy_until;
    uint16_t moved_to; /* 0: the slots are here */
    model_op *op;
    size_t n_ops, room;
    size_t n_safe; /* of them, what WAITAOF or WAIT vouched for */
    bool has_waitaof;
    model_stream stream[WD_LANE_COUNT];
    unsigned rings;
} model_server;

void model_server_init(model_server *m, sim *s, uint16_t port);
void model_server_done(model_server *m);
/* One command; the reply lives until the end of the seed. */
const struct wd_redis_reply *model_server_do(model_server *m, size_t argc, const wd_span *argv);
void model_server_flush(model_server *m);
void model_server_unfence(model_server *m, wd_lane lane);
/* Forgets the newest `lost` writes, but none that is safe: what a power cut may take. */
void model_server_lose(model_server *m, size_t lost);
/* `to` becomes a copy that lags by `lag` writes, but has what is safe. */
void model_server_copy(const model_server *from, model_server *to, size_t lag);

const struct wd_redis_reply *model_error(sim *s, const char *text);
const struct wd_redis_reply *model_text(sim *s, wd_span text);
const struct wd_redis_reply *model_int(sim *s, int64_t n);
const struct wd_redis_reply *model_list(sim *s,
                                        size_t n,
                                        const struct wd_redis_reply *const at[MODEL_LIST]);

/* --- the network between -------------------------------------------------------- */

#define MODEL_SERVERS  3u
#define MODEL_SENTINEL 26379u
#define MODEL_PORT     6379u /* of server 0; the others follow */

typedef struct model_net {
    sim s; /* first: loop.data leads here */
    model_server server[MODEL_SERVERS];
    unsigned master;   /* who is it now */
    unsigned believed; /* who the sentinels say it is */
    bool by_sentinel, by_cluster;
    int64_t latency;        /* up to, each way */
    bool black_hole;        /* nothing arrives, nobody is told */
    struct wd_redis *first; /* every open connection */
} model_net;

/* Every connection ends, as the client sees it; what is on its way may still arrive. */
void model_net_cut(model_net *n);
/* Those to one server. */
void model_net_cut_server(model_net *n, const model_server *m);
