/* dedup/memory.c - a ring of items, an index over their shingles, a log of their words.
 *
 * Numbers ascend, so the ring needs no list: a number's place is its remainder.  Entries
 * of the index are not taken out when an item leaves; they are recognised as dead by
 * their number and overwritten in turn.
 */
#include "dedup/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/hash.h"

/* Entries one item leaves in the index (measured 28 on news, 37 at 400 words), which
 * sizes the index for its full number of items. */
#define ENTRIES_PER_ITEM 32u

/* Members of one cluster that one shingle leads to: two, should one leave. */
#define ENTRIES_PER_CLUSTER 2u

#define NUMBERS (WD_BUCKET_VALUES - 1) /* 0 is "no entry" */

static size_t ring_bytes(const wd_memory *m)
{
    return (size_t)m->room * sizeof(wd_remembered);
}

wd_status wd_memory_init(wd_memory *m, uint32_t max_items, const char *dir)
{
    *m = (wd_memory){ .room = max_items, .next = 1, .oldest = 1 };
    if (max_items == 0 || max_items > WD_DESK_MAX_ITEMS)
        return WD_LIMIT;
    void *items = mmap(NULL, ring_bytes(m), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (items == MAP_FAILED)
        return WD_NOMEM;
    m->items = items;
    wd_status s = wd_buckets_init(&m->index, (uint64_t)max_items * ENTRIES_PER_ITEM);
    if (s == WD_OK)
        s = wd_frequency_init(&m->frequency);
    if (s == WD_OK)
        s = wd_texts_new(&m->texts, dir);
    if (s != WD_OK)
        wd_memory_done(m);
    return s;
}

void wd_memory_done(wd_memory *m)
{
    if (m->items != NULL)
        (void)munmap(m->items, ring_bytes(m));
    wd_buckets_done(&m->index);
    wd_frequency_done(&m->frequency);
    wd_texts_free(m->texts);
    *m = (wd_memory){ 0 };
}

wd_remembered *wd_memory_get(const wd_memory *m, uint64_t item)
{
    if (item < m->oldest || item >= m->next)
        return NULL;
    wd_remembered *r = &m->items[item % m->room];
    return r->flags & WD_REMEMBERED ? r : NULL;
}

uint64_t wd_memory_cluster(const wd_memory *m, uint64_t item)
{
    const wd_remembered *r;
    while ((r = wd_memory_get(m, item)) != NULL && r->back != 0)
        item -= (uint64_t)(int64_t)r->back;
    return item;
}

bool wd_memory_join(wd_memory *m, uint64_t root, uint64_t name)
{
    wd_remembered *from = wd_memory_get(m, root), *to = wd_memory_get(m, name);
    if (from == NULL || to == NULL || root == name || from->back != 0 || to->back != 0)
        return false;
    to->members += from->members;
    from->back = (int32_t)((int64_t)root - (int64_t)name);
    return true;
}

static void forget(wd_memory *m, wd_remembered *r)
{
    if (!(r->flags & WD_REMEMBERED))
        return;
    wd_texts_drop(m->texts, r->text);
    m->index.entries -= r->entries;
    r->flags = 0;
    m->held--;
}

/* Places given back to the kernel together: whole pages, whatever a page's size up to 64 KB. */
#define BLOCK_PLACES 4096u

_Static_assert(BLOCK_PLACES * sizeof(wd_remembered) % (64u * 1024u) == 0, "blocks of whole pages");

/* The ring is as large as max_items; what lies behind the oldest is not kept in memory until the
 * numbers come round. */
static void pass_oldest(wd_memory *m)
{
    uint64_t at = ++m->oldest % m->room;
    if (at == 0 || at % BLOCK_PLACES != 0 || m->next - m->oldest + BLOCK_PLACES > m->room)
        return;
    void *block = m->items + at - BLOCK_PLACES;
    (void)madvise(block, BLOCK_PLACES * sizeof(wd_remembered), MADV_DONTNEED); /* else it stays */
}

void wd_memory_expire(wd_memory *m, int64_t before_ms)
{
    while (m->oldest < m->next) {
        wd_remembered *r = &m->items[m->oldest % m->room];
        if ((r->flags & WD_REMEMBERED) && r->first_seen_ms >= before_ms)
            break;
        forget(m, r);
        pass_oldest(m);
    }
}

wd_remembered *wd_memory_place(wd_memory *m, uint64_t item)
{
    if (item >= m->next)
        m->next = item + 1;
    if (m->held == 0)
        m->oldest = item;
    while (m->next - m->oldest > m->room) {
        forget(m, &m->items[m->oldest % m->room]);
        pass_oldest(m);
    }
    wd_remembered *r = &m->items[item % m->room];
    forget(m, r);
    *r = (wd_remembered){ .text = WD_TEXT_NOWHERE, .flags = WD_REMEMBERED };
    m->held++;
    return r;
}

uint64_t wd_memory_skip(wd_memory *m)
{
    uint64_t item = m->next;
    forget(m, wd_memory_place(m, item));
    return item;
}

static uint32_t number_to_value(uint64_t item)
{
    return (uint32_t)(item % NUMBERS) + 1;
}

/* The newest number that has this value. */
static uint64_t value_to_number(const wd_memory *m, uint32_t value)
{
    uint64_t newest = m->next - 1;
    uint32_t last = (uint32_t)(newest % NUMBERS), wanted = value - 1;
    uint32_t behind = last >= wanted ? last - wanted : last + (uint32_t)NUMBERS - wanted;
    return behind <= newest ? newest - behind : 0;
}

size_t wd_memory_owners(const wd_memory *m,
                        const wd_bucket *bucket,
                        uint32_t matching,
                        uint64_t *items)
{
    size_t n = 0;
    for (uint32_t mask = matching; mask != 0; mask &= mask - 1) {
        unsigned entry = (unsigned)__builtin_ctz(mask);
        uint64_t item = value_to_number(m, wd_bucket_value(bucket, entry));
        if (wd_memory_get(m, item) != NULL)
            items[n++] = item;
    }
    return n;
}

size_t wd_memory_who_has(const wd_memory *m, uint64_t shingle, uint64_t *items)
{
    const wd_bucket *bucket = wd_buckets_find(&m->index, shingle);
    return wd_memory_owners(m, bucket, wd_bucket_match(bucket, shingle), items);
}

/* Whether one more entry for this shingle could ever help. */
static bool worth_an_entry(const wd_memory *m,
                           uint64_t shingle,
                           uint64_t item,
                           const wd_rules *rules)
{
    uint64_t others[WD_BUCKET_ENTRIES];
    const wd_bucket *bucket = wd_buckets_find(&m->index, shingle);
    uint32_t matching = wd_bucket_match(bucket, shingle);
    if (matching == 0) /* as with most: it is the first */
        return rules->common_clusters > 0;
    uint64_t cluster = wd_memory_cluster(m, item);
    size_t n = wd_memory_owners(m, bucket, matching, others), of_cluster = 0;
    for (size_t i = 0; i < n; i++) {
        if (others[i] == item)
            return false;
        of_cluster += wd_memory_cluster(m, others[i]) == cluster;
    }
    return n < rules->common_clusters && of_cluster < ENTRIES_PER_CLUSTER;
}

static bool has_entry(const wd_memory *m, uint64_t key, uint64_t item)
{
    const wd_bucket *bucket = wd_buckets_find(&m->index, key);
    for (uint32_t mask = wd_bucket_match(bucket, key); mask != 0; mask &= mask - 1)
        if (wd_bucket_value(bucket, (unsigned)__builtin_ctz(mask)) == number_to_value(item))
            return true;
    return false;
}

static void add_entry(wd_memory *m, uint64_t shingle, wd_remembered *r, uint32_t value)
{
    if (r->entries < UINT8_MAX) { /* a longer text's tail is counted short */
        r->entries++;
        m->index.entries++;
    }
    wd_buckets_grow(&m->index);
    wd_bucket *bucket = wd_buckets_find(&m->index, shingle);
    wd_bucket_set(bucket, bucket->cursor, shingle, value);
    bucket->cursor = (uint8_t)wd_bucket_after(bucket->cursor);
}

uint64_t wd_memory_exact_key(uint64_t text_hash)
{
    return wd_hash_mix(text_hash, 0x65786163); /* away from any shingle */
}

/* Where the shingles start that are kept; their buckets are on the way when they are needed. */
static size_t choose(const wd_memory *m,
                     const wd_fingerprint *fp,
                     const uint8_t *mask,
                     const wd_rules *rules,
                     uint16_t *kept)
{
    size_t all = wd_sampling_choose(&rules->insert, fp->tokens, fp->shingles, fp->n_tokens, kept);
    size_t n = 0;
    for (size_t k = 0; k < all; k++) {
        size_t i = kept[k];
        if (mask[i] && mask[i + wd_shingle_length(fp->tokens[i]) - 1])
            continue;
        wd_buckets_prefetch(&m->index, fp->shingles[i]);
        kept[n++] = (uint16_t)i;
    }
    return n;
}

void wd_memory_index(wd_memory *m,
                     uint64_t item,
                     const wd_fingerprint *fp,
                     const uint8_t *mask,
                     const wd_rules *rules)
{
    uint16_t kept[WD_FINGERPRINT_WORDS];
    uint64_t exact = wd_memory_exact_key(fp->text_hash);
    wd_remembered *self = &m->items[item % m->room];
    uint32_t value = number_to_value(item);
    size_t n = choose(m, fp, mask, rules, kept);
    if (!has_entry(m, exact, item)) /* as an image taken in the midst may have it */
        add_entry(m, exact, self, value);
    for (size_t i = 0; i < n; i++)
        if (worth_an_entry(m, fp->shingles[kept[i]], item, rules))
            add_entry(m, fp->shingles[kept[i]], self, value);
}

static uint16_t check_of(const wd_remembered *r)
{
    return r->exact % WD_TEXT_CHECKS;
}

void wd_memory_put_text(wd_memory *m, wd_remembered *r, const wd_fingerprint *fp)
{
    r->words = (uint16_t)fp->n_tokens;
    r->title = (uint32_t)fp->title_hash;
    r->exact = (uint32_t)fp->text_hash;
    wd_stored_text text = { .title = fp->title_tokens,
                            .n_title = fp->n_title_tokens,
                            .tokens = fp->tokens,
                            .n = fp->n_tokens,
                            .check = check_of(r) };
    r->text = wd_texts_put(m->texts, &text);
}

static void remove_entry(wd_memory *m, uint64_t shingle, uint64_t item)
{
    wd_bucket *bucket = wd_buckets_find(&m->index, shingle);
    for (uint32_t mask = wd_bucket_match(bucket, shingle); mask != 0; mask &= mask - 1) {
        unsigned entry = (unsigned)__builtin_ctz(mask);
        if (wd_bucket_value(bucket, entry) == number_to_value(item))
            wd_bucket_set(bucket, entry, 0, WD_BUCKET_NONE);
    }
}

void wd_memory_unindex(wd_memory *m, uint64_t item, const wd_rules *rules)
{
    wd_remembered *r = wd_memory_get(m, item);
    wd_stored_text text;
    uint64_t *shingles = malloc(WD_FINGERPRINT_WORDS * sizeof(*shingles));
    if (shingles != NULL && wd_memory_text(m, r, &text)) {
        uint16_t kept[WD_FINGERPRINT_WORDS];
        wd_shingles_of(text.tokens, text.n, shingles);
        size_t n = wd_sampling_choose(&rules->insert, text.tokens, shingles, text.n, kept);
        for (size_t i = 0; i < n; i++)
            remove_entry(m, shingles[kept[i]], item);
    }
    free(shingles);
    wd_texts_drop(m->texts, r->text);
    m->index.entries -= r->entries;
    r->entries = 0;
    r->text = WD_TEXT_NOWHERE;
}

/* A place that an image remembers may have been given to another text since. */
bool wd_memory_text(wd_memory *m, const wd_remembered *item, wd_stored_text *out)
{
    return wd_texts_get(m->texts, item->text, out) && out->n == item->words &&
           out->check == check_of(item);
}

void wd_memory_settle(wd_memory *m, uint64_t next)
{
    if (m->next < next)
        m->next = next;
    if (m->held == 0)
        m->oldest = m->next;
    for (; m->next - m->oldest > m->room; pass_oldest(m))
        forget(m, &m->items[m->oldest % m->room]);
    m->index.entries = 0;
    for (uint64_t item = m->oldest; item < m->next; item++) {
        const wd_remembered *r = wd_memory_get(m, item);
        m->index.entries += r != NULL ? r->entries : 0;
    }
}

size_t wd_memory_bytes(const wd_memory *m)
{
    uint64_t touched = m->next - m->oldest;
    return (size_t)touched * sizeof(wd_remembered) + wd_buckets_bytes(&m->index) +
           wd_buckets_bytes(&m->frequency.table) + wd_texts_bytes(m->texts);
}
