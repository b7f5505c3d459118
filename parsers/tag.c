/* parsers/tag.c - quotes count only behind an "=", as in HTML 13.2.5.36; a second "<" before
 * the ">" means that the first one was text. */
#include "parsers/tag.h"

#include <string.h>

#include "core/ascii.h"
#include "parsers/scan.h"

bool wd_tag_name_starts(char c)
{
    return wd_is_alpha(c) || c == '_' || (unsigned char)c >= 0x80;
}

static const bool ends[256] = {
    [' '] = true, ['\t'] = true, ['\n'] = true, ['\v'] = true, ['\f'] = true, ['\r'] = true,
    ['>'] = true, ['/'] = true,  ['<'] = true,  ['='] = true,  ['"'] = true,  ['\''] = true
};

static bool name_ends(char c)
{
    return ends[(unsigned char)c];
}

size_t wd_tag_name_bytes(wd_span s)
{
    size_t i = 0;
    while (i < s.len && !name_ends(s.ptr[i]))
        i++;
    return i;
}

static size_t skip_space(wd_span s, size_t i)
{
    while (i < s.len && wd_is_space(s.ptr[i]))
        i++;
    return i;
}

/* Offset behind the value that begins at i; a quote that never closes is none. */
static size_t value_end(wd_span s, size_t i)
{
    if (i < s.len && (s.ptr[i] == '"' || s.ptr[i] == '\'')) {
        const char *close = wd_scan_one(s.ptr + i + 1, s.ptr + s.len, s.ptr[i]);
        if (close < s.ptr + s.len)
            return (size_t)(close - s.ptr) + 1;
    }
    while (i < s.len && !wd_is_space(s.ptr[i]) && s.ptr[i] != '>' && s.ptr[i] != '<')
        i++;
    return i;
}

wd_tag wd_tag_scan(wd_span at)
{
    wd_tag tag = { .name = { at.ptr + 1, wd_tag_name_bytes(wd_span_from(at, 1)) } };
    size_t i = 1 + tag.name.len, from = i;
    const char *end = at.ptr + at.len;
    while (i < at.len && at.ptr[i] != '>') {
        if (at.ptr[i] == '<')
            return tag;
        if (at.ptr[i] == '=')
            i = value_end(at, skip_space(at, i + 1));
        else
            i = (size_t)(wd_scan_three(at.ptr + i, end, '<', '=', '>') - at.ptr);
    }
    if (i == at.len) {
        tag.cut = true;
        return tag;
    }
    tag.bytes = i + 1;
    tag.closed = i > from && at.ptr[i - 1] == '/';
    tag.inner = (wd_span){ at.ptr + from, i - from - tag.closed };
    return tag;
}

bool wd_tag_attr(wd_span *inner, wd_attr *out)
{
    wd_span s = *inner;
    size_t i = 0;
    while (i < s.len && (wd_is_space(s.ptr[i]) || s.ptr[i] == '/' || s.ptr[i] == '=' ||
                         s.ptr[i] == '"' || s.ptr[i] == '\''))
        i++;
    size_t from = i;
    i += wd_tag_name_bytes(wd_span_from(s, i));
    if (i == from) {
        *inner = WD_SPAN_NONE;
        return false;
    }
    *out = (wd_attr){ .name = { s.ptr + from, i - from } };
    size_t eq = skip_space(s, i);
    if (eq < s.len && s.ptr[eq] == '=') {
        size_t at = skip_space(s, eq + 1);
        i = value_end(s, at);
        out->value = (wd_span){ s.ptr + at, i - at };
        if (i - at >= 2 && (s.ptr[at] == '"' || s.ptr[at] == '\'') && s.ptr[i - 1] == s.ptr[at])
            out->value = (wd_span){ s.ptr + at + 1, i - at - 2 };
    }
    *inner = wd_span_from(s, i);
    return true;
}
