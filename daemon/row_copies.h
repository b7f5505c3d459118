/*
 * daemon/row_copies.h - rows of the outbox, copied out for another thread: SQLite's own die with
 * the next call, a teller's with the next story.
 *
 * Owner: whoever holds the struct; it may be handed on by value.  Zeroed: none yet.
 */
#pragma once

#include "core/arena.h"
#include "queue/outbox.h"

typedef struct wd_row_copies {
    wd_arena *arena;
    wd_outbox_row *row;
    size_t n, max;
} wd_row_copies;

/* Room for so many rows with bodies of so many bytes, and one row of any size. */
WD_MUST_USE wd_status wd_row_copies_init(wd_row_copies *c, uint32_t max_rows, size_t max_bytes);

/* `copies` is a wd_row_copies: as wd_ledger_each_event() calls it.  What finds no room is left
 * out, and so is all that follows it. */
void wd_row_copies_add(void *copies, const wd_outbox_row *row);

void wd_row_copies_done(wd_row_copies *c);
