/* feeds/http_head.c - a table of the headers we read; all others only count as bytes. */
#include "feeds/http_head.h"

#include <string.h>

#include "core/ascii.h"
#include "feeds/http_date.h"

/* Twenty times what the largest honest head in the captures needs; endless heads stop here. */
#define HEAD_BYTES (256u * 1024u)

/* All of them together: room for a topic and a few hubs of honest length. */
#define LINKS_BYTES 8192u

/* Of one field; real ones have one word. */
#define ENCODINGS_BYTES 128u

/* Durations beyond this mean "for ever" and are cut, so that sums cannot overflow. */
#define LONGEST_S (366ULL * 24 * 3600)

/* RateLimit-Reset is seconds to go with some and a Unix time with others. */
#define EPOCH_SECONDS 1000000000ULL

static bool printable(wd_span s, size_t max, bool blanks)
{
    if (s.len == 0 || s.len >= max)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < (blanks ? 0x20 : 0x21) || s.ptr[i] > 0x7e)
            return false;
    return true;
}

static void keep(wd_http_head *h, wd_span *field, wd_span value)
{
    if (printable(value, WD_VALIDATOR_BYTES, true))
        *field = wd_arena_copy(h->arena, value);
}

/* Seconds, all digits; more than fits is "for ever".  -1 when it is no number. */
static int64_t seconds(wd_span s)
{
    unsigned long long n;
    s = wd_span_trim(s);
    if (s.len == 0)
        return -1;
    for (size_t i = 0; i < s.len; i++)
        if (!wd_is_digit(s.ptr[i]))
            return -1;
    return (int64_t)(wd_span_u64(s, &n) && n < LONGEST_S ? n : LONGEST_S);
}

static void on_etag(wd_http_head *h, wd_span value)
{
    h->etag =
        printable(value, WD_VALIDATOR_BYTES, false) ? wd_arena_copy(h->arena, value) : WD_SPAN_NONE;
}

static void on_last_modified(wd_http_head *h, wd_span value)
{
    h->last_modified = WD_SPAN_NONE;
    keep(h, &h->last_modified, value);
}

/* RFC 3986 has no place for other characters, yet publishers write them: the resolver
 * encodes them, so any byte but a control is let through here. */
static void on_location(wd_http_head *h, wd_span value)
{
    if (value.len >= WD_URL_BYTES)
        return;
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
            return;
    h->location = wd_arena_copy(h->arena, value);
}

static void on_content_type(wd_http_head *h, wd_span value)
{
    keep(h, &h->content_type, value);
}

static void on_content_location(wd_http_head *h, wd_span value)
{
    keep(h, &h->content_location, value);
}

static void on_content_language(wd_http_head *h, wd_span value)
{
    keep(h, &h->content_language, value);
}

/* Fields of one name are one list (RFC 9110 section 5.3). */
static void join(wd_http_head *h, wd_span *list, wd_span value, size_t most)
{
    size_t had = list->len;
    if (!printable(value, most - had, true))
        return;
    char *joined = wd_arena_alloc(h->arena, had + 2 + value.len);
    if (joined == NULL)
        return;
    if (had > 0)
        memcpy(joined, list->ptr, had);
    memcpy(joined + had, ", ", 2);
    memcpy(joined + had + 2, value.ptr, value.len);
    *list = (wd_span){ joined, had + 2 + value.len };
}

/* WebSub's are of use to us; others, which many servers send, are not kept. */
static void on_link(wd_http_head *h, wd_span value)
{
    if (wd_span_find_nocase(value, "hub") < value.len ||
        wd_span_find_nocase(value, "self") < value.len)
        join(h, &h->links, value, LINKS_BYTES);
}

/* One that is not to be read is still one. */
static void on_content_encoding(wd_http_head *h, wd_span value)
{
    wd_span read = printable(value, ENCODINGS_BYTES, true) ? value : WD_SPAN_LIT("?");
    if (value.len == 0)
        return;
    if (h->content_encoding.len == 0)
        h->content_encoding = wd_arena_copy(h->arena, read);
    else
        join(h, &h->content_encoding, read, 2 * ENCODINGS_BYTES);
}

static void on_cache_control(wd_http_head *h, wd_span value)
{
    while (value.ptr != NULL && value.len > 0) {
        wd_span part = wd_span_trim(wd_span_cut(&value, ','));
        wd_span rest = part;
        if (!wd_span_is_nocase(wd_span_trim(wd_span_cut(&rest, '=')), "max-age"))
            continue;
        rest = wd_span_trim(rest);
        if (rest.len >= 2 && rest.ptr[0] == '"' && rest.ptr[rest.len - 1] == '"')
            rest = (wd_span){ rest.ptr + 1, rest.len - 2 };
        h->max_age_s = seconds(rest);
    }
}

static void on_age(wd_http_head *h, wd_span value)
{
    int64_t s = seconds(value);
    h->age_s = s > 0 ? s : 0;
}

static void on_expires(wd_http_head *h, wd_span value)
{
    h->expires_ms = wd_http_date_parse(value, h->now_ms);
}

static void on_retry_after(wd_http_head *h, wd_span value)
{
    int64_t s = seconds(value);
    if (s >= 0) {
        h->retry_after_ms = s * WD_SECOND_MS;
        return;
    }
    int64_t at = wd_http_date_parse(value, h->now_ms);
    if (at == WD_TIME_NONE)
        return;
    int64_t wait = at > h->now_ms ? at - h->now_ms : 0;
    int64_t longest = (int64_t)LONGEST_S * WD_SECOND_MS;
    h->retry_after_ms = wait < longest ? wait : longest;
}

static void on_reset(wd_http_head *h, wd_span value)
{
    unsigned long long n;
    wd_span whole = wd_span_cut(&value, '.'); /* one large site counts in fractions */
    if (!wd_span_u64(wd_span_trim(whole), &n))
        return;
    if (n >= EPOCH_SECONDS) {
        unsigned long long now_s = h->now_ms > 0 ? (unsigned long long)h->now_ms / 1000 : 0;
        n = n > now_s ? n - now_s : 0;
    }
    h->reset_ms = (int64_t)(n < LONGEST_S ? n : LONGEST_S) * WD_SECOND_MS;
}

/* draft-ietf-httpapi-ratelimit-headers: RateLimit: "default";r=0;t=30 */
static void on_ratelimit(wd_http_head *h, wd_span value)
{
    while (value.ptr != NULL && value.len > 0) {
        wd_span part = wd_span_trim(wd_span_cut(&value, ';'));
        if (wd_span_starts_nocase(part, "t="))
            on_reset(h, wd_span_from(part, 2));
    }
}

static const struct {
    const char *name;
    void (*read)(wd_http_head *h, wd_span value);
} headers[] = {
    { "ETag", on_etag },
    { "Last-Modified", on_last_modified },
    { "Location", on_location },
    { "Link", on_link },
    { "Content-Type", on_content_type },
    { "Content-Location", on_content_location },
    { "Content-Language", on_content_language },
    { "Content-Encoding", on_content_encoding },
    { "Cache-Control", on_cache_control },
    { "Age", on_age },
    { "Expires", on_expires },
    { "Retry-After", on_retry_after },
    { "RateLimit", on_ratelimit },
    { "RateLimit-Reset", on_reset },
    { "X-RateLimit-Reset", on_reset },
};

static int32_t status_of(wd_span line)
{
    unsigned long long n;
    wd_span rest = line;
    wd_span_cut(&rest, ' ');
    return wd_span_u64(wd_span_head(rest, 3), &n) ? (int32_t)n : 0;
}

void wd_http_head_begin(wd_http_head *h, wd_arena *arena, int64_t now_ms)
{
    *h = (wd_http_head){ .arena = arena,
                         .now_ms = now_ms,
                         .max_age_s = -1,
                         .expires_ms = WD_TIME_NONE,
                         .retry_after_ms = -1,
                         .reset_ms = -1 };
}

/* "HTTP/1.1 103 Early Hints": what an interim answer said is forgotten, its bytes count. */
static void status_line(wd_http_head *h, wd_span line)
{
    size_t bytes = h->bytes;
    wd_http_head_begin(h, h->arena, h->now_ms);
    h->bytes = bytes;
    h->status = status_of(line);
}

bool wd_http_head_line(wd_http_head *h, wd_span line)
{
    h->bytes += line.len;
    if (h->bytes > HEAD_BYTES)
        return false;
    if (h->done)
        return true;
    if (wd_span_starts_nocase(line, "HTTP/")) {
        status_line(h, line);
        return true;
    }
    if (wd_span_trim(line).len == 0) {
        h->done = h->status >= 200;
        return true;
    }
    wd_span value = line;
    wd_span name = wd_span_cut(&value, ':');
    if (value.ptr == NULL || name.len == 0 || wd_is_space(name.ptr[0]))
        return true; /* no header, or the rest of a folded one */
    for (size_t i = 0; i < WD_COUNT(headers); i++)
        if (wd_span_is_nocase(name, headers[i].name))
            headers[i].read(h, wd_span_trim(value));
    return true;
}

int64_t wd_http_head_fresh_s(const wd_http_head *h)
{
    if (h->max_age_s < 0)
        return -1;
    return h->max_age_s > h->age_s ? h->max_age_s - h->age_s : 0;
}

static void put(char out[WD_VALIDATOR_BYTES], wd_span s)
{
    memcpy(out, s.ptr ? s.ptr : "", s.len);
    out[s.len] = '\0';
}

void wd_http_head_validators(const wd_http_head *h, wd_validators *out)
{
    put(out->etag, h->etag);
    put(out->last_modified, h->last_modified);
}
