/* core/hash.c - XXH3, inlined here so that no other file knows it. */
#include "core/hash.h"

#include <stdlib.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t wd_hash64(wd_span bytes, uint64_t key)
{
    return XXH3_64bits_withSeed(bytes.ptr ? bytes.ptr : "", bytes.len, key);
}

wd_hash128 wd_hash128_of(wd_span bytes, uint64_t key)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(bytes.ptr ? bytes.ptr : "", bytes.len, key);
    return (wd_hash128){ h.high64, h.low64 };
}

uint64_t wd_random64(void)
{
    uint64_t v;
    if (getrandom(&v, sizeof(v), 0) != sizeof(v))
        abort(); /* no kernel that runs this program lacks getrandom(2) */
    return v;
}
