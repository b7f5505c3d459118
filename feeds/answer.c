/* feeds/answer.c - the status decides, then the body's hash; validators follow rule 10. */
#include "feeds/answer.h"

#include <stdio.h>
#include <string.h>

#include "core/hash.h"

static wd_reason reason_of_status(int32_t status)
{
    static const struct {
        int32_t status;
        wd_reason reason;
    } rows[] = {
        { 401, WD_REASON_HTTP_AUTH }, { 403, WD_REASON_HTTP_AUTH }, { 407, WD_REASON_PROXY },
        { 410, WD_REASON_HTTP_GONE }, { 429, WD_REASON_HTTP_429 },  { 503, WD_REASON_HTTP_503 },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (rows[i].status == status)
            return rows[i].reason;
    if (status >= 400 && status < 500)
        return WD_REASON_HTTP_4XX;
    return status >= 500 && status < 600 ? WD_REASON_HTTP_5XX : WD_REASON_HTTP_OTHER;
}

static void fail(wd_poll *poll, wd_reason reason, const char *detail)
{
    poll->answer = WD_ANSWER_FAILED;
    poll->reason = reason;
    poll->validators = (wd_validators){ .etag = "" };
    snprintf(poll->detail, sizeof(poll->detail), "%s", detail);
}

static void fail_by_status(wd_poll *poll, int32_t status)
{
    char detail[64];
    snprintf(detail, sizeof(detail), "HTTP %d", (int)status);
    fail(poll, reason_of_status(status), detail);
}

static const char *opaque(const char *etag)
{
    return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

/* A 304 may refresh what it names, but one that names another entity (RFC 9111 section
 * 4.3.4) says nothing of the body that we have: the validators stay. */
static void refresh_validators(wd_validators *got, const wd_validators *sent)
{
    bool names_other = got->etag[0] != '\0' && sent->etag[0] != '\0' &&
                       strcmp(opaque(got->etag), opaque(sent->etag)) != 0;
    if (names_other || (got->etag[0] == '\0' && got->last_modified[0] == '\0')) {
        *got = *sent;
        return;
    }
    if (got->etag[0] == '\0')
        memcpy(got->etag, sent->etag, sizeof(got->etag));
    if (got->last_modified[0] == '\0')
        memcpy(got->last_modified, sent->last_modified, sizeof(got->last_modified));
}

static void take_body(wd_poll *poll, wd_span body)
{
    uint64_t hash = wd_hash64(body, 0);
    poll->body = body;
    poll->body_hash = hash ? hash : 1;
    poll->answer =
        poll->body_hash == poll->state.body_hash ? WD_ANSWER_SAME_BODY : WD_ANSWER_DOCUMENT;
}

static void take_head(wd_poll *poll, const wd_http_reply *reply)
{
    poll->http_status = reply->status;
    poll->final_url = reply->final_url;
    poll->content_type = reply->content_type;
    poll->content_location = reply->content_location;
    poll->content_language = reply->content_language;
    poll->links = reply->links;
    poll->validators = reply->validators;
    poll->max_age_s = reply->max_age_s;
    poll->expires_ms = reply->expires_ms;
    poll->retry_after_ms = reply->retry_after_ms;
    poll->fetch_us = reply->total_us;
    memcpy(poll->phase_us, reply->phase_us, sizeof(poll->phase_us));
    poll->wire_bytes = reply->wire_bytes;
    poll->permanent_redirect = reply->permanent_redirect;
    poll->conditional = reply->conditional;
    poll->private_address = reply->private_address;
}

static bool are_same(const wd_validators *a, const wd_validators *b)
{
    return strcmp(a->etag, b->etag) == 0 && strcmp(a->last_modified, b->last_modified) == 0;
}

void wd_answer_fill(wd_poll *poll, const wd_http_reply *reply, const wd_validators *sent)
{
    take_head(poll, reply);
    if (reply->reason != WD_REASON_NONE) {
        fail(poll, reply->reason, reply->detail);
    } else if (reply->status == 200 || reply->status == 226) {
        take_body(poll, reply->body);
    } else if (reply->status == 304 && poll->conditional) {
        poll->answer = WD_ANSWER_NOT_MODIFIED;
        refresh_validators(&poll->validators, sent);
        poll->kept_validators = are_same(&poll->validators, sent);
    } else if (reply->status == 304) {
        fail(poll, WD_REASON_HTTP_OTHER, "the server answered 304 to an unconditional request");
    } else {
        fail_by_status(poll, reply->status);
    }
}
