/*
 * dedup/agencies.h - the news agencies of the world, as stories spell them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

/* Of the longest domain: credit.c has a bit for each length. */
#define WD_AGENCY_DOMAIN_BYTES 63u

typedef struct wd_agency {
    const char *name;   /* as events carry it */
    const char *domain; /* "reuters.com", "": none of its own */
    uint8_t domain_bytes;
} wd_agency;

extern const wd_agency wd_agencies[];
extern const size_t wd_agency_count;

/* Matched by case, as whole words, and only where a credit is expected. */
typedef struct wd_spelling {
    const char *text;
    uint8_t bytes;
    uint8_t agency; /* row of wd_agencies */
} wd_spelling;

/* Sorted by the first byte; a spelling that begins with another comes before it. */
extern const wd_spelling wd_spellings[];
extern const size_t wd_spelling_count;

/* What begins with a byte: those rows, and their second bytes, one bit for the four that share
 * their low six bits. */
typedef struct wd_spellings_with {
    uint64_t seconds;
    uint16_t from, to;
} wd_spellings_with;

extern const wd_spellings_with wd_spellings_by_first[UINT8_MAX + 1];

/* The agency whose spelling begins `s`, as a word; NULL: none does.  *len is the spelling's. */
const char *wd_agency_at(wd_span s, size_t *len);

/* One behind the place where the last spelling in `s` begins, and be it a longer word's
 * beginning; 0: nowhere.  `also`, which shares two bytes with a spelling, counts as one. */
size_t wd_agency_last(wd_span s, wd_span also);
