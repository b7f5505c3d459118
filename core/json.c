/* core/json.c - writing JSON: runs of plain bytes are copied whole. */
#include "core/json.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/clock.h"
#include "core/text.h"

static void before_value(wd_json *j)
{
    if (j->comma)
        wd_buf_append_char(j->out, ',');
    j->comma = true;
}

static void open_with(wd_json *j, char c)
{
    before_value(j);
    wd_buf_append_char(j->out, c);
    j->comma = false;
}

static void close_with(wd_json *j, char c)
{
    wd_buf_append_char(j->out, c);
    j->comma = true;
}

void wd_json_begin_object(wd_json *j)
{
    open_with(j, '{');
}

void wd_json_end_object(wd_json *j)
{
    close_with(j, '}');
}

void wd_json_begin_array(wd_json *j)
{
    open_with(j, '[');
}

void wd_json_end_array(wd_json *j)
{
    close_with(j, ']');
}

void wd_json_key(wd_json *j, const char *key)
{
    char text[64] = ",\"";
    size_t n = strlen(key), from = j->comma ? 0 : 1;
    j->comma = false;
    if (n <= sizeof(text) - 4) { /* in one piece: an event has a hundred */
        memcpy(text + 2, key, n);
        memcpy(text + 2 + n, "\":", 2);
        wd_buf_append(j->out, text + from, n + 4 - from);
        return;
    }
    wd_buf_append(j->out, text + from, 2 - from);
    wd_buf_append(j->out, key, n);
    wd_buf_append(j->out, "\":", 2);
}

static bool plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c < 0x7F;
}

#define EIGHT(byte) (0x0101010101010101ULL * (byte))

/* True when each of eight bytes is plain.  A borrow or carry runs from a byte that is not
 * into the next, never from one that is. */
static bool eight_plain(const char *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof(x));
    uint64_t quote = (x ^ EIGHT('"')) - EIGHT(1), backslash = (x ^ EIGHT('\\')) - EIGHT(1);
    uint64_t control = x - EIGHT(0x20), del = x + EIGHT(1);
    return ((x | quote | backslash | control | del) & EIGHT(0x80)) == 0;
}

/* Where plain ASCII from `at` on ends. */
static size_t plain_end(wd_span s, size_t at)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' '), del = _mm_set1_epi8(0x7F);
    for (; at + 16 <= s.len; at += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + at));
        __m128i bad = _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, backslash));
        bad = _mm_or_si128(bad, _mm_cmplt_epi8(x, space)); /* negative from 0x80 on, too */
        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(x, del));
        unsigned mask = (unsigned)_mm_movemask_epi8(bad);
        if (mask != 0)
            return at + (unsigned)__builtin_ctz(mask);
    }
#endif
    while (at + 8 <= s.len && eight_plain(s.ptr + at))
        at += 8;
    while (at < s.len && plain((unsigned char)s.ptr[at]))
        at++;
    return at;
}

/* Where plain ASCII and whole UTF-8 characters from `at` on end. */
static size_t run_end(wd_span s, size_t at)
{
    while (at < s.len) {
        at = plain_end(s, at);
        size_t next = at;
        if (at == s.len || (unsigned char)s.ptr[at] < 0x80 ||
            (wd_utf8_next(s, &next) == WD_RUNE_BAD && next == at + 1))
            return at;
        at = next;
    }
    return at;
}

/* One byte that a run cannot have. */
static void escape(wd_buf *out, unsigned char c)
{
    static const char shorts[] = "btn\0fr"; /* \b (8) to \r (13), without \v */
    if (c >= 0x80) {
        char bytes[4];
        size_t n = wd_utf8_put(WD_RUNE_BAD, bytes);
        wd_buf_append(out, bytes, n);
    } else if (c == '"' || c == '\\') {
        wd_buf_append_char(out, '\\');
        wd_buf_append_char(out, (char)c);
    } else if (c >= 8 && c <= 13 && shorts[c - 8] != '\0') {
        wd_buf_append_char(out, '\\');
        wd_buf_append_char(out, shorts[c - 8]);
    } else {
        wd_buf_printf(out, "\\u%04x", c);
    }
}

void wd_json_string(wd_json *j, wd_span v)
{
    before_value(j);
    wd_buf_append_char(j->out, '"');
    for (size_t i = 0; i < v.len;) {
        size_t from = i;
        i = run_end(v, i);
        wd_buf_append(j->out, v.ptr + from, i - from);
        if (i < v.len)
            escape(j->out, (unsigned char)v.ptr[i++]);
    }
    wd_buf_append_char(j->out, '"');
}

void wd_json_text(wd_json *j, const char *value)
{
    wd_json_string(j, wd_span_of(value));
}

void wd_json_int(wd_json *j, int64_t value)
{
    before_value(j);
    wd_buf_append_int(j->out, value);
}

void wd_json_double(wd_json *j, double value, int decimals)
{
    before_value(j);
    wd_buf_printf(j->out, "%.*f", decimals, value);
}

void wd_json_bool(wd_json *j, bool value)
{
    before_value(j);
    wd_buf_append_span(j->out, wd_span_of(value ? "true" : "false"));
}

void wd_json_null(wd_json *j)
{
    before_value(j);
    wd_buf_append(j->out, "null", 4);
}

void wd_json_put(wd_json *j, const char *key, wd_span value)
{
    wd_json_key(j, key);
    wd_json_string(j, value);
}

void wd_json_put_text(wd_json *j, const char *key, const char *value)
{
    wd_json_put(j, key, wd_span_of(value));
}

void wd_json_put_int(wd_json *j, const char *key, int64_t value)
{
    wd_json_key(j, key);
    wd_json_int(j, value);
}

void wd_json_put_opt(wd_json *j, const char *key, wd_span value)
{
    if (!wd_span_empty(value))
        wd_json_put(j, key, value);
}

void wd_json_put_time_opt(wd_json *j, const char *key, int64_t ms, bool with_ms)
{
    char text[WD_TIME_TEXT_BYTES];
    if (wd_time_text(ms, with_ms, text)[0] != '\0')
        wd_json_put_text(j, key, text);
}
