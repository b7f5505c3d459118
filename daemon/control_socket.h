/*
 * daemon/control_socket.h - orders over a unix socket: a line of JSON in, a line of JSON out.
 *
 * Thread: loop thread only.
 * Trust:  who may open the file may give orders; its mode is 0660, so that is the service's
 *         user and group.  Bounded: lines, clients, and one order at a time a client.
 */
#pragma once

#include <sys/types.h>

#include <uv.h>

#include "core/span.h"
#include "core/status.h"

typedef struct wd_control_socket wd_control_socket;

/* One order is a short object; the longest has a feed's name and a word. */
#define WD_ORDER_BYTES 4096u

/* Each keeps a line buffer; whoever comes when all are taken displaces the one that has
 * been silent longest. */
#define WD_CONTROL_CLIENTS 16u

typedef struct wd_control_order {
    uint64_t caller; /* for wd_control_socket_answer(); never 0 */
    uid_t uid;       /* of the process that asked */
    wd_span line;    /* without its newline; borrowed for the call */
} wd_control_order;

typedef struct wd_control_socket_spec {
    uv_loop_t *loop;
    const char *path;
    /* Answered once by wd_control_socket_answer(), inside the call or later. */
    void (*order)(void *ctx, const wd_control_order *order);
    void (*closed)(void *ctx);
    void *ctx;
} wd_control_socket_spec;

/* A socket file that nobody listens to is replaced.  WD_BUSY: somebody does; WD_CONFIG: no
 * socket can be there; both with err. */
WD_MUST_USE wd_status wd_control_socket_open(wd_control_socket **out,
                                             const wd_control_socket_spec *spec,
                                             wd_error *err);

/* One line of JSON without its newline.  A caller that has left is no matter. */
void wd_control_socket_answer(wd_control_socket *c, uint64_t caller, wd_span line);

/* Removes the file, if it is still ours.  Sets *c to NULL; NULL is accepted. */
void wd_control_socket_close(wd_control_socket **c);
