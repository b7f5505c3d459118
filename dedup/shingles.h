/*
 * dedup/shingles.h - overlapping runs of words, and which of them are kept.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dedup/words.h"

/* Words of one shingle; characters where there are no words to part. */
#define WD_SHINGLE_WORDS      5u
#define WD_SHINGLE_IDEOGRAPHS 8u

static inline size_t wd_shingle_length(wd_token first)
{
    return wd_token_kind_of(first) == WD_TOKEN_IDEOGRAPH ? WD_SHINGLE_IDEOGRAPHS : WD_SHINGLE_WORDS;
}

/* out[i] is the shingle that starts at token i, 0 where none does. */
void wd_shingles_of(const wd_token *tokens, size_t n, uint64_t *out);

/* A shingle is kept when its hash falls below a threshold; thresholds nest, so what one
 * text keeps at a low density is among what another looks up at a higher one. */
typedef struct wd_sampling {
    uint8_t lead_words;  /* the lead of a story is copied most and edited least */
    uint8_t lead, tail;  /* one in so many, in the lead and behind it */
    uint8_t short_words; /* a text of fewer words keeps one in two */
} wd_sampling;

/* Is the shingle at token `at` of a text of n tokens among the kept? */
static inline bool wd_sampling_keeps(
    const wd_sampling *s, uint64_t shingle, wd_token first, size_t at, size_t n)
{
    bool ideograph = wd_token_kind_of(first) == WD_TOKEN_IDEOGRAPH;
    uint32_t lead_words = (uint32_t)s->lead_words << (ideograph ? 1 : 0);
    uint32_t one_in = (uint32_t)(at < lead_words ? s->lead : s->tail) << (ideograph ? 1 : 0);
    if (n < s->short_words && one_in > 2)
        one_in = 2;
    return shingle != 0 && (uint64_t)(uint32_t)(shingle >> 32) * one_in <= UINT32_MAX;
}
