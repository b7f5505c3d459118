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
    t.feeds = (uint8_t)(t.feeds >> age); /* four bits: nothing is left from four on */
    t.in_feed = (uint8_t)(t.in_feed >> age);
    return t;
}

/* Where the shingles start that are counted: every other one, which no processor can guess, so
 * without a branch. */
static size_t choose(const wd_masked_text *text, uint16_t *at)
{
    size_t n = 0;
    for (size_t i = 0; i < text->n; i++) {
        uint64_t shingle = text->shingles[i];
        at[n] = (uint16_t)i;
        n += (shingle & (1ULL << SAMPLE_BIT | 1)) == 1; /* a shingle is odd, none is 0 */
    }
    return n;
}

/* A question about one text: which of its shingles this feed, or everybody, repeats. */
typedef struct question {
    const wd_commonness *limit;
    uint16_t feed;
} question;

/* An entry with this tag, in the bits that the tag in the bucket lacks, and a count. */
static bool is_entry_of(uint32_t value, uint32_t tag)
{
    return value >> 24 == tag >> 16 && (value & (WD_BUCKET_VALUES - 1)) != WD_BUCKET_NONE;
}

static bool is_common(const wd_frequency *f,
                      const wd_bucket *bucket,
                      uint32_t tag,
                      const question *q)
{
    for (uint32_t m = wd_bucket_same_tags(bucket->tag, (uint16_t)tag); m != 0; m &= m - 1) {
        uint32_t value = bucket->value[__builtin_ctz(m)];
        if (!is_entry_of(value, tag))
            continue;
        tally t = decayed(f, tally_unpack(value & (WD_BUCKET_VALUES - 1)));
        if (t.feeds >= q->limit->everywhere ||
            (t.feed == q->feed && t.in_feed >= q->limit->in_feed))
            return true;
    }
    return false;
}

void wd_frequency_mask(const wd_frequency *f,
                       const wd_masked_text *text,
                       const wd_commonness *limit,
                       uint8_t *mask)
{
    const question q = { .limit = limit, .feed = feed_bits(text->feed) };
    uint16_t at[WD_FINGERPRINT_WORDS];
    const wd_bucket *bucket[WD_FINGERPRINT_WORDS];
    uint32_t tag[WD_FINGERPRINT_WORDS];
    const wd_buckets table = f->table;    /* so that nothing written here may change it */
    size_t n = choose(text, at), end = 0; /* of the block before; 0: none yet */
    memset(mask, 0, text->n);
    for (size_t j = 0; j < n; j++) { /* all are on the way before the first is needed */
        bucket[j] = wd_buckets_find(&table, text->shingles[at[j]]);
        tag[j] = wd_bucket_tag(text->shingles[at[j]]);
        __builtin_prefetch(bucket[j]);
    }
    for (size_t j = 0; j < n; j++) {
        size_t i = at[j];
        if (!is_common(f, bucket[j], tag[j], &q))
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
        at = wd_bucket_after(at);
    }
    bucket->cursor = (uint8_t)wd_bucket_after(victim);
    return victim;
}

static uint32_t counted_again(const wd_frequency *f, uint32_t value, uint16_t feed, bool everywhere)
{
    tally t = decayed(f, tally_unpack(value));
    bool other = t.feed != feed;
    if (everywhere && (other || t.in_feed < OF_ONE_FEED) && t.feeds < COUNT_MAX)
        t.feeds++;
    if (other)
        t.in_feed = 0;
    t.in_feed = (uint8_t)(t.in_feed + (t.in_feed < COUNT_MAX));
    t.feed = feed;
    t.period = f->now & PERIOD_MASK;
    return tally_pack(t);
}

/* `first` is what an entry holds of a shingle that comes for the first time, as most do. */
static void count_one(wd_frequency *f, uint64_t key, uint32_t first)
{
    wd_bucket *bucket = wd_buckets_find(&f->table, key);
    if (f->redo != NULL &&
        !wd_redo_lacks(f->redo, &f->redo->frequency, (uint64_t)(bucket - f->table.at)))
        return;
    uint32_t m = wd_bucket_match(bucket, key);
    if (m != 0) {
        unsigned entry = (unsigned)__builtin_ctz(m);
        tally t = tally_unpack(first);
        wd_bucket_set(bucket, entry, key,
                      counted_again(f, wd_bucket_value(bucket, entry), t.feed, t.feeds != 0));
        return;
    }
    f->table.entries++;
    if (wd_buckets_grow(&f->table))
        bucket = wd_buckets_find(&f->table, key);
    wd_bucket_set(bucket, victim_of(f, bucket), key, first);
}

/* A story that repeats its own line counts once: a small set of what was counted. */
void wd_frequency_count(wd_frequency *f,
                        const wd_masked_text *text,
                        const uint8_t *copied,
                        bool everywhere)
{
    enum { SEEN_BITS = 4096 };
    uint64_t seen[SEEN_BITS / 64] = { 0 };
    uint16_t at[WD_FINGERPRINT_WORDS];
    size_t n = choose(text, at);
    uint32_t first = tally_pack((tally){ .feeds = everywhere,
                                         .in_feed = 1,
                                         .feed = feed_bits(text->feed),
                                         .period = f->now & PERIOD_MASK });
    for (size_t i = 0; i < n; i++) {
        uint64_t key = text->shingles[at[i]];
        if (copied != NULL && copied[at[i]])
            continue;
        unsigned bit = (unsigned)(key >> 44) & (SEEN_BITS - 1);
        if (seen[bit / 64] >> (bit % 64) & 1)
            continue;
        seen[bit / 64] |= 1ULL << (bit % 64);
        count_one(f, key, first);
    }
}
