/* core/ascii.h - what a byte is, in ASCII, whatever the locale says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool wd_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool wd_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool wd_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool wd_is_alnum(char c)
{
    return wd_is_alpha(c) || wd_is_digit(c);
}

static inline char wd_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The value of a hexadecimal digit, or -1. */
static inline int wd_hex_value(char c)
{
    if (wd_is_digit(c))
        return c - '0';
    c = wd_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The last `digits` hexadecimal digits of a number, in lower case; no NUL.  Returns their end. */
static inline char *wd_hex_put(char *out, uint64_t value, size_t digits)
{
    for (size_t i = digits; i > 0; i--, value >>= 4)
        out[i - 1] = "0123456789abcdef"[value & 15];
    return out + digits;
}
