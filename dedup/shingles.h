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

/* Where the kept shingles of a text of n tokens start, into kept[n]; how many they are. */
size_t wd_sampling_choose(const wd_sampling *s,
                          const wd_token *tokens,
                          const uint64_t *shingles,
                          size_t n,
                          uint16_t *kept);
