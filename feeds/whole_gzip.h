/*
 * feeds/whole_gzip.h - a gzip file that is there whole, inflated in one step: a third of what it
 * costs piece by piece (46 KB of feed: 89 us instead of 279).  The only door to libdeflate.
 */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/span.h"

typedef struct wd_whole_gzip wd_whole_gzip;

/* NULL: no memory. */
WD_MUST_USE wd_whole_gzip *wd_whole_gzip_new(void);
void wd_whole_gzip_free(wd_whole_gzip *g); /* NULL is accepted */

/* How long it says it is, inflated; 0: too short for a gzip file. */
size_t wd_whole_gzip_size(wd_span file);

/* Its one member, NUL-terminated, in the arena.  False, and the arena as it was: it is anything
 * else (several members, something behind it, cut, damaged, not of that size, or no room), and
 * whoever wants to know reads it piece by piece. */
WD_MUST_USE bool wd_whole_gzip_read(wd_whole_gzip *g, wd_span file, wd_arena *arena, wd_span *out);
