/* dedup/redo.c - rows that are appended, and freed. */
#include "dedup/redo.h"

#include <stdlib.h>

/* A slice is a megabyte: this many are the counts' table, and a million items. */
#define FIRST_ROOM 128u

bool wd_redo_note(wd_redo_table *t, uint64_t first, uint64_t knows)
{
    if (t->n == t->room) {
        size_t room = t->room != 0 ? 2 * t->room : FIRST_ROOM;
        wd_redo_slice *slices = realloc(t->slices, room * sizeof(*slices));
        if (slices == NULL)
            return false;
        t->slices = slices;
        t->room = room;
    }
    t->slices[t->n++] = (wd_redo_slice){ .first = first, .knows = knows };
    return true;
}

void wd_redo_free(wd_redo *redo)
{
    if (redo == NULL)
        return;
    free(redo->items.slices);
    free(redo->frequency.slices);
    free(redo);
}
