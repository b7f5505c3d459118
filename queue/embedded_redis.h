/*
 * queue/embedded_redis.h - a private redis-server for a first try: unix socket, AOF
 * everysec, all of it inside the state directory, gone with the daemon.
 *
 * Thread: loop thread.  The child gets SIGTERM when the daemon dies, however it dies
 * (PR_SET_PDEATHSIG), and a leftover from a crash is found by its pid file and ended.
 */
#pragma once

#include <uv.h>

#include "core/log.h"
#include "core/status.h"

typedef struct wd_embedded_redis wd_embedded_redis;

typedef struct wd_embedded_redis_spec {
    uv_loop_t *loop;
    const wd_log *log;
    const char *dir; /* <state>/redis, made 0700 when missing */
    void (*ready)(void *ctx,
                  wd_status s,
                  const char *url); /* "unix:///...": once; not WD_OK: it could not start */
    void (*died)(void *ctx, const char *why); /* unasked for; it is started again by itself */
    void (*closed)(void *ctx);
    void *ctx;
} wd_embedded_redis_spec;

/* WD_NOTFOUND with err: no redis-server on PATH. */
WD_MUST_USE wd_status wd_embedded_redis_open(wd_embedded_redis **out,
                                             const wd_embedded_redis_spec *spec,
                                             wd_error *err);

/* SHUTDOWN by SIGTERM, SIGKILL after 5 s; closed runs when the process is gone.
 * Sets *r to NULL; NULL is accepted. */
void wd_embedded_redis_close(wd_embedded_redis **r);
