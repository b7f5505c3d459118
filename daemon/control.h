/*
 * daemon/control.h - /metrics and /healthz over loopback HTTP; the only door to libmicrohttpd.
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

/* Appends the page for `path`; returns its HTTP status, and its type through *type. */
typedef int (*wd_control_page)(void *ctx, const char *path, wd_buf *out, const char **type);

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

/* Sets *c to NULL; NULL is accepted. */
void wd_control_close(wd_control **c);
