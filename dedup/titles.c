/* dedup/titles.c - length stands for meaning: function words are short in every script with
 * spaces, and no list of them could know all languages.
 */
#include "dedup/titles.h"

#include <string.h>

static void put(wd_title_set *set, uint32_t unit)
{
    set->bits[unit / 64] |= 1ULL << (unit % 64);
}

static bool has(const wd_title_set *set, uint32_t unit)
{
    return set->bits[unit / 64] >> (unit % 64) & 1;
}

static bool is_ideograph(wd_token t)
{
    return wd_token_kind_of(t) == WD_TOKEN_IDEOGRAPH;
}

static uint32_t pair_of(wd_token a, wd_token b)
{
    return ((uint32_t)wd_token_word(a) * 31u + wd_token_word(b) + 1u) % WD_TITLE_SET_WORDS;
}

/* The unit at `at`: a word, or an ideograph with the next one; false for a lone one. */
static bool unit_at(const wd_token *tokens, size_t n, size_t at, uint32_t *unit)
{
    *unit = wd_token_word(tokens[at]);
    if (!is_ideograph(tokens[at]))
        return true;
    if (at + 1 == n || !is_ideograph(tokens[at + 1]))
        return false;
    *unit = pair_of(tokens[at], tokens[at + 1]);
    return true;
}

enum { EIGHT = 8 };

/* All eight: what is not covered is mostly long. */
static bool is_zero(const uint8_t *eight)
{
    uint64_t x;
    memcpy(&x, eight, sizeof(x));
    return x == 0;
}

void wd_title_set_fill(
    wd_title_set *set, const wd_token *tokens, size_t n, const uint8_t *where, bool use)
{
    uint32_t unit;
    memset(set, 0, sizeof(*set));
    for (size_t i = 0; i < n; i++) {
        if (where != NULL && (where[i] != 0) != use) {
            i += use && n - i > EIGHT && is_zero(where + i) ? EIGHT - 1 : 0;
            continue;
        }
        if (!is_ideograph(tokens[i]))
            put(set, wd_token_word(tokens[i]));
        else if (unit_at(tokens, n, i, &unit))
            put(set, unit);
    }
}

wd_kinship wd_title_kinship(const wd_token *title, size_t n, const wd_title_set *set)
{
    wd_kinship k = { 0 };
    uint32_t unit;
    for (size_t i = 0; i < n; i++) {
        if (wd_token_kind_of(title[i]) == WD_TOKEN_PLAIN || !unit_at(title, n, i, &unit))
            continue;
        k.telling++;
        k.found += has(set, unit);
    }
    return k;
}

size_t wd_title_common_run(const wd_token *a, size_t n_a, const wd_token *b, size_t n_b)
{
    size_t best = 0;
    for (size_t i = 0; i + best < n_a; i++)
        for (size_t j = 0; j + best < n_b; j++) {
            size_t n = 0;
            while (i + n < n_a && j + n < n_b && wd_token_same(a[i + n], b[j + n]))
                n++;
            if (n > best)
                best = n;
        }
    return best;
}
