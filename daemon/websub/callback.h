/*
 * daemon/websub/callback.h - the listener that hubs speak to: paths that somebody knows and
 * nothing else, bounded in everything.
 *
 * Thread:  loop thread.
 * Answers: a path is known by its last segment; any other, and any other method, is a 404
 *          without a word.  Connections, heads, bodies, their sum and the time that each visitor
 *          may take have ceilings; each answer ends its connection.
 */
#pragma once

#include <uv.h>

#include "core/buf.h"
#include "feeds/websub_wire.h"

typedef struct wd_callback wd_callback;

/* Bodies that arrive and those that wait for their feed, together: two polls' worth of the
 * largest documents, and thousands of usual deliveries. */
#define WD_CALLBACK_BYTES ((size_t)64 * 1024 * 1024)

typedef enum wd_callback_proof {
    WD_PROOF_GOOD,
    WD_PROOF_MISSING,
    WD_PROOF_WRONG
} wd_callback_proof;

/* One delivery whose sender waits for its answer. */
typedef struct wd_callback_visit wd_callback_visit;

/* What `deliver` gives back for "not yet": wd_callback_answer() must follow, later. */
#define WD_CALLBACK_LATER 0

typedef struct wd_callback_delivery { /* borrowed for the call */
    const char *token;
    wd_callback_visit *visit; /* stays until it is answered, or the callback closes */
    wd_callback_proof proof;
    wd_buf *body;                /* decoded; `deliver` may take its memory, and leave it empty */
    wd_span content_type, links; /* of its head; absent: not said */
} wd_callback_delivery;

typedef struct wd_callback_spec {
    uv_loop_t *loop;
    const char *listen;
    size_t max_body;
    int64_t visit_ms; /* for a whole visit; 0: a minute */
    /* A hub asks whether we want that.  The status to answer; `out` is the 200's body. */
    int (*verify)(void *ctx, const char *token, const wd_websub_query *q, wd_buf *out);
    /* A delivery begins: 200, and with which secret it must be signed; or its answer. */
    int (*admit)(void *ctx, const char *token, const char **secret);
    /* It is here.  The status to answer, or WD_CALLBACK_LATER. */
    int (*deliver)(void *ctx, const wd_callback_delivery *d);
    void (*too_large)(void *ctx, const char *token);
    void (*closed)(void *ctx);
    void *ctx;
} wd_callback_spec;

/* WD_CONFIG with err: not an address, or it is taken. */
WD_MUST_USE wd_status wd_callback_open(wd_callback **out,
                                       const wd_callback_spec *spec,
                                       wd_error *err);

uint16_t wd_callback_port(const wd_callback *c);

/* Bytes of bodies on their way in. */
size_t wd_callback_bytes(const wd_callback *c);

/* Bytes that `deliver` took and still holds: no more is admitted over the ceiling. */
void wd_callback_hold(wd_callback *c, size_t bytes);
void wd_callback_release(wd_callback *c, size_t bytes);

/* The answer that was to come later; not from inside the spec's calls. */
void wd_callback_answer(wd_callback *c, wd_callback_visit *visit, int status);

/* Who still waits hears 503.  Sets *c to NULL; NULL is accepted. */
void wd_callback_close(wd_callback **c);
