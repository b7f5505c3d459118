/*
 * dedup/twins.h - letters that look alike in two scripts, and a word that mixes them.
 *
 * A word is gathered here as bytes: ASCII as it is, any other rune in three of its own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"
#include "dedup/spelling.h"

/* Of a word's bytes; eight more, because words are written and hashed by eights. */
#define WD_WORD_ROOM (WD_WORD_BYTES + WD_SPELLING_GROWTH + 8u)

/* Appends a rune; returns its bytes. */
static inline size_t wd_twins_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    to[0] = (char)(0x80 | (c >> 12));
    to[1] = (char)(0x80 | ((c >> 6) & 63));
    to[2] = (char)(c & 63);
    return 3;
}

/* Rewrites the word in one script, in its WD_WORD_ROOM bytes: Latin where every foreign letter has
 * a Latin twin, else Cyrillic where every Latin one has a Cyrillic.  A word wholly in one script is
 * what it says, except in a Latin `text` when all of it has twins.  `ascii`: some of its letters
 * are.  Returns its length; *wide becomes false when all of it is ASCII now. */
size_t wd_twins_unmix(char *word, size_t len, wd_span text, bool ascii, bool *wide);
