/*
 * dedup/frequency.h - which shingles are boilerplate: seen in too many stories to mean one.
 *
 * Counts stories, not copies: a region that was recognised as copied is not counted.
 * A feed alone can make a shingle boilerplate for itself only; for the others it takes
 * several feeds, so that nobody can plant another's text here (docs/dedup.md).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dedup/buckets.h"
#include "dedup/redo.h"
#include "dedup/shingles.h"

typedef struct wd_frequency {
    wd_buckets table;
    uint32_t now;        /* decay periods since the epoch */
    const wd_redo *redo; /* while items are put back after an image; else NULL */
} wd_frequency;

/* Shingles remembered at once: 20 million in 128 MB, grown into as needed. */
#define WD_FREQUENCY_ENTRIES (18u * 1024u * 1024u)

WD_MUST_USE wd_status wd_frequency_init(wd_frequency *f);
void wd_frequency_done(wd_frequency *f);

/* Counts halve once a period. */
void wd_frequency_set_time(wd_frequency *f, int64_t now_ms);

/* Stories that make a shingle boilerplate. */
typedef struct wd_commonness {
    uint8_t everywhere; /* of different feeds */
    uint8_t in_feed;    /* of this feed */
} wd_commonness;

/* mask[i] = 1 where token i belongs to boilerplate, else 0. */
typedef struct wd_masked_text {
    const wd_token *tokens;
    const uint64_t *shingles;
    size_t n;
    uint32_t feed;
} wd_masked_text;

void wd_frequency_mask(const wd_frequency *f,
                       const wd_masked_text *text,
                       const wd_commonness *limit,
                       uint8_t *mask);

/* Counts the shingles that start where `copied` (may be NULL) is 0.  `everywhere` false:
 * the feed is not trusted to say what is boilerplate for others. */
void wd_frequency_count(wd_frequency *f,
                        const wd_masked_text *text,
                        const uint8_t *copied,
                        bool everywhere);
