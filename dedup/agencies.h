/*
 * dedup/agencies.h - the news agencies of the world, as stories spell them.
 */
#pragma once

#include <stddef.h>

/* Spellings of one agency, "|" between them, the longer before the shorter.  They are
 * matched by case, as whole words, and only where a credit is expected. */
typedef struct wd_agency {
    const char *name; /* as events carry it */
    const char *spellings;
    const char *domain; /* "reuters.com", NULL: none of its own */
} wd_agency;

extern const wd_agency wd_agencies[];
extern const size_t wd_agency_count;
