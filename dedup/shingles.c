/* dedup/shingles.c - a polynomial rolling hash, finished so that every bit may be used. */
#include "dedup/shingles.h"

static const uint64_t base = 0x9e3779b97f4a7c15ULL;

static uint64_t power(size_t exponent)
{
    uint64_t p = 1;
    while (exponent-- > 0)
        p *= base;
    return p;
}

static uint64_t finish(uint64_t h)
{
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    h ^= h >> 32;
    return h | 1; /* never "none" */
}

/* Prefix sums H(i) = H(i-1) * base + word; a run is H(end) - H(start) * base^length.
 * They are kept in out[] itself: out[i] holds H(i) until its shingle replaces it. */
void wd_shingles_of(const wd_token *tokens, size_t n, uint64_t *out)
{
    const uint64_t words_power = power(WD_SHINGLE_WORDS);
    const uint64_t ideographs_power = power(WD_SHINGLE_IDEOGRAPHS);
    uint64_t whole = 0;
    for (size_t i = 0; i < n; i++) {
        out[i] = whole;
        whole = whole * base + wd_token_word(tokens[i]) + 1;
    }
    for (size_t i = 0; i < n; i++) {
        size_t k = wd_shingle_length(tokens[i]);
        if (i + k > n) {
            out[i] = 0;
            continue;
        }
        uint64_t end = i + k == n ? whole : out[i + k];
        out[i] = finish(end - out[i] * (k == WD_SHINGLE_WORDS ? words_power : ideographs_power));
    }
}
