/* feeds/http.c - libcurl's multi interface driven by libuv.
 *
 * curl tells us which sockets and which time it cares about (want_*); libuv tells us
 * when they fire (socket_ready, timer_fired); both end in drive(), which looks at what
 * has finished.  A transfer is an easy handle with what it collects; transfers are
 * pooled, because a used handle costs 8.7 KB and 20 us to set up (polling.md).
 * A transfer that ends outside drive() (canceled, a URL that is none) waits in `ended`
 * for the next turn of the loop, so that done never runs inside a call made here. */
#include "feeds/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "core/limits.h"
#include "core/list.h"
#include "feeds/address_guard.h"
#include "feeds/http_body.h"
#include "feeds/http_fault.h"
#include "feeds/http_head.h"
#include "feeds/http_target.h"

#define CONNECT_TIMEOUT_MS   10000
#define TOTAL_TIMEOUT_MS     30000
#define SLOW_BYTES_PER_S     100L
#define SLOW_S               15L
#define IDLE_CONNECTIONS     1000 /* each removal walks all of them */
#define IDLE_TRANSFERS       256  /* 11 KB each */
#define VALIDATOR_LINE_BYTES (WD_VALIDATOR_BYTES + 24)

#define ACCEPT_LINE                                                                                \
    "Accept: application/rss+xml, application/atom+xml, application/feed+json, "                   \
    "application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, "   \
    "*/*;q=0.5"

struct transfer {
    wd_link link; /* in wd_http.busy, .ended or .idle */
    wd_http *http;
    wd_http_request *req; /* NULL: idle */
    CURL *easy;
    wd_http_head head;
    wd_http_target target, first;
    wd_http_body body;
    uint64_t wire_bytes, started_ns;
    unsigned hops;
    wd_reason ended_as; /* for the list `ended` */
    bool permanent, denied, private_address, secret, own_agent, head_too_long;
    bool fresh; /* this time on a new connection */
    int connect_errno;
    char peer[INET6_ADDRSTRLEN];
    struct curl_slist lines[4]; /* in place: no allocation a request */
    char if_none_match[VALIDATOR_LINE_BYTES], if_modified_since[VALIDATOR_LINE_BYTES];
    char error[CURL_ERROR_SIZE];
};

struct sock { /* one curl socket watched by one uv_poll_t */
    uv_poll_t poll;
    wd_http *http;
    curl_socket_t fd;
};

struct wd_http {
    CURLM *multi;
    CURLSH *share; /* TLS sessions: pooled handles would each keep their own */
    uv_loop_t *loop;
    uv_timer_t timer; /* curl's */
    uv_timer_t later; /* ours: runs `ended`, and the shutdown */
    wd_http_config config;
    unsigned open_handles; /* the struct lives until this is zero */
    unsigned n_idle;
    bool closing;
    wd_link busy, ended, idle;
};

static void drive(wd_http *http, curl_socket_t fd, int flags);
static void shut_down(wd_http *http);
static void run_ended(wd_http *http);

/* --- uv handle lifetime ----------------------------------------------------- */

static void release(wd_http *http)
{
    assert(http->open_handles > 0);
    if (--http->open_handles > 0)
        return;
    curl_global_cleanup();
    free(http);
}

static void sock_closed(uv_handle_t *h)
{
    struct sock *s = wd_owner(h, struct sock, poll);
    wd_http *http = s->http;
    free(s);
    release(http);
}

static void timer_closed(uv_handle_t *h)
{
    release(wd_owner(h, wd_http, timer));
}

static void later_closed(uv_handle_t *h)
{
    release(wd_owner(h, wd_http, later));
}

/* --- libuv -> curl ------------------------------------------------------------ */

static void socket_ready(uv_poll_t *poll, int status, int events)
{
    struct sock *s = wd_owner(poll, struct sock, poll);
    int flags = 0;
    if (status < 0) {
        /* Let curl read what came before the error, and the error itself.  libuv has
         * stopped watching: whoever still waits after that has to be told. */
        drive(s->http, s->fd, CURL_CSELECT_IN | CURL_CSELECT_OUT);
        if (!uv_is_closing((uv_handle_t *)poll) && !uv_is_active((uv_handle_t *)poll))
            drive(s->http, s->fd, CURL_CSELECT_ERR);
        return;
    }
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    drive(s->http, s->fd, flags);
}

static void timer_fired(uv_timer_t *timer)
{
    drive(wd_owner(timer, wd_http, timer), CURL_SOCKET_TIMEOUT, 0);
}

static void later_fired(uv_timer_t *later)
{
    wd_http *http = wd_owner(later, wd_http, later);
    run_ended(http);
    if (http->closing)
        shut_down(http);
}

/* --- curl -> libuv ------------------------------------------------------------ */

static struct sock *sock_watch(wd_http *http, curl_socket_t fd)
{
    struct sock *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    if (uv_poll_init_socket(http->loop, &s->poll, fd) != 0) {
        free(s);
        return NULL;
    }
    s->http = http;
    s->fd = fd;
    http->open_handles++;
    curl_multi_assign(http->multi, fd, s);
    return s;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *http, void *sock)
{
    (void)easy;
    struct sock *s = sock;
    if (what == CURL_POLL_REMOVE) {
        if (s != NULL)
            uv_close((uv_handle_t *)&s->poll, sock_closed);
        return 0;
    }
    if (s == NULL)
        s = sock_watch(http, fd);
    if (s == NULL)
        return -1;
    int events = 0;
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    return uv_poll_start(&s->poll, events, socket_ready) == 0 ? 0 : -1;
}

static int want_timeout(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    wd_http *http = arg;
    if (ms < 0) /* cancel, not "in one millisecond" */
        return uv_timer_stop(&http->timer);
    return uv_timer_start(&http->timer, timer_fired, (uint64_t)ms, 0);
}

/* --- addresses ------------------------------------------------------------------ */

/* Public, or allowed for all or for this request. */
static bool may_speak_to(struct transfer *t, const struct sockaddr *address)
{
    if (wd_address_is_public(address))
        return true;
    if (!wd_address_in(address, t->http->config.allow_private) &&
        !wd_address_in(address, t->req->allow_private)) {
        t->denied = true;
        return false;
    }
    t->private_address = true;
    return true;
}

static curl_socket_t want_connection(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    (void)purpose;
    struct transfer *t = arg;
    const void *raw = a->family == AF_INET
                          ? (const void *)&((struct sockaddr_in *)(void *)&a->addr)->sin_addr
                          : (const void *)&((struct sockaddr_in6 *)(void *)&a->addr)->sin6_addr;
    if (inet_ntop(a->family, raw, t->peer, sizeof(t->peer)) == NULL)
        t->peer[0] = '\0';
    if (!may_speak_to(t, &a->addr))
        return CURL_SOCKET_BAD;
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* The last look before a request leaves, on a kept connection too. */
static int want_request(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    (void)local, (void)peer_port, (void)local_port;
    struct transfer *t = arg;
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
    struct transfer *t = arg;
    if (wd_http_head_line(&t->head, (wd_span){ bytes, n }))
        return n;
    t->head_too_long = true;
    return 0;
}

static bool has_document(const struct transfer *t)
{
    return t->head.status == 200 || t->head.status == 226;
}

static size_t want_body(char *bytes, size_t one, size_t n, void *arg)
{
    (void)one;
    struct transfer *t = arg;
    curl_off_t wire = 0;
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire);
    bool go_on =
        wd_http_body_take(&t->body, (wd_span){ bytes, n }, (uint64_t)wire, has_document(t));
    return go_on ? n : 0;
}

/* --- the reply ---------------------------------------------------------------------- */

/* Which of our reasons each of curl's codes is; what is not here is broken HTTP. */
static const struct {
    CURLcode code;
    wd_reason reason;
} codes[] = {
    { CURLE_OK, WD_REASON_NONE },
    { CURLE_COULDNT_RESOLVE_HOST, WD_REASON_DNS },
    { CURLE_COULDNT_RESOLVE_PROXY, WD_REASON_PROXY },
    { CURLE_PROXY, WD_REASON_PROXY },
    { CURLE_BAD_CONTENT_ENCODING, WD_REASON_ENCODING },
    { CURLE_GOT_NOTHING, WD_REASON_CLOSED },
    { CURLE_PARTIAL_FILE, WD_REASON_CLOSED },
    { CURLE_SEND_ERROR, WD_REASON_CLOSED },
    { CURLE_SSL_CONNECT_ERROR, WD_REASON_TLS },
    { CURLE_PEER_FAILED_VERIFICATION, WD_REASON_TLS },
    { CURLE_SSL_CERTPROBLEM, WD_REASON_TLS },
    { CURLE_SSL_CIPHER, WD_REASON_TLS },
    { CURLE_SSL_CACERT_BADFILE, WD_REASON_TLS },
    { CURLE_SSL_ISSUER_ERROR, WD_REASON_TLS },
    { CURLE_SSL_ENGINE_INITFAILED, WD_REASON_TLS },
    { CURLE_SSL_INVALIDCERTSTATUS, WD_REASON_TLS },
    { CURLE_SSL_CLIENTCERT, WD_REASON_TLS },
    { CURLE_USE_SSL_FAILED, WD_REASON_TLS },
    { CURLE_FAILED_INIT, WD_REASON_INTERNAL },
};

static wd_reason from_table(CURLcode rc)
{
    for (size_t i = 0; i < WD_COUNT(codes); i++)
        if (codes[i].code == rc)
            return codes[i].reason;
    return WD_REASON_PROTOCOL;
}

/* The codes whose meaning depends on how far the transfer had come. */
static wd_reason from_curl(struct transfer *t, CURLcode rc)
{
    switch (rc) {
    case CURLE_COULDNT_CONNECT: {
        long os_errno = 0;
        curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_errno);
        t->connect_errno = t->denied ? 0 : (int)os_errno;
        return t->denied ? WD_REASON_ADDRESS : wd_http_fault_connect((int)os_errno);
    }
    case CURLE_ABORTED_BY_CALLBACK:
        return t->denied ? WD_REASON_ADDRESS : WD_REASON_INTERNAL;
    case CURLE_OPERATION_TIMEDOUT:
        return t->head.status != 0 ? WD_REASON_SLOW : WD_REASON_TIMEOUT;
    case CURLE_FILESIZE_EXCEEDED:
        t->body.stop = has_document(t) ? WD_BODY_WIRE : WD_BODY_ENOUGH;
        return wd_http_fault_stop(t->body.stop);
    case CURLE_WRITE_ERROR:
        return t->head_too_long ? WD_REASON_PROTOCOL : wd_http_fault_stop(t->body.stop);
    case CURLE_RECV_ERROR: /* also a wrong chunk, which only the sentence tells, in many words */
        return strstr(t->error, "chunk") ? WD_REASON_PROTOCOL : WD_REASON_CLOSED;
    case CURLE_OUT_OF_MEMORY: /* also a header line over curl's own 100 KB */
        t->head_too_long = t->head.status != 0 && !t->head.done;
        return t->head_too_long ? WD_REASON_PROTOCOL : WD_REASON_INTERNAL;
    default:
        return from_table(rc);
    }
}

static void describe(struct transfer *t, wd_http_reply *reply, CURLcode rc)
{
    wd_http_fault fault = { .reason = reply->reason,
                            .os_errno = t->connect_errno,
                            .stop = t->body.stop,
                            .head_too_long = t->head_too_long,
                            .peer = t->peer,
                            .port = t->target.port,
                            .library_text = t->error[0] ? t->error : curl_easy_strerror(rc) };
    wd_http_fault_text(&fault, reply->detail, sizeof(reply->detail));
}

static void count_wire(struct transfer *t)
{
    curl_off_t body = 0;
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
    t->wire_bytes += (uint64_t)body + t->head.bytes;
}

static void fill_answer(struct transfer *t, wd_http_reply *reply)
{
    const wd_http_head *h = &t->head;
    reply->status = h->status;
    reply->content_type = h->content_type;
    reply->content_location = h->content_location;
    reply->content_language = h->content_language;
    reply->max_age_s = wd_http_head_fresh_s(h);
    reply->expires_ms = reply->max_age_s < 0 ? h->expires_ms : WD_TIME_NONE;
    reply->retry_after_ms = h->retry_after_ms;
    if (h->status == 429 && h->reset_ms > reply->retry_after_ms)
        reply->retry_after_ms = h->reset_ms;
    if (reply->reason != WD_REASON_NONE)
        return; /* what came with a broken answer is not to be kept */
    wd_http_head_validators(h, &reply->validators);
    if (has_document(t))
        reply->body = wd_arena_copy(t->req->arena, wd_buf_span(&t->body.bytes));
    if (wd_arena_status(t->req->arena) == WD_OK)
        return;
    reply->reason = WD_REASON_TOO_LARGE;
    reply->validators = (wd_validators){ .etag = "" };
    snprintf(reply->detail, sizeof(reply->detail), "the answer is over the memory limit");
}

/* --- the life of a transfer ------------------------------------------------------------ */

static void transfer_free(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    wd_http_body_done(&t->body);
    free(t);
}

static void transfer_retire(struct transfer *t)
{
    wd_http *http = t->http;
    wd_list_remove(&t->link);
    t->req = NULL;
    wd_http_body_reset(&t->body, true);
    if (t->secret || http->closing || http->n_idle >= IDLE_TRANSFERS) {
        transfer_free(t); /* a handle that knew a password serves nobody else */
        return;
    }
    http->n_idle++;
    wd_list_push(&http->idle, &t->link);
}

static void transfer_done(struct transfer *t, wd_http_reply *reply)
{
    wd_http_request *req = t->req;
    reply->final_url = t->target.url;
    reply->wire_bytes = t->wire_bytes;
    reply->permanent_redirect = reply->reason == WD_REASON_NONE && t->hops > 0 && t->permanent;
    reply->private_address = t->private_address;
    reply->hops = t->hops;
    reply->total_us = (int64_t)((uv_hrtime() - t->started_ns) / 1000);
    req->priv = NULL;
    transfer_retire(t);
    req->done(req, reply);
}

static wd_http_reply empty_reply(wd_reason reason)
{
    return (wd_http_reply){
        .reason = reason, .max_age_s = -1, .expires_ms = WD_TIME_NONE, .retry_after_ms = -1
    };
}

static void transfer_end(struct transfer *t, wd_reason reason, const char *detail)
{
    wd_http_reply reply = empty_reply(reason);
    snprintf(reply.detail, sizeof(reply.detail), "%s", detail);
    if (reason != WD_REASON_CANCELED)
        reply.status = t->head.status;
    transfer_done(t, &reply);
}

/* Not from inside our own caller: in the loop's next turn. */
static void transfer_end_later(struct transfer *t, wd_reason reason)
{
    t->ended_as = reason;
    wd_list_remove(&t->link);
    wd_list_push(&t->http->ended, &t->link);
    uv_timer_start(&t->http->later, later_fired, 0, 0);
}

static void run_ended(wd_http *http)
{
    while (!wd_list_empty(&http->ended)) {
        struct transfer *t = wd_owner(wd_list_pop(&http->ended), struct transfer, link);
        transfer_end(t, t->ended_as,
                     t->ended_as == WD_REASON_CANCELED ? "" : "not an http or https URL");
    }
}

static struct curl_slist *request_lines(struct transfer *t)
{
    const wd_validators *v = t->req->validators;
    size_t n = 0;
    t->lines[n++] = (struct curl_slist){ .data = (char *)(uintptr_t)ACCEPT_LINE };
    if (v != NULL && !wd_http_target_same_origin(&t->first, &t->target))
        v = NULL; /* they were given to us by someone else */
    if (v != NULL && v->etag[0] != '\0') {
        snprintf(t->if_none_match, sizeof(t->if_none_match), "If-None-Match: %s", v->etag);
        t->lines[n++] = (struct curl_slist){ .data = t->if_none_match };
        t->lines[n++] = (struct curl_slist){ .data = (char *)(uintptr_t) "A-IM: feed" };
    }
    if (v != NULL && v->last_modified[0] != '\0') {
        snprintf(t->if_modified_since, sizeof(t->if_modified_since), "If-Modified-Since: %s",
                 v->last_modified);
        t->lines[n++] = (struct curl_slist){ .data = t->if_modified_since };
    }
    for (size_t i = 0; i + 1 < n; i++)
        t->lines[i].next = &t->lines[i + 1];
    return t->lines;
}

/* One hop of the request goes out.  False: no memory. */
static bool transfer_send(struct transfer *t)
{
    const wd_http_config *c = &t->http->config;
    int64_t spent_ms = (int64_t)((uv_hrtime() - t->started_ns) / 1000000);
    int64_t left_ms = c->total_timeout_ms > spent_ms ? c->total_timeout_ms - spent_ms : 1;
    wd_span url = wd_http_target_secret_url(t->req->arena, &t->target);
    if (url.ptr == NULL || curl_easy_setopt(t->easy, CURLOPT_URL, url.ptr) != CURLE_OK)
        return false;
    wd_http_head_begin(&t->head, t->req->arena, t->req->now_ms);
    wd_http_body_reset(&t->body, false);
    t->head_too_long = false;
    t->connect_errno = 0;
    t->denied = false;
    t->error[0] = '\0';
    t->secret = t->secret || t->target.userinfo.ptr != NULL;
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, request_lines(t));
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, t->fresh ? 1L : 0L);
    return curl_multi_add_handle(t->http->multi, t->easy) == CURLM_OK;
}

/* Goes where the answer points; returns what is wrong with it, or NULL. */
static const char *transfer_follow(struct transfer *t)
{
    wd_http_target next;
    if (t->head.location.len == 0)
        return "a redirect without a usable Location";
    if (++t->hops > WD_HTTP_HOPS)
        return "more than 5 redirects";
    if (!wd_http_target_follow(t->req->arena, &t->target, t->head.location, &next))
        return "a redirect to what is not an http or https URL";
    if ((t->head.status != 301 && t->head.status != 308) ||
        wd_http_target_downgrades(&t->target, &next))
        t->permanent = false;
    t->target = next;
    return transfer_send(t) ? NULL : "out of memory";
}

static bool is_redirect(int32_t status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* What a kept connection still held when we asked on it again was no answer to us: bytes
 * after a 304, a body longer than was said.  Asked once more, on a new one. */
static bool transfer_retry(struct transfer *t, wd_reason reason)
{
    long connects = 1;
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
    if (reason != WD_REASON_PROTOCOL || t->head.status != 0 || connects > 0 || t->fresh)
        return false;
    t->fresh = true;
    return transfer_send(t);
}

static void transfer_finished(struct transfer *t, CURLcode rc)
{
    wd_http_reply reply = empty_reply(from_curl(t, rc));
    count_wire(t);
    if (transfer_retry(t, reply.reason))
        return;
    if (reply.reason == WD_REASON_NONE && is_redirect(t->head.status)) {
        const char *wrong = transfer_follow(t);
        if (wrong != NULL)
            transfer_end(t, WD_REASON_REDIRECTS, wrong);
        return;
    }
    if (reply.reason != WD_REASON_NONE)
        describe(t, &reply, rc);
    fill_answer(t, &reply);
    transfer_done(t, &reply);
}

static void drive(wd_http *http, curl_socket_t fd, int flags)
{
    int running = 0, left = 0;
    curl_multi_socket_action(http->multi, fd, flags, &running);
    for (CURLMsg *m; (m = curl_multi_info_read(http->multi, &left)) != NULL;) {
        struct transfer *t = NULL;
        CURLcode rc = m->data.result;
        CURL *easy = m->easy_handle;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
        curl_multi_remove_handle(http->multi, easy);
        transfer_finished(t, rc);
    }
}

/* What every request of a handle shares; the rest is set by transfer_send(). */
static void easy_set_up(struct transfer *t)
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
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(e, CURLOPT_USERAGENT, c->user_agent);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)c->connect_timeout_ms);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_PER_S);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, SLOW_S);
    curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)c->max_body_wire);
    curl_easy_setopt(e, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    curl_easy_setopt(e, CURLOPT_SHARE, t->http->share);
    curl_easy_setopt(e, CURLOPT_CAPATH, NULL); /* set, it would disable the CA cache */
    if (c->ca_file != NULL)
        curl_easy_setopt(e, CURLOPT_CAINFO, c->ca_file);
}

static struct transfer *transfer_take(wd_http *http)
{
    if (!wd_list_empty(&http->idle)) {
        struct transfer *t = wd_owner(http->idle.next, struct transfer, link);
        wd_list_remove(&t->link);
        http->n_idle--;
        return t;
    }
    struct transfer *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return NULL;
    t->http = http;
    t->body = WD_HTTP_BODY_INIT(http->config.max_body_wire, http->config.max_body_decoded);
    wd_list_init(&t->link);
    t->easy = curl_easy_init();
    if (t->easy == NULL) {
        free(t);
        return NULL;
    }
    easy_set_up(t);
    return t;
}

static void transfer_begin(struct transfer *t, wd_http_request *req)
{
    t->req = req;
    t->started_ns = uv_hrtime();
    t->wire_bytes = 0;
    t->hops = 0;
    t->permanent = true;
    t->private_address = t->fresh = false;
    t->target = (wd_http_target){ .url = WD_SPAN_NONE };
    t->ended_as = WD_REASON_NONE;
    t->head.status = 0;
    if (t->own_agent || req->user_agent != NULL) {
        const char *agent = req->user_agent ? req->user_agent : t->http->config.user_agent;
        curl_easy_setopt(t->easy, CURLOPT_USERAGENT, agent);
        t->own_agent = req->user_agent != NULL;
    }
    curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, req->one_off ? 1L : 0L);
    req->priv = t;
    wd_list_push(&t->http->busy, &t->link);
}

static void shut_down(wd_http *http)
{
    while (!wd_list_empty(&http->busy)) {
        struct transfer *t = wd_owner(wd_list_pop(&http->busy), struct transfer, link);
        curl_multi_remove_handle(http->multi, t->easy);
        transfer_end(t, WD_REASON_CANCELED, "");
    }
    while (!wd_list_empty(&http->idle)) {
        transfer_free(wd_owner(wd_list_pop(&http->idle), struct transfer, link));
    }
    curl_multi_cleanup(http->multi); /* closes the remaining sockets */
    curl_share_cleanup(http->share);
    uv_close((uv_handle_t *)&http->timer, timer_closed);
    uv_close((uv_handle_t *)&http->later, later_closed);
}

/* --- interface ---------------------------------------------------------------------- */

static void multi_set_up(wd_http *http)
{
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timeout);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    /* One request at a time on a connection, HTTP/2 too: the gate asks for no more, and a
     * server that writes "HTTP/2 200" on a plain connection would else get several
     * requests mixed into one (libcurl 7.88 believes it). */
    curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)http->config.max_connections);
    curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

static void fill_defaults(wd_http_config *c)
{
    if (c->max_connections == 0)
        c->max_connections = IDLE_CONNECTIONS;
    if (c->max_body_wire == 0)
        c->max_body_wire = WD_BODY_WIRE_BYTES;
    if (c->max_body_decoded == 0)
        c->max_body_decoded = WD_BODY_DECODED_BYTES;
    if (c->connect_timeout_ms == 0)
        c->connect_timeout_ms = CONNECT_TIMEOUT_MS;
    if (c->total_timeout_ms == 0)
        c->total_timeout_ms = TOTAL_TIMEOUT_MS;
}

wd_status wd_http_open(wd_http **out, uv_loop_t *loop, const wd_http_config *config)
{
    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
        return WD_NOMEM;
    wd_http *http = calloc(1, sizeof(*http));
    if (http == NULL)
        goto fail;
    *http = (wd_http){ .loop = loop, .config = *config, .multi = curl_multi_init() };
    http->share = curl_share_init();
    if (http->multi == NULL || http->share == NULL)
        goto fail;
    fill_defaults(&http->config);
    wd_list_init(&http->busy);
    wd_list_init(&http->ended);
    wd_list_init(&http->idle);
    uv_timer_init(loop, &http->timer);
    uv_timer_init(loop, &http->later);
    http->open_handles = 2;
    multi_set_up(http);
    *out = http;
    return WD_OK;
fail:
    if (http != NULL) {
        curl_multi_cleanup(http->multi);
        curl_share_cleanup(http->share);
        free(http);
    }
    curl_global_cleanup();
    return WD_NOMEM;
}

wd_status wd_http_get(wd_http *http, wd_http_request *req)
{
    assert(!http->closing);
    struct transfer *t = transfer_take(http);
    if (t == NULL)
        return WD_NOMEM;
    transfer_begin(t, req);
    if (!wd_http_target_set(req->arena, wd_span_of(req->url), &t->target)) {
        transfer_end_later(t, WD_REASON_PROTOCOL);
        return WD_OK;
    }
    t->first = t->target;
    if (transfer_send(t))
        return WD_OK;
    req->priv = NULL;
    transfer_retire(t);
    return WD_NOMEM;
}

void wd_http_cancel(wd_http *http, wd_http_request *req)
{
    struct transfer *t = req->priv;
    assert(t == NULL || t->http == http);
    if (t == NULL || t->ended_as != WD_REASON_NONE)
        return;
    curl_multi_remove_handle(http->multi, t->easy);
    transfer_end_later(t, WD_REASON_CANCELED);
}

void wd_http_close(wd_http **http)
{
    if (*http == NULL)
        return;
    (*http)->closing = true;
    uv_timer_start(&(*http)->later, later_fired, 0, 0);
    *http = NULL;
}
