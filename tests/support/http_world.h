/*
 * tests/support/http_world.h - an HTTP client beside a server, and what a fetch of it brought.
 *
 * The server answers on 127.0.0.1, and on 127.0.0.2 at the same port, where redirects and
 * proxies lead; its handler's context is the world.
 */
#pragma once

#include "feeds/http.h"
#include "tests/support/feeds_server.h"
#include "tests/support/ticking_loop.h"

#define HTTP_WORLD_NOW_MS 1773133331384 /* 2026-03-10T09:02:11.384Z */

typedef struct http_world {
    uv_loop_t loop;
    uv_timer_t tick;
    wd_http *http;
    feeds_server *server, *second;
    int port;
} http_world;

typedef struct http_fetch {
    wd_http_request req;
    wd_http_reply reply;
    char url[512];
    int done;
    http_world *w;
} http_fetch;

static inline void http_world_open(http_world *w, feeds_handler answer, const wd_http_config *c)
{
    memset(w, 0, sizeof(*w));
    ticking_loop_open(&w->loop, &w->tick, 5);
    w->server = feeds_server_open(&w->loop, "127.0.0.1", 0, answer, w);
    assert_non_null(w->server);
    w->port = feeds_server_port(w->server);
    w->second = feeds_server_open(&w->loop, "127.0.0.2", w->port, answer, w);
    assert_non_null(w->second);
    assert_ok(wd_http_open(&w->http, &w->loop, c));
}

static inline void http_world_close(http_world *w)
{
    wd_http_close(&w->http);
    feeds_server_close(w->server);
    feeds_server_close(w->second);
    ticking_loop_close(&w->loop, &w->tick);
}

static inline void http_fetch_done(wd_http_request *req, const wd_http_reply *reply)
{
    http_fetch *f = req->ctx;
    f->reply = *reply;
    f->done++;
}

/* As the feed is configured; `where` is a path on the first server, or a URL. */
static inline void http_fetch_begin_as(http_fetch *f,
                                       http_world *w,
                                       const wd_feed_config *feed,
                                       const char *where)
{
    wd_feed_config config = *feed;
    memset(f, 0, sizeof(*f));
    f->w = w;
    if (where[0] == '/')
        snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d%s", w->port, where);
    else
        snprintf(f->url, sizeof(f->url), "%s", where);
    config.url = f->url;
    f->req = wd_http_request_of(&config);
    f->req.arena = wd_arena_new(WD_POLL_ARENA_BYTES);
    f->req.now_ms = HTTP_WORLD_NOW_MS;
    f->req.done = http_fetch_done;
    f->req.ctx = f;
    assert_non_null(f->req.arena);
}

static inline void http_fetch_begin(http_fetch *f, http_world *w, const char *where)
{
    http_fetch_begin_as(f, w, &(wd_feed_config){ .url = NULL }, where);
}

static inline void http_fetch_wait(http_fetch *f)
{
    assert_ok(wd_http_get(f->w->http, &f->req));
    assert_int_equal(f->done, 0); /* not inside the call */
    ticking_loop_until(&f->w->loop, f->done);
    assert_int_equal(f->done, 1);
}

static inline void http_fetch_make(http_fetch *f, http_world *w, const char *where)
{
    http_fetch_begin(f, w, where);
    http_fetch_wait(f);
}

static inline void http_fetch_end(http_fetch *f)
{
    wd_arena_free(f->req.arena);
}
