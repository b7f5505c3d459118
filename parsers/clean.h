/*
 * parsers/clean.h - UTF-8 that the rest of the parsers may trust.
 *
 * Clean means: valid (RFC 3629), no C0 or C1 controls but tab, newline and carriage return,
 * no DEL, no bidirectional overrides, no noncharacters U+FFFE and U+FFFF.
 */
#pragma once

#include <stdint.h>

#include "core/buf.h"
#include "core/span.h"

/* The first half of a character in CESU-8 (Unicode TR 26), three bytes at p: a surrogate that was
 * encoded for itself, as Oracle and Java's "modified UTF-8" write emoji. */
static inline bool wd_clean_is_first_half(const char *p)
{
    return (unsigned char)p[0] == 0xED && ((unsigned char)p[1] & 0xF0) == 0xA0;
}

/* Offset of the first byte that is not clean, or s.len.  Several GB/s over ASCII. */
size_t wd_clean_until(wd_span s);

/* So many bytes at its beginning are clean ASCII; there may be up to fifteen more. */
size_t wd_clean_ascii(wd_span s);

/* Appends `s` cleaned: a bad byte becomes U+FFFD, two surrogates (CESU-8) the character that they
 * are halves of, a control vanishes.  *flags gains WD_ITEM_BAD_ENCODING or
 * WD_ITEM_CONTROLS_STRIPPED. */
wd_status wd_clean_copy(wd_span s, wd_buf *out, uint32_t *flags);

/* How many characters beyond ASCII are valid (or CESU-8), and how many bytes are not. */
void wd_clean_census(wd_span s, size_t *good, size_t *bad);
