/*
 * parsers/scan.h - the next byte of one or three kinds, sixteen at a time and without a call: what
 * is looked for in markup is mostly a few bytes away.
 */
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* All return `end` when there is none. */
static inline const char *wd_scan_three(const char *p, const char *end, char a, char b, char c)
{
#ifdef __SSE2__
    const __m128i va = _mm_set1_epi8(a), vb = _mm_set1_epi8(b), vc = _mm_set1_epi8(c);
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, va),
                                   _mm_or_si128(_mm_cmpeq_epi8(v, vb), _mm_cmpeq_epi8(v, vc)));
        int mask = _mm_movemask_epi8(hit);
        if (mask != 0)
            return p + __builtin_ctz((unsigned)mask);
    }
#endif
    while (p < end && *p != a && *p != b && *p != c)
        p++;
    return p;
}

static inline const char *wd_scan_one(const char *p, const char *end, char a)
{
#ifdef __SSE2__
    const __m128i va = _mm_set1_epi8(a);
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(v, va));
        if (mask != 0)
            return p + __builtin_ctz((unsigned)mask);
    }
#endif
    while (p < end && *p != a)
        p++;
    return p;
}
