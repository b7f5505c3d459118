/* feeds/http_easy.c - handles set up once and used again: a used one costs 8.7 KB and 20 us to
 * make (polling.md).  What libcurl asks of us while one runs is answered here. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feeds/address_guard.h"
#include "feeds/http_impl.h"
#include "feeds/http_proxy.h"
#include "feeds/socket_bytes.h"

#define SLOW_BYTES_PER_S 100L
#define SLOW_S           15L
#define IDLE_TRANSFERS   256 /* 11 KB each */
#define WATCHED_AFTER_NS UINT64_C(1000000000)

/* --- addresses ------------------------------------------------------------------ */

static bool is_allowed(const wd_transfer *t, const struct sockaddr *address)
{
    return wd_address_in(address, t->http->config.allow_private) ||
           wd_address_in(address, t->req->allow_private);
}

static void name_peer(wd_transfer *t, const struct sockaddr *a)
{
    const void *raw =
        a->sa_family == AF_INET
            ? (const void *)&((const struct sockaddr_in *)(const void *)a)->sin_addr
            : (const void *)&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
    if (inet_ntop(a->sa_family, raw, t->peer, sizeof(t->peer)) == NULL)
        t->peer[0] = '\0';
}

/* The proxy is the operator's and may be anywhere; where it is to go may not. */
static bool may_be_led_to(wd_transfer *t)
{
    struct sockaddr_storage a;
    if (!wd_http_proxy_leads_to(&t->target, &a))
        return true;
    const struct sockaddr *address = (const struct sockaddr *)&a;
    if (wd_address_is_public(address) || is_allowed(t, address))
        return true;
    t->denied = true;
    name_peer(t, address);
    return false;
}

/* Public, or allowed for all or for this request. */
static bool may_speak_to(wd_transfer *t, const struct sockaddr *address)
{
    if (t->proxied)
        return may_be_led_to(t);
    if (wd_address_is_public(address))
        return true;
    if (!is_allowed(t, address)) {
        t->denied = true;
        return false;
    }
    t->private_address = true;
    return true;
}

static curl_socket_t want_connection(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    (void)purpose;
    wd_transfer *t = arg;
    name_peer(t, &a->addr);
    if (!may_speak_to(t, &a->addr))
        return CURL_SOCKET_BAD;
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* The last look before a request leaves, on a kept connection too. */
static int want_request(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    (void)local, (void)peer_port, (void)local_port;
    wd_transfer *t = arg;
    struct sockaddr_storage a;
    snprintf(t->peer, sizeof(t->peer), "%s", peer);
    if (!wd_address_parse(wd_span_of(peer), &a)) {
        t->denied = true;
        return CURL_PREREQFUNC_ABORT;
    }
    return may_speak_to(t, (const struct sockaddr *)&a) ? CURL_PREREQFUNC_OK
                                                        : CURL_PREREQFUNC_ABORT;
}

/* --- bytes ------------------------------------------------------------------------ */

static size_t want_head(char *bytes, size_t one, size_t n, void *arg)
{
    (void)one;
    wd_transfer *t = arg;
    if (t->req->watch != NULL)
        t->req->watch(t->req->watch_ctx, t->target.url, (wd_span){ bytes, n });
    if (wd_http_head_line(&t->head, (wd_span){ bytes, n }))
        return n;
    t->head_too_long = true;
    return 0;
}

static size_t want_body(char *bytes, size_t one, size_t n, void *arg)
{
    (void)one;
    wd_transfer *t = arg;
    curl_off_t wire = 0;
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire);
    bool wanted = wd_http_has_document(t);
    wd_span piece = { bytes, n };
    bool go_on = wanted && t->head.content_encoding.len > 0
                     ? wd_http_decode_take(t, piece, (uint64_t)wire)
                     : wd_http_body_take(&t->body, piece, (uint64_t)wire, wanted);
    return go_on ? n : 0;
}

/* What brings no byte of a body (empty blocks of deflate, a chunk's extension, frames of HTTP/2)
 * passes want_body() by.  The kernel is asked only of what takes its time. */
static int want_progress(
    void *arg, curl_off_t total, curl_off_t wire, curl_off_t up_total, curl_off_t up)
{
    (void)total, (void)up_total, (void)up;
    wd_transfer *t = arg;
    bool slow = uv_hrtime() - t->started_ns > WATCHED_AFTER_NS;
    return wd_http_body_arrived(&t->body, (uint64_t)wire,
                                slow && t->fd >= 0 ? wd_socket_bytes(t->fd) : 0)
               ? 0
               : 1;
}

/* --- the pool ----------------------------------------------------------------------- */

/* What every request of a handle shares; the rest is set by transfer_send(). */
static void easy_set_up(wd_transfer *t)
{
    const wd_http_config *c = &t->http->config;
    CURL *e = t->easy;
    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, want_head);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, want_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, want_connection);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
    curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, want_request);
    curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
    curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, want_progress);
    curl_easy_setopt(e, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOPROXY, "");
    curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(e, CURLOPT_USERAGENT, c->user_agent);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)c->connect_timeout_ms);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_PER_S);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, SLOW_S);
    curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)c->max_body_wire);
    curl_easy_setopt(e, CURLOPT_SHARE, t->http->share);
    curl_easy_setopt(e, CURLOPT_CAPATH, NULL); /* set, it would disable the CA cache */
    if (c->ca_file != NULL)
        curl_easy_setopt(e, CURLOPT_CAINFO, c->ca_file);
}

wd_transfer *wd_http_easy_take(wd_http *http)
{
    if (!wd_list_empty(&http->idle)) {
        http->n_idle--;
        return wd_owner(wd_list_pop(&http->idle), wd_transfer, link);
    }
    wd_transfer *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return NULL;
    t->http = http;
    t->body = WD_HTTP_BODY_INIT(http->config.max_body_wire, http->config.max_body_decoded);
    wd_http_decode_init(&t->coded);
    wd_list_init(&t->link);
    t->easy = curl_easy_init();
    if (t->easy == NULL) {
        free(t);
        return NULL;
    }
    easy_set_up(t);
    return t;
}

void wd_http_easy_free(wd_transfer *t)
{
    curl_easy_cleanup(t->easy);
    wd_http_body_done(&t->body);
    wd_http_decode_done(&t->coded);
    free(t);
}

void wd_http_easy_put(wd_transfer *t)
{
    wd_http *http = t->http;
    wd_list_remove(&t->link);
    t->req = NULL;
    wd_http_body_reset(&t->body, true);
    wd_http_decode_reset(&t->coded);
    if (t->secret || http->closing || http->n_idle >= IDLE_TRANSFERS) {
        wd_http_easy_free(t); /* a handle that knew a password serves nobody else */
        return;
    }
    http->n_idle++;
    wd_list_push(&http->idle, &t->link);
}
