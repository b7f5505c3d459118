/* feeds/http_request.c - header lines in place, time that is left, and nothing that belongs to
 * another origin. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "feeds/http_impl.h"
#include "feeds/http_proxy.h"

#define ACCEPT_LINE                                                                                \
    "Accept: application/rss+xml, application/atom+xml, application/feed+json, "                   \
    "application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, "   \
    "*/*;q=0.5"

#define ACCEPT_ENCODING_LINE "Accept-Encoding: " WD_DECODER_ENCODINGS

struct lines {
    wd_transfer *t;
    size_t n;
};

static void add(struct lines *l, const char *line)
{
    wd_transfer *t = l->t;
    if (l->n >= WD_COUNT(t->lines))
        return; /* the configuration allows no more */
    t->lines[l->n] = (struct curl_slist){ .data = (char *)(uintptr_t)line };
    if (l->n > 0)
        t->lines[l->n - 1].next = &t->lines[l->n];
    l->n++;
}

static void add_validators(struct lines *l, const wd_validators *v)
{
    wd_transfer *t = l->t;
    if (v->etag[0] != '\0') {
        snprintf(t->if_none_match, sizeof(t->if_none_match), "If-None-Match: %s", v->etag);
        add(l, t->if_none_match);
        add(l, "A-IM: feed");
    }
    if (v->last_modified[0] != '\0') {
        snprintf(t->if_modified_since, sizeof(t->if_modified_since), "If-Modified-Since: %s",
                 v->last_modified);
        add(l, t->if_modified_since);
    }
}

/* They go to the document that they came with, by whatever way it is reached. */
static bool may_have_validators(const wd_transfer *t)
{
    const wd_http_request *req = t->req;
    if (req->validators == NULL)
        return false;
    return req->validators_for != 0 ? wd_hash64(t->target.url, 0) == req->validators_for
                                    : !t->crossed;
}

static struct curl_slist *request_lines(wd_transfer *t)
{
    struct lines l = { .t = t };
    const wd_http_request *req = t->req;
    const char *const *own = t->crossed ? NULL : req->lines;
    bool accepts = false; /* an Accept of the operator's replaces ours */
    for (size_t i = 0; own != NULL && own[i] != NULL; i++) {
        accepts |= wd_span_starts_nocase(wd_span_of(own[i]), "Accept:");
        add(&l, own[i]);
    }
    if (!accepts && req->form == NULL)
        add(&l, ACCEPT_LINE);
    add(&l, ACCEPT_ENCODING_LINE);
    size_t before = l.n;
    if (may_have_validators(t))
        add_validators(&l, req->validators);
    t->conditional = l.n > before;
    return l.n > 0 ? t->lines : NULL;
}

/* What few feeds want, and the next one of this handle may not. */
static void tune(wd_transfer *t)
{
    const wd_http_config *c = &t->http->config;
    const wd_http_request *req = t->req;
    const char *agent = req->user_agent ? req->user_agent : c->user_agent;
    int64_t connect_ms =
        req->connect_timeout_ms > 0 ? req->connect_timeout_ms : c->connect_timeout_ms;
    long version = req->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS;
    /* libcurl would give a request that must not be HTTP/2 a kept connection that is.  It keeps
     * apart what was opened with other TLS settings, and these two mean the same. */
    long apart = req->http1 ? CURL_SSLVERSION_MAX_DEFAULT : CURL_SSLVERSION_DEFAULT;
    curl_easy_setopt(t->easy, CURLOPT_USERAGENT, agent);
    curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, version);
    curl_easy_setopt(t->easy, CURLOPT_SSLVERSION, apart);
}

static bool wants_tuning(const wd_http_request *req)
{
    return req->user_agent != NULL || req->connect_timeout_ms > 0 || req->http1;
}

/* A handle that knew a proxy's password serves nobody else. */
static bool set_proxy(wd_transfer *t)
{
    const char *proxy = wd_http_proxy_for(t->req->proxy, &t->target);
    bool was = t->proxied;
    t->proxied = proxy[0] != '\0';
    t->secret = t->secret || strchr(proxy, '@') != NULL;
    return (!was && !t->proxied) || curl_easy_setopt(t->easy, CURLOPT_PROXY, proxy) == CURLE_OK;
}

/* --- interface -------------------------------------------------------------------- */

wd_http_request wd_http_request_of(const wd_feed_config *c)
{
    return (wd_http_request){ .url = c->url,
                              .user_agent = c->user_agent,
                              .allow_private = c->allow_private,
                              .lines = c->lines,
                              .proxy = c->proxy,
                              .connect_timeout_ms = c->connect_timeout_ms,
                              .timeout_ms = c->timeout_ms,
                              .http1 = c->http1 != 0 };
}

int64_t wd_http_request_left_ms(const wd_transfer *t)
{
    int64_t spent_ms = (int64_t)((uv_hrtime() - t->started_ns) / 1000000);
    int64_t own_ms = t->req->timeout_ms;
    int64_t most_ms = own_ms > 0 ? own_ms : t->http->config.total_timeout_ms;
    return most_ms > spent_ms ? most_ms - spent_ms : 1;
}

void wd_http_request_begin(wd_transfer *t)
{
    const wd_http_request *req = t->req;
    bool tuned = wants_tuning(req);
    if (t->tuned || tuned)
        tune(t);
    t->tuned = tuned;
    t->crossed = false;
    curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, req->one_off ? 1L : 0L);
    if (req->form != NULL) {
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, req->form);
        t->secret = true; /* a form may hold one: the handle serves nobody else */
    }
}

bool wd_http_request_set_up(wd_transfer *t)
{
    wd_span url = wd_http_target_secret_url(t->req->arena, &t->target);
    if (url.ptr == NULL || curl_easy_setopt(t->easy, CURLOPT_URL, url.ptr) != CURLE_OK)
        return false;
    t->crossed = t->crossed || !wd_http_target_may_tell(&t->first, &t->target);
    t->secret = t->secret || t->target.userinfo.ptr != NULL;
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, request_lines(t));
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)wd_http_request_left_ms(t));
    curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, t->fresh ? 1L : 0L);
    return set_proxy(t);
}
