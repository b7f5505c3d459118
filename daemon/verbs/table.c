/* daemon/verbs/table.c - cells in one buffer, measured as they come. */
#include "daemon/verbs/table.h"

#include <assert.h>
#include <string.h>

#include "core/text.h"

/* A quarter of a million feeds, with long URLs. */
#define TABLE_BYTES ((size_t)256 << 20)

#define GAP 2 /* blanks between columns */

/* Characters, not bytes; wide ones are rare in slugs and URLs and only shift a line. */
static size_t width_of(wd_span s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.len; n++)
        (void)wd_utf8_next(s, &at);
    return n;
}

void wd_table_init(wd_table *t, const char *const *heads, size_t n)
{
    assert(n <= WD_TABLE_COLUMNS);
    *t = (wd_table){ .cells = WD_BUF_INIT(TABLE_BYTES), .n_columns = n };
    for (size_t i = 0; i < n; i++)
        wd_table_add(t, heads[i]);
}

void wd_table_add(wd_table *t, const char *text)
{
    size_t column = t->n_cells++ % t->n_columns, from = t->cells.len;
    wd_text_escape_log(&t->cells, wd_span_of(text));
    if (wd_buf_append_char(&t->cells, '\0') != WD_OK)
        return;
    size_t width = width_of((wd_span){ t->cells.ptr + from, t->cells.len - from - 1 });
    if (width > t->width[column])
        t->width[column] = width;
}

bool wd_table_print(wd_table *t, FILE *out)
{
    if (wd_buf_status(&t->cells) != WD_OK)
        return false;
    const char *cell = t->cells.ptr;
    for (size_t i = 0; i < t->n_cells; i++) {
        size_t column = i % t->n_columns, n = strlen(cell);
        bool last = column + 1 == t->n_columns;
        size_t blanks = last ? 0 : t->width[column] - width_of((wd_span){ cell, n }) + GAP;
        fprintf(out, "%s%*s%s", cell, (int)blanks, "", last ? "\n" : "");
        cell += n + 1;
    }
    return !ferror(out);
}

void wd_table_done(wd_table *t)
{
    wd_buf_done(&t->cells);
}
