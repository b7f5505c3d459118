/* parsers/clean.c - nearly every document is clean already, so that finding it out must cost
 * next to nothing: sixteen bytes of ASCII at a time, and one compact decoder for the rest. */
#include "parsers/clean.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/item.h"
#include "core/text.h"

#define HALVES_BYTES 6u

/* --- one character ------------------------------------------------------------ */

/* What stands at p: its length in bytes, and whether it may stay. */
struct shape {
    uint8_t len;
    enum { KEEP, CONTROL, HALVES, INVALID } verdict;
};

static bool continues(const unsigned char *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return false;
    return true;
}

static struct shape shape_of_three(const unsigned char *p)
{
    if (!continues(p, 3) || (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F))
        return (struct shape){ 1, INVALID };
    bool bidi = p[0] == 0xE2 && ((p[1] == 0x80 && p[2] >= 0xAA && p[2] <= 0xAE) ||
                                 (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
    bool noncharacter = p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE;
    return (struct shape){ 3, bidi || noncharacter ? CONTROL : KEEP };
}

static bool is_halves(const unsigned char *p, size_t left)
{
    return left >= HALVES_BYTES && wd_clean_is_first_half((const char *)p) && continues(p, 3) &&
           p[3] == 0xED && p[4] >= 0xB0 && continues(p + 3, 3);
}

static uint32_t half_at(const unsigned char *p)
{
    return 0xD000 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
}

static struct shape shape_of(const unsigned char *p, size_t left)
{
    unsigned char c = p[0];
    if (c < 0x80) {
        bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
        return (struct shape){ 1, control ? CONTROL : KEEP };
    }
    if (c >= 0xC2 && c < 0xE0 && left >= 2 && continues(p, 2))
        return (struct shape){ 2, c == 0xC2 && p[1] < 0xA0 ? CONTROL : KEEP };
    if (is_halves(p, left))
        return (struct shape){ HALVES_BYTES, HALVES };
    if (c >= 0xE0 && c < 0xF0 && left >= 3)
        return shape_of_three(p);
    if (c >= 0xF0 && c < 0xF5 && left >= 4 && continues(p, 4) && !(c == 0xF0 && p[1] < 0x90) &&
        !(c == 0xF4 && p[1] > 0x8F))
        return (struct shape){ 4, KEEP };
    return (struct shape){ 1, INVALID };
}

/* --- the fast way over plain ASCII --------------------------------------------- */

#ifdef __SSE2__
static size_t skip_ascii(const unsigned char *p, size_t i, size_t n)
{
    const __m128i space = _mm_set1_epi8(0x20), del = _mm_set1_epi8(0x7F);
    const __m128i tab = _mm_set1_epi8('\t'), lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    for (; i + 16 <= n; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i low = _mm_cmplt_epi8(v, space); /* signed: bytes from 0x80 on are low too */
        if (_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(v, del))) == 0)
            continue;
        __m128i white = _mm_or_si128(_mm_cmpeq_epi8(v, lf),
                                     _mm_or_si128(_mm_cmpeq_epi8(v, tab), _mm_cmpeq_epi8(v, cr)));
        __m128i odd = _mm_or_si128(_mm_andnot_si128(white, low), _mm_cmpeq_epi8(v, del));
        int mask = _mm_movemask_epi8(odd);
        if (mask != 0)
            return i + (size_t)__builtin_ctz((unsigned)mask);
    }
    return i;
}
#else
static size_t skip_ascii(const unsigned char *p, size_t i, size_t n)
{
    while (i < n && p[i] >= 0x20 && p[i] < 0x7F)
        i++;
    return i;
}
#endif

size_t wd_clean_ascii(wd_span s)
{
    return skip_ascii((const unsigned char *)s.ptr, 0, s.len);
}

/* Letters of two and three bytes, except where controls and noncharacters have their places:
 * nearly all there is beyond ASCII. */
static size_t skip_letters(const unsigned char *p, size_t i, size_t n)
{
    for (; i + 3 <= n; i += p[i] < 0xE0 ? 2 : 3) {
        bool two = p[i] > 0xC2 && p[i] < 0xE0 && (p[i + 1] & 0xC0) == 0x80;
        bool three = p[i] > 0xE0 && p[i] < 0xED && (p[i + 1] & 0xC0) == 0x80 &&
                     (p[i + 2] & 0xC0) == 0x80 && !(p[i] == 0xE2 && p[i + 1] < 0x82);
        if (!two && !three)
            break;
    }
    return i;
}

size_t wd_clean_until(wd_span s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t i = 0;
    while (i < s.len) {
        i = skip_ascii(p, i, s.len);
        while (i < s.len) { /* until sixteen plain bytes may follow again */
            i = skip_letters(p, i, s.len);
            if (i == s.len)
                break;
            struct shape c = shape_of(p + i, s.len - i);
            if (c.verdict != KEEP)
                return i;
            i += c.len;
            if (c.len == 1)
                break;
        }
    }
    return s.len;
}

static void append_joined(const unsigned char *p, wd_buf *out)
{
    char text[4];
    size_t n = wd_utf8_put(wd_rune_join(half_at(p), half_at(p + 3)), text);
    wd_buf_append(out, text, n);
}

wd_status wd_clean_copy(wd_span s, wd_buf *out, uint32_t *flags)
{
    while (s.len > 0) {
        size_t run = wd_clean_until(s);
        wd_buf_append(out, s.ptr, run);
        s = wd_span_from(s, run);
        if (s.len == 0)
            break;
        struct shape c = shape_of((const unsigned char *)s.ptr, s.len);
        *flags |= c.verdict == CONTROL ? WD_ITEM_CONTROLS_STRIPPED : WD_ITEM_BAD_ENCODING;
        if (c.verdict == INVALID)
            wd_buf_append(out, "\xEF\xBF\xBD", 3);
        else if (c.verdict == HALVES)
            append_joined((const unsigned char *)s.ptr, out);
        s = wd_span_from(s, c.len);
    }
    return wd_buf_status(out);
}

void wd_clean_census(wd_span s, size_t *good, size_t *bad)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    *good = *bad = 0;
    for (size_t i = skip_ascii(p, 0, s.len); i < s.len; i = skip_ascii(p, i, s.len)) {
        struct shape c = shape_of(p + i, s.len - i);
        *good += c.len > 1;
        *bad += c.verdict == INVALID;
        i += c.len;
    }
}
