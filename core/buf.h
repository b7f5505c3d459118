/*
 * core/buf.h - a growing byte buffer that knows its own ceiling.
 *
 * Errors are sticky: after the first one every append is refused with it, so a
 * writer may append many pieces and ask wd_buf_status() once.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* As wd_buf_append(), where the buffer may have to grow or to refuse. */
wd_status wd_buf_append_slowly(wd_buf *b, const void *bytes, size_t n);

/* Inline: JSON is written in pieces of a few bytes. */
static inline wd_status wd_buf_append(wd_buf *b, const void *bytes, size_t n)
{
    if (b->status != WD_OK || n == 0 || n >= b->cap - b->len || n > b->limit - b->len)
        return wd_buf_append_slowly(b, bytes, n);
    memcpy(b->ptr + b->len, bytes, n);
    b->len += n;
    b->ptr[b->len] = '\0';
    return WD_OK;
}

static inline wd_status wd_buf_append_span(wd_buf *b, wd_span s)
{
    return wd_buf_append(b, s.ptr, s.len);
}

static inline wd_status wd_buf_append_char(wd_buf *b, char c)
{
    return wd_buf_append(b, &c, 1);
}

/* At least `n` writable bytes behind the content, to be counted by adding to len what was
 * written; NULL when the ceiling or the memory does not allow them. */
char *wd_buf_room(wd_buf *b, size_t n);
wd_status wd_buf_printf(wd_buf *b, const char *fmt, ...) WD_PRINTF(2, 3);

/* Decimal, as printf would. */
wd_status wd_buf_append_int(wd_buf *b, int64_t value);
wd_status wd_buf_append_uint(wd_buf *b, uint64_t value);

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
