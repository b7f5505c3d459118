/*
 * feeds/http.h - fetch URLs on a libuv loop; the only door to libcurl.
 *
 * Thread:   everything here runs on the loop thread.
 * Callback: done always runs later, from the loop; never inside wd_http_get(), so a
 *           caller may hold half-updated state.  Exactly one done follows each WD_OK.
 * Owner:    the caller owns the wd_http_request and everything it points to until
 *           done has run; the reply's spans point into the request's arena.
 * Trust:    http and https only; every address is asked of feeds/address_guard at
 *           socket time and again before each request, so that a kept connection
 *           cannot be borrowed by a feed that may not use it; redirects are followed
 *           here, at most WD_HTTP_HOPS (of a POST only 307 and 308, which repeat it, and
 *           never out of encryption); validators, credentials and an operator's headers go no
 *           further than the origin they belong to.
 */
#pragma once

#include <uv.h>

#include "core/arena.h"
#include "core/span.h"
#include "core/status.h"
#include "feeds/dns_cache.h"
#include "feeds/feed.h"
#include "feeds/phase.h"

typedef struct wd_http wd_http;
typedef struct wd_http_request wd_http_request;

#define WD_HTTP_HOPS 5 /* polling.md rule 7 */

typedef struct wd_http_reply {
    wd_reason reason; /* WD_REASON_NONE: an HTTP answer arrived whole, of any status */
    char detail[160];
    int32_t status;
    wd_span body; /* of 200 and 226 only; other answers' bodies are read and dropped */
    wd_span final_url, content_type, content_location, content_language;
    wd_span links; /* as in wd_http_head */
    wd_validators validators;
    int64_t max_age_s, expires_ms, retry_after_ms; /* as in wd_poll */
    bool permanent_redirect;                       /* every hop was 301 or 308 */
    bool conditional;     /* the hop that was answered carried the validators */
    bool private_address; /* it was spoken to on an allowed address that is not public */
    uint32_t hops;
    uint64_t wire_bytes;
    int64_t total_us;
    uint32_t phase_us[WD_PHASE_COUNT]; /* of the last hop; 0: there was no such phase */
} wd_http_reply;

typedef void (*wd_http_done)(wd_http_request *req, const wd_http_reply *reply);

struct wd_http_request {
    const char *url;
    const char *form;                 /* POSTed as application/x-www-form-urlencoded; NULL: a GET */
    const wd_validators *validators;  /* may be NULL */
    uint64_t validators_for;          /* wd_hash64 of the URL that gave them; 0: `url`'s origin */
    const char *user_agent;           /* NULL: the client's */
    const char *const *allow_private; /* CIDRs that are fine for this request; may be NULL */
    const char *const *lines; /* header lines, secrets among them, for this origin only; or NULL */
    const char *proxy;        /* as wd_http_proxy_for() takes it */
    int64_t connect_timeout_ms, timeout_ms; /* 0: the client's */
    bool http1;                             /* never HTTP/2 */
    bool one_off; /* nobody asks this host again soon: keep no connection */
    wd_arena *arena;
    int64_t now_ms; /* wall time, for Expires and Retry-After dates */
    wd_http_done done;
    void *ctx;
    /* Each header line of each hop's answer as it comes, and whose it is; may be NULL. */
    void (*watch)(void *watch_ctx, wd_span url, wd_span line);
    void *watch_ctx;
    void *priv; /* feeds/http.c only */
};

typedef struct wd_http_config {
    const char *user_agent;
    uint32_t max_connections;
    size_t max_body_wire, max_body_decoded;
    int64_t connect_timeout_ms, total_timeout_ms; /* 10 s and 30 s (rule 11) */
    const char *const *allow_private;             /* for all requests; may be NULL */
    const char *ca_file;                          /* NULL: the system's */
    /* How names are resolved, on threads (feeds/resolver.h).  NULL: the system's way. */
    void (*look)(void *ctx, const char *name, wd_dns_answer *out);
    void *look_ctx;
} wd_http_config;

/* A request as the feed's configuration wants it, which must outlive it; the caller adds
 * validators, arena, time and done. */
wd_http_request wd_http_request_of(const wd_feed_config *config);

/* Zeroes in `config` mean the defaults of polling.md rule 11.  What it points to must
 * outlive the client.  On failure *out is untouched. */
WD_MUST_USE wd_status wd_http_open(wd_http **out, uv_loop_t *loop, const wd_http_config *config);
WD_MUST_USE wd_status wd_http_get(wd_http *http, wd_http_request *req);

/* Ends one request early: its done runs later with WD_REASON_CANCELED. */
void wd_http_cancel(wd_http *http, wd_http_request *req);

/* Pending requests finish with WD_REASON_CANCELED, then memory is released.
 * Sets *http to NULL; NULL is accepted. */
void wd_http_close(wd_http **http);
