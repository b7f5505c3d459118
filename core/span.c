/* core/span.c - comparing, trimming and cutting borrowed bytes. */
#include "core/span.h"

#include "core/ascii.h"

bool wd_span_eq_nocase(wd_span a, wd_span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (a.ptr[i] != b.ptr[i] && wd_lower(a.ptr[i]) != wd_lower(b.ptr[i]))
            return false;
    return true;
}

bool wd_span_starts_nocase(wd_span s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.len >= n && wd_span_eq_nocase(wd_span_head(s, n), (wd_span){ prefix, n });
}

wd_span wd_span_trim(wd_span s)
{
    while (s.len > 0 && wd_is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && wd_is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

size_t wd_span_find(wd_span s, char c)
{
    const char *at = s.len ? memchr(s.ptr, c, s.len) : NULL;
    return at ? (size_t)(at - s.ptr) : s.len;
}

size_t wd_span_find_nocase(wd_span s, const char *needle)
{
    size_t n = strlen(needle);
    for (size_t i = 0; i + n <= s.len; i++)
        if (wd_span_starts_nocase(wd_span_from(s, i), needle))
            return i;
    return s.len;
}

wd_span wd_span_cut(wd_span *rest, char sep)
{
    wd_span whole = *rest;
    size_t at = wd_span_find(whole, sep);
    *rest = at < whole.len ? wd_span_from(whole, at + 1) : WD_SPAN_NONE;
    return wd_span_head(whole, at);
}

bool wd_span_u64(wd_span s, unsigned long long *out)
{
    unsigned long long v = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!wd_is_digit(s.ptr[i]))
            return false;
        if (__builtin_mul_overflow(v, 10ULL, &v) ||
            __builtin_add_overflow(v, (unsigned long long)(s.ptr[i] - '0'), &v))
            return false;
    }
    *out = v;
    return true;
}

bool wd_cstr_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool wd_cstrs_equal(const char *const *a, const char *const *b)
{
    size_t i = 0;
    if (a == NULL || b == NULL)
        return a == b;
    while (a[i] != NULL && wd_cstr_equal(a[i], b[i]))
        i++;
    return a[i] == NULL && b[i] == NULL;
}
