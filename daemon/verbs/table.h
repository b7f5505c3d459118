/*
 * daemon/verbs/table.h - rows of text in columns, for people: widths fit what is in them.
 *
 * Cells are added left to right; what a feed or a publisher wrote is made harmless for a
 * terminal.  The last column is never padded.  Errors are sticky and end in
 * wd_table_print(), which then says so.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "core/buf.h"

#define WD_TABLE_COLUMNS 8u

typedef struct wd_table {
    wd_buf cells; /* each ended by a NUL */
    size_t n_columns, n_cells;
    size_t width[WD_TABLE_COLUMNS];
} wd_table;

/* The heads are the first row. */
void wd_table_init(wd_table *t, const char *const *heads, size_t n);
void wd_table_add(wd_table *t, const char *text);
bool wd_table_print(wd_table *t, FILE *out);
void wd_table_done(wd_table *t);
