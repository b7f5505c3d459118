/* feeds/http_reply.c - libcurl's result codes and an answer's head, as the reply that leaves here.
 */
#include <stdio.h>
#include <string.h>

#include "feeds/http_fault.h"
#include "feeds/http_impl.h"

/* Which of our reasons each of curl's codes is; what is not here is broken HTTP. */
static const struct {
    CURLcode code;
    wd_reason reason;
} codes[] = {
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

static wd_reason reason_of_connect(wd_transfer *t)
{
    long os_errno = 0;
    if (t->denied)
        return WD_REASON_ADDRESS;
    if (t->proxied)
        return WD_REASON_PROXY;
    curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_errno);
    t->connect_errno = (int)os_errno;
    return wd_http_fault_connect((int)os_errno);
}

/* What a proxy answered to CONNECT, when that was a refusal; else 0. */
static long refused_by_proxy(wd_transfer *t)
{
    long code = 0;
    if (t->proxied)
        curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &code);
    return code / 100 == 2 ? 0 : code;
}

/* The codes whose meaning depends on how far the transfer had come. */
wd_reason wd_http_reply_reason(wd_transfer *t, CURLcode rc)
{
    t->connect_errno = 0;
    if (rc != CURLE_OK && !t->denied && refused_by_proxy(t) != 0)
        return WD_REASON_PROXY;
    switch (rc) {
    case CURLE_OK:
        return wd_http_has_document(t) && !wd_http_decode_end(t) ? wd_http_fault_stop(t->body.stop)
                                                                 : WD_REASON_NONE;
    case CURLE_COULDNT_CONNECT:
        return reason_of_connect(t);
    case CURLE_ABORTED_BY_CALLBACK:
        if (t->body.stop != WD_BODY_RUNNING)
            return wd_http_fault_stop(t->body.stop);
        return t->denied ? WD_REASON_ADDRESS : WD_REASON_INTERNAL;
    case CURLE_OPERATION_TIMEDOUT:
        return t->head.status != 0 ? WD_REASON_SLOW : WD_REASON_TIMEOUT;
    case CURLE_FILESIZE_EXCEEDED:
        t->body.stop = wd_http_has_document(t) ? WD_BODY_WIRE : WD_BODY_ENOUGH;
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

static void describe(wd_transfer *t, wd_http_reply *reply, CURLcode rc)
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

static void fill_answer(wd_transfer *t, wd_http_reply *reply)
{
    const wd_http_head *h = &t->head;
    reply->status = h->status;
    reply->content_type = h->content_type;
    reply->content_location = h->content_location;
    reply->content_language = h->content_language;
    reply->links = h->links;
    reply->max_age_s = wd_http_head_fresh_s(h);
    reply->expires_ms = reply->max_age_s < 0 ? h->expires_ms : WD_TIME_NONE;
    reply->retry_after_ms = h->retry_after_ms;
    if (h->status == 429 && h->reset_ms > reply->retry_after_ms)
        reply->retry_after_ms = h->reset_ms;
    if (reply->reason != WD_REASON_NONE)
        return; /* what came with a broken answer is not to be kept */
    wd_http_head_validators(h, &reply->validators);
    if (wd_http_has_document(t))
        reply->body = t->coded.inflated.ptr != NULL
                          ? t->coded.inflated
                          : wd_arena_copy(t->req->arena, wd_buf_span(&t->body.bytes));
    if (wd_arena_status(t->req->arena) == WD_OK)
        return;
    reply->reason = WD_REASON_TOO_LARGE;
    reply->validators = (wd_validators){ .etag = "" };
    snprintf(reply->detail, sizeof(reply->detail), "the answer is over the memory limit");
}

/* --- interface ----------------------------------------------------------------------- */

wd_http_reply wd_http_reply_empty(wd_reason reason)
{
    return (wd_http_reply){
        .reason = reason, .max_age_s = -1, .expires_ms = WD_TIME_NONE, .retry_after_ms = -1
    };
}

void wd_http_reply_fill(wd_transfer *t, wd_http_reply *reply, CURLcode rc)
{
    if (reply->reason != WD_REASON_NONE)
        describe(t, reply, rc);
    fill_answer(t, reply);
}
