/* tests/support/feeds_server.c - a listener, its connections, and a timer each to dribble. */
#include "tests/support/feeds_server.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/list.h"
#include "core/status.h"

#define HEADS     4096
#define HEAD_ROOM 16384

struct feeds_server {
    uv_tcp_t listener;
    uv_loop_t *loop;
    feeds_handler handler;
    void *ctx;
    char *heads[HEADS];
    size_t n_heads, n_conns, open_handles;
    int port;
    wd_link conns;
};

struct feeds_conn {
    wd_link link;
    uv_tcp_t tcp;
    uv_timer_t timer;
    feeds_server *server;
    unsigned open_handles;
    feeds_after after;
    char in[HEAD_ROOM];
    size_t n_in;
    char *out; /* what is left to dribble */
    size_t n_out, at_out;
};

static void server_release(feeds_server *s)
{
    if (--s->open_handles > 0)
        return;
    for (size_t i = 0; i < s->n_heads; i++)
        free(s->heads[i]);
    free(s);
}

static void conn_release(feeds_conn *c)
{
    if (--c->open_handles > 0)
        return;
    feeds_server *s = c->server;
    free(c->out);
    free(c);
    server_release(s);
}

static void tcp_closed(uv_handle_t *h)
{
    conn_release(wd_owner(h, feeds_conn, tcp));
}

static void timer_closed(uv_handle_t *h)
{
    conn_release(wd_owner(h, feeds_conn, timer));
}

static void conn_close(feeds_conn *c, bool reset)
{
    if (uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    wd_list_remove(&c->link);
    uv_close((uv_handle_t *)&c->timer, timer_closed);
    if (!reset || uv_tcp_close_reset(&c->tcp, tcp_closed) != 0)
        uv_close((uv_handle_t *)&c->tcp, tcp_closed);
}

struct sending {
    uv_write_t req;
    feeds_conn *conn;
    char bytes[];
};

static void sent(uv_write_t *req, int status)
{
    struct sending *w = wd_owner(req, struct sending, req);
    feeds_conn *c = w->conn;
    free(w);
    if (status < 0 || c->after == FEEDS_CLOSE || c->after == FEEDS_RESET)
        conn_close(c, c->after == FEEDS_RESET);
    conn_release(c);
}

void feeds_conn_send(feeds_conn *c, wd_span bytes, feeds_after after)
{
    struct sending *w = malloc(sizeof(*w) + bytes.len);
    assert(w != NULL);
    memcpy(w->bytes, bytes.ptr, bytes.len);
    w->conn = c;
    c->after = after;
    c->open_handles++;
    uv_buf_t buf = uv_buf_init(w->bytes, (unsigned)bytes.len);
    if (uv_write(&w->req, (uv_stream_t *)&c->tcp, &buf, 1, sent) != 0) {
        free(w);
        c->open_handles--;
        conn_close(c, false);
    }
}

size_t feeds_server_say(feeds_server *s, wd_span bytes)
{
    size_t n = 0;
    for (wd_link *l = s->conns.next; l != &s->conns; l = l->next, n++)
        feeds_conn_send(wd_owner(l, feeds_conn, link), bytes, FEEDS_KEEP);
    return n;
}

static void dribble(uv_timer_t *timer)
{
    feeds_conn *c = wd_owner(timer, feeds_conn, timer);
    if (c->at_out == c->n_out)
        uv_timer_stop(timer);
    else
        feeds_conn_send(c, (wd_span){ c->out + c->at_out++, 1 }, FEEDS_KEEP);
}

void feeds_conn_dribble(feeds_conn *c, wd_span bytes, unsigned each_ms)
{
    free(c->out);
    c->out = malloc(bytes.len);
    assert(c->out != NULL);
    memcpy(c->out, bytes.ptr, bytes.len);
    c->n_out = bytes.len;
    c->at_out = 0;
    uv_timer_start(&c->timer, dribble, each_ms, each_ms);
}

void feeds_conn_answer(feeds_conn *c, const char *status, const char *lines, wd_span body)
{
    size_t room = strlen(status) + strlen(lines) + body.len + 128;
    char *out = malloc(room);
    assert(out != NULL);
    int n = snprintf(out, room, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status, body.len,
                     lines);
    if (body.len > 0)
        memcpy(out + n, body.ptr, body.len);
    feeds_conn_send(c, (wd_span){ out, (size_t)n + body.len }, FEEDS_KEEP);
    free(out);
}

int feeds_head_is(const char *head, const char *path)
{
    const char *target = strchr(head, ' ');
    size_t n = strlen(path);
    return target != NULL && strncmp(target + 1, path, n) == 0 && target[1 + n] == ' ';
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf)
{
    (void)hint;
    feeds_conn *c = wd_owner(h, feeds_conn, tcp);
    *buf = uv_buf_init(c->in + c->n_in, (unsigned)(sizeof(c->in) - 1 - c->n_in));
}

static void on_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    feeds_conn *c = wd_owner(stream, feeds_conn, tcp);
    if (n < 0) {
        conn_close(c, false);
        return;
    }
    c->n_in += (size_t)n;
    c->in[c->n_in] = '\0';
    char *end = strstr(c->in, "\r\n\r\n");
    if (end == NULL)
        return;
    end[2] = '\0';
    c->n_in = 0;
    feeds_server *s = c->server;
    assert(s->n_heads < HEADS);
    s->heads[s->n_heads++] = strdup(c->in);
    s->handler(s->ctx, c, s->heads[s->n_heads - 1]);
}

static void on_connection(uv_stream_t *listener, int status)
{
    feeds_server *s = wd_owner(listener, feeds_server, listener);
    feeds_conn *c = calloc(1, sizeof(*c));
    assert(status == 0 && c != NULL);
    c->server = s;
    c->open_handles = 2;
    s->open_handles++;
    s->n_conns++;
    uv_tcp_init(s->loop, &c->tcp);
    uv_timer_init(s->loop, &c->timer);
    wd_list_push(&s->conns, &c->link);
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) != 0 ||
        uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_bytes) != 0)
        conn_close(c, false);
}

static void listener_closed(uv_handle_t *h)
{
    server_release(wd_owner(h, feeds_server, listener));
}

feeds_server *feeds_server_open(
    uv_loop_t *loop, const char *ip, int port, feeds_handler handler, void *ctx)
{
    struct sockaddr_in at;
    struct sockaddr_storage bound;
    int n = sizeof(bound);
    feeds_server *s = calloc(1, sizeof(*s));
    assert(s != NULL);
    s->loop = loop;
    s->handler = handler;
    s->ctx = ctx;
    s->open_handles = 1;
    wd_list_init(&s->conns);
    uv_tcp_init(loop, &s->listener);
    if (uv_ip4_addr(ip, port, &at) != 0 ||
        uv_tcp_bind(&s->listener, (const struct sockaddr *)&at, 0) != 0 ||
        uv_listen((uv_stream_t *)&s->listener, 128, on_connection) != 0 ||
        uv_tcp_getsockname(&s->listener, (struct sockaddr *)&bound, &n) != 0) {
        uv_close((uv_handle_t *)&s->listener, listener_closed);
        return NULL;
    }
    s->port = ntohs(((struct sockaddr_in *)(void *)&bound)->sin_port);
    return s;
}

int feeds_server_port(const feeds_server *s)
{
    return s->port;
}

const char *feeds_server_head(const feeds_server *s, size_t n)
{
    return n < s->n_heads ? s->heads[n] : NULL;
}

size_t feeds_server_requests(const feeds_server *s)
{
    return s->n_heads;
}

size_t feeds_server_connections(const feeds_server *s)
{
    return s->n_conns;
}

void feeds_server_close(feeds_server *s)
{
    while (!wd_list_empty(&s->conns))
        conn_close(wd_owner(s->conns.next, feeds_conn, link), false);
    uv_close((uv_handle_t *)&s->listener, listener_closed);
}
