/*
 * feeds/due_heap.h - which feed comes next: a binary heap of due times.
 *
 * An entry is embedded in its feed and knows its place, so moving and removing
 * cost log n and no memory.  A quarter of a million sleeping feeds cost nothing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

#define WD_DUE_NOWHERE SIZE_MAX

typedef struct wd_due {
    int64_t at_ms;
    size_t place; /* in the heap, or WD_DUE_NOWHERE; set it so before first use */
} wd_due;

typedef struct wd_due_heap {
    wd_due **entries;
    size_t n, cap;
} wd_due_heap;

/* Adds the entry, or moves it to its new time.  WD_NOMEM: it is where it was. */
WD_MUST_USE wd_status wd_due_heap_put(wd_due_heap *h, wd_due *entry, int64_t at_ms);

/* Room for n entries: so many puts cannot fail. */
WD_MUST_USE wd_status wd_due_heap_reserve(wd_due_heap *h, size_t n);

/* How many are due at `now_ms`; costs as many steps. */
size_t wd_due_heap_count(const wd_due_heap *h, int64_t now_ms);

void wd_due_heap_remove(wd_due_heap *h, wd_due *entry);

/* The earliest, or NULL; it stays in. */
static inline wd_due *wd_due_heap_first(const wd_due_heap *h)
{
    return h->n ? h->entries[0] : NULL;
}

void wd_due_heap_done(wd_due_heap *h);
