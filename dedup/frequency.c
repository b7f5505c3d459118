/* dedup/frequency.c - heavy hitters in buckets: what recurs stays, what came once leaves.
 *
 * One entry a shingle: two counts of four bits, the feed that came last, and when it was
 * touched.  Boilerplate recurs within hours, so a table that holds the singletons of some
 * fifty thousand stories finds all of it; no counter per shingle of the window is needed.
 */
#include "dedup/frequency.h"

#include <string.h>

#include "core/clock.h"

/* Counts halve in this time: a block that was dropped from a page stops weighing. */
#define PERIOD_MS (4 * WD_DAY_MS)

/* One shingle in two is counted: overlapping ones tell the same. */
#define SAMPLE_BIT 40

/* Boilerplate with a gap of so many words (a name, a date) is one block. */
#define BRIDGE 4u

/* Stories of one feed in a row that count towards "everywhere": too few to be enough. */
#define OF_ONE_FEED 2u

/* The value of an entry, 24 bits. */
typedef struct tally {
    uint8_t feeds;   /* 4 bits: stories, of one feed in a row OF_ONE_FEED at most */
    uint8_t in_feed; /* 4 bits: stories of the feed that came last */
    uint16_t feed;   /* 10 bits of its hash */
    uint8_t period;  /* 6 bits */
} tally;

enum { COUNT_MAX = 15, FEED_MASK = 0x3FF, PERIOD_MASK = 0x3F };

static tally tally_unpack(uint32_t v)
{
    return (tally){ .feeds = v & 15,
                    .in_feed = v >> 4 & 15,
                    .feed = v >> 8 & FEED_MASK,
                    .period = v >> 18 & PERIOD_MASK };
}

static uint32_t tally_pack(tally t)
{
    return t.feeds | (uint32_t)t.in_feed << 4 | (uint32_t)t.feed << 8 | (uint32_t)t.period << 18;
}

static uint16_t feed_bits(uint32_t feed)
{
    return (uint16_t)((feed * 0x9E3779B1u) >> 22);
}

wd_status wd_frequency_init(wd_frequency *f)
{
    *f = (wd_frequency){ 0 };
    return wd_buckets_init(&f->table, WD_FREQUENCY_ENTRIES);
}

void wd_frequency_done(wd_frequency *f)
{
    wd_buckets_done(&f->table);
}

void wd_frequency_set_time(wd_frequency *f, int64_t now_ms)
{
    f->now = now_ms > 0 ? (uint32_t)(now_ms / PERIOD_MS) : 0;
}

static tally decayed(const wd_frequency *f, tally t)
{
    unsigned age = (f->now - t.period) & PERIOD_MASK;
    if (age > PERIOD_MASK / 2) /* touched "later": the clock stepped back */
        age = 0;
    t.feeds = (uint8_t)(age > 4 ? 0 : t.feeds >> age);
    t.in_feed = (uint8_t)(age > 4 ? 0 : t.in_feed >> age);
    return t;
}

static bool is_sampled(uint64_t shingle)
{
    return shingle != 0 && (shingle >> SAMPLE_BIT & 1) == 0;
}

static bool is_common(const wd_frequency *f,
                      uint64_t key,
                      uint16_t feed,
                      const wd_commonness *limit)
{
    const wd_bucket *bucket = wd_buckets_find(&f->table, key);
    for (uint32_t m = wd_bucket_match(bucket, key); m != 0; m &= m - 1) {
        unsigned entry = (unsigned)__builtin_ctz(m);
        tally t = decayed(f, tally_unpack(wd_bucket_value(bucket, entry)));
        if (t.feeds >= limit->everywhere || (t.feed == feed && t.in_feed >= limit->in_feed))
            return true;
    }
    return false;
}

static void prefetch_all(const wd_frequency *f, const wd_masked_text *text)
{
    for (size_t i = 0; i < text->n; i++)
        if (is_sampled(text->shingles[i]))
            wd_buckets_prefetch(&f->table, text->shingles[i]);
}

void wd_frequency_mask(const wd_frequency *f,
                       const wd_masked_text *text,
                       const wd_commonness *limit,
                       uint8_t *mask)
{
    uint16_t feed = feed_bits(text->feed);
    size_t end = 0; /* of the block before; 0: none yet */
    memset(mask, 0, text->n);
    prefetch_all(f, text);
    for (size_t i = 0; i < text->n; i++) {
        if (!is_sampled(text->shingles[i]) || !is_common(f, text->shingles[i], feed, limit))
            continue;
        size_t from = end != 0 && i <= end + BRIDGE && end < i ? end : i;
        end = i + wd_shingle_length(text->tokens[i]);
        memset(mask + from, 1, end - from);
    }
}

/* Counts of an entry, not decayed: both in one look. */
static uint32_t raw_counts(uint32_t value)
{
    return value & 0xFF;
}

#define ONCE 0x11u /* one feed, one story */

/* The entry to overwrite, oldest first: a free one or one that came once, which most are;
 * else the least counted. */
static unsigned victim_of(const wd_frequency *f, wd_bucket *bucket)
{
    unsigned least = 2 * COUNT_MAX + 1, victim = 0, at = bucket->cursor;
    for (unsigned i = 0; i < WD_BUCKET_ENTRIES; i++) {
        uint32_t value = wd_bucket_value(bucket, at);
        if (raw_counts(value) <= ONCE) {
            victim = at;
            break;
        }
        tally t = decayed(f, tally_unpack(value));
        unsigned worth = (unsigned)t.feeds + t.in_feed;
        if (worth < least) {
            least = worth;
            victim = at;
        }
        at = at + 1 < WD_BUCKET_ENTRIES ? at + 1 : 0;
    }
    bucket->cursor = (uint8_t)(victim + 1 < WD_BUCKET_ENTRIES ? victim + 1 : 0);
    return victim;
}

static void count_one(wd_frequency *f, uint64_t key, uint16_t feed, bool everywhere)
{
    wd_bucket *bucket = wd_buckets_find(&f->table, key);
    uint32_t m = wd_bucket_match(bucket, key);
    tally t = { .feeds = everywhere, .feed = feed };
    unsigned entry;
    if (m != 0) {
        entry = (unsigned)__builtin_ctz(m);
        t = decayed(f, tally_unpack(wd_bucket_value(bucket, entry)));
        bool other = t.feed != feed;
        if (everywhere && (other || t.in_feed < OF_ONE_FEED) && t.feeds < COUNT_MAX)
            t.feeds++;
        if (other)
            t.in_feed = 0;
    } else {
        f->table.entries++;
        wd_buckets_grow(&f->table);
        bucket = wd_buckets_find(&f->table, key);
        entry = victim_of(f, bucket);
    }
    t.in_feed = (uint8_t)(t.in_feed + (t.in_feed < COUNT_MAX));
    t.feed = feed;
    t.period = f->now & PERIOD_MASK;
    wd_bucket_set(bucket, entry, key, tally_pack(t));
}

/* A story that repeats its own line counts once: a small set of what was counted. */
void wd_frequency_count(wd_frequency *f,
                        const wd_masked_text *text,
                        const uint8_t *copied,
                        bool everywhere)
{
    enum { SEEN_BITS = 4096 };
    uint64_t seen[SEEN_BITS / 64] = { 0 };
    uint16_t feed = feed_bits(text->feed);
    for (size_t i = 0; i < text->n; i++) {
        if (!is_sampled(text->shingles[i]) || (copied != NULL && copied[i]))
            continue;
        uint64_t key = text->shingles[i];
        unsigned bit = (unsigned)(key >> 44) & (SEEN_BITS - 1);
        if (seen[bit / 64] >> (bit % 64) & 1)
            continue;
        seen[bit / 64] |= 1ULL << (bit % 64);
        count_one(f, key, feed, everywhere);
    }
}
