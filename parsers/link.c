/* parsers/link.c - one look at each byte decides whether the long way is needed. */
#include "parsers/link.h"

#include <string.h>

#include "core/ascii.h"
#include "core/limits.h"
#include "core/text.h"
#include "core/url.h"

enum { BAD, PLAIN, DOT, STOP };

/* What a byte is to a URL: STOP ends the host or the path. */
static const unsigned char kinds[256] = {
    ['a' ... 'z'] = PLAIN, ['A' ... 'Z'] = PLAIN, ['0' ... '9'] = PLAIN, ['-'] = PLAIN,
    ['_'] = PLAIN,         ['~'] = PLAIN,         ['!'] = PLAIN,         ['$'] = PLAIN,
    ['&'] = PLAIN,         ['\''] = PLAIN,        ['('] = PLAIN,         [')'] = PLAIN,
    ['*'] = PLAIN,         ['+'] = PLAIN,         [','] = PLAIN,         [';'] = PLAIN,
    ['='] = PLAIN,         [':'] = PLAIN,         ['%'] = PLAIN,         ['['] = PLAIN,
    [']'] = PLAIN,         ['@'] = PLAIN,         ['.'] = DOT,           ['/'] = STOP,
    ['?'] = STOP,          ['#'] = STOP
};

static size_t plain_host(wd_span url, size_t i)
{
    size_t from = i;
    while (i < url.len && (url.ptr[i] == '.' || url.ptr[i] == '-' || url.ptr[i] == '_' ||
                           wd_is_digit(url.ptr[i]) || (url.ptr[i] >= 'a' && url.ptr[i] <= 'z')))
        i++;
    if (i < url.len && url.ptr[i] == ':')
        for (i++; i < url.len && wd_is_digit(url.ptr[i]);)
            i++;
    return i > from && (i == url.len || kinds[(unsigned char)url.ptr[i]] == STOP) ? i : 0;
}

bool wd_link_is_plain(wd_span url)
{
    size_t scheme = url.len > 8 && memcmp(url.ptr, "http", 4) == 0 ? 4u + (url.ptr[4] == 's') : 0;
    if (scheme == 0 || url.len > WD_URL_BYTES || memcmp(url.ptr + scheme, "://", 3) != 0)
        return false;
    size_t i = plain_host(url, scheme + 3);
    if (i == 0)
        return false;
    bool path = true;
    for (; i < url.len; i++) {
        unsigned char kind = kinds[(unsigned char)url.ptr[i]];
        if (kind == BAD || (kind == DOT && path && url.ptr[i - 1] == '/'))
            return false;
        path &= url.ptr[i] != '?' && url.ptr[i] != '#';
    }
    return true;
}

wd_span wd_link_resolve(wd_arena *a, wd_span base, wd_span ref)
{
    wd_url_parts p;
    if (wd_link_is_plain(ref))
        return wd_arena_copy(a, ref);
    if (base.len == 0) {
        wd_url_split(ref, &p);
        if (p.scheme.ptr == NULL && p.host.ptr == NULL)
            return wd_text_one_line(a, ref, WD_URL_BYTES, NULL);
    }
    return wd_url_resolve(a, base, ref);
}
