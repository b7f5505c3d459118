/* feeds/http_impl.h - what the parts of the client share: one transfer, and the client itself.
 *
 * http.c          the life of a transfer: begun, sent hop by hop, retried, ended
 * http_sockets.c  libcurl's sockets and times on a libuv loop
 * http_easy.c     the pooled handles, set up once, and what libcurl asks of us meanwhile
 * http_name.c     the addresses of the next hop's host, from our own resolver
 * http_request.c  what one hop says and how long it may take
 * http_reply.c    libcurl's result as one of our reasons, and what an answer brought
 * For these files only: libcurl's types end here. */
#pragma once

#include <netinet/in.h>

#include <curl/curl.h>

#include "core/list.h"
#include "feeds/credentials.h"
#include "feeds/http.h"
#include "feeds/http_decode.h"
#include "feeds/http_head.h"
#include "feeds/http_target.h"
#include "feeds/resolver.h"

/* Accept, Accept-Encoding, A-IM and two validators; an operator's headers and Authorization. */
#define WD_HTTP_LINES           (5 + WD_REQUEST_HEADERS + 1)
#define WD_VALIDATOR_LINE_BYTES (WD_VALIDATOR_BYTES + 24)

/* "-name:port", and with its addresses, each "[...]," at most. */
#define WD_NAME_LINE_BYTES    (WD_DNS_NAME_BYTES + 8)
#define WD_RESOLVE_LINE_BYTES (WD_NAME_LINE_BYTES + 2 * WD_DNS_PER_FAMILY * (INET6_ADDRSTRLEN + 3))

/* One request with its easy handle and what it collects; idle ones wait for the next. */
typedef struct wd_transfer {
    wd_link link; /* in wd_http.busy, .ended or .idle */
    wd_http *http;
    wd_http_request *req; /* NULL: idle */
    CURL *easy;
    wd_http_head head;
    wd_http_target target, first;
    wd_http_body body;
    wd_http_coded coded;
    uint64_t wire_bytes, started_ns, name_ns, name_us; /* its name: asked then, took so long */
    unsigned hops;
    wd_reason ended_as; /* for the list `ended` */
    bool permanent, denied, private_address, secret, head_too_long, name_is_proxys;
    bool fresh, launched, conditional; /* hop: new connection; ever with libcurl; has validators */
    int connect_errno, fd;             /* fd: the socket that it waits for; -1: none so far */
    char peer[INET6_ADDRSTRLEN];
    wd_lookup lookup;
    wd_span name_host, name_port; /* whom this hop connects to: its host, or the proxy */
    struct curl_slist names[2]; /* for CURLOPT_RESOLVE: the last hop's name goes, this one comes */
    char old_name[WD_NAME_LINE_BYTES], new_name[WD_RESOLVE_LINE_BYTES];
    bool crossed; /* left its first origin: what belongs there stays behind, also if it returns */
    bool proxied; /* this hop goes through a proxy, which is whom we speak to */
    bool tuned;   /* the handle has settings that are not everybody's */
    struct curl_slist lines[WD_HTTP_LINES]; /* in place: no allocation a request */
    char if_none_match[WD_VALIDATOR_LINE_BYTES], if_modified_since[WD_VALIDATOR_LINE_BYTES];
    char error[CURL_ERROR_SIZE];
} wd_transfer;

struct wd_http {
    CURLM *multi;
    wd_resolver *resolver;
    wd_whole_gzip *gzip; /* NULL: not needed yet */
    CURLSH *share;       /* TLS sessions: pooled handles would each keep their own */
    uv_loop_t *loop;
    uv_timer_t timer; /* curl's */
    uv_timer_t later; /* ours: runs `ended`, and the shutdown */
    wd_http_config config;
    unsigned open_handles; /* the struct lives until this is zero */
    unsigned n_idle;
    bool closing;
    wd_link busy, ended, idle;
};

/* --- http_sockets.c: `finished` below is called for each transfer that has ended ----- */

void wd_http_sockets_set_up(wd_http *http);

/* Stops watching, counts the handles down; the last one frees the client. */
void wd_http_sockets_close(wd_http *http);

/* --- http_easy.c ------------------------------------------------------------------------ */

/* From the pool, or made.  NULL: no memory. */
wd_transfer *wd_http_easy_take(wd_http *http);

/* Into the pool, or freed when that is full or the handle knew a secret. */
void wd_http_easy_put(wd_transfer *t);
void wd_http_easy_free(wd_transfer *t);

/* --- http_request.c ---------------------------------------------------------------------- */

/* What is left of the time for all hops; at least 1. */
int64_t wd_http_request_left_ms(const wd_transfer *t);

/* What holds for all hops of t->req. */
void wd_http_request_begin(wd_transfer *t);

/* The next hop, to t->target, is made ready to go.  False: no memory. */
bool wd_http_request_set_up(wd_transfer *t);

/* --- http_reply.c ------------------------------------------------------------------------- */

/* Nothing said, for that reason. */
wd_http_reply wd_http_reply_empty(wd_reason reason);

/* What the finished transfer amounts to.  A redirect's answer is read before this. */
wd_reason wd_http_reply_reason(wd_transfer *t, CURLcode rc);
void wd_http_reply_fill(wd_transfer *t, wd_http_reply *reply, CURLcode rc);

/* 200 and 226: the body is what was asked for. */
static inline bool wd_http_has_document(const wd_transfer *t)
{
    return t->head.status == 200 || t->head.status == 226;
}

/* --- http.c ---------------------------------------------------------------------------------- */

void wd_http_transfer_finished(wd_transfer *t, CURLcode rc);
