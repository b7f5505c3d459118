/*
 * core/text.h - UTF-8 as the rest of the program relies on it.
 *
 * Valid means RFC 3629: no surrogates, no overlong forms, at most U+10FFFF.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/span.h"

#define WD_RUNE_BAD 0xFFFDu

/* Decodes the rune at *at (< s.len) and moves *at behind it.  One invalid byte
 * costs one byte and gives WD_RUNE_BAD. */
uint32_t wd_utf8_next(wd_span s, size_t *at);

/* Bytes written to out (1-4); an unencodable rune is written as U+FFFD. */
size_t wd_utf8_put(uint32_t rune, char out[4]);

/* True for surrogates: halves of a character as UTF-16 has them, and none themselves. */
static inline bool wd_rune_is_half(uint32_t rune)
{
    return rune >> 11 == 0xD800 >> 11;
}

/* The character that two of them are the halves of; 0 when they are no pair. */
static inline uint32_t wd_rune_join(uint32_t high, uint32_t low)
{
    bool pair = high >> 10 == 0xD800 >> 10 && low >> 10 == 0xDC00 >> 10;
    return pair ? 0x10000 + ((high & 0x3FF) << 10 | (low & 0x3FF)) : 0;
}

/* Offset of the first invalid byte, or s.len. */
size_t wd_utf8_valid_until(wd_span s);

static inline bool wd_utf8_valid(wd_span s)
{
    return wd_utf8_valid_until(s) == s.len;
}

/* The longest head of at most `max` bytes that does not cut a character. */
wd_span wd_utf8_head(wd_span s, size_t max);

/* Words are what stands between ASCII white space; runes are counted by their first bytes, valid
 * or not. */
void wd_text_count(wd_span s, size_t *words, size_t *runes);

/* True for C0 and C1 controls except tab, newline and carriage return, for DEL,
 * and for the bidirectional overrides that can reorder what a reader sees
 * (U+202A-202E, U+2066-2069). */
bool wd_rune_is_control(uint32_t rune);

/* Runs of white space (U+00A0 and U+3000 too) as one space, ends trimmed, controls dropped,
 * invalid bytes replaced; at most `max` bytes.  *changed (may be NULL) is set
 * when a control was dropped. */
wd_span wd_text_one_line(wd_arena *a, wd_span s, size_t max, bool *changed);

/* Appends s with controls and non-UTF-8 made harmless for a terminal or log line:
 * newline and tab as a space, others as \xNN or \u{NNNN}. */
void wd_text_escape_log(wd_buf *out, wd_span s);
