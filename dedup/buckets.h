/*
 * dedup/buckets.h - a hash table of 64-byte buckets that grows one bucket at a time.
 *
 * Linear hashing (Litwin, VLDB 1980) over address space reserved at birth: memory is
 * what the entries need, never a rehash of everything, no pause.  At full size a bucket
 * is a ring: the newest entry takes the place of the oldest, which is both expiry and the
 * hard limit.
 *
 * Entry: 24 bits of the hash and 24 bits of the owner's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/status.h"

#define WD_BUCKET_ENTRIES 10u
#define WD_BUCKET_VALUES  (1u << 24)
#define WD_BUCKET_NONE    0u /* a value that marks a free entry */

typedef struct wd_bucket {
    uint32_t value[WD_BUCKET_ENTRIES]; /* low 24 bits: the value; high 8: hash bits */
    uint16_t tag[WD_BUCKET_ENTRIES];
    uint8_t cursor; /* the entry written next */
    uint8_t spare[3];
} wd_bucket;

_Static_assert(sizeof(wd_bucket) == 64, "a bucket is one cache line");

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

/* The entry behind this one, in a ring. */
static inline unsigned wd_bucket_after(unsigned entry)
{
    return entry + 1 < WD_BUCKET_ENTRIES ? entry + 1 : 0;
}

/* Callers keep hashes below a threshold: their high bits say little until mixed. */
static inline uint64_t wd_bucket_scatter(uint64_t hash)
{
    hash *= 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 32);
}

/* Of the scattered hash, bits 63..32 choose one of `base` buckets; of the tag (31..8) the lowest
 * `level` choose among the doublings, and one more where the bucket has been split. */
static inline wd_bucket *wd_buckets_find(const wd_buckets *b, uint64_t hash)
{
    uint64_t scattered = wd_bucket_scatter(hash), tag = (uint32_t)scattered >> 8;
    uint64_t first = ((scattered >> 32) * b->base) >> 32, size = (uint64_t)b->base << b->level;
    uint64_t place = first + (uint64_t)b->base * (tag & ((1u << b->level) - 1));
    uint64_t moved = (place < b->split) & (tag >> b->level); /* a branch would be a coin's throw */
    return b->at + place + (size & -moved);
}

static inline void wd_buckets_prefetch(const wd_buckets *b, uint64_t hash)
{
    __builtin_prefetch(wd_buckets_find(b, hash));
}

/* Which of `tags` are `wanted`, as a mask.  Hardly ever one, so that is asked first. */
static inline uint32_t wd_bucket_same_tags(const uint16_t tags[WD_BUCKET_ENTRIES], uint16_t wanted)
{
    typedef uint16_t lanes __attribute__((vector_size(16)));
    typedef uint64_t halves __attribute__((vector_size(16)));
    static const lanes bit = { 1, 2, 4, 8, 16, 32, 64, 128 };
    lanes eight;
    memcpy(&eight, tags, sizeof(eight));
    halves same = (halves)((lanes)(eight == (lanes){ 0 } + wanted) & bit);
    uint64_t first = same[0] | same[1];
    uint32_t rest = (uint32_t)(tags[8] == wanted) << 8 | (uint32_t)(tags[9] == wanted) << 9;
    if ((first | rest) == 0)
        return 0;
    first |= first >> 32;
    return (uint32_t)((first | first >> 16) & 0xFF) | rest;
}

/* Entries of the bucket that carry this hash, as a mask of entry numbers. */
static inline uint32_t wd_bucket_match(const wd_bucket *bucket, uint64_t hash)
{
    uint32_t tag = (uint32_t)wd_bucket_scatter(hash) >> 8, mask = 0;
    for (uint32_t m = wd_bucket_same_tags(bucket->tag, (uint16_t)tag); m != 0; m &= m - 1) {
        uint32_t value = bucket->value[__builtin_ctz(m)]; /* the tag's eight high bits ride in it */
        if (value >> 24 == tag >> 16 && (value & (WD_BUCKET_VALUES - 1)) != WD_BUCKET_NONE)
            mask |= m & -m;
    }
    return mask;
}

static inline uint32_t wd_bucket_value(const wd_bucket *bucket, unsigned entry)
{
    return bucket->value[entry] & (WD_BUCKET_VALUES - 1);
}

static inline void wd_bucket_set(wd_bucket *bucket, unsigned entry, uint64_t hash, uint32_t value)
{
    uint32_t tag = (uint32_t)wd_bucket_scatter(hash) >> 8;
    bucket->tag[entry] = (uint16_t)tag;
    bucket->value[entry] = (tag >> 16 << 24) | value;
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
