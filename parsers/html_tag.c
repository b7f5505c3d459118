/* parsers/html_tag.c - a tag is written whole or not at all; a picture is looked at once more where
 * it has no address, or more than one. */
#include <string.h>

#include "parsers/html_attr.h"
#include "parsers/html_impl.h"

void wd_html_tag_end(wd_html *h, const wd_html_element *e)
{
    if (h->leaf_end > 0 && h->leaf_end == h->html.len && (e->flags & WD_HTML_FOREIGN))
        h->html.len -= h->leaf_bytes; /* the parent's end is the last leaf's too */
    h->leaf_end = 0;
    if (!wd_html_room(&h->html, sizeof(e->name) + 3))
        return;
    char *p = h->html.ptr + h->html.len;
    p[0] = '<';
    p[1] = '/';
    memcpy(p + 2, e->name, sizeof(e->name)); /* a constant size is one instruction or two */
    p[2 + e->len] = '>';
    h->html.len += 3u + e->len;
}

/* An <a> in a picture links either way. */
static bool html_link(const wd_html_element *e, const wd_attr *attr)
{
    return !(e->flags & WD_HTML_FOREIGN) && wd_span_find(attr->name, ':') == attr->name.len;
}

static void put_namespaces(wd_html *h, const wd_html_element *e, bool links)
{
    static const char svg[] = " xmlns=\"http://www.w3.org/2000/svg\"";
    static const char math[] = " xmlns=\"http://www.w3.org/1998/Math/MathML\"";
    static const char xlink[] = " xmlns:xlink=\"http://www.w3.org/1999/xlink\"";
    if (strcmp(e->name, "svg") == 0)
        wd_html_put(&h->html, svg, sizeof(svg) - 1);
    else if (strcmp(e->name, "math") == 0)
        wd_html_put(&h->html, math, sizeof(math) - 1);
    if (links)
        wd_html_put(&h->html, xlink, sizeof(xlink) - 1);
}

static void put_name(wd_html *h, const wd_html_element *e)
{
    if (!wd_html_room(&h->html, sizeof(e->name) + 1))
        return;
    h->html.ptr[h->html.len] = '<';
    memcpy(h->html.ptr + h->html.len + 1, e->name, sizeof(e->name));
    h->html.len += 1u + e->len;
}

/* The one attribute of three letters that is a link is "src". */
static bool is_source(wd_html_attr_kind kind, const wd_attr *attr)
{
    return kind == WD_HTML_ATTR_SRCSET || (kind == WD_HTML_ATTR_URL && attr->name.len == 3);
}

/* `sources`: with src and srcset as they stand. */
static void put_attrs(wd_html *h, const wd_html_element *e, wd_span inner, bool sources)
{
    bool links = false, foreign = h->foreign > 0 || (e->flags & WD_HTML_FOREIGN) != 0;
    bool may_wait = (e->flags & WD_HTML_LAZY) != 0;
    wd_attr attr;
    while (wd_tag_attr(&inner, &attr)) {
        size_t before = h->html.len;
        bool picture = foreign && !html_link(e, &attr);
        wd_html_attr_kind kind = wd_html_names_attr(&h->names, attr.name, h->end, picture);
        if (kind == WD_HTML_ATTR_DROP) {
            h->lazy |= may_wait && wd_html_picture_is_lazy(attr.name);
            continue;
        }
        bool source = may_wait && is_source(kind, &attr);
        if (source && (!sources || !wd_html_picture_shows(attr.value)))
            continue;
        h->rich |= wd_html_attr_put(&h->html, kind, &attr, h->base, picture);
        h->shown |= source && h->html.len > before;
        links |= h->html.len > before && wd_span_starts_nocase(attr.name, "xlink:");
    }
    if (foreign)
        put_namespaces(h, e, links);
}

bool wd_html_tag_start(wd_html *h, const wd_html_element *e, wd_span inner)
{
    size_t before = h->html.len;
    put_name(h, e);
    h->rich |= (e->flags & WD_HTML_RICH) != 0;
    put_attrs(h, e, inner, true);
    wd_html_put(&h->html, e->flags & WD_HTML_VOID ? " />" : ">", e->flags & WD_HTML_VOID ? 3 : 1);
    if (h->html.full)
        h->html.len = before;
    return !h->html.full;
}

/* The first of the values that may stay. */
static bool put_first(wd_html *h, wd_span name, const wd_span *values, size_t n)
{
    wd_html_attr_kind kind = name.len == 3 ? WD_HTML_ATTR_URL : WD_HTML_ATTR_SRCSET;
    size_t before = h->html.len;
    for (size_t i = 0; i < n && h->html.len == before; i++)
        h->rich |= wd_html_attr_put(&h->html, kind, &(wd_attr){ name, values[i] }, h->base, false);
    return h->html.len > before;
}

/* Again, under the addresses that a script would have put in their places.  False when there are
 * none. */
static bool put_mended(wd_html *h,
                       const wd_html_element *e,
                       wd_span inner,
                       const wd_html_picture *p)
{
    put_name(h, e);
    bool src = put_first(h, WD_SPAN_LIT("src"), p->src, p->n_src);
    bool set = put_first(h, WD_SPAN_LIT("srcset"), p->srcset, p->n_srcset);
    put_attrs(h, e, inner, false);
    wd_html_put(&h->html, " />", 3);
    return src || set;
}

/* In a <picture> the address may be the <source>'s. */
static bool in_picture(const wd_html *h)
{
    return h->depth > 0 && wd_span_is(wd_span_of(h->open[h->depth - 1]->name), "picture");
}

/* Whether an <img> that was written from `at` on may stay. */
static bool stays(wd_html *h, const wd_html_picture *p, size_t at)
{
    if (!h->shown)
        return !p->attrs || in_picture(h);
    if (h->noscript && p->dot)
        return false;
    wd_html_picture_kind kind = h->noscript ? WD_HTML_PICTURE_NOSCRIPT
                                : h->lazy   ? WD_HTML_PICTURE_LAZY
                                            : WD_HTML_PICTURE_PLAIN;
    wd_span written = { h->html.ptr, h->html.len };
    return h->html.full || !wd_html_twins_repeat(&h->twins, written, at, kind);
}

void wd_html_tag_picture(wd_html *h, const wd_html_element *e, wd_span inner)
{
    size_t before = h->html.len;
    bool rich = h->rich, alone = (e->flags & WD_HTML_PICTURE) != 0;
    wd_html_picture p = { 0 };
    h->lazy = h->shown = false;
    (void)wd_html_tag_start(h, e, inner);
    if (h->foreign > 0)
        return;
    if (h->lazy || (alone && (!h->shown || h->noscript)))
        wd_html_picture_read(&p, inner);
    if (h->lazy) {
        h->html.len = before;
        h->shown = put_mended(h, e, inner, &p);
    }
    if ((!alone || stays(h, &p, before)) && !h->html.full)
        return;
    h->html.len = before;
    h->rich = rich;
}
