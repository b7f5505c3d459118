/* parsers/opml.c - the same reader as for feeds: repaired, bounded, no entities to speak of. */
#include "parsers/opml.h"

#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/text.h"
#include "parsers/charset.h"
#include "parsers/skeleton.h"
#include "parsers/xml_reader.h"

#define FIRST_OUTLINES 64u

struct reader {
    wd_arena *arena;
    wd_opml *out;
    wd_buf attr;
    size_t cap;
    unsigned depth; /* of elements */
    unsigned outline_depth;
    unsigned open[WD_SKELETON_DEPTH + 1]; /* element depths of open outlines */
    bool root, head, nomem, too_many, in_title;
};

static wd_span attr(struct reader *r, const wd_xml_element *e, wd_word name)
{
    wd_span v = wd_xml_attr_get(e, WD_NS_CORE, name, &r->attr);
    return wd_text_one_line(r->arena, wd_span_trim(v), WD_URL_BYTES, NULL);
}

/* wiredesk:slug, under whatever prefix. */
static wd_span slug_attr(struct reader *r, const wd_xml_element *e)
{
    for (size_t i = 0; i < e->n_attrs; i++)
        if (e->attrs[i].prefix.len > 0 && wd_span_is_nocase(e->attrs[i].local, "slug"))
            return wd_arena_copy(r->arena, wd_span_trim(wd_xml_attr_value(&e->attrs[i], &r->attr)));
    return WD_SPAN_NONE;
}

static wd_opml_outline *add_outline(struct reader *r)
{
    if (r->out->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : FIRST_OUTLINES;
        wd_opml_outline *more = realloc(r->out->outlines, cap * sizeof(*more));
        if (more == NULL) {
            r->nomem = true;
            return NULL;
        }
        r->out->outlines = more;
        r->cap = cap;
    }
    return &r->out->outlines[r->out->n++];
}

static void take_outline(struct reader *r, const wd_xml_element *e)
{
    r->too_many |= r->out->n == WD_OPML_OUTLINES;
    wd_opml_outline *o = r->too_many ? NULL : add_outline(r);
    if (o == NULL)
        return;
    *o = (wd_opml_outline){ .depth = r->outline_depth,
                            .title = attr(r, e, WD_WORD_TITLE),
                            .xml_url = attr(r, e, WD_WORD_XMLURL),
                            .html_url = attr(r, e, WD_WORD_HTMLURL),
                            .category = attr(r, e, WD_WORD_CATEGORY),
                            .slug = slug_attr(r, e) };
    if (o->title.len == 0)
        o->title = attr(r, e, WD_WORD_TEXT);
}

static bool on_start(void *ctx, const wd_xml_element *e)
{
    struct reader *r = ctx;
    r->depth++;
    if (r->depth == 1) {
        r->root = e->word == WD_WORD_OPML;
        return r->root;
    }
    r->head |= r->depth == 2 && e->word == WD_WORD_HEAD;
    r->in_title = r->head && r->depth == 3 && e->word == WD_WORD_TITLE;
    if (e->word == WD_WORD_OUTLINE && r->outline_depth + 1 < WD_COUNT(r->open)) {
        take_outline(r, e);
        r->open[r->outline_depth++] = r->depth;
    }
    return !r->nomem && !r->too_many;
}

static void on_text(void *ctx, wd_span raw, bool cdata)
{
    struct reader *r = ctx;
    wd_buf text = WD_BUF_INIT(WD_FIELD_BYTES);
    if (!r->in_title || r->out->title.len > 0 || wd_span_trim(raw).len == 0)
        return;
    if (cdata)
        wd_buf_append_span(&text, raw);
    else
        (void)wd_entity_decode_all(NULL, raw, WD_ENTITY_XML, &text);
    r->out->title = wd_text_one_line(r->arena, wd_buf_span(&text), WD_TITLE_BYTES, NULL);
    wd_buf_done(&text);
}

static void on_end(void *ctx)
{
    struct reader *r = ctx;
    if (r->outline_depth > 0 && r->open[r->outline_depth - 1] == r->depth)
        r->outline_depth--;
    r->in_title = false;
    r->head &= r->depth != 2;
    r->depth--;
}

static wd_status status_of(const struct reader *r, wd_xml_end end)
{
    if (r->nomem || end == WD_XML_NOMEM || wd_arena_status(r->arena) == WD_NOMEM)
        return WD_NOMEM;
    if (!r->root || end == WD_XML_ENTITIES)
        return WD_MALFORMED;
    return r->too_many ? WD_LIMIT : wd_arena_status(r->arena);
}

static wd_status read_clean(wd_span text, struct reader *r)
{
    const wd_xml_sink sink = { .start = on_start, .text = on_text, .end = on_end, .ctx = r };
    wd_entity_set declared = { 0 };
    bool repaired;
    wd_status s = status_of(r, wd_xml_read(text, &sink, &declared, &repaired));
    wd_entity_set_done(&declared);
    return s;
}

/* From the heap to the arena, where everything else is. */
static wd_status settle(wd_opml *out, wd_arena *arena)
{
    wd_opml_outline *heap = out->outlines;
    size_t bytes = out->n * sizeof(*heap);
    out->outlines = wd_arena_alloc(arena, bytes);
    if (out->outlines != NULL && bytes > 0)
        memcpy(out->outlines, heap, bytes);
    free(heap);
    return wd_arena_status(arena);
}

wd_status wd_opml_read(wd_span body, wd_arena *arena, wd_opml *out)
{
    wd_decoded text;
    struct reader *r = calloc(1, sizeof(*r));
    *out = (wd_opml){ 0 };
    if (r == NULL)
        return WD_NOMEM;
    r->arena = arena;
    r->out = out;
    r->attr = WD_BUF_INIT(WD_FIELD_BYTES);
    wd_status s = wd_charset_decode((wd_source){ .bytes = body }, WD_SPAN_NONE, &text);
    if (s == WD_OK)
        s = read_clean(text.text, r);
    wd_status moved = settle(out, arena);
    if (s == WD_OK)
        s = moved;
    if (s != WD_OK)
        *out = (wd_opml){ 0 };
    wd_decoded_done(&text);
    wd_buf_done(&r->attr);
    free(r);
    return s;
}

/* --- writing ------------------------------------------------------------------------- */

static void put_escaped(wd_buf *out, wd_span s)
{
    static const char *const refs[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"
    };
    for (size_t i = 0; i < s.len; i++) {
        const char *ref = refs[(unsigned char)s.ptr[i]];
        if (ref != NULL)
            wd_buf_append_span(out, wd_span_of(ref));
        else
            wd_buf_append_char(out, s.ptr[i]);
    }
}

static void put_attr(wd_buf *out, const char *name, wd_span value)
{
    if (value.len == 0)
        return;
    wd_buf_printf(out, " %s=\"", name);
    put_escaped(out, value);
    wd_buf_append_char(out, '"');
}

static void put_indent(wd_buf *out, unsigned depth)
{
    for (unsigned i = 0; i < depth + 2; i++)
        wd_buf_append(out, "  ", 2);
}

static void put_outline(wd_buf *out, const wd_opml_outline *o, bool parent)
{
    put_indent(out, o->depth);
    wd_buf_append_span(out, WD_SPAN_LIT("<outline text=\""));
    put_escaped(out, o->title.len > 0 ? o->title : o->xml_url);
    wd_buf_append_char(out, '"');
    if (o->xml_url.len > 0)
        put_attr(out, "type", WD_SPAN_LIT("rss"));
    put_attr(out, "xmlUrl", o->xml_url);
    put_attr(out, "htmlUrl", o->html_url);
    put_attr(out, "category", o->category);
    put_attr(out, "wiredesk:slug", o->slug);
    wd_buf_append_span(out, parent ? WD_SPAN_LIT(">\n") : WD_SPAN_LIT("/>\n"));
}

wd_status wd_opml_write(const wd_opml *list, wd_buf *out)
{
    unsigned open = 0;
    wd_buf_append_span(out,
                       WD_SPAN_LIT("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                                   "<opml version=\"2.0\" "
                                   "xmlns:wiredesk=\"urn:wiredesk:opml\">\n  <head>\n    <title>"));
    put_escaped(out, list->title);
    wd_buf_append_span(out, WD_SPAN_LIT("</title>\n  </head>\n  <body>\n"));
    for (size_t i = 0; i < list->n; i++) {
        unsigned depth = list->outlines[i].depth;
        bool parent = i + 1 < list->n && list->outlines[i + 1].depth > depth;
        for (; open > depth; open--) {
            put_indent(out, open - 1);
            wd_buf_append_span(out, WD_SPAN_LIT("</outline>\n"));
        }
        put_outline(out, &list->outlines[i], parent);
        open += parent;
    }
    for (; open > 0; open--) {
        put_indent(out, open - 1);
        wd_buf_append_span(out, WD_SPAN_LIT("</outline>\n"));
    }
    wd_buf_append_span(out, WD_SPAN_LIT("  </body>\n</opml>\n"));
    return wd_buf_status(out);
}
