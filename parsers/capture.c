/* parsers/capture.c - text that becomes markup keeps its references: in XHTML and in HTML they
 * mean the same, and the sanitiser decodes them once. */
#include "parsers/capture.h"

#include "core/ascii.h"
#include "core/url.h"
#include "parsers/scan.h"
#include "parsers/skeleton.h"

void wd_capture_reset(wd_capture *c)
{
    c->state = WD_CAPTURE_EMPTY;
    c->gap = false;
    c->single = WD_SPAN_NONE;
    wd_buf_reset(&c->joined);
}

void wd_capture_done(wd_capture *c)
{
    wd_buf_done(&c->joined);
}

static void append_escaped(wd_buf *out, wd_span s)
{
    for (size_t i = 0, from = 0; i <= s.len; i++) {
        char c = i < s.len ? s.ptr[i] : '&';
        if (c != '&' && c != '<')
            continue;
        wd_buf_append(out, s.ptr + from, i - from);
        from = i + 1;
        if (i < s.len)
            wd_buf_append_span(out, c == '&' ? WD_SPAN_LIT("&amp;") : WD_SPAN_LIT("&lt;"));
    }
}

static void append_markup_text(wd_capture *c, wd_span raw, bool cdata)
{
    if (cdata)
        append_escaped(&c->joined, raw);
    else
        wd_buf_append_span(&c->joined, raw);
}

static void append_decoded(wd_capture *c, wd_span raw, bool cdata)
{
    if (cdata)
        wd_buf_append_span(&c->joined, raw);
    else
        (void)wd_entity_decode_all(c->declared, raw, WD_ENTITY_XML, &c->joined);
}

void wd_capture_text(wd_capture *c, wd_span raw, bool cdata)
{
    switch (c->state) {
    case WD_CAPTURE_EMPTY:
        if (wd_span_trim(raw).len == 0)
            return;
        c->single = raw;
        c->state = cdata ? WD_CAPTURE_CDATA : WD_CAPTURE_TEXT;
        return;
    case WD_CAPTURE_TEXT:
    case WD_CAPTURE_CDATA:
        if (wd_span_trim(raw).len == 0) {
            c->gap = true;
            return;
        }
        append_decoded(c, c->single, c->state == WD_CAPTURE_CDATA);
        wd_buf_append(&c->joined, " ", c->gap);
        c->state = WD_CAPTURE_JOINED;
        append_decoded(c, raw, cdata);
        return;
    case WD_CAPTURE_JOINED:
        append_decoded(c, raw, cdata);
        return;
    case WD_CAPTURE_MARKUP:
        append_markup_text(c, raw, cdata);
        return;
    }
}

static void turn_to_markup(wd_capture *c)
{
    if (c->state == WD_CAPTURE_TEXT || c->state == WD_CAPTURE_CDATA) {
        append_markup_text(c, c->single, c->state == WD_CAPTURE_CDATA);
        wd_buf_append(&c->joined, " ", c->gap);
    } else if (c->state == WD_CAPTURE_JOINED) {
        wd_buf was = c->joined;
        c->joined = WD_BUF_INIT(WD_FIELD_BYTES);
        append_escaped(&c->joined, wd_buf_span(&was));
        wd_buf_done(&was);
    }
    c->state = WD_CAPTURE_MARKUP;
}

wd_span wd_capture_name(const wd_xml_element *e)
{
    if (e->ns != WD_NS_OTHER || e->prefix.len == 0)
        return e->local;
    return (wd_span){ e->prefix.ptr, 0 }; /* a foreign element: its text only */
}

/* An inner xml:base is lost in HTML: its links are made absolute here. */
static bool append_resolved(wd_buf *out, const wd_xml_attr *attr, wd_span base)
{
    if (attr->word != WD_WORD_HREF && attr->word != WD_WORD_SRC)
        return false;
    wd_arena *a = wd_arena_new(2 * (size_t)WD_SKELETON_VALUE_BYTES);
    wd_buf scratch = WD_BUF_INIT(WD_SKELETON_VALUE_BYTES);
    wd_span url = WD_SPAN_NONE;
    if (a != NULL)
        url = wd_url_resolve(a, base, wd_xml_attr_value(attr, &scratch));
    if (url.len > 0) {
        wd_buf_append_char(out, ' ');
        wd_buf_append_span(out, attr->local);
        wd_buf_append(out, "=\"", 2);
        append_escaped(out, url);
        wd_buf_append_char(out, '"');
    }
    wd_buf_done(&scratch);
    wd_arena_free(a);
    return url.len > 0;
}

/* References are left as they are: in HTML they mean the same.  White space is blanks, as XML
 * has it: in HTML a line's end would break a link in two. */
static void append_attr(wd_buf *out, const wd_xml_attr *attr)
{
    wd_buf_append_char(out, ' ');
    if (attr->prefix.len > 0) {
        wd_buf_append_span(out, attr->prefix);
        wd_buf_append_char(out, ':');
    }
    wd_buf_append_span(out, attr->local);
    wd_buf_append(out, "=\"", 2);
    size_t from = out->len;
    const char *p = attr->value.ptr, *end = p + attr->value.len;
    while (p < end) {
        const char *stop = wd_scan_three(p, end, '"', '<', '"');
        wd_buf_append(out, p, (size_t)(stop - p));
        if (stop < end)
            wd_buf_append_span(out, *stop == '"' ? WD_SPAN_LIT("&#34;") : WD_SPAN_LIT("&lt;"));
        p = stop + (stop < end);
    }
    for (size_t i = from; i < out->len; i++)
        out->ptr[i] = wd_is_space(out->ptr[i]) ? ' ' : out->ptr[i];
    wd_buf_append_char(out, '"');
}

void wd_capture_open(wd_capture *c, const wd_xml_element *e, wd_span name, wd_span base)
{
    bool moved = base.len > 0 && !wd_span_eq(base, c->base);
    turn_to_markup(c);
    if (name.len == 0)
        return;
    wd_buf_append_char(&c->joined, '<');
    wd_buf_append_span(&c->joined, name);
    for (size_t i = 0; i < e->n_attrs; i++)
        if (!moved || !append_resolved(&c->joined, &e->attrs[i], base))
            append_attr(&c->joined, &e->attrs[i]);
    wd_buf_append_char(&c->joined, '>');
}

void wd_capture_close(wd_capture *c, wd_span name)
{
    if (name.len == 0)
        return;
    wd_buf_append(&c->joined, "</", 2);
    wd_buf_append_span(&c->joined, name);
    wd_buf_append_char(&c->joined, '>');
}

wd_value wd_capture_take(wd_capture *c, wd_arena *keep)
{
    wd_value v = { .raw = c->single, .refs = c->state == WD_CAPTURE_TEXT };
    if (c->state == WD_CAPTURE_JOINED || c->state == WD_CAPTURE_MARKUP) {
        v.raw = wd_arena_copy(keep, wd_buf_span(&c->joined));
        v.type = c->state == WD_CAPTURE_MARKUP ? WD_VALUE_HTML : WD_VALUE_TEXT;
    }
    wd_capture_reset(c);
    return v;
}
