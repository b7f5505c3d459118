/* feeds/http_request.c - header lines in place, time that is left, and nothing that belongs to
 * another origin. */
#include <stdint.h>
#include <stdio.h>

#include "feeds/http_impl.h"

#define ACCEPT_LINE                                                                                \
    "Accept: application/rss+xml, application/atom+xml, application/feed+json, "                   \
    "application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, "   \
    "*/*;q=0.5"

static struct curl_slist *request_lines(wd_transfer *t)
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

/* --- interface -------------------------------------------------------------------- */

int64_t wd_http_request_left_ms(const wd_transfer *t)
{
    int64_t spent_ms = (int64_t)((uv_hrtime() - t->started_ns) / 1000000);
    int64_t most_ms = t->http->config.total_timeout_ms;
    return most_ms > spent_ms ? most_ms - spent_ms : 1;
}

void wd_http_request_begin(wd_transfer *t)
{
    const wd_http_request *req = t->req;
    if (t->own_agent || req->user_agent != NULL) {
        const char *agent = req->user_agent ? req->user_agent : t->http->config.user_agent;
        curl_easy_setopt(t->easy, CURLOPT_USERAGENT, agent);
        t->own_agent = req->user_agent != NULL;
    }
    curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, req->one_off ? 1L : 0L);
}

bool wd_http_request_set_up(wd_transfer *t)
{
    wd_span url = wd_http_target_secret_url(t->req->arena, &t->target);
    if (url.ptr == NULL || curl_easy_setopt(t->easy, CURLOPT_URL, url.ptr) != CURLE_OK)
        return false;
    t->secret = t->secret || t->target.userinfo.ptr != NULL;
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, request_lines(t));
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)wd_http_request_left_ms(t));
    curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, t->fresh ? 1L : 0L);
    return true;
}
