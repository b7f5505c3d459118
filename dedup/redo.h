/*
 * dedup/redo.h - what an image has already of the items that are put back after it.
 *
 * An image is taken in slices between decisions, so each slice knows the items before another
 * number.  What an item left in a slice is left there again only when the slice was taken
 * before it came.  (The index needs no such care: an entry that is there is not added.)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct wd_redo_slice {
    uint64_t first; /* place of a bucket, or number of an item; until the next slice's */
    uint64_t knows; /* the items before this number */
} wd_redo_slice;

typedef struct wd_redo_table {
    wd_redo_slice *slices;
    size_t n, room;
} wd_redo_table;

typedef struct wd_redo {
    wd_redo_table items, frequency;
    uint64_t next; /* items of this number and above are not in the image */
    uint64_t item; /* that is being put back */
} wd_redo;

/* Does the slice that holds `place` lack what the item did there? */
static inline bool wd_redo_lacks(const wd_redo *redo, const wd_redo_table *table, uint64_t place)
{
    if (redo->item >= redo->next)
        return true;
    size_t low = 0, high = table->n;
    while (low < high) { /* the first slice behind the place */
        size_t middle = (low + high) / 2;
        if (table->slices[middle].first <= place)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 || redo->item >= table->slices[low - 1].knows;
}

/* NULL is accepted. */
void wd_redo_free(wd_redo *redo);

/* Slices come in rising order.  False: out of memory. */
bool wd_redo_note(wd_redo_table *table, uint64_t first, uint64_t knows);
