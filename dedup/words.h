/*
 * dedup/words.h - text as a row of small comparable tokens.
 *
 * Thread: any; pure.  A token is 14 bits of the folded word's keyed hash and two bits of
 * what the word is: one chance in 16,384 that two words look alike, and every decision
 * rests on runs of them.  Two bytes a word is what keeps ten million texts on disk small.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"
#include "dedup/fingerprint.h"

typedef enum wd_token_kind {
    WD_TOKEN_PLAIN,
    WD_TOKEN_NAME,      /* began with a capital: a name, or a sentence */
    WD_TOKEN_NUMBER,    /* has a digit */
    WD_TOKEN_IDEOGRAPH, /* one Han or kana character */
} wd_token_kind;

struct wd_token {
    uint16_t bits;
};

#define WD_TOKEN_KIND_BITS 2u

static inline uint16_t wd_token_word(wd_token t)
{
    return (uint16_t)(t.bits >> WD_TOKEN_KIND_BITS);
}

static inline wd_token_kind wd_token_kind_of(wd_token t)
{
    return (wd_token_kind)(t.bits & ((1u << WD_TOKEN_KIND_BITS) - 1));
}

/* The same word, whatever its capitals. */
static inline bool wd_token_same(wd_token a, wd_token b)
{
    return (a.bits ^ b.bits) < (1u << WD_TOKEN_KIND_BITS);
}

typedef struct wd_words {
    wd_token *tokens; /* given by the caller */
    size_t n, max;
    uint64_t hash; /* of every word kept, all 64 bits: equal texts, equal hashes */
    bool title;    /* WD_TOKEN_NAME marks long words instead: headlines have Capitals All Over */
} wd_words;

/* Appends the words of `text` (valid UTF-8) until `max`. */
void wd_words_read(wd_words *w, wd_span text, uint64_t key);
