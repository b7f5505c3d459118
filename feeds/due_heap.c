/* feeds/due_heap.c - sift up, sift down. */
#include "feeds/due_heap.h"

#include <stdlib.h>

static void set(wd_due_heap *h, size_t place, wd_due *entry)
{
    h->entries[place] = entry;
    entry->place = place;
}

static void sift_up(wd_due_heap *h, size_t place)
{
    wd_due *entry = h->entries[place];
    while (place > 0) {
        size_t parent = (place - 1) / 2;
        if (h->entries[parent]->at_ms <= entry->at_ms)
            break;
        set(h, place, h->entries[parent]);
        place = parent;
    }
    set(h, place, entry);
}

static void sift_down(wd_due_heap *h, size_t place)
{
    wd_due *entry = h->entries[place];
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= h->n)
            break;
        if (child + 1 < h->n && h->entries[child + 1]->at_ms < h->entries[child]->at_ms)
            child++;
        if (h->entries[child]->at_ms >= entry->at_ms)
            break;
        set(h, place, h->entries[child]);
        place = child;
    }
    set(h, place, entry);
}

wd_status wd_due_heap_reserve(wd_due_heap *h, size_t n)
{
    size_t cap = h->cap ? h->cap : 64;
    if (n <= h->cap)
        return WD_OK;
    while (cap < n)
        cap *= 2;
    wd_due **entries = realloc(h->entries, cap * sizeof(wd_due *));
    if (entries == NULL)
        return WD_NOMEM;
    h->entries = entries;
    h->cap = cap;
    return WD_OK;
}

static size_t count_below(const wd_due_heap *h, size_t place, int64_t now_ms)
{
    if (place >= h->n || h->entries[place]->at_ms > now_ms)
        return 0;
    return 1 + count_below(h, 2 * place + 1, now_ms) + count_below(h, 2 * place + 2, now_ms);
}

size_t wd_due_heap_count(const wd_due_heap *h, int64_t now_ms)
{
    return count_below(h, 0, now_ms);
}

wd_status wd_due_heap_put(wd_due_heap *h, wd_due *entry, int64_t at_ms)
{
    if (entry->place == WD_DUE_NOWHERE) {
        wd_status s = wd_due_heap_reserve(h, h->n + 1);
        if (s != WD_OK)
            return s;
        set(h, h->n++, entry);
    }
    entry->at_ms = at_ms;
    sift_up(h, entry->place);
    sift_down(h, entry->place);
    return WD_OK;
}

void wd_due_heap_remove(wd_due_heap *h, wd_due *entry)
{
    size_t place = entry->place;
    if (place == WD_DUE_NOWHERE)
        return;
    entry->place = WD_DUE_NOWHERE;
    wd_due *last = h->entries[--h->n];
    if (last == entry)
        return;
    set(h, place, last);
    sift_up(h, place);
    sift_down(h, last->place);
}

void wd_due_heap_done(wd_due_heap *h)
{
    free(h->entries);
    *h = (wd_due_heap){ 0 };
}
