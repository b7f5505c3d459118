/*
 * core/buf.h - a growing byte buffer that knows its own ceiling.
 *
 * Errors are sticky: after the first one every append is refused with it, so a
 * writer may append many pieces and ask wd_buf_status() once.
 */
#pragma once

#include <stddef.h>

#include "core/span.h"
#include "core/status.h"

typedef struct wd_buf {
    char *ptr; /* NUL-terminated whenever non-NULL */
    size_t len;
    size_t cap;
    size_t limit; /* bytes of content, the NUL not counted */
    wd_status status;
} wd_buf;

#define WD_BUF_INIT(max) ((wd_buf){ .limit = (max) })

wd_status wd_buf_append(wd_buf *b, const void *bytes, size_t n);
wd_status wd_buf_append_span(wd_buf *b, wd_span s);
wd_status wd_buf_append_char(wd_buf *b, char c);

/* At least `n` writable bytes behind the content, to be counted by adding to len what was
 * written; NULL when the ceiling or the memory does not allow them. */
char *wd_buf_room(wd_buf *b, size_t n);
wd_status wd_buf_printf(wd_buf *b, const char *fmt, ...) WD_PRINTF(2, 3);

static inline wd_status wd_buf_status(const wd_buf *b)
{
    return b->status;
}

static inline wd_span wd_buf_span(const wd_buf *b)
{
    return (wd_span){ b->ptr ? b->ptr : "", b->len };
}

/* Empty again and without an error, the memory kept. */
void wd_buf_reset(wd_buf *b);
void wd_buf_done(wd_buf *b);
