/*
 * queue/redis.h - one connection to Redis on a libuv loop; the only door to hiredis.
 *
 * Thread:   the loop's.
 * Life:     open -> up or down (once) -> down (once, if it was up) -> close -> closed.
 *           A connection that is down stays down: the owner opens another.
 * Callback: none runs inside wd_redis_open() or wd_redis_command().
 * Deadline: connecting and the oldest unanswered command each have one (uv timers:
 *           hiredis 0.14 has none); passing it is a WD_NET like any other loss.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "core/span.h"
#include "core/status.h"
#include "queue/redis_url.h"

typedef struct wd_redis wd_redis;
typedef struct wd_redis_reply wd_redis_reply;

typedef struct wd_redis_spec {
    uv_loop_t *loop;
    const wd_redis_url *url;    /* secrets, db, tls; path for unix sockets; copied */
    const wd_redis_host *where; /* instead of the URL's first host; NULL: that one; copied */
    bool plain;                 /* no AUTH and SELECT: a sentinel */
    uint32_t connect_ms;        /* until it is up, 0: 3 s */
    uint32_t answer_ms;         /* for every command, 0: none (XREAD BLOCK) */
    void (*up)(void *ctx);
    /* `why` is a sentence and begins with Redis' error word where there is one.
     * WD_DENIED: Redis refused AUTH or SELECT; WD_NET: anything else. */
    void (*down)(void *ctx, wd_status s, const char *why);
    void (*closed)(void *ctx);
    void *ctx;
} wd_redis_spec;

WD_MUST_USE wd_status wd_redis_open(wd_redis **out, const wd_redis_spec *spec);

/* One command in flight: embedded in the caller's struct, which outlives the answer.
 * reply NULL: the connection went down first, and nobody knows what became of it. */
typedef struct wd_redis_call {
    void (*done)(struct wd_redis_call *call, const wd_redis_reply *reply);
} wd_redis_call;

/* argv is copied.  WD_NET: not up, `done` will not run. */
WD_MUST_USE wd_status wd_redis_command(wd_redis *r,
                                       size_t argc,
                                       const wd_span *argv,
                                       wd_redis_call *call);

/* Calls in flight get reply NULL before closed runs.  Sets *r to NULL; accepts NULL. */
void wd_redis_close(wd_redis **r);

typedef enum wd_redis_type {
    WD_REDIS_NIL,
    WD_REDIS_INT,
    WD_REDIS_TEXT, /* bulk or simple string */
    WD_REDIS_ERROR,
    WD_REDIS_LIST
} wd_redis_type;

/* Borrowed for the callback; NULL and wrong types give NIL, 0, absent. */
wd_redis_type wd_redis_reply_type(const wd_redis_reply *reply);
int64_t wd_redis_reply_int(const wd_redis_reply *reply);  /* of a decimal text too */
wd_span wd_redis_reply_text(const wd_redis_reply *reply); /* of an error too */
size_t wd_redis_reply_count(const wd_redis_reply *reply);
const wd_redis_reply *wd_redis_reply_at(const wd_redis_reply *reply, size_t at);

/* rediss:// works in this build. */
bool wd_redis_has_tls(void);
