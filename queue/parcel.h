/*
 * queue/parcel.h - a row on its way to Redis: its own copy, and a line of them.
 *
 * Private to queue/publisher*.c.  Owner: the line; who takes the first one frees it.
 */
#pragma once

#include <stddef.h>

#include "queue/outbox.h"

typedef struct wd_parcel {
    struct wd_parcel *next;
    wd_outbox_row row; /* everything it points at is in this one block */
} wd_parcel;

typedef struct wd_parcel_line {
    wd_parcel *first, *last;
    size_t n, bytes; /* of bodies */
} wd_parcel_line;

/* False: out of memory. */
WD_MUST_USE bool wd_parcel_line_add(wd_parcel_line *line, const wd_outbox_row *row);

/* The first of a line that is not empty; to be freed. */
wd_parcel *wd_parcel_line_take(wd_parcel_line *line);

void wd_parcel_line_clear(wd_parcel_line *line);
