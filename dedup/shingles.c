/* dedup/shingles.c - a polynomial rolling hash, finished so that every bit may be used. */
#include "dedup/shingles.h"

#include <string.h>

static const uint64_t base = 0x9e3779b97f4a7c15ULL;

/* Its powers to the lengths of a shingle. */
static const uint64_t words_power = 0x2e2b795f2d10fd85ULL, ideographs_power = 0x6d4b2611beb6861ULL;

static uint64_t finish(uint64_t h)
{
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    h ^= h >> 32;
    return h | 1; /* never "none" */
}

/* The run of k words at i, of prefix sums in out[]; `whole` is the last of them. */
static uint64_t run(const uint64_t *out, size_t n, uint64_t whole, size_t i, size_t k)
{
    return (i + k == n ? whole : out[i + k]) -
           out[i] * (k == WD_SHINGLE_WORDS ? words_power : ideographs_power);
}

/* Both bits of a token's kind are set. */
static bool has_ideographs(const wd_token *tokens, size_t n)
{
    uint64_t some = 0;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        uint64_t four;
        memcpy(&four, tokens + i, sizeof(four));
        some |= four & (four >> 1);
    }
    for (; i < n; i++)
        some |= tokens[i].bits & (tokens[i].bits >> 1);
    return (some & 0x0001000100010001ULL) != 0;
}

_Static_assert(WD_TOKEN_IDEOGRAPH == 3 && WD_TOKEN_KIND_BITS == 2, "the only kind with both bits");

/* Prefix sums H(i) = H(i-1) * base + word; a run is H(end) - H(start) * base^length.
 * They are kept in out[] itself: out[i] holds H(i) until its shingle replaces it. */
void wd_shingles_of(const wd_token *tokens, size_t n, uint64_t *out)
{
    uint64_t whole = 0;
    for (size_t i = 0; i < n; i++) {
        out[i] = whole;
        whole = whole * base + wd_token_word(tokens[i]) + 1;
    }
    size_t i = 0;
    if (!has_ideographs(tokens, n)) /* most texts: none of it depends on the word */
        for (; i + WD_SHINGLE_WORDS < n; i++)
            out[i] = finish(out[i + WD_SHINGLE_WORDS] - out[i] * words_power);
    for (; i < n; i++) {
        size_t k = wd_shingle_length(tokens[i]);
        out[i] = i + k > n ? 0 : finish(run(out, n, whole, i, k));
    }
}

/* Kept is what is no higher, after one was taken off: a shingle is odd, so that costs it
 * nothing, and none (0) becomes the highest of all. */
static uint64_t limit_of(uint32_t one_in, unsigned ideograph, bool is_short)
{
    one_in <<= ideograph;
    return (uint64_t)(UINT32_MAX / (is_short && one_in > 2 ? 2 : one_in)) << 32 | 0xFFFFFFFE;
}

typedef struct chooser {
    const wd_token *tokens;
    const uint64_t *shingles;
    uint16_t *kept;
    size_t n;
} chooser;

static bool is_within(const chooser *c, size_t i, const uint64_t limits[2])
{
    return c->shingles[i] - 1 <= limits[wd_token_kind_of(c->tokens[i]) == WD_TOKEN_IDEOGRAPH];
}

/* One in two to sixteen is kept, which no processor can guess: no branch, and what kind of word it
 * is, is asked of those alone. */
static void choose(chooser *c, size_t from, size_t to, const uint64_t limits[2])
{
    uint64_t limit = limits[0] > limits[1] ? limits[0] : limits[1];
    uint16_t *kept = c->kept + c->n;
    size_t n = 0, all;
    for (size_t i = from; i < to; i++) {
        kept[n] = (uint16_t)i;
        n += c->shingles[i] - 1 <= limit;
    }
    all = n;
    n = 0;
    for (size_t k = 0; k < all; k++) {
        kept[n] = kept[k];
        n += is_within(c, kept[k], limits);
    }
    c->n += n;
}

size_t wd_sampling_choose(const wd_sampling *s,
                          const wd_token *tokens,
                          const uint64_t *shingles,
                          size_t n,
                          uint16_t *kept)
{
    bool is_short = n < s->short_words;
    uint64_t lead[2], tail[2];
    for (unsigned ideograph = 0; ideograph < 2; ideograph++) {
        lead[ideograph] = limit_of(s->lead, ideograph, is_short);
        tail[ideograph] = limit_of(s->tail, ideograph, is_short);
    }
    /* Ideographs say less each: they have a lead of twice as many. */
    size_t end = s->lead_words < n ? s->lead_words : n;
    size_t end_of_ideographs = 2u * s->lead_words < n ? 2u * s->lead_words : n;
    chooser c = { .tokens = tokens, .shingles = shingles, .kept = kept };
    choose(&c, 0, end, lead);
    choose(&c, end, end_of_ideographs, (const uint64_t[]){ tail[0], lead[1] });
    choose(&c, end_of_ideographs, n, tail);
    return c.n;
}
