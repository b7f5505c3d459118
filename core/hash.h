/*
 * core/hash.h - fast keyed hashes; the only door to xxHash (XXH3).
 *
 * Keyed per installation where a feed could choose its input (security.md,
 * "chosen hashes"); not a cryptographic digest.
 */
#pragma once

#include <stdint.h>

#include "core/span.h"

typedef struct wd_hash128 {
    uint64_t hi, lo;
} wd_hash128;

uint64_t wd_hash64(wd_span bytes, uint64_t key);
wd_hash128 wd_hash128_of(wd_span bytes, uint64_t key);

/* Mixes one word into a running hash: for short tuples such as (feed, id). */
static inline uint64_t wd_hash_mix(uint64_t h, uint64_t word)
{
    h ^= word + 0x9e3779b97f4a7c15ULL + (h << 6) + (h >> 2);
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    return h ^ (h >> 32);
}

/* From the kernel's generator; aborts only when the kernel has none. */
uint64_t wd_random64(void);
