/* daemon/row_copies.c - an array and its texts in one arena. */
#include "daemon/row_copies.h"

#include "core/limits.h"

/* Beside the bodies: rows, names, alignment. */
#define BESIDE_BYTES ((size_t)1 << 20)

wd_status wd_row_copies_init(wd_row_copies *c, uint32_t max_rows, size_t max_bytes)
{
    *c = (wd_row_copies){ .arena = wd_arena_new(max_bytes + WD_EVENT_BYTES + BESIDE_BYTES),
                          .max = max_rows };
    if (c->arena != NULL)
        c->row = wd_arena_alloc(c->arena, max_rows * sizeof(*c->row));
    if (c->row != NULL)
        return WD_OK;
    wd_row_copies_done(c);
    return WD_NOMEM;
}

void wd_row_copies_add(void *copies, const wd_outbox_row *row)
{
    wd_row_copies *c = copies;
    wd_arena *a = c->arena;
    if (c->n == c->max || wd_arena_status(a) != WD_OK)
        return;
    wd_outbox_row *to = &c->row[c->n];
    *to = *row;
    to->type = wd_arena_copy(a, wd_span_of(row->type)).ptr;
    to->language = wd_arena_copy(a, wd_span_of(row->language)).ptr;
    to->cluster = wd_arena_copy(a, row->cluster);
    to->feed = wd_arena_copy(a, row->feed);
    to->body = wd_arena_copy(a, row->body);
    c->n += wd_arena_status(a) == WD_OK;
}

void wd_row_copies_done(wd_row_copies *c)
{
    wd_arena_free(c->arena);
    *c = (wd_row_copies){ 0 };
}
