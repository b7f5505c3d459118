/*
 * parsers/html_out.h - bytes on their way out, and what has to be escaped among them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/span.h"

/* A growing buffer without a check per byte: room is asked for once a token. */
typedef struct wd_html_bytes {
    char *ptr;
    size_t len, cap;
    size_t over; /* what it may take beyond WD_HTML_OUTPUT_BYTES */
    bool full;   /* over its ceiling, or out of memory: nothing is added any more */
} wd_html_bytes;

bool wd_html_grow(wd_html_bytes *b, size_t n);

/* At least `n` bytes behind len; false when the ceiling is reached. */
static inline bool wd_html_room(wd_html_bytes *b, size_t n)
{
    return (n <= b->cap - b->len && !b->full) || wd_html_grow(b, n);
}

static inline void wd_html_put(wd_html_bytes *b, const char *bytes, size_t n)
{
    if (n == 0 || !wd_html_room(b, n))
        return;
    memcpy(b->ptr + b->len, bytes, n);
    b->len += n;
}

/* Copies up to the next byte that HTML cannot take as it is, "<", "&" or a carriage return, and
 * returns where that is; `end` when there is none or no room. */
const char *wd_html_put_text(wd_html_bytes *b, const char *p, const char *end);

void wd_html_bytes_done(wd_html_bytes *b);

/* As content of an element / of a double-quoted attribute. */
void wd_html_put_escaped(wd_html_bytes *b, wd_span text, bool attribute);
