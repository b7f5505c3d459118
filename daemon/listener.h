/*
 * daemon/listener.h - one HTTP listener of libmicrohttpd's, driven by the loop: what control.c
 * (status page) and websub/callback.c (hubs) have in common, each with a listener of its own.
 *
 * Thread: loop thread.  Embedded by value; closed runs once, after wd_listener_close().
 * For these files only: libmicrohttpd's types end there.
 */
#pragma once

#include <sys/socket.h>

#include <microhttpd.h>
#include <uv.h>

#include "core/status.h"

typedef struct wd_listener wd_listener;

typedef struct wd_listener_spec {
    uv_loop_t *loop;
    const char *listen; /* "127.0.0.1:9753", "[::1]:9753"; port 0 takes a free one */
    const char *name;   /* what the configuration calls it, for complaints */
    unsigned connections, idle_s;
    size_t head_bytes; /* of each connection: request line and headers */
    MHD_AccessHandlerCallback answer;
    MHD_RequestCompletedCallback completed; /* may be NULL */
    MHD_NotifyConnectionCallback visited;   /* may be NULL */
    void *ctx;                              /* of these three */
    void (*turned)(wd_listener *l);         /* after each turn, once a second at least; or NULL */
    void (*closed)(wd_listener *l);
} wd_listener_spec;

struct wd_listener {
    struct MHD_Daemon *mhd;
    uv_poll_t poll;
    uv_timer_t timer;
    unsigned open_handles;
    void (*turned)(wd_listener *l);
    void (*closed)(wd_listener *l);
};

/* "127.0.0.1:9753" or "[::1]:9753"; WD_CONFIG with err, which calls it `name`. */
WD_MUST_USE wd_status wd_listener_address(const char *text,
                                          const char *name,
                                          struct sockaddr_storage *out,
                                          wd_error *err);

/* WD_CONFIG with err: not an address, or it is taken. */
WD_MUST_USE wd_status wd_listener_open(wd_listener *l, const wd_listener_spec *spec, wd_error *err);

uint16_t wd_listener_port(const wd_listener *l);

/* Lets libmicrohttpd work; not from inside its callbacks. */
void wd_listener_turn(wd_listener *l);

/* Nobody may be suspended. */
void wd_listener_close(wd_listener *l);
