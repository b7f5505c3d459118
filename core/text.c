/* core/text.c - decoding, measuring and cleaning UTF-8. */
#include "core/text.h"

#include <endian.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/ascii.h"

static bool continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Length of the valid sequence at p (1-4), or 0. */
static size_t sequence(const unsigned char *p, size_t left, uint32_t *rune)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xC2 ? 0
               : p[0] < 0xE0 ? 2
               : p[0] < 0xF0 ? 3
               : p[0] < 0xF5 ? 4
                             : 0;
    if (n <= 1) {
        *rune = p[0];
        return n;
    }
    if (n > left)
        return 0;
    uint32_t r = p[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if (!continuation(p[i]))
            return 0;
        r = r << 6 | (p[i] & 0x3Fu);
    }
    *rune = r;
    return r < least[n] || r > 0x10FFFF || wd_rune_is_half(r) ? 0 : n;
}

uint32_t wd_utf8_next(wd_span s, size_t *at)
{
    uint32_t rune;
    size_t n = sequence((const unsigned char *)s.ptr + *at, s.len - *at, &rune);
    *at += n ? n : 1;
    return n ? rune : WD_RUNE_BAD;
}

size_t wd_utf8_put(uint32_t r, char out[4])
{
    if (r > 0x10FFFF || wd_rune_is_half(r))
        r = WD_RUNE_BAD;
    if (r < 0x80) {
        out[0] = (char)r;
        return 1;
    }
    size_t n = r < 0x800 ? 2 : r < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, r >>= 6)
        out[i] = (char)(0x80 | (r & 0x3F));
    out[0] = (char)((0xF00u >> n & 0xFFu) | r);
    return n;
}

size_t wd_utf8_valid_until(wd_span s)
{
    size_t i = 0;
    while (i < s.len) {
        uint64_t word;
        uint32_t rune;
        if (i + sizeof(word) <= s.len) {
            memcpy(&word, s.ptr + i, sizeof(word));
            if ((word & 0x8080808080808080ULL) == 0) {
                i += sizeof(word);
                continue;
            }
        }
        size_t n = sequence((const unsigned char *)s.ptr + i, s.len - i, &rune);
        if (n == 0)
            return i;
        i += n;
    }
    return s.len;
}

wd_span wd_utf8_head(wd_span s, size_t max)
{
    if (s.len <= max)
        return s;
    while (max > 0 && continuation((unsigned char)s.ptr[max]))
        max--;
    return (wd_span){ s.ptr, max };
}

#define EIGHT(byte) (0x0101010101010101ULL * (byte))

/* The high bit of each of eight bytes that is ASCII white space. */
static uint64_t spaces(uint64_t x)
{
    uint64_t low = x & EIGHT(0x7F);
    uint64_t other = (low ^ EIGHT(' ')) + EIGHT(0x7F); /* high bit: no blank */
    uint64_t from_tab = low + EIGHT(0x80 - '\t'), after_return = low + EIGHT(0x7F - '\r');
    return (~other | (from_tab & ~after_return)) & ~x & EIGHT(0x80);
}

/* The same for bytes that go on with a character. */
static uint64_t continuations(uint64_t x)
{
    return x & ~(x << 1) & EIGHT(0x80);
}

/* How many of eight high bits are set; a popcount instruction is not everybody's. */
static size_t count(uint64_t high_bits)
{
    return (size_t)((high_bits >> 7) * EIGHT(1) >> 56);
}

#ifdef __SSE2__
/* The sum of 16 counts of a byte each. */
static size_t sum(__m128i counts)
{
    __m128i two = _mm_sad_epu8(counts, _mm_setzero_si128());
    return (size_t)_mm_cvtsi128_si32(two) + (size_t)_mm_extract_epi16(two, 4);
}

/* Sixteen at once, as far as they go; a byte counts up to 255, so no more rounds than that. */
static size_t count_sixteens(wd_span s, bool *inside, size_t *words, size_t *runes)
{
    enum { ROUNDS = 255 };
    const __m128i blank = _mm_set1_epi8(' '), tab = _mm_set1_epi8('\t' - 1);
    const __m128i after_return = _mm_set1_epi8('\r' + 1), first = _mm_set1_epi8(-64); /* 0xC0 */
    __m128i starts = _mm_setzero_si128(), others = _mm_setzero_si128();
    size_t i = 0;
    for (int round = 0; round < ROUNDS && i + 16 <= s.len; round++, i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i));
        __m128i control = _mm_and_si128(_mm_cmpgt_epi8(x, tab), _mm_cmplt_epi8(x, after_return));
        __m128i space = _mm_or_si128(_mm_cmpeq_epi8(x, blank), control);
        __m128i carried = _mm_cvtsi32_si128(*inside ? 0 : 0xFF);
        __m128i before = _mm_or_si128(_mm_slli_si128(space, 1), carried);
        starts = _mm_sub_epi8(starts, _mm_andnot_si128(space, before)); /* all bits set is -1 */
        others = _mm_sub_epi8(others, _mm_cmplt_epi8(x, first));
        *inside = (_mm_movemask_epi8(space) & 0x8000) == 0;
    }
    *words += sum(starts);
    *runes += i - sum(others);
    return i;
}
#endif

void wd_text_count(wd_span s, size_t *words, size_t *runes)
{
    size_t i = 0;
    bool inside = false;
    *words = *runes = 0;
#ifdef __SSE2__
    while (i + 16 <= s.len)
        i += count_sixteens(wd_span_from(s, i), &inside, words, runes);
#endif
    for (; i + 8 <= s.len; i += 8) {
        uint64_t x;
        memcpy(&x, s.ptr + i, sizeof(x));
        x = le64toh(x); /* a byte's left neighbour is the one below it */
        uint64_t space = spaces(x);
        uint64_t before = (space << 8) | (inside ? 0 : 0x80);
        *words += count(before & ~space & EIGHT(0x80));
        *runes += 8 - count(continuations(x));
        inside = (space >> 63) == 0;
    }
    for (; i < s.len; i++) {
        bool space = wd_is_space(s.ptr[i]);
        *words += !space && !inside;
        inside = !space;
        *runes += !continuation((unsigned char)s.ptr[i]);
    }
}

bool wd_rune_is_control(uint32_t r)
{
    if (r < 0x20)
        return r != '\t' && r != '\n' && r != '\r';
    return (r >= 0x7F && r <= 0x9F) || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069);
}

static bool is_blank(uint32_t r)
{
    return r == ' ' || (r >= '\t' && r <= '\r') || r == 0xA0 || r == 0x3000 || r == 0x2028 ||
           r == 0x2029;
}

wd_span wd_text_one_line(wd_arena *a, wd_span s, size_t max, bool *changed)
{
    if (s.ptr == NULL)
        return WD_SPAN_NONE;
    size_t room = s.len * 3 < max ? s.len * 3 : max; /* a bad byte becomes three */
    char *out = wd_arena_alloc(a, room + 5);
    if (out == NULL)
        return WD_SPAN_NONE;
    size_t n = 0;
    bool gap = false;
    for (size_t i = 0; i < s.len;) {
        if (!gap && n < max && s.ptr[i] > ' ' && s.ptr[i] < 0x7F) { /* inside a plain word */
            out[n++] = s.ptr[i++];
            continue;
        }
        uint32_t r = wd_utf8_next(s, &i);
        char bytes[4];
        if (is_blank(r)) {
            gap = n > 0;
            continue;
        }
        if (wd_rune_is_control(r)) {
            if (changed != NULL)
                *changed = true;
            continue;
        }
        size_t len = wd_utf8_put(r, bytes);
        if (n + gap + len > max)
            break;
        if (gap)
            out[n++] = ' ';
        gap = false;
        memcpy(out + n, bytes, len);
        n += len;
    }
    out[n] = '\0';
    wd_arena_trim(a, out, room + 5, n + 1);
    return (wd_span){ out, n };
}

void wd_text_escape_log(wd_buf *out, wd_span s)
{
    for (size_t i = 0; i < s.len;) {
        size_t from = i;
        uint32_t r = wd_utf8_next(s, &i);
        if (r == '\n' || r == '\r' || r == '\t')
            wd_buf_append_char(out, ' ');
        else if (r == WD_RUNE_BAD && i - from == 1)
            wd_buf_printf(out, "\\x%02x", (unsigned char)s.ptr[from]);
        else if (wd_rune_is_control(r))
            wd_buf_printf(out, r < 0x100 ? "\\x%02x" : "\\u{%04x}", r);
        else
            wd_buf_append(out, s.ptr + from, i - from);
    }
}
