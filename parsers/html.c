/* parsers/html.c - one loop: a run of text, then a reference, a comment or a tag.
 *
 * What is understood is written anew; nothing of a tag is copied through unread.  Text is
 * always escaped and no raw-text element is ever written, so that no parser can read our
 * output in another way than we meant it; parsers/html_text.c, which makes the plain text of
 * it, can be the simpler for that. */
#include "parsers/html.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/ascii.h"
#include "core/limits.h"
#include "core/text.h"
#include "parsers/entities.h"
#include "parsers/html_impl.h"
#include "parsers/tag.h"

/* For the end tags of a text that was cut; a name has up to twenty letters. */
#define END_TAGS_BYTES ((WD_HTML_DEPTH + 1) * 24u)

wd_html *wd_html_new(void)
{
    return calloc(1, sizeof(wd_html));
}

void wd_html_free(wd_html *h)
{
    if (h == NULL)
        return;
    wd_html_bytes_done(&h->html);
    wd_html_bytes_done(&h->text.out);
    free(h);
}

static void begin(wd_html *h, wd_span src, wd_span base, bool title)
{
    h->html.len = h->html.over = 0;
    h->html.full = false;
    wd_html_text_begin(&h->text);
    h->base = base;
    h->title = title;
    h->markup = h->rich = h->noscript = false;
    h->no_gt = h->no_comment_end = false;
    h->twins = (wd_html_twins){ 0 };
    h->stray_ends = 0;
    h->no_ends = 0;
    h->at = src.ptr ? src.ptr : "";
    h->end = h->at + src.len;
    h->depth = h->foreign = h->leaf_end = 0;
}

/* --- text -------------------------------------------------------------------------- */

/* Up to the next "<", "&" or carriage return. */
static void take_text(wd_html *h)
{
    if (h->title)
        h->at += wd_html_text_run(&h->text, (wd_span){ h->at, (size_t)(h->end - h->at) }, h->end);
    else
        h->at = wd_html_put_text(&h->html, h->at, h->end);
}

static void put_literal(wd_html *h, wd_span s)
{
    if (h->title)
        (void)wd_html_text_run(&h->text, s, s.ptr + s.len);
    else
        wd_html_put_escaped(&h->html, s, false);
}

static void reference(wd_html *h)
{
    char text[WD_ENTITY_TEXT_BYTES];
    size_t len = 0;
    wd_span at = { h->at, (size_t)(h->end - h->at) };
    size_t took = wd_entity_decode(NULL, at, WD_ENTITY_HTML_TEXT, text, &len);
    put_literal(h, took ? (wd_span){ text, len } : (wd_span){ h->at, 1 });
    h->at += took ? took : 1;
}

/* --- tags --------------------------------------------------------------------------- */

/* Closes what is open above and including `depth`; what may be left open has no end tag. */
static void close_to(wd_html *h, size_t depth, const wd_html_element *named)
{
    while (h->depth > depth) {
        const wd_html_element *e = h->open[--h->depth];
        if (h->depth < h->foreign)
            h->foreign = 0;
        if (!(e->flags & WD_HTML_OPEN) || (h->depth == depth && e == named))
            wd_html_tag_end(h, e);
    }
}

static const wd_html_element *find_element(wd_html *h, wd_span name)
{
    return wd_html_names_element(&h->names, name, h->end, h->foreign > 0);
}

/* Behind the end tag of the element that was just opened; NULL when there is none. */
static const char *behind_end_tag(wd_html *h, wd_span name)
{
    for (size_t i = 0; i < h->no_ends; i++)
        if (wd_span_eq_nocase(h->no_end[i], name))
            return NULL;
    for (const char *p = h->at; (p = memchr(p, '<', (size_t)(h->end - p))) != NULL; p++) {
        wd_span at = { p, (size_t)(h->end - p) };
        if (at.len < name.len + 2 || at.ptr[1] != '/' ||
            !wd_span_eq_nocase(wd_span_head(wd_span_from(at, 2), name.len), name))
            continue;
        const char *gt = memchr(p, '>', at.len);
        return gt ? gt + 1 : h->end;
    }
    if (h->no_ends < WD_HTML_NO_ENDS)
        h->no_end[h->no_ends++] = name;
    return NULL;
}

/* An end tag too many takes the next start tag with it: what follows is shown as the text it
 * is.  The other way round half an article would vanish. */
static void skip_content(wd_html *h, const wd_html_element *e, wd_span name)
{
    if ((e->flags & WD_HTML_SWALLOW) && h->stray_ends > 0) {
        h->stray_ends--;
        return;
    }
    const char *behind = behind_end_tag(h, name);
    if (behind != NULL)
        h->at = behind;
    else if (e->flags & WD_HTML_SWALLOW)
        h->at = h->end;
}

/* Without scripts its content is shown.  Only an empty one is kept, for it has none. */
static void start_noscript(wd_html *h, const wd_html_element *e)
{
    static const char end[] = "</noscript>";
    size_t n = sizeof(end) - 1;
    if ((size_t)(h->end - h->at) < n || strncasecmp(h->at, end, n) != 0) {
        h->noscript = true;
        return;
    }
    h->at += n;
    if (!h->title && wd_html_tag_start(h, e, WD_SPAN_NONE))
        wd_html_tag_end(h, e);
}

static void start_tag(wd_html *h, const wd_html_element *e, const wd_tag *tag)
{
    h->markup = true;
    if (e == NULL)
        return;
    if (h->title)
        wd_html_text_tag(&h->text, e, true);
    if (!tag->closed && (e->flags & (WD_HTML_SWALLOW | WD_HTML_HIDDEN)))
        skip_content(h, e, tag->name);
    if (e->flags & WD_HTML_BARE)
        start_noscript(h, e);
    if (!(e->flags & WD_HTML_KEEP) || h->title)
        return;
    if (e->flags & WD_HTML_VOID) {
        if (e->flags & WD_HTML_LAZY)
            wd_html_tag_picture(h, e, tag->inner);
        else
            (void)wd_html_tag_start(h, e, tag->inner);
        return;
    }
    if ((e->flags & WD_HTML_OPEN) && h->depth > 0 && h->open[h->depth - 1] == e)
        h->depth--; /* the next <li> ends the last */
    if (h->depth == WD_HTML_DEPTH)
        return;
    if (!wd_html_tag_start(h, e, tag->inner))
        return;
    if (tag->closed && (e->flags & WD_HTML_FOREIGN)) {
        size_t before = h->html.len;
        wd_html_tag_end(h, e);
        h->leaf_end = e->flags & WD_HTML_OPEN ? h->html.len : 0;
        h->leaf_bytes = h->html.len - before;
        return;
    }
    h->open[h->depth++] = e;
    if (h->foreign == 0 && (e->flags & WD_HTML_FOREIGN))
        h->foreign = h->depth;
}

static void end_tag(wd_html *h, const wd_html_element *e)
{
    h->markup = true;
    if (e == NULL)
        return;
    h->stray_ends += (e->flags & WD_HTML_SWALLOW) != 0;
    h->noscript &= !(e->flags & WD_HTML_BARE);
    if (h->title)
        wd_html_text_tag(&h->text, e, false);
    if (h->title || !(e->flags & WD_HTML_KEEP))
        return;
    for (size_t i = h->depth; i > 0; i--)
        if (h->open[i - 1] == e) {
            close_to(h, i - 1, e);
            return;
        }
}

/* --- what else begins with "<" --------------------------------------------------------- */

static void skip_to_gt(wd_html *h)
{
    const char *gt = memchr(h->at, '>', (size_t)(h->end - h->at));
    h->at = gt ? gt + 1 : h->end;
}

/* HTML 13.2.5.42 and on: "<!-->" and "<!--->" are whole comments, "--!>" ends one. */
static void comment(wd_html *h)
{
    const char *p = h->at + 4;
    h->markup = true;
    if (p < h->end && *p == '>') {
        h->at = p + 1;
        return;
    }
    if (h->end - p >= 2 && p[0] == '-' && p[1] == '>') {
        h->at = p + 2;
        return;
    }
    while (!h->no_comment_end && (p = memchr(p, '>', (size_t)(h->end - p))) != NULL) {
        size_t n = (size_t)(p - h->at) - 4;
        if ((n >= 2 && memcmp(p - 2, "--", 2) == 0) || (n >= 3 && memcmp(p - 3, "--!", 3) == 0)) {
            h->at = p + 1;
            return;
        }
        p++;
    }
    h->no_comment_end = true; /* it never ends: only its start is left out */
    skip_to_gt(h);
}

/* In a title: what HTML does not have, and what never ends ("The <script> tag explained"). */
static bool literal_tag(wd_html *h, const wd_html_element *e, wd_span name, bool end)
{
    if (!h->title)
        return false;
    if (e == NULL)
        return wd_span_find(name, ':') == name.len;
    return !end && (e->flags & WD_HTML_SWALLOW) && behind_end_tag(h, name) == NULL;
}

/* A "<" and a letter, or "</" and a letter. */
static void tag(wd_html *h, bool end)
{
    wd_span at = { h->at + end, (size_t)(h->end - h->at) - end };
    wd_tag t = wd_tag_scan(at);
    const wd_html_element *e = find_element(h, t.name);
    if (t.cut && !literal_tag(h, e, t.name, end)) {
        h->at = h->end; /* as a browser does */
        return;
    }
    if (t.bytes == 0 || literal_tag(h, e, t.name, end)) {
        put_literal(h, (wd_span){ h->at, 1 });
        h->at++;
        return;
    }
    h->at += t.bytes + end;
    if (end)
        end_tag(h, e);
    else
        start_tag(h, e, &t);
}

/* "<!DOCTYPE ...>", "<?php ...>", "</ ...>", Word's "<![if ...]>"; without the ">", or with
 * anything else behind the
 * "<!", somebody wrote "<". */
static bool declaration(wd_html *h, size_t left)
{
    char next = left > 2 ? h->at[1] : ' ';
    size_t word = left > 3 && h->at[2] == '[' ? 3 : 2;
    if (next != '?' && next != '/' && !(next == '!' && wd_is_alpha(h->at[word])))
        return false;
    if (word == 3 && wd_span_starts_nocase((wd_span){ h->at, left }, "<![CDATA["))
        return false;
    h->no_gt = h->no_gt || memchr(h->at, '>', left) == NULL;
    return !h->no_gt;
}

static void markup(wd_html *h)
{
    size_t left = (size_t)(h->end - h->at);
    char next = left > 1 ? h->at[1] : ' ';
    if (wd_is_alpha(next)) {
        tag(h, false);
    } else if (next == '/' && left > 2 && wd_is_alpha(h->at[2])) {
        tag(h, true);
    } else if (next == '!' && left >= 4 && memcmp(h->at, "<!--", 4) == 0) {
        comment(h);
    } else if (declaration(h, left)) {
        skip_to_gt(h);
    } else {
        put_literal(h, (wd_span){ h->at, 1 });
        h->at++;
    }
}

/* --- interface ---------------------------------------------------------------------------- */

static void run(wd_html *h)
{
    while (h->at < h->end && !h->html.full && !h->text.out.full) {
        if (*h->at == '<')
            markup(h);
        else if (*h->at == '&')
            reference(h);
        else if (*h->at == '\r')
            h->at++;
        else
            take_text(h);
    }
}

wd_html_result wd_html_clean(wd_html *h, wd_span src, wd_span base)
{
    begin(h, wd_utf8_head(src, WD_FIELD_BYTES), base, false);
    run(h);
    bool cut = h->html.full || src.len > WD_FIELD_BYTES;
    if (h->html.full) /* in the middle of a character, maybe */
        h->html.len = wd_utf8_valid_until((wd_span){ h->html.ptr, h->html.len });
    h->html.full = false;
    h->html.over = END_TAGS_BYTES;
    close_to(h, 0, NULL);
    return (wd_html_result){ .html = wd_span_trim((wd_span){ h->html.ptr, h->html.len }),
                             .markup = h->markup,
                             .rich = h->rich,
                             .cut = cut };
}

wd_span wd_html_plain(wd_html *h, wd_span cleaned)
{
    wd_html_text_begin(&h->text);
    wd_html_text_read(&h->text, &h->names, cleaned);
    return wd_html_text_end(&h->text);
}

wd_span wd_html_title(wd_html *h, wd_span src)
{
    begin(h, src, WD_SPAN_NONE, true);
    run(h);
    return wd_html_text_end(&h->text);
}

wd_span wd_html_escape(wd_html *h, wd_span text)
{
    begin(h, text, WD_SPAN_NONE, false);
    wd_html_put_escaped(&h->html, text, false);
    return wd_span_trim((wd_span){ h->html.ptr, h->html.len });
}

bool wd_html_looks_like(wd_span s)
{
    for (size_t i = 0; i + 2 < s.len; i++) {
        wd_span at = wd_span_from(s, i);
        if (at.ptr[0] == '<') {
            bool end = at.ptr[1] == '/';
            wd_span name = wd_span_from(at, 1 + end);
            name = wd_span_head(name, wd_tag_name_bytes(name));
            if (wd_html_element_named(name, false) != NULL)
                return true;
        } else if (at.ptr[0] == '&') {
            char text[WD_ENTITY_TEXT_BYTES];
            size_t n, took = wd_entity_decode(NULL, at, WD_ENTITY_XML, text, &n);
            if (took > 0)
                return true;
        }
    }
    return false;
}
