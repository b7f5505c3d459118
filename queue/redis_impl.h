/* queue/redis_impl.h - one connection's inside, shared by queue/redis*.c only. */
#pragma once

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include "core/buf.h"
#include "queue/redis.h"

#define WD_REDIS_WHY_BYTES 256

struct wd_redis {
    wd_redis_spec spec;
    wd_redis_url url;
    wd_redis_host where;
    redisAsyncContext *ac;
    const char *refused; /* what is wrong with the server's certificate; NULL: nothing */
    bool spoken;         /* the server has answered something */
    uv_timer_t timer;    /* the deadline; or a failure that waits for the loop */
    uv_getaddrinfo_t lookup;
    struct addrinfo *found, *next;
    wd_redis_call auth, select;
    wd_buf out; /* commands; up to `sent` they are sent */
    size_t sent;
    int near_fd;        /* the directory of a socket whose path is too long, or -1 */
    unsigned handles;   /* open: timer, look-up, polls */
    unsigned in_flight; /* commands without an answer */
    uint64_t since_ms;  /* of the last answer, or of the first command behind it */
    bool up, down, closing;
    wd_status late_status; /* with why: said by the timer */
    char why[WD_REDIS_WHY_BYTES];
};

/* redis.c: the last handle is closed; no connection any more, now or when the loop runs. */
void wd_redis_release(wd_redis *r);
void wd_redis_go_down(wd_redis *r, wd_status s, const char *why);
void wd_redis_go_down_later(wd_redis *r, wd_status s, const char *why);
void wd_redis_on_disconnect(const redisAsyncContext *ac, int status);
/* Before it is up, too. */
WD_MUST_USE wd_status wd_redis_send(wd_redis *r,
                                    size_t argc,
                                    const wd_span *argv,
                                    wd_redis_call *call);

/* redis_adapter.c: hiredis waits for its socket through libuv. */
WD_MUST_USE wd_status wd_redis_attach(wd_redis *r, redisAsyncContext *ac);

/* Commands go from `out` to the socket, not through hiredis. */
bool wd_redis_sends_itself(const wd_redis *r);

/* Sends at once when much waits to be sent. */
void wd_redis_relieve(wd_redis *r);

/* redis_connect.c: from a name to a connection that is up, or down. */
void wd_redis_connect(wd_redis *r);

/* redis_tls.c: TLS over a connection that is being made; not WD_OK: with why. */
WD_MUST_USE wd_status wd_redis_tls_start(redisContext *c, wd_redis *r, wd_error *why);
