/* parsers/identity.c - a hash table over ids, open addressing, twice: first to see which ids
 * are worthless, then to drop what is there already. */
#include "parsers/identity.h"

#include <stdint.h>
#include <stdlib.h>

#include "core/hash.h"

struct table {
    uint32_t *slots; /* index + 1 */
    size_t mask;
};

static bool table_init(struct table *t, size_t n)
{
    size_t size = 16;
    while (size < 2 * n)
        size *= 2;
    t->slots = calloc(size, sizeof(*t->slots));
    t->mask = size - 1;
    return t->slots != NULL;
}

/* The slot that holds this id, or the free one where it belongs. */
static uint32_t *slot_of(const struct table *t, const wd_item *items, wd_span id)
{
    size_t at = wd_hash64(id, 0) & t->mask;
    while (t->slots[at] != 0 && !wd_span_eq(items[t->slots[at] - 1].id, id))
        at = (at + 1) & t->mask;
    return &t->slots[at];
}

/* True when two items with one id cannot be the same story.  A draft and what became of it are. */
static bool contradicts(const wd_item *a, const wd_item *b)
{
    if (a->draft != b->draft)
        return false;
    if (a->link.len > 0 && b->link.len > 0 && !wd_span_eq(a->link, b->link))
        return true;
    bool told_apart = a->link.len == 0 || b->link.len == 0 || wd_span_eq(a->id, a->link);
    return told_apart && a->title_text.len > 0 && b->title_text.len > 0 &&
           !wd_span_eq(a->title_text, b->title_text);
}

static void use_title(wd_item *item, wd_arena *to)
{
    size_t n = item->id.len + 1 + item->title_text.len;
    char *text = wd_arena_alloc(to, n);
    if (text == NULL)
        return;
    memcpy(text, item->id.ptr, item->id.len);
    text[item->id.len] = ' ';
    if (item->title_text.len > 0)
        memcpy(text + item->id.len + 1, item->title_text.ptr, item->title_text.len);
    item->given_id = item->id;
    item->id = (wd_span){ text, n };
    item->flags |= WD_ITEM_ID_REWRITTEN;
}

static void rewrite(wd_item *item, wd_arena *to)
{
    if (item->link.len == 0) {
        use_title(item, to);
    } else if (!wd_span_eq(item->id, item->link)) {
        item->given_id = item->id;
        item->id = item->link;
        item->id_kind = WD_ID_LINK;
        item->flags |= WD_ITEM_ID_REWRITTEN;
    }
}

/* Every item of an id that is shared by strangers is known by something else. */
static void disown(const struct table *t, wd_item *items, size_t n, wd_arena *to)
{
    bool *worthless = calloc(n, sizeof(*worthless));
    uint32_t *first = calloc(n, sizeof(*first));
    if (worthless != NULL && first != NULL) {
        for (size_t i = 0; i < n; i++) {
            uint32_t *slot = slot_of(t, items, items[i].id);
            if (*slot == 0)
                *slot = (uint32_t)i + 1;
            first[i] = *slot - 1;
            worthless[first[i]] |= first[i] != i && contradicts(&items[first[i]], &items[i]);
        }
        for (size_t i = 0; i < n; i++)
            if (worthless[first[i]] && first[i] != i)
                rewrite(&items[i], to);
        for (size_t i = 0; i < n; i++)
            if (worthless[i] && first[i] == i)
                rewrite(&items[i], to);
    }
    free(worthless);
    free(first);
}

static bool same_text(const wd_item *a, const wd_item *b)
{
    return wd_span_eq(a->title_text, b->title_text) &&
           wd_span_eq(a->content_html, b->content_html) &&
           wd_span_eq(a->content_text, b->content_text) &&
           wd_span_eq(a->summary_html, b->summary_html) &&
           wd_span_eq(a->summary_text, b->summary_text);
}

/* Without an id of its own, and without a title, alike is not the same. */
static bool may_repeat(const wd_item *item)
{
    return item->id_kind != WD_ID_HASH && (item->id_kind != WD_ID_LINK || item->title_text.len > 0);
}

/* One id; what else must agree? */
static bool same_story(const wd_item *a, const wd_item *b)
{
    return a->draft == b->draft && wd_span_eq(a->link, b->link) && same_text(a, b);
}

/* Where one that says the same is, or the free slot for it: beside those that have its id and say
 * other things. */
static uint32_t *slot_of_same(const struct table *t, const wd_item *items, const wd_item *item)
{
    const wd_span says[] = { item->id,           item->title_text,   item->content_html,
                             item->content_text, item->summary_html, item->summary_text };
    uint64_t hash = 0;
    for (size_t i = 0; i < WD_COUNT(says); i++)
        hash = wd_hash_mix(hash, wd_hash64(says[i], 0));
    size_t at = hash & t->mask;
    while (t->slots[at] != 0 && !(wd_span_eq(items[t->slots[at] - 1].id, item->id) &&
                                  same_story(&items[t->slots[at] - 1], item)))
        at = (at + 1) & t->mask;
    return &t->slots[at];
}

static size_t drop_repetitions(const struct table *t, wd_item *items, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t *slot = slot_of(t, items, items[i].id);
        bool repeats = *slot != 0 && may_repeat(&items[i]);
        if (repeats && !same_story(&items[*slot - 1], &items[i])) {
            slot = slot_of_same(t, items, &items[i]);
            repeats = *slot != 0;
        }
        if (repeats)
            continue;
        if (kept != i)
            items[kept] = items[i];
        kept++;
        if (*slot == 0)
            *slot = (uint32_t)kept;
    }
    return kept;
}

wd_status wd_identity_settle(wd_item *items, size_t *n, wd_arena *to)
{
    struct table t = { 0 };
    if (*n < 2)
        return WD_OK;
    if (!table_init(&t, *n))
        return WD_NOMEM;
    disown(&t, items, *n, to);
    memset(t.slots, 0, (t.mask + 1) * sizeof(*t.slots));
    *n = drop_repetitions(&t, items, *n);
    free(t.slots);
    return WD_OK;
}
