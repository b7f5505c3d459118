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

static wd_status reserve(wd_due_heap *h)
{
    if (h->n < h->cap)
        return WD_OK;
    size_t cap = h->cap ? 2 * h->cap : 64;
    wd_due **entries = realloc(h->entries, cap * sizeof(wd_due *));
    if (entries == NULL)
        return WD_NOMEM;
    h->entries = entries;
    h->cap = cap;
    return WD_OK;
}

wd_status wd_due_heap_put(wd_due_heap *h, wd_due *entry, int64_t at_ms)
{
    if (entry->place == WD_DUE_NOWHERE) {
        wd_status s = reserve(h);
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
