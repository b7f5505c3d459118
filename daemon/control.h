/*
 * daemon/control.h - what is answered over loopback HTTP (on a daemon/listener.h of its own).
 *
 * Thread: loop thread.  Read-only: GET and HEAD, and only for a Host that names this
 *         machine, so that no web page can ask through a reader's browser.
 */
#pragma once

#include <sys/socket.h>

#include <uv.h>

#include "core/buf.h"
#include "core/status.h"

typedef struct wd_control wd_control;

/* Borrowed for one call of `page`. */
typedef struct wd_control_request wd_control_request;

const char *wd_control_path(const wd_control_request *r);
/* Decoded; NULL when it was not given. */
const char *wd_control_query(const wd_control_request *r, const char *key);
const char *wd_control_header(const wd_control_request *r, const char *name);

/* An answer without an end.  `fill` writes up to `room` bytes and returns how many; after
 * a 0 it is asked again when wd_control_wake() was called.  `end` runs exactly once. */
typedef struct wd_control_stream {
    size_t (*fill)(void *ctx, char *out, size_t room);
    void (*end)(void *ctx);
    void *ctx; /* NULL: there is no stream */
} wd_control_stream;

/* `page` fills in what differs from this: 404 is its to give, too. */
typedef struct wd_control_answer {
    int status;               /* 200 */
    const char *type;         /* "text/plain; charset=utf-8" */
    wd_buf body;              /* has its ceiling; freed by the door */
    wd_span fixed;            /* instead of body: bytes that outlive the listener, not copied */
    wd_control_stream stream; /* instead of both */
    const char *etag;         /* quoted; whoever has it gets a 304; NULL: never kept */
    const char *policy;       /* Content-Security-Policy; NULL: nothing may run or load */
} wd_control_answer;

typedef void (*wd_control_page)(void *ctx, const wd_control_request *r, wd_control_answer *out);

typedef struct wd_control_spec {
    uv_loop_t *loop;
    const char *listen; /* "127.0.0.1:9753", "[::1]:9753"; port 0 takes a free one */
    wd_control_page page;
    void (*closed)(void *ctx);
    void *ctx;
} wd_control_spec;

/* "127.0.0.1:9753" or "[::1]:9753"; WD_CONFIG with err. */
WD_MUST_USE wd_status wd_control_address(const char *text,
                                         struct sockaddr_storage *out,
                                         wd_error *err);

/* WD_CONFIG with err: not an address, or it is taken. */
WD_MUST_USE wd_status wd_control_open(wd_control **out, const wd_control_spec *spec, wd_error *err);

uint16_t wd_control_port(const wd_control *c);

/* There is more for the streams.  Not from inside `fill` or `page`. */
void wd_control_wake(wd_control *c);

/* Ends the streams.  Sets *c to NULL; NULL is accepted. */
void wd_control_close(wd_control **c);
