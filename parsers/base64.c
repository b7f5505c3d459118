/* parsers/base64.c - four characters, three bytes. */
#include "parsers/base64.h"

#include <stdint.h>

#include "core/ascii.h"
#include "parsers/clean.h"

/* So much of nothing but this alphabet is no sentence that was called base64 by mistake, and the
 * smallest picture (a transparent dot as PNG) is longer. */
#define SURELY_BASE64 64u

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (wd_is_digit(c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

wd_span wd_base64_decode(wd_span text, wd_arena *to)
{
    char *out = text.len ? wd_arena_alloc(to, text.len) : NULL;
    uint32_t bits = 0;
    size_t n = 0, have = 0;
    if (out == NULL)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (wd_is_space(c) || c == '=')
            continue;
        int v = value_of(c);
        if (v < 0)
            return text;
        bits = bits << 6 | (uint32_t)v;
        if (++have % 4 != 1)
            out[n++] = (char)(bits >> (6 - 2 * ((have - 1) % 4)) & 0xFF);
    }
    wd_span got = { out, n };
    if (wd_clean_until(got) == got.len)
        return got;
    return have >= SURELY_BASE64 ? (wd_span){ out, 0 } : text;
}
