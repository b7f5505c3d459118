/* core/json.c - writing JSON: runs of plain bytes are copied whole. */
#include "core/json.h"

#include <math.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/clock.h"
#include "core/text.h"

/* Where `n` bytes are to be written, which count already; NULL when the buffer refuses them. */
static char *take(wd_buf *b, size_t n)
{
    bool fits = b->status == WD_OK && n < b->cap - b->len && n <= b->limit - b->len;
    char *at = fits ? b->ptr + b->len : wd_buf_room(b, n);
    if (at == NULL)
        return NULL;
    b->len += n;
    at[n] = '\0';
    return at;
}

static void before_value(wd_json *j)
{
    if (j->comma)
        wd_buf_append_char(j->out, ',');
    j->comma = true;
}

/* A value that needs no escaping; of one byte at least. */
static void put_plain(wd_json *j, const char *bytes, size_t n)
{
    char *at = take(j->out, j->comma + n);
    if (at != NULL) {
        *at = ',';
        memcpy(at + j->comma, bytes, n);
    }
    j->comma = true;
}

static void open_with(wd_json *j, char c)
{
    put_plain(j, &c, 1);
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

/* Bytes that a key takes beside its own: quotes, colon, perhaps a comma. */
static size_t around_key(const wd_json *j)
{
    return 3u + j->comma;
}

static char *write_key(const wd_json *j, wd_span key, char *at)
{
    *at = ',';
    at += j->comma;
    *at++ = '"';
    memcpy(at, key.ptr, key.len);
    at += key.len;
    *at++ = '"';
    *at++ = ':';
    return at;
}

void wd_json_key_span(wd_json *j, wd_span key)
{
    char *at = take(j->out, around_key(j) + key.len);
    if (at != NULL)
        write_key(j, key, at);
    j->comma = false;
}

void wd_json_ready(wd_json *j, wd_span json)
{
    put_plain(j, json.ptr, json.len);
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

/* One byte that a run cannot have, as JSON says it; how many bytes that is. */
static size_t escape(unsigned char c, char out[6])
{
    static const char shorts[] = "btn\0fr", digit[] = "0123456789abcdef";
    if (c >= 0x80)
        return wd_utf8_put(WD_RUNE_BAD, out);
    bool itself = c == '"' || c == '\\';
    out[0] = '\\';
    if (itself || (c >= 8 && c <= 13 && shorts[c - 8] != '\0')) { /* \b to \r, without \v */
        out[1] = itself ? (char)c : shorts[c - 8];
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = digit[c >> 4];
    out[5] = digit[c & 15];
    return 6;
}

static void write_quoted(wd_span v, char *at)
{
    *at++ = '"';
    if (v.len > 0)
        memcpy(at, v.ptr, v.len);
    at[v.len] = '"';
}

/* A string that is one run up to `end` only. */
static void put_escaped(wd_json *j, wd_span v, size_t end)
{
    put_plain(j, "\"", 1);
    for (size_t from = 0; from < v.len; end = run_end(v, from)) {
        char odd[6];
        size_t n = end < v.len ? escape((unsigned char)v.ptr[end], odd) : 0;
        char *at = take(j->out, end - from + n);
        if (at == NULL)
            return;
        memcpy(at, v.ptr + from, end - from);
        memcpy(at + (end - from), odd, n);
        from = end + (n > 0);
    }
    wd_buf_append_char(j->out, '"');
}

void wd_json_string(wd_json *j, wd_span v)
{
    size_t end = run_end(v, 0);
    if (end < v.len) {
        put_escaped(j, v, end);
        return;
    }
    char *at = take(j->out, j->comma + v.len + 2);
    if (at != NULL) {
        *at = ',';
        write_quoted(v, at + j->comma);
    }
    j->comma = true;
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

/* By hand, as printf would: it cost a thousand instructions a number.  What rounding in two
 * steps could turn the other way is left to printf. */
static bool fixed(double value, int decimals, char out[16], size_t *n)
{
    static const double scale[] = { 1, 10, 100, 1000 };
    if (signbit(value) || !(value < 1000) || decimals < 1 || decimals > 3)
        return false;
    double scaled = value * scale[decimals];
    uint32_t whole = (uint32_t)scaled;
    double rest = scaled - whole;
    if (rest > 0.499999 && rest < 0.500001)
        return false;
    whole += rest > 0.5;
    char *end = out + 16, *at = end;
    for (int i = 0; i <= decimals || whole > 0; i++) {
        if (i == decimals)
            *--at = '.';
        *--at = (char)('0' + whole % 10);
        whole /= 10;
    }
    *n = (size_t)(end - at);
    memmove(out, at, *n);
    return true;
}

void wd_json_double(wd_json *j, double value, int decimals)
{
    char text[16];
    size_t n;
    if (fixed(value, decimals, text, &n)) {
        put_plain(j, text, n);
        return;
    }
    before_value(j);
    wd_buf_printf(j->out, "%.*f", decimals, value);
}

void wd_json_bool(wd_json *j, bool value)
{
    wd_json_ready(j, value ? WD_SPAN_LIT("true") : WD_SPAN_LIT("false"));
}

void wd_json_null(wd_json *j)
{
    wd_json_ready(j, WD_SPAN_LIT("null"));
}

/* Key and value in one piece where nothing is to be escaped: an event has sixty of them. */
void wd_json_put_span(wd_json *j, wd_span key, wd_span value)
{
    if (run_end(value, 0) < value.len) {
        wd_json_key_span(j, key);
        wd_json_string(j, value);
        return;
    }
    char *at = take(j->out, around_key(j) + key.len + value.len + 2);
    if (at != NULL)
        write_quoted(value, write_key(j, key, at));
    j->comma = true;
}

void wd_json_put_int(wd_json *j, const char *key, int64_t value)
{
    wd_json_key(j, key);
    wd_json_int(j, value);
}

void wd_json_put_time_opt(wd_json *j, const char *key, int64_t ms, bool with_ms)
{
    char text[WD_TIME_TEXT_BYTES];
    if (wd_time_text(ms, with_ms, text)[0] != '\0')
        wd_json_put_text(j, key, text);
}
