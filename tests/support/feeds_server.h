/*
 * tests/support/feeds_server.h - a small HTTP server on the test's own loop, loopback only.
 *
 * The handler sees each request head as text and answers with raw bytes, so that a
 * test can send what no real server would.  Heads are kept for later checks.
 */
#pragma once

#include <uv.h>

#include "core/span.h"

/* A document with nothing in it, where a test needs one. */
#define FEEDS_DOCUMENT "<rss version=\"2.0\"><channel><title>t</title></channel></rss>"

typedef struct feeds_server feeds_server;
typedef struct feeds_conn feeds_conn;

typedef enum feeds_after { FEEDS_KEEP, FEEDS_CLOSE, FEEDS_RESET, FEEDS_SILENT } feeds_after;

typedef void (*feeds_handler)(void *ctx, feeds_conn *conn, const char *head);

/* Listens on ip:port, port 0 for a free one.  NULL when it cannot. */
feeds_server *feeds_server_open(
    uv_loop_t *loop, const char *ip, int port, feeds_handler handler, void *ctx);
int feeds_server_port(const feeds_server *s);

/* The n-th request's head; NULL when there was none. */
const char *feeds_server_head(const feeds_server *s, size_t n);
size_t feeds_server_requests(const feeds_server *s);
size_t feeds_server_connections(const feeds_server *s);

/* Sends unasked bytes on every open connection; how many there are. */
size_t feeds_server_say(feeds_server *s, wd_span bytes);

/* Closes all connections; freed in its last close callback. */
void feeds_server_close(feeds_server *s);

/* Sends bytes (copied), all at once. */
void feeds_conn_send(feeds_conn *conn, wd_span bytes, feeds_after after);

/* Sends one byte every `each_ms`. */
void feeds_conn_dribble(feeds_conn *conn, wd_span bytes, unsigned each_ms);

/* A whole answer: status line such as "200 OK", header lines (each with CRLF) and body. */
void feeds_conn_answer(feeds_conn *conn, const char *status, const char *lines, wd_span body);

/* True when the head asks for this path (query included). */
int feeds_head_is(const char *head, const char *path);
