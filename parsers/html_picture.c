/* parsers/html_picture.c - a placeholder is known by its scheme or its name, and only where there
 * is something better to show in its place. */
#include "parsers/html_picture.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/status.h"
#include "parsers/tag.h"

/* How far into a tag its address is looked for: it stands first in most. */
#define SRC_BYTES 4096u

/* What the loaders of the world read, most telling first. */
static const struct lazy {
    char name[28];
    bool set;
} lazies[] = {
    { "data-src", false },          { "data-lazy-src", false },
    { "data-original", false },     { "data-original-src", false },
    { "data-orig-src", false },     { "data-lazy", false },
    { "data-cfsrc", false },        { "data-ezsrc", false },
    { "data-echo", false },         { "data-actualsrc", false },
    { "data-breeze", false },       { "data-wpfc-original-src", false },
    { "nitro-lazy-src", false },    { "data-srcset", true },
    { "data-lazy-srcset", true },   { "data-orig-srcset", true },
    { "data-breeze-srcset", true }, { "data-wpfc-original-srcset", true },
    { "nitro-lazy-srcset", true },
};

static const struct lazy *lazy_named(wd_span name)
{
    if (name.len < 8 || (name.ptr[4] != '-' && name.ptr[5] != '-'))
        return NULL;
    for (size_t i = 0; i < WD_COUNT(lazies); i++)
        if (wd_span_is_nocase(name, lazies[i].name))
            return &lazies[i];
    return NULL;
}

bool wd_html_picture_is_lazy(wd_span name)
{
    return lazy_named(name) != NULL;
}

bool wd_html_picture_shows(wd_span src)
{
    src = wd_span_trim(src);
    return src.len > 0 && src.ptr[0] != '#';
}

/* --- which address --------------------------------------------------------------------- */

/* data-lazy="true" is none; nor is a script's configuration. */
static bool address(wd_span v)
{
    bool path = false;
    v = wd_span_trim(v);
    if (!wd_html_picture_shows(v) || v.ptr[0] == '{' || v.ptr[0] == '[')
        return false;
    for (size_t i = 0; i < v.len; i++)
        path |= v.ptr[i] == '/' || v.ptr[i] == '.';
    return path && !wd_span_starts_nocase(v, "data:");
}

static bool has(wd_span s, const char *word)
{
    return wd_span_find_nocase(s, word) < s.len;
}

static bool placeholder(wd_span src)
{
    static const char *const words[] = { "placeholder", "blank.",   "spacer", "transparent",
                                         "pixel",       "1x1",      "lazy",   "loading",
                                         "loader",      "grey.gif", "dummy",  "gray.gif" };
    src = wd_span_trim(src);
    if (wd_span_starts_nocase(src, "data:"))
        return true;
    src = wd_span_head(src, wd_span_find(src, '?'));
    const char *slash = src.len > 0 ? memrchr(src.ptr, '/', src.len) : NULL;
    wd_span file = slash ? wd_span_from(src, (size_t)(slash - src.ptr)) : src;
    for (size_t i = 0; i < WD_COUNT(words); i++)
        if (has(file, words[i]))
            return true;
    return false;
}

static bool is_dot(wd_span size)
{
    unsigned long long n;
    size = wd_span_trim(size);
    if (size.len > 2 && wd_span_is_nocase(wd_span_from(size, size.len - 2), "px"))
        size.len -= 2;
    return wd_span_u64(size, &n) && n <= 1;
}

/* In the order of their table. */
static size_t keep_found(const wd_span *found, bool set, wd_span *to)
{
    size_t n = 0;
    for (size_t i = 0; i < WD_COUNT(lazies); i++)
        if (lazies[i].set == set && found[i].len > 0 && n + 1 < WD_HTML_PICTURE_SOURCES)
            to[n++] = found[i];
    return n;
}

static size_t add_own(wd_span *values, size_t n, wd_span own, bool first)
{
    if (!wd_html_picture_shows(own))
        return n;
    if (first)
        memmove(values + 1, values, n * sizeof(*values));
    values[first ? 0 : n] = own;
    return n + 1;
}

void wd_html_picture_read(wd_html_picture *p, wd_span inner)
{
    wd_span found[WD_COUNT(lazies)] = { 0 }, src = WD_SPAN_NONE, set = WD_SPAN_NONE;
    bool waits = false;
    wd_attr a;
    *p = (wd_html_picture){ 0 };
    while (wd_tag_attr(&inner, &a)) {
        const struct lazy *l = lazy_named(a.name);
        p->attrs = true;
        if (l != NULL && (l->set ? wd_span_trim(a.value).len > 0 : address(a.value)))
            found[l - lazies] = wd_span_trim(a.value);
        else if (wd_span_is_nocase(a.name, "src") && src.ptr == NULL)
            src = a.value;
        else if (wd_span_is_nocase(a.name, "srcset") && set.ptr == NULL)
            set = a.value;
        else if (wd_span_is_nocase(a.name, "class"))
            waits |= has(a.value, "lazy");
        else if (wd_span_is_nocase(a.name, "width") || wd_span_is_nocase(a.name, "height"))
            p->dot |= is_dot(a.value);
    }
    p->n_src = keep_found(found, false, p->src);
    p->n_srcset = keep_found(found, true, p->srcset);
    p->n_src = add_own(p->src, p->n_src, src, !waits && !placeholder(src));
    p->n_srcset = add_own(p->srcset, p->n_srcset, set, !waits && !placeholder(set));
}

/* --- twins -------------------------------------------------------------------------------- */

/* Nothing but tags and white space. */
static bool no_text(wd_span html)
{
    for (size_t i = 0; i < html.len; i++) {
        if (html.ptr[i] == '<')
            i += wd_span_find(wd_span_from(html, i), '>');
        else if (!wd_is_space(html.ptr[i]))
            return false;
    }
    return true;
}

static wd_span src_of(wd_span tag)
{
    static const char src[] = " src=\"";
    tag = wd_span_head(tag, SRC_BYTES);
    const char *at = memmem(tag.ptr, tag.len, src, sizeof(src) - 1);
    if (at == NULL)
        return WD_SPAN_NONE;
    wd_span value = wd_span_from(tag, (size_t)(at - tag.ptr) + sizeof(src) - 1);
    return wd_span_head(value, wd_span_find(value, '"'));
}

bool wd_html_twins_repeat(wd_html_twins *t, wd_span written, size_t at, wd_html_picture_kind kind)
{
    int step = kind == WD_HTML_PICTURE_LAZY ? 1 : kind == WD_HTML_PICTURE_NOSCRIPT ? -1 : 0;
    wd_span tag = wd_span_from(written, at);
    size_t clear = t->clear < at ? t->clear : at;
    bool near = step != 0 && t->to <= at && no_text(wd_span_from(wd_span_head(written, at), clear));
    if (!near)
        t->waiting = 0;
    bool again = t->waiting * step < 0;
    t->waiting += step;
    if (near && t->to > 0 && step < 0 && !again) /* in its own name already */
        again =
            wd_span_eq(src_of(tag), src_of(wd_span_from(wd_span_head(written, t->to), t->from)));
    t->clear = at;
    if (!again) {
        t->from = at;
        t->to = t->clear = written.len;
    }
    return again;
}
