/*
 * dedup/overlap.h - what two texts have in common, word by word.
 *
 * Thread: one per matcher.  Cost: linear in both texts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "dedup/words.h"

typedef struct wd_text {
    const wd_token *tokens;
    const uint8_t *mask; /* 1: boilerplate, weighs nothing */
    size_t n;
} wd_text;

/* "Own" words are those that are not boilerplate.  `this` is the text asked about. */
typedef struct wd_side {
    uint32_t own;    /* own words */
    uint32_t shared; /* of them, found in the other */
    uint32_t raw;    /* found in the other, boilerplate included */
    uint32_t lead;   /* own words before the first run of some length; UINT32_MAX: no such run */
} wd_side;

typedef struct wd_overlap {
    wd_side this, other;
    uint32_t longest_run, longest_raw;       /* own words; any words */
    uint32_t swapped_numbers, swapped_names; /* short gaps between runs, filled otherwise */
    uint32_t numbers, numbers_agreed;        /* in the aligned part of the shorter text */
    uint32_t names, names_agreed;
    bool only_numbers;    /* word for word the same but for numbers */
    uint32_t widest_swap; /* own words that stand in one text instead of others in the other */
} wd_overlap;

typedef struct wd_matcher wd_matcher;

WD_MUST_USE wd_status wd_matcher_new(wd_matcher **out);
void wd_matcher_free(wd_matcher *m);

/* The text that is compared next, until the next call; borrowed. */
void wd_matcher_set(wd_matcher *m, const wd_text *this_text);

/* `covered` (may be NULL, this_text->n bytes) is set to 1 where a word of this text stands in a
 * run found in the other. */
void wd_matcher_compare(wd_matcher *m, const wd_text *other, wd_overlap *out, uint8_t *covered);

/* As `covered`, of the text last compared with; until the next call. */
const uint8_t *wd_matcher_other_covered(const wd_matcher *m);

/* Share of the side's own words that the other has; 0 when it has none. */
double wd_side_cover(const wd_overlap *o, const wd_side *side);
