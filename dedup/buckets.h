/*
 * dedup/buckets.h - a hash table of 64-byte buckets that grows one bucket at a time.
 *
 * Linear hashing (Litwin, VLDB 1980) over address space reserved at birth: memory is
 * what the entries need, never a rehash of everything, no pause.  At full size a bucket
 * is a ring: the newest entry takes the place of the oldest, which is both expiry and the
 * hard limit.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "dedup/bucket.h"

typedef struct wd_buckets {
    wd_bucket *at;
    size_t reserved_bytes;
    uint32_t base;  /* buckets before the first doubling */
    uint32_t level; /* doublings completed */
    uint32_t split; /* buckets of this level already split */
    uint32_t max_level;
    uint64_t entries;     /* alive, as the owner counts them */
    uint64_t split_above; /* entries that this size bears */
} wd_buckets;

/* Room for `max_entries` when full; starts with a few pages.  WD_NOMEM, or WD_LIMIT when
 * that many cannot be addressed. */
WD_MUST_USE wd_status wd_buckets_init(wd_buckets *b, uint64_t max_entries);
void wd_buckets_done(wd_buckets *b);

size_t wd_buckets_bytes(const wd_buckets *b);

/* Of the scattered hash, bits 63..32 choose one of `base` buckets; of the tag (31..8) the lowest
 * `level` choose among the doublings, and one more where the bucket has been split.  Where it has
 * not, that bit leads behind the last bucket: no branch, which would be a coin's throw. */
static inline wd_bucket *wd_buckets_find(const wd_buckets *b, uint64_t hash)
{
    uint64_t scattered = wd_bucket_scatter(hash), tag = (uint32_t)scattered >> 8;
    uint64_t size = (uint64_t)b->base << b->level, bits = (2ULL << b->level) - 1;
    uint64_t first = ((scattered >> 32) * b->base) >> 32;
    uint64_t place = first + b->base * (tag & bits), unsplit = place - size;
    return b->at + (place < size + b->split ? place : unsplit);
}

static inline void wd_buckets_prefetch(const wd_buckets *b, uint64_t hash)
{
    __builtin_prefetch(wd_buckets_find(b, hash));
}

/* Grown at once to a size it had before, empty until the caller fills it. */
void wd_buckets_resume(wd_buckets *b, uint32_t level, uint32_t split, uint64_t entries);

void wd_buckets_split(wd_buckets *b);

/* Before an entry is written: splits a bucket when `entries` say so, and says whether it did. */
static inline bool wd_buckets_grow(wd_buckets *b)
{
    if (b->entries <= b->split_above)
        return false;
    wd_buckets_split(b);
    return true;
}
