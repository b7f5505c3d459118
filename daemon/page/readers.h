/*
 * daemon/page/readers.h - the status page's readers: the wire and the daemon's state to each, as
 * server-sent events (HTML Living Standard, 9.2).
 *
 * Thread: loop thread.
 * Memory: nothing is queued for anyone: a reader is a place in the wire and a few frames.  Who
 *         reads too slowly loses its place, is told so, and gets only the newest state.
 */
#pragma once

#include <uv.h>

#include "core/json.h"
#include "daemon/control.h"
#include "daemon/page/wire.h"

/* A newsroom's open pages.  More would each cost a connection of the listener's 64. */
#define WD_READERS_MAX 24u

/* How much of the past a new reader gets at once. */
#define WD_READERS_PAST 400u

typedef struct wd_readers wd_readers;

typedef struct wd_readers_spec {
    uv_loop_t *loop;
    const wd_wire *wire;
    void (*wake)(void *ctx); /* wd_control_wake(), at most every 200 ms */
    void (*closed)(void *ctx);
    void *ctx;
} wd_readers_spec;

WD_MUST_USE wd_status wd_readers_open(wd_readers **out, const wd_readers_spec *spec);

/* A stream for one more.  `last_id` is what EventSource sends as Last-Event-ID, or NULL.
 * False: there are too many. */
bool wd_readers_add(wd_readers *r, const char *last_id, wd_control_stream *out);

/* The wire has more. */
void wd_readers_notice(wd_readers *r);

/* The daemon's state, an object: replaces the one that slow readers have not had yet. */
void wd_readers_set_state(wd_readers *r, wd_span json);

size_t wd_readers_count(const wd_readers *r);

/* After the listener.  Sets *r to NULL; NULL is accepted. */
void wd_readers_close(wd_readers **r);
