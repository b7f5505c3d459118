/* feeds/http_decode.c - small gzip is gathered and inflated in one step, all else as it comes. */
#include "feeds/http_decode.h"

#include "feeds/gunzip.h"
#include "feeds/http_impl.h"

/* On the wire: nineteen of twenty captured feeds.  What is larger, or says that it will be, is
 * decoded piece by piece: one step over it would hold up the loop, and a bomb is to be noticed
 * before it is here. */
#define GATHERED_BYTES (64u * 1024u)

void wd_http_decode_init(wd_http_coded *c)
{
    *c = (wd_http_coded){ .gathered = WD_BUF_INIT(GATHERED_BYTES) };
}

void wd_http_decode_reset(wd_http_coded *c)
{
    wd_decoder_free(c->decoder);
    c->decoder = NULL;
    c->inflated = WD_SPAN_NONE;
    c->begun = false;
    wd_buf_reset(&c->gathered);
}

void wd_http_decode_done(wd_http_coded *c)
{
    wd_decoder_free(c->decoder);
    wd_buf_done(&c->gathered);
}

static bool stop(wd_transfer *t, wd_body_stop why)
{
    t->body.stop = why;
    return false;
}

static bool take_decoded(void *ctx, wd_span decoded)
{
    wd_transfer *t = ctx;
    return wd_http_body_take(&t->body, decoded, t->coded.wire, true);
}

static bool stream(wd_transfer *t, wd_span bytes)
{
    wd_status s = WD_OK;
    if (t->coded.decoder == NULL)
        s = wd_decoder_new(&t->coded.decoder, t->head.content_encoding);
    if (s == WD_UNSUPPORTED)
        return stop(t, WD_BODY_UNKNOWN);
    if (s == WD_OK)
        s = wd_decoder_feed(t->coded.decoder, bytes, take_decoded, t);
    if (s == WD_OK) /* also where nothing came of it */
        return wd_http_body_take(&t->body, WD_SPAN_LIT(""), t->coded.wire, true);
    return s == WD_LIMIT ? false : stop(t, s == WD_NOMEM ? WD_BODY_NOMEM : WD_BODY_GARBLED);
}

static bool is_small_gzip(wd_transfer *t)
{
    curl_off_t whole = -1; /* not said */
    if (!wd_gunzip_is_gzip(t->head.content_encoding))
        return false;
    curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &whole);
    return whole <= (curl_off_t)GATHERED_BYTES;
}

bool wd_http_decode_take(wd_transfer *t, wd_span bytes, uint64_t wire)
{
    t->coded.wire = wire;
    if (!t->coded.begun) {
        t->coded.begun = true;
        t->coded.small_gzip = is_small_gzip(t);
    }
    if (t->coded.decoder != NULL || !t->coded.small_gzip)
        return stream(t, bytes);
    if (t->coded.gathered.len + bytes.len > GATHERED_BYTES)
        return stream(t, wd_buf_span(&t->coded.gathered)) && stream(t, bytes);
    if (wd_buf_append_span(&t->coded.gathered, bytes) != WD_OK)
        return stop(t, WD_BODY_NOMEM);
    return true;
}

bool wd_http_decode_end(wd_transfer *t)
{
    wd_span file = wd_buf_span(&t->coded.gathered);
    wd_http *http = t->http;
    if (file.len == 0 || t->coded.decoder != NULL)
        return true;
    if (http->gzip == NULL)
        http->gzip = wd_whole_gzip_new();
    t->coded.wire = file.len;
    if (http->gzip != NULL &&
        wd_http_body_may_become(&t->body, wd_whole_gzip_size(file), file.len) &&
        wd_whole_gzip_read(http->gzip, file, t->req->arena, &t->coded.inflated))
        return true;
    return stream(t, file);
}
