/*
 * dedup/titles.h - is a passage about what the title says?
 *
 * Two texts can agree word for word and be no copies: a paywall's notice, a cookie wall, a
 * publisher's appeal.  What tells a story from such a stub in any language is that the
 * story has words of its title.
 *
 * Thread: any; pure.
 */
#pragma once

#include <stdbool.h>

#include "dedup/words.h"

enum { WD_TITLE_SET_WORDS = 1 << 14 };

/* Words, and pairs of ideographs, as bits. */
typedef struct wd_title_set {
    uint64_t bits[WD_TITLE_SET_WORDS / 64];
} wd_title_set;

/* Of n tokens those where `where` is `use`; all when `where` is NULL. */
void wd_title_set_fill(
    wd_title_set *set, const wd_token *tokens, size_t n, const uint8_t *where, bool use);

/* The title's telling words (long ones, numbers, pairs of ideographs), and those in the set. */
typedef struct wd_kinship {
    uint32_t telling, found;
} wd_kinship;

/* The longest row of words that both titles have. */
size_t wd_title_common_run(const wd_token *a, size_t n_a, const wd_token *b, size_t n_b);

wd_kinship wd_title_kinship(const wd_token *title, size_t n, const wd_title_set *set);
