/* dedup/buckets.c - where a hash lives while the table grows.
 *
 * The bits of the tag that choose among the doublings are wasted in it, which is why a table
 * is born with at least as many buckets as leave TAG_BITS_LEFT of them.
 */
#include "dedup/buckets.h"

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

/* The buckets not yet split hold twice what the others do: a split with every entry ends the
 * level before they are over-full. */
static void set_bound(wd_buckets *b)
{
    b->split_above =
        b->level == b->max_level ? UINT64_MAX : ((uint64_t)b->base << b->level) * SPLIT_AT;
}

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
    set_bound(b);
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

/* A table that large is all over the address space: huge pages spare a walk of the page
 * tables with every look-up, and round its memory up by one page at most. */
#define HUGE_FROM_BYTES ((size_t)16 << 20)

static void level_done(wd_buckets *b)
{
    b->split = 0;
    b->level++;
    set_bound(b);
    size_t next = 2 * wd_buckets_bytes(b);
    if (b->level < b->max_level && next >= HUGE_FROM_BYTES)
        (void)madvise(b->at, next, MADV_HUGEPAGE); /* a kernel without them does as well */
}

/* Entries whose next tag bit is set move to the new bucket, oldest first. */
void wd_buckets_split(wd_buckets *b)
{
    wd_bucket old = b->at[b->split], *kept = b->at + b->split;
    wd_bucket *moved = b->at + ((uint64_t)b->base << b->level) + b->split;
    *kept = (wd_bucket){ 0 };
    for (unsigned i = 0, from = old.cursor; i < WD_BUCKET_ENTRIES;
         i++, from = wd_bucket_after(from)) {
        if ((old.value[from] & (WD_BUCKET_VALUES - 1)) == WD_BUCKET_NONE)
            continue;
        wd_bucket *to = old.tag[from] >> b->level & 1 ? moved : kept;
        to->tag[to->cursor] = old.tag[from];
        to->value[to->cursor] = old.value[from];
        to->cursor = (uint8_t)wd_bucket_after(to->cursor);
    }
    if (++b->split == (uint64_t)b->base << b->level)
        level_done(b);
}

void wd_buckets_resume(wd_buckets *b, uint32_t level, uint32_t split, uint64_t entries)
{
    b->level = level;
    b->split = split;
    b->entries = entries;
    set_bound(b);
    size_t bytes = wd_buckets_bytes(b);
    if (bytes >= HUGE_FROM_BYTES)
        (void)madvise(b->at, bytes, MADV_HUGEPAGE); /* as level_done() */
}
