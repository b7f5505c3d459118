/*
 * core/span.h - a borrowed run of bytes: {ptr, len}, not NUL-terminated.
 *
 * Owner: nobody here owns anything; a span lives as long as what it points into
 *        (nearly always the arena of one poll).  {NULL, 0} means "absent";
 *        an empty span with a pointer means "present and empty".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct wd_span {
    const char *ptr;
    size_t len;
} wd_span;

#define WD_SPAN_LIT(text) ((wd_span){ (text), sizeof(text) - 1 })
#define WD_SPAN_NONE      ((wd_span){ NULL, 0 })

/* For printf's "%.*s". */
#define WD_SPAN_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

static inline wd_span wd_span_of(const char *text)
{
    return (wd_span){ text, text ? strlen(text) : 0 };
}

static inline bool wd_span_empty(wd_span s)
{
    return s.len == 0;
}

static inline bool wd_span_eq(wd_span a, wd_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline wd_span wd_span_from(wd_span s, size_t at)
{
    if (at >= s.len) /* an absent span has no address to add to */
        return (wd_span){ s.len ? s.ptr + s.len : s.ptr, 0 };
    return (wd_span){ s.ptr + at, s.len - at };
}

static inline wd_span wd_span_head(wd_span s, size_t n)
{
    return n < s.len ? (wd_span){ s.ptr, n } : s;
}

/* ASCII letters only, whatever the locale says. */
bool wd_span_eq_nocase(wd_span a, wd_span b);

/* Inline, so that the length of a literal is known when it is compiled. */
static inline bool wd_span_is(wd_span s, const char *text)
{
    return wd_span_eq(s, wd_span_of(text));
}

static inline bool wd_span_is_nocase(wd_span s, const char *text)
{
    wd_span t = wd_span_of(text);
    return s.len == t.len && wd_span_eq_nocase(s, t);
}

bool wd_span_starts_nocase(wd_span s, const char *prefix);

/* Without ASCII white space (space, \t \n \v \f \r) at both ends. */
wd_span wd_span_trim(wd_span s);

/* Offset of the first match, or s.len. */
size_t wd_span_find(wd_span s, char c);
size_t wd_span_find_nocase(wd_span s, const char *needle);

/* Cuts at the first `sep`: returns what is before it and moves *rest behind it.
 * Without a `sep` returns everything and leaves *rest absent. */
wd_span wd_span_cut(wd_span *rest, char sep);

/* Decimal digits only, no sign, no white space; false on overflow or anything else. */
bool wd_span_u64(wd_span s, unsigned long long *out);

/* Two settings as strings, and as lists that end in NULL; not given (NULL) equals only itself. */
bool wd_cstr_equal(const char *a, const char *b);
bool wd_cstrs_equal(const char *const *a, const char *const *b);
