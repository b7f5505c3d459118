/* feeds/credentials.c - a table of names that are ours, and base64 (RFC 4648 section 4). */
#include "feeds/credentials.h"

#include <stdint.h>

#include "core/ascii.h"
#include "core/buf.h"

static const struct {
    const char *name, *why;
} ours[] = {
    { "Host", "the URL says which host" },
    { "Connection", "connections are the client's business" },
    { "Keep-Alive", "connections are the client's business" },
    { "Upgrade", "connections are the client's business" },
    { "TE", "connections are the client's business" },
    { "Trailer", "connections are the client's business" },
    { "Transfer-Encoding", "a feed is asked for without a body" },
    { "Content-Length", "a feed is asked for without a body" },
    { "Expect", "a feed is asked for without a body" },
    { "Accept-Encoding", "the client decodes what it asked for" },
    { "Range", "a feed is read whole" },
    { "If-None-Match", "validators are kept by wiredesk" },
    { "If-Modified-Since", "validators are kept by wiredesk" },
    { "If-Match", "validators are kept by wiredesk" },
    { "If-Unmodified-Since", "validators are kept by wiredesk" },
    { "If-Range", "validators are kept by wiredesk" },
    { "A-IM", "validators are kept by wiredesk" },
    { "User-Agent", "user_agent sets it" },
    { "Referer", "a feed reader comes from nowhere" },
    { "Proxy-Authorization", "a proxy's password stands in its URL" },
    { "Proxy-Connection", "connections are the client's business" },
};

/* RFC 9110 section 5.6.2 */
static bool is_token(wd_span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!wd_is_alnum(s.ptr[i]) && strchr("!#$%&'*+-.^_`|~", s.ptr[i]) == NULL)
            return false;
    return s.len > 0;
}

static bool is_printable(wd_span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7e)
            return false;
    return true;
}

const char *wd_credentials_header_fault(wd_span name, wd_span value)
{
    if (!is_token(name))
        return "this is no name of a header";
    for (size_t i = 0; i < WD_COUNT(ours); i++)
        if (wd_span_is_nocase(name, ours[i].name))
            return ours[i].why;
    if (value.len == 0)
        return "this header has no value";
    if (!is_printable(value))
        return "a header's value is printable ASCII on one line";
    return name.len + value.len + 3 > WD_REQUEST_LINE_BYTES ? "this header is too long" : NULL;
}

/* --- Authorization ---------------------------------------------------------------- */

static void put_base64(wd_buf *out, wd_span s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.len; i += 3) {
        size_t n = s.len - i < 3 ? s.len - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (unsigned char)s.ptr[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            wd_buf_append_char(out, k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}

static void put_authorization(const wd_feed_config *c, wd_buf *out)
{
    if (c->token != NULL) {
        wd_buf_printf(out, "Authorization: Bearer %s", c->token);
        return;
    }
    wd_buf pair = WD_BUF_INIT(WD_REQUEST_LINE_BYTES);
    wd_buf_printf(&pair, "%s:%s", c->username, c->password ? c->password : "");
    wd_buf_append_span(out, WD_SPAN_LIT("Authorization: Basic "));
    put_base64(out, wd_buf_span(&pair));
    if (wd_buf_status(&pair) != WD_OK)
        out->status = wd_buf_status(&pair);
    wd_buf_done(&pair);
}

wd_status wd_credentials_settle(wd_feed_config *c, wd_arena *arena)
{
    size_t n = 0;
    bool authorized = c->token != NULL || c->username != NULL;
    c->lines = c->headers;
    if (!authorized)
        return WD_OK;
    while (c->headers != NULL && c->headers[n] != NULL)
        n++;
    wd_buf line = WD_BUF_INIT(2 * WD_REQUEST_LINE_BYTES);
    put_authorization(c, &line);
    const char **lines = wd_arena_zalloc(arena, (n + 2) * sizeof(*lines));
    wd_status s = lines ? wd_buf_status(&line) : WD_NOMEM;
    for (size_t i = 0; s == WD_OK && i < n; i++)
        lines[i] = c->headers[i];
    if (s == WD_OK) {
        lines[n] = wd_arena_copy(arena, wd_buf_span(&line)).ptr;
        c->lines = lines;
        s = wd_arena_status(arena);
    }
    wd_buf_done(&line);
    return s;
}
