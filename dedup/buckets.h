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

#include <stddef.h>
#include <stdint.h>

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
    uint64_t entries; /* alive, as the owner counts them */
} wd_buckets;

/* Room for `max_entries` when full; starts with a few pages.  WD_NOMEM, or WD_LIMIT when
 * that many cannot be addressed. */
WD_MUST_USE wd_status wd_buckets_init(wd_buckets *b, uint64_t max_entries);
void wd_buckets_done(wd_buckets *b);

size_t wd_buckets_bytes(const wd_buckets *b);

wd_bucket *wd_buckets_find(const wd_buckets *b, uint64_t hash);

static inline void wd_buckets_prefetch(const wd_buckets *b, uint64_t hash)
{
    __builtin_prefetch(wd_buckets_find(b, hash));
}

/* Entries of the bucket that carry this hash, as a mask of entry numbers. */
uint32_t wd_bucket_match(const wd_bucket *bucket, uint64_t hash);

static inline uint32_t wd_bucket_value(const wd_bucket *bucket, unsigned entry)
{
    return bucket->value[entry] & (WD_BUCKET_VALUES - 1);
}

void wd_bucket_set(wd_bucket *bucket, unsigned entry, uint64_t hash, uint32_t value);

/* Grown at once to a size it had before, empty until the caller fills it. */
void wd_buckets_resume(wd_buckets *b, uint32_t level, uint32_t split, uint64_t entries);

/* Before an entry is written: splits a bucket when `entries` say so. */
void wd_buckets_grow(wd_buckets *b);
