/*
 * dedup/fold.h - the form in which two spellings of one character compare equal.
 *
 * Folds case, diacritics, width, Arabic presentation and letter variants and digits of
 * every script; drops what is invisible.  Deterministic and lossy on purpose: both
 * sides of every comparison are folded alike.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runes one rune can fold to: U+FDFA, the longest in use, is cut there. */
#define WD_FOLD_RUNES 4u

/* Number of runes written to out: 0 when the rune leaves no trace. */
size_t wd_fold_rune(uint32_t rune, uint32_t out[WD_FOLD_RUNES]);

/* Upper case in a script that has it: how a name begins. */
bool wd_rune_is_upper(uint32_t rune);

/* What a folded rune is to the tokeniser. */
typedef enum wd_rune_class {
    WD_RUNE_BREAK,     /* white space, punctuation, symbols */
    WD_RUNE_LETTER,    /* part of a word between breaks */
    WD_RUNE_DIGIT,     /* 0-9, whatever the script was */
    WD_RUNE_IDEOGRAPH, /* a word of its own: Han, kana */
    WD_RUNE_SPACELESS, /* letters of scripts without spaces: Thai, Lao, Khmer, Myanmar */
} wd_rune_class;

wd_rune_class wd_rune_classify(uint32_t folded);

/* The letter of the other script that looks the same, or 0: Latin for a folded
 * Cyrillic or Greek letter; Cyrillic for a folded Latin one. */
uint32_t wd_fold_latin_twin(uint32_t folded);
uint32_t wd_fold_cyrillic_twin(uint32_t folded);

/* Needs composing before it can be folded: Hangul jamo, kana with a separate voicing mark. */
bool wd_rune_needs_composing(uint32_t rune);
