/* parsers/json_reader.c - RFC 8259, read left to right once. */
#include "parsers/json_reader.h"

#include <stdint.h>
#include <string.h>

#include "core/ascii.h"
#include "core/text.h"

static void skip_space(wd_json_reader *r)
{
    while (r->at < r->end && wd_is_space(*r->at))
        r->at++;
}

static bool fail(wd_json_reader *r)
{
    r->broken = true;
    return false;
}

char wd_json_reader_next(wd_json_reader *r)
{
    skip_space(r);
    return r->broken || r->at == r->end ? '\0' : *r->at;
}

bool wd_json_reader_enter(wd_json_reader *r, char open)
{
    if (wd_json_reader_next(r) != open)
        return false;
    r->at++;
    return true;
}

/* --- strings ------------------------------------------------------------------------ */

/* The inside of the string at r->at; true when it has escapes. */
static bool take_string(wd_json_reader *r, wd_span *ret)
{
    const char *from = r->at + 1, *p = from;
    bool escaped = false;
    while ((p = p < r->end ? memchr(p, '"', (size_t)(r->end - p)) : NULL) != NULL) {
        size_t slashes = 0;
        while (p - slashes > from && p[-1 - (ptrdiff_t)slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            break;
        p++;
    }
    if (p == NULL) {
        r->at = r->end;
        *ret = WD_SPAN_NONE;
        return fail(r);
    }
    *ret = (wd_span){ from, (size_t)(p - from) };
    escaped = memchr(from, '\\', ret->len) != NULL;
    r->at = p + 1;
    return escaped;
}

static bool hex4(wd_span s, size_t at, uint32_t *ret)
{
    uint32_t v = 0;
    for (size_t i = at; i < at + 4; i++) {
        int digit = i < s.len ? wd_hex_value(s.ptr[i]) : -1;
        if (digit < 0)
            return false;
        v = v << 4 | (uint32_t)digit;
    }
    *ret = v;
    return true;
}

/* \uXXXX at s[*at] == 'u', surrogates joined; moves behind it.  False: there are no four digits. */
static bool take_rune(wd_span s, size_t *at, uint32_t *ret)
{
    uint32_t high, low;
    if (!hex4(s, *at + 1, &high))
        return false;
    *at += 5;
    *ret = high;
    bool second =
        *at + 1 < s.len && s.ptr[*at] == '\\' && s.ptr[*at + 1] == 'u' && hex4(s, *at + 2, &low);
    uint32_t whole = second ? wd_rune_join(high, low) : 0;
    if (whole != 0) {
        *at += 6;
        *ret = whole;
    }
    return true;
}

/* Writes no more bytes than the escape has: decode() counts on it. */
static size_t put_escape(wd_span s, size_t *at, char *out)
{
    static const char from[] = "nrt\"\\/", to[] = "\n\r\t\"\\/";
    char c = *at < s.len ? s.ptr[*at] : '\\';
    uint32_t r;
    if (c == 'u' && take_rune(s, at, &r)) {
        if (wd_rune_is_control(r) || (r & 0xFFFE) == 0xFFFE)
            return 0;
        return wd_utf8_put(r, out);
    }
    const char *known = c ? strchr(from, c) : NULL;
    *at += 1;
    if (known == NULL) /* \b and \f are no text; any other letter stands for itself */
        return c == 'b' || c == 'f' ? 0 : (*out = c, 1);
    *out = to[known - from];
    return 1;
}

static wd_span decode(wd_span s, wd_arena *keep)
{
    char *out = wd_arena_alloc(keep, s.len + 1);
    size_t n = 0;
    if (out == NULL)
        return WD_SPAN_NONE;
    for (size_t i = 0; i < s.len;) {
        const char *slash = memchr(s.ptr + i, '\\', s.len - i);
        size_t run = slash ? (size_t)(slash - s.ptr) - i : s.len - i;
        memcpy(out + n, s.ptr + i, run);
        n += run;
        i += run;
        if (slash == NULL)
            break;
        i++;
        n += put_escape(s, &i, out + n); /* never longer than what it replaces */
    }
    wd_arena_trim(keep, out, s.len + 1, n + 1);
    return (wd_span){ out, n };
}

/* --- values --------------------------------------------------------------------------- */

static void skip_scalar(wd_json_reader *r)
{
    const char *from = r->at;
    while (r->at < r->end && !wd_is_space(*r->at) && strchr(",]}", *r->at) == NULL)
        r->at++;
    if (r->at == from)
        fail(r);
}

void wd_json_reader_skip(wd_json_reader *r)
{
    size_t depth = 0;
    do {
        char c = wd_json_reader_next(r);
        wd_span unused;
        if (c == '\0') {
            fail(r);
        } else if (c == '"') {
            (void)take_string(r, &unused);
        } else if (c == '{' || c == '[') {
            r->at++;
            if (++depth > WD_JSON_DEPTH)
                fail(r);
        } else if (c == '}' || c == ']') {
            r->at++;
            if (depth-- == 0)
                fail(r);
        } else if (c == ',' || c == ':') {
            r->at++;
        } else {
            skip_scalar(r);
        }
    } while (depth > 0 && !r->broken);
}

wd_span wd_json_reader_text(wd_json_reader *r, wd_arena *keep)
{
    char c = wd_json_reader_next(r);
    if (c == '"') {
        wd_span s;
        return take_string(r, &s) ? decode(s, keep) : s;
    }
    const char *from = r->at;
    bool number = wd_is_digit(c) || c == '-';
    wd_json_reader_skip(r);
    return number ? (wd_span){ from, (size_t)(r->at - from) } : WD_SPAN_NONE;
}

/* --- containers -------------------------------------------------------------------------- */

/* Past commas; false at the closing bracket, which is taken, and at the end. */
static bool another(wd_json_reader *r)
{
    char c;
    while ((c = wd_json_reader_next(r)) == ',')
        r->at++;
    if (c == '\0')
        return fail(r);
    if (c != '}' && c != ']')
        return true;
    r->at++;
    return false;
}

bool wd_json_reader_key(wd_json_reader *r, wd_span *key)
{
    if (!another(r))
        return false;
    if (*r->at != '"')
        return fail(r);
    (void)take_string(r, key); /* keys that matter have no escapes */
    if (r->broken || wd_json_reader_next(r) != ':')
        return fail(r);
    r->at++;
    return true;
}

bool wd_json_reader_more(wd_json_reader *r)
{
    return another(r);
}
