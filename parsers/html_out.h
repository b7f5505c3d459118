/*
 * parsers/html_out.h - the two outputs of cleaning: bytes of HTML, and text with its white space.
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
    bool full; /* over its ceiling, or out of memory: nothing is added any more */
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

void wd_html_bytes_done(wd_html_bytes *b);

/* As content of an element / of a double-quoted attribute. */
void wd_html_put_escaped(wd_html_bytes *b, wd_span text, bool attribute);

typedef struct wd_html_text {
    wd_html_bytes out;
    bool space;     /* the last byte was white space, or nothing is there yet */
    unsigned lines; /* line breaks owed before the next word: 0, 1 or 2 */
    unsigned pre;   /* inside elements where white space counts */
} wd_html_text;

void wd_html_text_run(wd_html_text *t, const char *p, size_t n);
void wd_html_text_break(wd_html_text *t, unsigned lines); /* at least so many, owed */
void wd_html_text_line(wd_html_text *t);                  /* one more, owed */
wd_span wd_html_text_end(wd_html_text *t);
