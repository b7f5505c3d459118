/*
 * dedup/bucket.h - one cache line of a hash table: ten entries, of which the oldest is replaced.
 *
 * Entry: 24 bits of the hash, by which it is recognised, and 24 bits of the owner's.
 */
#pragma once

#include <stdint.h>
#include <string.h>

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

/* What of a hash its entry is recognised by. */
static inline uint32_t wd_bucket_tag(uint64_t hash)
{
    return (uint32_t)wd_bucket_scatter(hash) >> 8;
}

/* Which of `tags` are `wanted`, as a mask.  Hardly ever one, so that is asked first. */
static inline uint32_t wd_bucket_same_tags(const uint16_t tags[WD_BUCKET_ENTRIES], uint16_t wanted)
{
    typedef uint16_t lanes __attribute__((vector_size(16)));
    typedef uint64_t halves __attribute__((vector_size(16)));
    static const lanes bit = { 1, 2, 4, 8, 16, 32, 64, 128 };
    lanes eight, last;
    memcpy(&eight, tags, sizeof(eight));
    memcpy(&last, tags + 2, sizeof(last));
    lanes here = (lanes)(eight == (lanes){ 0 } + wanted);
    halves any = (halves)(here | (lanes)(last == (lanes){ 0 } + wanted));
    if ((any[0] | any[1]) == 0)
        return 0;
    halves same = (halves)(here & bit);
    uint64_t first = same[0] | same[1];
    uint32_t rest = (uint32_t)(tags[8] == wanted) << 8 | (uint32_t)(tags[9] == wanted) << 9;
    first |= first >> 32;
    return (uint32_t)((first | first >> 16) & 0xFF) | rest;
}

/* Entries of the bucket that carry this tag, as a mask of entry numbers. */
static inline uint32_t wd_bucket_match_tag(const wd_bucket *bucket, uint32_t tag)
{
    uint32_t mask = 0;
    for (uint32_t m = wd_bucket_same_tags(bucket->tag, (uint16_t)tag); m != 0; m &= m - 1) {
        uint32_t value = bucket->value[__builtin_ctz(m)]; /* the tag's eight high bits ride in it */
        if (value >> 24 == tag >> 16 && (value & (WD_BUCKET_VALUES - 1)) != WD_BUCKET_NONE)
            mask |= m & -m;
    }
    return mask;
}

static inline uint32_t wd_bucket_match(const wd_bucket *bucket, uint64_t hash)
{
    return wd_bucket_match_tag(bucket, wd_bucket_tag(hash));
}

static inline uint32_t wd_bucket_value(const wd_bucket *bucket, unsigned entry)
{
    return bucket->value[entry] & (WD_BUCKET_VALUES - 1);
}

static inline void wd_bucket_set(wd_bucket *bucket, unsigned entry, uint64_t hash, uint32_t value)
{
    uint32_t tag = wd_bucket_tag(hash);
    bucket->tag[entry] = (uint16_t)tag;
    bucket->value[entry] = (tag >> 16 << 24) | value;
}
