/* parsers/page.c - start tags only: what is between them does not matter here. */
#include "parsers/page.h"

#include "core/limits.h"
#include "core/text.h"
#include "core/url.h"
#include "parsers/charset.h"
#include "parsers/entities.h"
#include "parsers/tag.h"

struct reader {
    wd_arena *arena;
    wd_page *out;
    wd_span base;
    wd_buf scratch;
};

/* --- what is a feed ------------------------------------------------------------------ */

static bool is_feed_type(wd_span type)
{
    static const char *const types[] = { "application/rss+xml",   "application/atom+xml",
                                         "application/feed+json", "application/rdf+xml",
                                         "application/x-rss+xml", "text/rss+xml" };
    wd_span rest = type;
    wd_span name = wd_span_trim(wd_span_cut(&rest, ';'));
    for (size_t i = 0; i < WD_COUNT(types); i++)
        if (wd_span_is_nocase(name, types[i]))
            return true;
    return false;
}

static bool has_word(wd_span list, const char *word)
{
    while (list.len > 0) {
        size_t n = 0;
        list = wd_span_trim(list);
        while (n < list.len && list.ptr[n] != ' ' && list.ptr[n] != '\t' && list.ptr[n] != '\n')
            n++;
        if (wd_span_is_nocase(wd_span_head(list, n), word))
            return true;
        list = wd_span_from(list, n);
    }
    return false;
}

bool wd_page_looks_like_feed(wd_span url)
{
    static const char *const names[] = { "feed",      "feeds",     "rss",       "atom",
                                         "rss.xml",   "atom.xml",  "feed.xml",  "index.xml",
                                         "index.rdf", "feed.json", "feed.atom", "feed.rss" };
    static const char *const ends[] = { ".rss", ".atom", ".rdf" };
    wd_url_parts p;
    wd_span last = WD_SPAN_NONE;
    wd_url_split(url, &p);
    if (wd_span_starts_nocase(p.query, "feed="))
        return true;
    for (wd_span rest = p.path; rest.len > 0;) {
        wd_span part = wd_span_cut(&rest, '/');
        if (part.len > 0)
            last = part;
    }
    for (size_t i = 0; i < WD_COUNT(names); i++)
        if (wd_span_is_nocase(last, names[i]))
            return true;
    for (size_t i = 0; i < WD_COUNT(ends); i++)
        if (last.len > strlen(ends[i]) &&
            wd_span_find_nocase(last, ends[i]) + strlen(ends[i]) == last.len)
            return true;
    return false;
}

/* --- links --------------------------------------------------------------------------- */

static wd_span decoded(struct reader *r, wd_span raw)
{
    wd_buf_reset(&r->scratch);
    if (wd_entity_decode_all(NULL, raw, WD_ENTITY_HTML_ATTR, &r->scratch) != WD_OK)
        return WD_SPAN_NONE;
    return wd_text_one_line(r->arena, wd_buf_span(&r->scratch), WD_URL_BYTES, NULL);
}

static bool is_known(const wd_page *page, wd_span url)
{
    for (size_t i = 0; i < page->n; i++)
        if (wd_span_eq(page->links[i].url, url))
            return true;
    return false;
}

static void add(struct reader *r, wd_page_link_kind kind, wd_span href, wd_span title)
{
    wd_page *page = r->out;
    size_t of_kind = kind == WD_PAGE_DECLARED ? page->n_declared : page->n - page->n_declared;
    if (of_kind == WD_PAGE_LINKS)
        return;
    wd_span url = wd_url_resolve(r->arena, r->base, decoded(r, href));
    bool fits = url.len > 0 && wd_url_is_http(url) &&
                (kind == WD_PAGE_DECLARED || wd_page_looks_like_feed(url));
    if (!fits || is_known(page, url))
        return;
    page->links[page->n++] = (wd_page_link){ .kind = kind, .url = url, .title = decoded(r, title) };
    page->n_declared += kind == WD_PAGE_DECLARED;
}

struct attributes {
    wd_span rel, type, href, title;
};

static struct attributes attributes_of(wd_span inner)
{
    struct attributes a = { .rel = WD_SPAN_NONE };
    wd_attr one;
    while (wd_tag_attr(&inner, &one)) {
        if (wd_span_is_nocase(one.name, "rel"))
            a.rel = one.value;
        else if (wd_span_is_nocase(one.name, "type"))
            a.type = one.value;
        else if (wd_span_is_nocase(one.name, "href"))
            a.href = one.value;
        else if (wd_span_is_nocase(one.name, "title"))
            a.title = one.value;
    }
    return a;
}

static void take_tag(struct reader *r, const wd_tag *tag)
{
    bool link = wd_span_is_nocase(tag->name, "link"), anchor = wd_span_is_nocase(tag->name, "a");
    if (!link && !anchor && !wd_span_is_nocase(tag->name, "base"))
        return;
    struct attributes a = attributes_of(tag->inner);
    if (wd_span_trim(a.href).len == 0)
        return;
    if (!link && !anchor)
        r->base = wd_url_resolve(r->arena, r->base, decoded(r, a.href));
    else if ((has_word(a.rel, "alternate") && is_feed_type(a.type)) || has_word(a.rel, "feed"))
        add(r, WD_PAGE_DECLARED, a.href, a.title);
    else if (anchor)
        add(r, WD_PAGE_ANCHOR, a.href, a.title);
}

/* --- the page ------------------------------------------------------------------------- */

/* Offset behind a comment, or behind the text of an element that holds no markup. */
static size_t behind(wd_span rest, const char *end)
{
    size_t at = wd_span_find_nocase(rest, end);
    return at < rest.len ? at + strlen(end) : rest.len;
}

static void read_tags(struct reader *r, wd_span text)
{
    while (text.len > 0 && wd_arena_status(r->arena) == WD_OK) {
        text = wd_span_from(text, wd_span_find(text, '<'));
        if (wd_span_starts_nocase(text, "<!--")) {
            text = wd_span_from(text, behind(text, "-->"));
            continue;
        }
        if (text.len < 2 || !wd_tag_name_starts(text.ptr[1])) {
            text = wd_span_from(text, 1);
            continue;
        }
        wd_tag tag = wd_tag_scan(text);
        if (tag.cut)
            return;
        if (tag.bytes > 0)
            take_tag(r, &tag);
        text = wd_span_from(text, tag.bytes > 0 ? tag.bytes : 1);
        if (tag.bytes > 0 && wd_span_is_nocase(tag.name, "script"))
            text = wd_span_from(text, behind(text, "</script"));
        else if (tag.bytes > 0 && wd_span_is_nocase(tag.name, "style"))
            text = wd_span_from(text, behind(text, "</style"));
    }
}

wd_status wd_page_read(
    wd_span body, wd_span content_type, wd_span url, wd_arena *arena, wd_page *out)
{
    wd_decoded text;
    struct reader r = {
        .arena = arena, .out = out, .base = url, .scratch = WD_BUF_INIT(WD_FIELD_BYTES)
    };
    *out = (wd_page){ .n = 0 };
    wd_status s = wd_charset_decode((wd_source){ .bytes = body }, content_type, &text);
    if (s == WD_OK) {
        read_tags(&r, text.text);
        s = wd_arena_status(arena);
    }
    wd_decoded_done(&text);
    wd_buf_done(&r.scratch);
    return s;
}
