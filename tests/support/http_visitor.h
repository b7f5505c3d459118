/* tests/support/http_visitor.h - who visits a listener on the test's loop, from a thread. */
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "core/status.h"
#include "tests/support/check.h"

typedef struct http_visitor {
    const char *request;
    bool dribbles; /* a byte each 20 ms, until somebody has enough */
    bool runs_off; /* in the middle */
    char answer[2048];
    bool done;
    uint16_t port;
    uv_thread_t thread;
    uv_async_t finished;
} http_visitor;

/* All of it, or byte by byte for as long as it is listened to. */
static inline void http_visitor_tell(const http_visitor *v, int fd)
{
    size_t n = strlen(v->request);
    if (!v->dribbles) {
        (void)!send(fd, v->request, n, MSG_NOSIGNAL);
        return;
    }
    for (size_t i = 0; i < 500; i++) {
        if (send(fd, v->request + i % n, 1, MSG_NOSIGNAL) != 1)
            return;
        usleep(20000);
    }
}

static inline void http_visitor_visit(void *arg)
{
    http_visitor *v = arg;
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(v->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t n = 0;
    ssize_t got;
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
        http_visitor_tell(v, fd);
        while (!v->runs_off && n < sizeof(v->answer) - 1 &&
               (got = read(fd, v->answer + n, sizeof(v->answer) - 1 - n)) > 0)
            n += (size_t)got;
    }
    v->answer[n] = '\0';
    close(fd);
    uv_async_send(&v->finished);
}

static inline void http_visitor_finished(uv_async_t *async)
{
    wd_owner(async, http_visitor, finished)->done = true;
    uv_close((uv_handle_t *)async, NULL);
}

static inline void http_visitor_begin(http_visitor *v, uv_loop_t *loop, uint16_t port)
{
    v->port = port;
    v->done = false;
    uv_async_init(loop, &v->finished, http_visitor_finished);
    uv_thread_create(&v->thread, http_visitor_visit, v);
}

/* Turns the loop until it has gone; its answer. */
static inline const char *http_visitor_wait(http_visitor *v)
{
    uv_loop_t *loop = v->finished.loop;
    while (!v->done)
        uv_run(loop, UV_RUN_ONCE);
    uv_thread_join(&v->thread);
    uv_run(loop, UV_RUN_NOWAIT);
    return v->answer;
}
