/* dedup/buckets.c - where a hash lives while the table grows.
 *
 * of the scattered hash, bits 63..32 choose one of `base` buckets; of the tag (31..8) the lowest
 * `level` choose among the doublings.  The bits used up are wasted in the tag, which is
 * why a table is born with at least as many buckets as leave TAG_BITS_LEFT of them.
 */
#include "dedup/buckets.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

/* An entry that merely looks like the wanted one costs a comparison of texts: with 14 bits
 * a hundred look-ups meet one such entry in sixteen items. */
#define TAG_BITS_LEFT 14u
#define TAG_BITS      24u

/* The smallest table: 256 KB, touched page by page. */
#define SMALLEST_BASE 4096u

/* Entries a bucket may expect before it splits.  With 6 of 10 taken on average one
 * bucket in 24 is over-full (Poisson) and forgets its oldest too early. */
#define SPLIT_AT 6u

/* At full size: nine in ten entries taken. */
#define FULL_AT 9u

wd_status wd_buckets_init(wd_buckets *b, uint64_t max_entries)
{
    uint64_t want = max_entries / FULL_AT + 1;
    uint32_t level = 0;
    while (level < TAG_BITS - TAG_BITS_LEFT && (want >> level) > 2 * SMALLEST_BASE)
        level++;
    uint64_t base = (want + (1ULL << level) - 1) >> level;
    if (base > UINT32_MAX >> level)
        return WD_LIMIT;
    size_t bytes = (size_t)(base << level) * sizeof(wd_bucket);
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return WD_NOMEM;
    *b = (wd_buckets){
        .at = at, .reserved_bytes = bytes, .base = (uint32_t)base, .max_level = level
    };
    return WD_OK;
}

void wd_buckets_done(wd_buckets *b)
{
    if (b->at != NULL)
        (void)munmap(b->at, b->reserved_bytes);
    *b = (wd_buckets){ 0 };
}

size_t wd_buckets_bytes(const wd_buckets *b)
{
    uint64_t buckets = ((uint64_t)b->base << b->level) + b->split;
    return (size_t)buckets * sizeof(wd_bucket);
}

/* Callers keep hashes below a threshold: their high bits say little until mixed. */
static uint64_t scatter(uint64_t hash)
{
    hash *= 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 32);
}

static uint32_t tag_of(uint64_t scattered)
{
    return (uint32_t)scattered >> 8;
}

static uint64_t place_at(const wd_buckets *b, uint64_t scattered, uint32_t level)
{
    uint64_t first = ((scattered >> 32) * b->base) >> 32;
    return first + (uint64_t)b->base * (tag_of(scattered) & ((1u << level) - 1));
}

wd_bucket *wd_buckets_find(const wd_buckets *b, uint64_t hash)
{
    uint64_t scattered = scatter(hash), place = place_at(b, scattered, b->level);
    return b->at + (place < b->split ? place_at(b, scattered, b->level + 1) : place);
}

/* Lanes of sixteen bits in `word` that are zero, each by its top bit; a lane above a
 * zero one may be reported wrongly and is looked at again. */
static uint64_t zero_lanes(uint64_t word)
{
    return (word - 0x0001000100010001ULL) & ~word & 0x8000800080008000ULL;
}

/* The eight high bits of the tag ride in `value`, the sixteen low ones in `tag`. */
static bool is_entry(const wd_bucket *bucket, unsigned entry, uint32_t tag)
{
    uint32_t value = bucket->value[entry];
    return bucket->tag[entry] == (uint16_t)tag && value >> 24 == tag >> 16 &&
           (value & (WD_BUCKET_VALUES - 1)) != WD_BUCKET_NONE;
}

uint32_t wd_bucket_match(const wd_bucket *bucket, uint64_t hash)
{
    enum { LANES = 4 };
    uint32_t tag = tag_of(scatter(hash)), mask = 0;
    uint64_t wanted = (tag & 0xFFFF) * 0x0001000100010001ULL;
    for (unsigned first = 0; first + LANES <= WD_BUCKET_ENTRIES; first += LANES) {
        uint64_t word;
        memcpy(&word, bucket->tag + first, sizeof(word));
        for (uint64_t z = zero_lanes(word ^ wanted); z != 0; z &= z - 1) {
            unsigned entry = first + (unsigned)__builtin_ctzll(z) / 16;
            mask |= (uint32_t)is_entry(bucket, entry, tag) << entry;
        }
    }
    for (unsigned entry = WD_BUCKET_ENTRIES / LANES * LANES; entry < WD_BUCKET_ENTRIES; entry++)
        mask |= (uint32_t)is_entry(bucket, entry, tag) << entry;
    return mask;
}

void wd_bucket_set(wd_bucket *bucket, unsigned entry, uint64_t hash, uint32_t value)
{
    uint32_t tag = tag_of(scatter(hash));
    bucket->tag[entry] = (uint16_t)tag;
    bucket->value[entry] = (tag >> 16 << 24) | value;
}

/* A table that large is all over the address space: huge pages spare a walk of the page
 * tables with every look-up, and round its memory up by one page at most. */
#define HUGE_FROM_BYTES ((size_t)16 << 20)

static void level_done(wd_buckets *b)
{
    b->split = 0;
    b->level++;
    size_t next = 2 * wd_buckets_bytes(b);
    if (b->level < b->max_level && next >= HUGE_FROM_BYTES)
        (void)madvise(b->at, next, MADV_HUGEPAGE); /* a kernel without them does as well */
}

/* Entries whose next tag bit is set move to the new bucket, oldest first. */
static void split_one(wd_buckets *b)
{
    wd_bucket old = b->at[b->split], *kept = b->at + b->split;
    wd_bucket *moved = b->at + ((uint64_t)b->base << b->level) + b->split;
    *kept = (wd_bucket){ 0 };
    for (unsigned i = 0; i < WD_BUCKET_ENTRIES; i++) {
        unsigned from = (old.cursor + i) % WD_BUCKET_ENTRIES;
        if ((old.value[from] & (WD_BUCKET_VALUES - 1)) == WD_BUCKET_NONE)
            continue;
        wd_bucket *to = old.tag[from] >> b->level & 1 ? moved : kept;
        to->tag[to->cursor] = old.tag[from];
        to->value[to->cursor] = old.value[from];
        to->cursor = (uint8_t)((to->cursor + 1) % WD_BUCKET_ENTRIES);
    }
    if (++b->split == (uint64_t)b->base << b->level)
        level_done(b);
}

void wd_buckets_grow(wd_buckets *b)
{
    if (b->level == b->max_level)
        return;
    /* The buckets not yet split hold twice what the others do: a split with every
     * entry ends the level before they are over-full. */
    uint64_t full = ((uint64_t)b->base << b->level) * SPLIT_AT;
    if (b->entries > full)
        split_one(b);
}

void wd_buckets_resume(wd_buckets *b, uint32_t level, uint32_t split, uint64_t entries)
{
    b->level = level;
    b->split = split;
    b->entries = entries;
    size_t bytes = wd_buckets_bytes(b);
    if (bytes >= HUGE_FROM_BYTES)
        (void)madvise(b->at, bytes, MADV_HUGEPAGE); /* as level_done() */
}
