/* core/buf.c - growth by doubling, up to the ceiling and never past it. */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"

static wd_status reserve(wd_buf *b, size_t n)
{
    if (b->status != WD_OK)
        return b->status;
    if (n > b->limit - b->len)
        return b->status = WD_LIMIT;
    if (b->len + n + 1 <= b->cap)
        return WD_OK;
    size_t cap = b->cap ? b->cap : WD_BUF_FIRST_BYTES;
    while (cap < b->len + n + 1)
        cap *= 2;
    char *p = realloc(b->ptr, cap);
    if (p == NULL)
        return b->status = WD_NOMEM;
    b->ptr = p;
    b->cap = cap;
    return WD_OK;
}

wd_status wd_buf_append_slowly(wd_buf *b, const void *bytes, size_t n)
{
    if (reserve(b, n) != WD_OK)
        return b->status;
    if (n > 0)
        memcpy(b->ptr + b->len, bytes, n);
    b->len += n;
    b->ptr[b->len] = '\0';
    return WD_OK;
}

char *wd_buf_room(wd_buf *b, size_t n)
{
    return reserve(b, n) == WD_OK ? b->ptr + b->len : NULL;
}

wd_status wd_buf_printf(wd_buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        return b->status = WD_MALFORMED;
    if (reserve(b, (size_t)n) != WD_OK)
        return b->status;
    va_start(args, fmt);
    vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, args);
    va_end(args);
    b->len += (size_t)n;
    return WD_OK;
}

wd_status wd_buf_append_uint(wd_buf *b, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return wd_buf_append(b, digits + at, sizeof(digits) - at);
}

wd_status wd_buf_append_int(wd_buf *b, int64_t value)
{
    if (value >= 0)
        return wd_buf_append_uint(b, (uint64_t)value);
    wd_buf_append_char(b, '-');
    return wd_buf_append_uint(b, -(uint64_t)value);
}

void wd_buf_reset(wd_buf *b)
{
    b->len = 0;
    b->status = WD_OK;
}

void wd_buf_done(wd_buf *b)
{
    free(b->ptr);
    *b = WD_BUF_INIT(b->limit);
}
