/* feeds/http.c - the life of a transfer: begun, sent hop by hop, ended with one reply.
 *
 * A transfer is an easy handle with what it collects (http_impl.h says which file does
 * what).  One that ends outside drive() (canceled, a URL that is none) waits in `ended`
 * for the next turn of the loop, so that done never runs inside a call made here. */
#include "feeds/http.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/http_impl.h"
#include "feeds/http_name.h"

#define CONNECT_TIMEOUT_MS 10000
#define TOTAL_TIMEOUT_MS   30000
#define IDLE_CONNECTIONS   1000 /* each removal walks all of them */

static void later_fired(uv_timer_t *later);

/* --- an end ------------------------------------------------------------------------ */

static void count_wire(wd_transfer *t)
{
    curl_off_t body = 0;
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
    t->wire_bytes += (uint64_t)body + t->head.bytes;
}

/* libcurl counts from the hop's beginning; a kept connection took no time to stand. */
static void note_phases(wd_transfer *t, wd_http_reply *reply)
{
    static const CURLINFO marks[WD_PHASE_COUNT] = { [WD_PHASE_DNS] = CURLINFO_NAMELOOKUP_TIME_T,
                                                    [WD_PHASE_CONNECT] = CURLINFO_CONNECT_TIME_T,
                                                    [WD_PHASE_TLS] = CURLINFO_APPCONNECT_TIME_T,
                                                    [WD_PHASE_WAIT] = CURLINFO_STARTTRANSFER_TIME_T,
                                                    [WD_PHASE_BODY] = CURLINFO_TOTAL_TIME_T };
    long connects = 0;
    curl_off_t before = 0;
    reply->phase_us[WD_PHASE_DNS] = (uint32_t)t->name_us;
    if (!t->launched)
        return; /* what the handle says is of its last request */
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
    for (int i = 0; i < WD_PHASE_COUNT; i++) {
        curl_off_t at = 0;
        curl_easy_getinfo(t->easy, marks[i], &at);
        if (at <= before)
            continue;
        if (i != WD_PHASE_DNS && (connects > 0 || i >= WD_PHASE_WAIT))
            reply->phase_us[i] = (uint32_t)(at - before);
        before = at;
    }
}

static void transfer_retire(wd_transfer *t)
{
    wd_list_remove(&t->link);
    t->req = NULL;
    wd_http_easy_put(t);
}

static void transfer_done(wd_transfer *t, wd_http_reply *reply)
{
    wd_http_request *req = t->req;
    reply->final_url = t->target.url;
    reply->wire_bytes = t->wire_bytes;
    reply->permanent_redirect = reply->reason == WD_REASON_NONE && t->hops > 0 && t->permanent;
    reply->private_address = t->private_address;
    reply->hops = t->hops;
    reply->conditional = t->conditional;
    reply->total_us = (int64_t)((uv_hrtime() - t->started_ns) / 1000);
    note_phases(t, reply);
    req->priv = NULL;
    transfer_retire(t);
    req->done(req, reply);
}

static void transfer_end(wd_transfer *t, wd_reason reason, const char *detail)
{
    wd_http_reply reply = wd_http_reply_empty(reason);
    snprintf(reply.detail, sizeof(reply.detail), "%s", detail);
    if (reason != WD_REASON_CANCELED)
        reply.status = t->head.status;
    transfer_done(t, &reply);
}

/* Not from inside our own caller: in the loop's next turn. */
static void transfer_end_later(wd_transfer *t, wd_reason reason)
{
    t->ended_as = reason;
    wd_list_remove(&t->link);
    wd_list_push(&t->http->ended, &t->link);
    uv_timer_start(&t->http->later, later_fired, 0, 0);
}

static void run_ended(wd_http *http)
{
    while (!wd_list_empty(&http->ended)) {
        wd_transfer *t = wd_owner(wd_list_pop(&http->ended), wd_transfer, link);
        transfer_end(t, t->ended_as, t->ended_as == WD_REASON_CANCELED ? "" : t->error);
    }
}

/* --- the next hop -------------------------------------------------------------------- */

/* The hop's host is known.  False: no memory. */
static bool transfer_launch(wd_transfer *t)
{
    t->launched = true;
    return wd_http_request_set_up(t) && curl_multi_add_handle(t->http->multi, t->easy) == CURLM_OK;
}

static void looked_up(wd_lookup *lookup, const wd_dns_answer *answer)
{
    wd_transfer *t = wd_owner(lookup, wd_transfer, lookup);
    t->name_us = (uv_hrtime() - t->name_ns) / 1000;
    if (wd_http_name_take(t, answer) == WD_NAME_FAILED)
        transfer_end(t, wd_http_name_reason(t), t->error);
    else if (!transfer_launch(t))
        transfer_end(t, WD_REASON_INTERNAL, "out of memory");
}

/* One hop of the request goes out.  False: no memory. */
static bool transfer_send(wd_transfer *t)
{
    wd_http_head_begin(&t->head, t->req->arena, t->req->now_ms);
    wd_http_body_reset(&t->body, false);
    wd_http_decode_reset(&t->coded);
    t->head_too_long = false;
    t->connect_errno = 0;
    t->denied = false;
    t->private_address = false;
    t->fd = -1;
    t->error[0] = '\0';
    t->launched = false;
    t->name_us = 0;
    t->name_ns = uv_hrtime();
    wd_name_state name = wd_http_name_find(t, looked_up);
    if (name == WD_NAME_FAILED)
        transfer_end_later(t, wd_http_name_reason(t));
    return name == WD_NAME_READY ? transfer_launch(t) : true;
}

/* Goes where the answer points; returns what is wrong with it, or NULL. */
static const char *transfer_follow(wd_transfer *t)
{
    wd_http_target next;
    if (t->head.location.len == 0)
        return "a redirect without a usable Location";
    if (++t->hops > WD_HTTP_HOPS)
        return "more than 5 redirects";
    if (!wd_http_target_follow(t->req->arena, &t->target, t->head.location, &next))
        return "a redirect to what is not an http or https URL";
    if (t->req->form != NULL && wd_http_target_downgrades(&t->target, &next))
        return "a redirect out of encryption";
    if ((t->head.status != 301 && t->head.status != 308) ||
        wd_http_target_downgrades(&t->target, &next))
        t->permanent = false;
    t->target = next;
    return transfer_send(t) ? NULL : "out of memory";
}

/* 301 to 303 would make a GET of a POST, which asks for nothing: they are its answer. */
static bool is_redirect(const wd_transfer *t)
{
    int32_t status = t->head.status;
    if (t->req->form != NULL)
        return status == 307 || status == 308;
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* What a kept connection still held when we asked on it again was no answer to us: bytes
 * after a 304, a body longer than was said.  Asked once more, on a new one. */
static bool transfer_retry(wd_transfer *t, wd_reason reason)
{
    long connects = 1;
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
    if (reason != WD_REASON_PROTOCOL || t->head.status != 0 || connects > 0 || t->fresh)
        return false;
    t->fresh = true;
    return transfer_send(t);
}

void wd_http_transfer_finished(wd_transfer *t, CURLcode rc)
{
    wd_http_reply reply = wd_http_reply_empty(wd_http_reply_reason(t, rc));
    count_wire(t);
    if (t->head.status == 0 && reply.reason != WD_REASON_NONE)
        wd_http_name_distrust(t);
    if (transfer_retry(t, reply.reason))
        return;
    if (reply.reason == WD_REASON_NONE && is_redirect(t)) {
        const char *wrong = transfer_follow(t);
        if (wrong != NULL)
            transfer_end(t, WD_REASON_REDIRECTS, wrong);
        return;
    }
    wd_http_reply_fill(t, &reply, rc);
    transfer_done(t, &reply);
}

/* --- begin and shut down --------------------------------------------------------------- */

static void transfer_begin(wd_transfer *t, wd_http_request *req)
{
    t->req = req;
    t->started_ns = uv_hrtime();
    t->launched = false;
    t->name_us = 0;
    t->wire_bytes = 0;
    t->hops = 0;
    t->permanent = true;
    t->fresh = false;
    t->target = (wd_http_target){ .url = WD_SPAN_NONE };
    t->ended_as = WD_REASON_NONE;
    t->head.status = 0;
    req->priv = t;
    wd_http_request_begin(t);
    wd_list_push(&t->http->busy, &t->link);
}

static void shut_down(wd_http *http)
{
    while (!wd_list_empty(&http->busy)) {
        wd_transfer *t = wd_owner(wd_list_pop(&http->busy), wd_transfer, link);
        wd_resolver_cancel(http->resolver, &t->lookup);
        curl_multi_remove_handle(http->multi, t->easy);
        transfer_end(t, WD_REASON_CANCELED, "");
    }
    while (!wd_list_empty(&http->idle)) {
        wd_http_easy_free(wd_owner(wd_list_pop(&http->idle), wd_transfer, link));
    }
    curl_multi_cleanup(http->multi); /* closes the remaining sockets */
    wd_resolver_close(&http->resolver);
    wd_http_sockets_close(http);
}

static void later_fired(uv_timer_t *later)
{
    wd_http *http = wd_owner(later, wd_http, later);
    run_ended(http);
    if (http->closing)
        shut_down(http);
}

/* --- interface ---------------------------------------------------------------------- */

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
    const wd_resolver_spec names = { .loop = loop, .look = config->look, .ctx = config->look_ctx };
    if (http->multi == NULL || http->share == NULL || wd_resolver_open(&http->resolver, &names))
        goto fail;
    fill_defaults(&http->config);
    wd_list_init(&http->busy);
    wd_list_init(&http->ended);
    wd_list_init(&http->idle);
    wd_http_sockets_set_up(http);
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
    wd_transfer *t = wd_http_easy_take(http);
    if (t == NULL)
        return WD_NOMEM;
    transfer_begin(t, req);
    if (!wd_http_target_set(req->arena, wd_span_of(req->url), &t->target)) {
        snprintf(t->error, sizeof(t->error), "not an http or https URL");
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
    wd_transfer *t = req->priv;
    assert(t == NULL || t->http == http);
    if (t == NULL || t->ended_as != WD_REASON_NONE)
        return;
    wd_resolver_cancel(http->resolver, &t->lookup);
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
