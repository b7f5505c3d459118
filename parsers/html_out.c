/* parsers/html_out.c - runs of bytes go out whole. */
#include "parsers/html_out.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "parsers/html.h"
#include "parsers/scan.h"

/* What an article has; only what is written becomes memory. */
#define FIRST_BYTES (32u * 1024u)

bool wd_html_grow(wd_html_bytes *b, size_t n)
{
    if (b->full)
        return false;
    size_t cap = b->cap ? b->cap : FIRST_BYTES;
    while (cap < b->len + n)
        cap *= 2;
    char *p = b->len + n <= WD_HTML_OUTPUT_BYTES + b->over ? realloc(b->ptr, cap) : NULL;
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

const char *wd_html_put_text(wd_html_bytes *b, const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i lt = _mm_set1_epi8('<'), amp = _mm_set1_epi8('&'), cr = _mm_set1_epi8('\r');
    for (; end - p >= 16 && wd_html_room(b, 16); p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, lt),
                                   _mm_or_si128(_mm_cmpeq_epi8(v, amp), _mm_cmpeq_epi8(v, cr)));
        unsigned mask = (unsigned)_mm_movemask_epi8(hit);
        unsigned n = mask != 0 ? (unsigned)__builtin_ctz(mask) : 16;
        _mm_storeu_si128((__m128i *)(void *)(b->ptr + b->len), v);
        b->len += n;
        if (mask != 0)
            return p + n;
    }
#endif
    const char *stop = wd_scan_three(p, end, '<', '&', '\r');
    wd_html_put(b, p, (size_t)(stop - p));
    return stop;
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
