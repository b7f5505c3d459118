/* parsers/html_out.c - runs of bytes go out whole; white space is folded on the way. */
#include "parsers/html_out.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/ascii.h"
#include "parsers/html.h"

bool wd_html_grow(wd_html_bytes *b, size_t n)
{
    if (b->full)
        return false;
    size_t cap = b->cap ? b->cap : 4096;
    while (cap < b->len + n)
        cap *= 2;
    char *p = b->len + n <= WD_HTML_OUTPUT_BYTES ? realloc(b->ptr, cap) : NULL;
    if (p == NULL) {
        b->full = true;
        return false;
    }
    b->ptr = p;
    b->cap = cap;
    return true;
}

void wd_html_bytes_done(wd_html_bytes *b)
{
    free(b->ptr);
    *b = (wd_html_bytes){ 0 };
}

static const char *reference_for(char c, bool attribute)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return attribute ? "&quot;" : NULL;
    default:
        return NULL;
    }
}

static const bool marked[256] = {
    ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\r'] = true
};

void wd_html_put_escaped(wd_html_bytes *b, wd_span s, bool attribute)
{
    size_t from = 0;
    if (s.len == 0)
        return;
    for (size_t i = 0; i < s.len; i++) {
        if (!marked[(unsigned char)s.ptr[i]])
            continue;
        const char *ref = reference_for(s.ptr[i], attribute);
        if (ref == NULL && s.ptr[i] != '\r')
            continue;
        wd_html_put(b, s.ptr + from, i - from);
        wd_html_put(b, ref ? ref : "", ref ? strlen(ref) : 0);
        from = i + 1;
    }
    wd_html_put(b, s.ptr + from, s.len - from);
}

/* --- text ------------------------------------------------------------------------- */

static void pay_lines(wd_html_text *t)
{
    char *p = t->out.ptr;
    if (t->out.len > 0) {
        while (t->out.len > 0 && p[t->out.len - 1] == ' ')
            t->out.len--;
        for (; t->lines > 0; t->lines--)
            p[t->out.len++] = '\n';
        t->space = true;
    }
    t->lines = 0;
}

/* How many bytes from p[i] on are words and single spaces, copied to `out` on the way; p[i - 1]
 * is there.  Writes up to 16 bytes more than it counts. */
static size_t copy_plain(const char *p, size_t i, size_t n, char *out)
{
    size_t from = i;
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(' '), lead = _mm_set1_epi8((char)0xC2);
    for (; i + 16 <= n; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(p + i - 1));
        /* unsigned: v <= ' ' */
        __m128i low = _mm_cmpeq_epi8(_mm_max_epu8(v, space), space);
        __m128i low_before = _mm_cmpeq_epi8(_mm_max_epu8(before, space), space);
        __m128i other = _mm_andnot_si128(_mm_cmpeq_epi8(v, space), low);
        __m128i odd = _mm_or_si128(_mm_or_si128(other, _mm_and_si128(low, low_before)),
                                   _mm_cmpeq_epi8(v, lead));
        int mask = _mm_movemask_epi8(odd);
        _mm_storeu_si128((__m128i *)(void *)(out + (i - from)), v);
        if (mask != 0)
            return i - from + (size_t)__builtin_ctz((unsigned)mask);
    }
#else
    (void)p, (void)n, (void)out;
#endif
    return i - from;
}

/* One byte, or a no-break space, at p[i]; returns the bytes it took. */
static size_t text_byte(wd_html_text *t, const char *p, size_t i, size_t n, char **out)
{
    unsigned char c = (unsigned char)p[i];
    bool nbsp = c == 0xC2 && i + 1 < n && (unsigned char)p[i + 1] == 0xA0;
    if (c > ' ' && !nbsp) {
        *(*out)++ = (char)c;
        t->space = false;
    } else if (t->pre > 0 && !nbsp) {
        **out = (char)c;
        *out += c != '\r';
        t->space = true;
    } else {
        **out = ' ';
        *out += !t->space;
        t->space = true;
    }
    return 1 + nbsp;
}

void wd_html_text_run(wd_html_text *t, const char *p, size_t n)
{
    size_t i = 0;
    if (!wd_html_room(&t->out, n + 20))
        return;
    if (t->lines > 0) {
        while (i < n && wd_is_space(p[i]) && t->pre == 0)
            i++;
        if (i == n)
            return;
        pay_lines(t);
    }
    char *out = t->out.ptr + t->out.len;
    while (i < n) {
        i += text_byte(t, p, i, n, &out);
        if (t->pre > 0 || n - i < 16 || i >= n)
            continue;
        size_t plain = copy_plain(p, i, n, out);
        i += plain;
        out += plain;
        if (plain > 0)
            t->space = p[i - 1] == ' ';
    }
    t->out.len = (size_t)(out - t->out.ptr);
}

void wd_html_text_break(wd_html_text *t, unsigned lines)
{
    if (t->lines < lines)
        t->lines = lines;
}

void wd_html_text_line(wd_html_text *t)
{
    if (t->lines < 2)
        t->lines++;
}

wd_span wd_html_text_end(wd_html_text *t)
{
    wd_span s = { t->out.ptr, t->out.len };
    return wd_span_trim(s);
}
