/*
 * dedup/spelling.h - British and American English as one, and what desks abbreviate.
 *
 * A normal form, not a dictionary: a word of another language may be changed too, which
 * does no harm because both sides of a comparison are changed alike.
 */
#pragma once

#include <stddef.h>

/* Longest word kept; the rest of a longer one is cut (compounds, URLs, junk). */
#define WD_WORD_BYTES 160u

/* Rewrites the lower-case ASCII word in place, never longer than it was by more than
 * WD_SPELLING_GROWTH bytes; returns its new length.  WD_WORD_BYTES + 2 bytes may be read. */
#define WD_SPELLING_GROWTH 8u
size_t wd_spelling_normalise(char *word, size_t len);
