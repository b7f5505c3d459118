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

/* True when two items with one id cannot be the same story. */
static bool contradicts(const wd_item *a, const wd_item *b)
{
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
    item->id = (wd_span){ text, n };
    item->flags |= WD_ITEM_ID_REWRITTEN;
}

wd_span wd_identity_given(const wd_item *item)
{
    size_t title = item->title_text.len;
    if (!(item->flags & WD_ITEM_ID_REWRITTEN) || item->id.len <= title + 1)
        return item->id;
    wd_span given = wd_span_head(item->id, item->id.len - title - 1);
    wd_span tail = wd_span_from(item->id, given.len + 1);
    return item->id.ptr[given.len] == ' ' && wd_span_eq(tail, item->title_text) ? given : item->id;
}

static void rewrite(wd_item *item, wd_arena *to)
{
    if (item->link.len == 0) {
        use_title(item, to);
    } else if (!wd_span_eq(item->id, item->link)) {
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

/* One id; what else must agree? */
static bool same_story(const wd_item *a, const wd_item *b)
{
    bool titles = wd_span_eq(a->title_text, b->title_text);
    if (a->id_kind == WD_ID_HASH || !wd_span_eq(a->link, b->link))
        return false;
    return titles && (a->id_kind != WD_ID_LINK || a->title_text.len > 0);
}

static size_t drop_repetitions(const struct table *t, wd_item *items, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t *slot = slot_of(t, items, items[i].id);
        if (*slot != 0 && same_story(&items[*slot - 1], &items[i]))
            continue;
        if (kept != i)
            items[kept] = items[i];
        if (*slot == 0)
            *slot = (uint32_t)kept + 1;
        kept++;
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
