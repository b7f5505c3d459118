/*
 * dedup/agencies.h - the news agencies of the world, as stories spell them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct wd_agency {
    const char *name;   /* as events carry it */
    const char *domain; /* "reuters.com", NULL: none of its own */
} wd_agency;

extern const wd_agency wd_agencies[];
extern const size_t wd_agency_count;

/* Matched by case, as whole words, and only where a credit is expected. */
typedef struct wd_spelling {
    const char *text;
    uint8_t bytes;
    uint8_t agency; /* row of wd_agencies */
} wd_spelling;

/* Sorted by the first byte, so that what can stand at a place is found by halving; a
 * spelling that begins with another comes before it. */
extern const wd_spelling wd_spellings[];
extern const size_t wd_spelling_count;
