/* parsers/skeleton.c - memchr from "<" to "<"; everything that costs time happens at tags. */
#include "parsers/skeleton.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/status.h"
#include "parsers/tag.h"
#include "parsers/xml_names.h"

/* How far up an end tag looks for its start: enough for sloppy HTML, and it bounds the
 * cost of a document that is all end tags. */
#define CLOSE_SEARCH 64u

/* Names of all open elements together; ten times what real nesting needs. */
#define NAMES_BYTES (32u * 1024u)

struct open {
    wd_span written; /* in `names`, because the document may be written over */
    wd_span name;    /* the same, or mended and behind it */
};

struct skeleton {
    const char *begin, *at, *end;
    const wd_skeleton_sink *sink;
    struct open *open; /* outermost first */
    char *names;       /* NAMES_ROOM bytes */
    size_t depth;
    char blank; /* white space that was not told yet */
    bool stopped, too_deep, root_seen, cut, repaired;
};

/* The last may be mended, and one never open. */
#define NAMES_ROOM (NAMES_BYTES + 2 * WD_XML_NAME_BYTES)

/* --- text ----------------------------------------------------------------------- */

static void tell_text(struct skeleton *s, wd_span raw, bool cdata)
{
    s->sink->text(s->sink->ctx, raw, cdata);
}

static void tell_blank(struct skeleton *s)
{
    static const char one_blank[] = " ";
    if (s->blank == '\0')
        return;
    tell_text(s, (wd_span){ s->blank == '\n' ? "\n" : one_blank, 1 }, false);
    s->blank = '\0';
}

static void text(struct skeleton *s, const char *from, const char *to)
{
    const char *p = from;
    bool line = s->blank == '\n';
    if (s->depth == 0 || from == to)
        return;
    for (; p < to && wd_is_space(*p); p++)
        line |= *p == '\n';
    if (p < to) {
        tell_blank(s);
        tell_text(s, (wd_span){ from, (size_t)(to - from) }, false);
    } else {
        s->blank = line ? '\n' : ' ';
    }
}

/* --- tags ------------------------------------------------------------------------- */

static char *names_end(struct skeleton *s)
{
    if (s->depth == 0)
        return s->names;
    wd_span top = s->open[s->depth - 1].name;
    return (char *)(uintptr_t)top.ptr + top.len;
}

/* A name that XML allows; made behind those of the open elements when it is not. */
static wd_span legal(struct skeleton *s, wd_span written)
{
    if (wd_xml_name_is_legal(written))
        return written;
    char *to = names_end(s);
    wd_xml_name_mend(written, to);
    return (wd_span){ to, written.len };
}

static bool push_name(struct skeleton *s, wd_span written)
{
    char *to = names_end(s);
    if (s->depth == WD_SKELETON_DEPTH || (size_t)(to - s->names) + written.len > NAMES_BYTES)
        return false;
    memcpy(to, written.ptr, written.len);
    struct open *o = &s->open[s->depth];
    o->written = o->name = (wd_span){ to, written.len };
    if (!wd_xml_name_is_legal(written)) {
        o->name.ptr = to + written.len;
        wd_xml_name_mend(written, to + written.len);
    }
    s->depth++;
    return true;
}

static void close_top(struct skeleton *s)
{
    s->depth--;
    s->sink->end(s->sink->ctx);
}

static void end_tag(struct skeleton *s)
{
    wd_span rest = { s->at + 2, (size_t)(s->end - s->at) - 2 };
    wd_span name = wd_span_head(rest, wd_tag_name_bytes(rest));
    const char *p = name.ptr + name.len;
    while (p < s->end && *p != '>' && *p != '<')
        p++;
    if (p == s->end) {
        s->at = s->end;
        return;
    }
    s->at = p + (*p == '>');
    size_t least = s->depth > CLOSE_SEARCH ? s->depth - CLOSE_SEARCH : 0;
    for (size_t i = s->depth; i > least; i--) {
        if (!wd_span_eq_nocase(s->open[i - 1].written, name))
            continue;
        s->repaired |= i != s->depth;
        tell_blank(s);
        while (s->depth >= i)
            close_top(s);
        return;
    }
    s->repaired = true; /* it closes nothing */
}

static bool in_words(wd_span name, const char *const *words, size_t n)
{
    char first = name.len > 0 ? wd_lower(name.ptr[0]) : '\0';
    for (size_t i = 0; i < n; i++)
        if (words[i][0] == first && wd_span_is_nocase(name, words[i]))
            return true;
    return false;
}

/* HTML's void elements that no feed uses for anything else: they need no end tag. */
static bool is_void(wd_span name)
{
    static const char *const words[] = { "br", "hr", "img", "input", "col", "area", "wbr" };
    return name.len <= 5 && in_words(name, words, WD_COUNT(words));
}

/* What a script's warning in front of the feed is made of; never a root. */
static bool is_phrase(wd_span name)
{
    static const char *const words[] = { "b",    "i",  "p",      "a",      "font", "div",
                                         "span", "em", "pre",    "strong", "code", "tr",
                                         "td",   "th", "center", "table" };
    return (name.len <= 6 && in_words(name, words, WD_COUNT(words))) || is_void(name);
}

/* False: this "<" is text. */
static bool start_tag(struct skeleton *s)
{
    wd_span at = { s->at, (size_t)(s->end - s->at) };
    wd_tag tag = wd_tag_scan(at);
    if (tag.cut) {
        s->at = s->end;
        s->cut = true;
        return true;
    }
    if (tag.bytes == 0 || tag.name.len > WD_XML_NAME_BYTES ||
        (!s->root_seen && is_phrase(tag.name)))
        return false;
    bool closed = tag.closed || is_void(tag.name);
    if (!closed && !push_name(s, tag.name)) {
        s->too_deep = true;
        return true;
    }
    s->at += tag.bytes;
    s->root_seen = true;
    tell_blank(s);
    wd_span name = closed ? legal(s, tag.name) : s->open[s->depth - 1].name;
    s->stopped |= !s->sink->start(s->sink->ctx, name, tag.inner);
    if (closed && !s->stopped)
        s->sink->end(s->sink->ctx);
    return true;
}

/* --- what is neither text nor tag --------------------------------------------------- */

/* Moves behind `mark`, or to the end.  Its first byte is rarer in HTML than its last. */
static void skip_past(struct skeleton *s, size_t from, const char *mark)
{
    size_t n = strlen(mark);
    const char *p = s->end - s->at > (ptrdiff_t)from ? s->at + from : s->end;
    while (s->end - p >= (ptrdiff_t)n && (p = memchr(p, mark[0], (size_t)(s->end - p))) != NULL) {
        if (s->end - p >= (ptrdiff_t)n && memcmp(p, mark, n) == 0) {
            s->at = p + n;
            return;
        }
        p++;
    }
    s->at = s->end;
}

static void cdata(struct skeleton *s)
{
    const char *from = s->at + 9;
    skip_past(s, 9, "]]>");
    bool cut = s->at == s->end && (s->end - from < 3 || memcmp(s->end - 3, "]]>", 3) != 0);
    if (s->depth == 0 || cut || s->at - 3 <= from)
        return;
    tell_blank(s);
    tell_text(s, (wd_span){ from, (size_t)(s->at - 3 - from) }, true);
}

/* Passes a DOCTYPE on only when it declares entities: what we allow of them is decided
 * where they are read. */
static void doctype(struct skeleton *s)
{
    const char *p = s->at + 9, *from = s->at;
    bool subset = false;
    for (; p < s->end; p++) {
        if (*p == '"' || *p == '\'') {
            const char *close = memchr(p + 1, *p, (size_t)(s->end - p - 1));
            p = close ? close : p;
        } else if (subset && s->end - p > 3 && memcmp(p, "<!--", 4) == 0) {
            const char *close = memmem(p + 4, (size_t)(s->end - p - 4), "-->", 3);
            p = close ? close + 2 : s->end - 1;
        } else if (*p == '[') {
            subset = true;
        } else if (*p == ']') {
            subset = false;
        } else if (*p == '>' && !subset) {
            break;
        }
    }
    s->at = p < s->end ? p + 1 : s->end;
    size_t n = (size_t)(s->at - from);
    if (p < s->end && !s->root_seen && memmem(from, n, "<!ENTITY", 8) != NULL)
        s->stopped |= !s->sink->doctype(s->sink->ctx, (wd_span){ from, n });
}

static bool looking_at(const struct skeleton *s, const char *text)
{
    wd_span at = { s->at, (size_t)(s->end - s->at) };
    return wd_span_starts_nocase(at, text);
}

/* At a "<".  False: it is text. */
static bool markup(struct skeleton *s)
{
    char next = s->end - s->at > 1 ? s->at[1] : '\0';
    if (next == '/') {
        bool name = s->end - s->at > 2 && (wd_tag_name_starts(s->at[2]) || s->at[2] == '>');
        if (name)
            end_tag(s);
        return name;
    }
    if (next == '!') {
        if (looking_at(s, "<!--"))
            skip_past(s, 4, "-->");
        else if (looking_at(s, "<![CDATA["))
            cdata(s);
        else if (looking_at(s, "<!DOCTYPE"))
            doctype(s);
        else
            skip_past(s, 2, ">");
        return true;
    }
    if (next == '?') {
        skip_past(s, 2, ">");
        return true;
    }
    return wd_tag_name_starts(next) && start_tag(s);
}

static void walk(struct skeleton *s)
{
    const char *from = s->at; /* of the text run */
    const char *look = s->at; /* for its "<" */
    while (!s->stopped && !s->too_deep && !(s->root_seen && s->depth == 0)) {
        const char *lt = look < s->end ? memchr(look, '<', (size_t)(s->end - look)) : NULL;
        if (lt == NULL)
            break;
        s->at = lt;
        char next = s->end - lt > 1 ? lt[1] : '\0';
        if (!wd_tag_name_starts(next) && next != '/' && next != '!' && next != '?') {
            s->repaired |= s->depth > 0;
            look = lt + 1;
            continue;
        }
        text(s, from, lt);
        if (markup(s)) {
            from = look = s->at;
        } else {
            from = lt;
            look = lt + 1;
            s->repaired |= s->depth > 0;
        }
    }
}

/* Nothing but a declaration, or a piece of the root's tag. */
static bool begins_xml(const struct skeleton *s)
{
    wd_span doc = wd_span_trim((wd_span){ s->begin, (size_t)(s->end - s->begin) });
    return s->cut || wd_span_starts_nocase(doc, "<?xml");
}

wd_skeleton_end wd_skeleton_run(wd_span doc, const wd_skeleton_sink *sink, bool *repaired)
{
    struct skeleton s = { .begin = doc.ptr,
                          .at = doc.ptr,
                          .end = doc.ptr + doc.len,
                          .sink = sink,
                          .open = malloc(WD_SKELETON_DEPTH * sizeof(struct open)),
                          .names = malloc(NAMES_ROOM) };
    wd_skeleton_end how = WD_SKELETON_STOPPED;
    if (s.open != NULL && s.names != NULL) {
        walk(&s);
        *repaired = s.repaired;
        how = s.too_deep       ? WD_SKELETON_TOO_DEEP
              : s.stopped      ? WD_SKELETON_STOPPED
              : s.depth > 0    ? WD_SKELETON_TRUNCATED
              : s.root_seen    ? WD_SKELETON_COMPLETE
              : begins_xml(&s) ? WD_SKELETON_TRUNCATED
                               : WD_SKELETON_NO_ROOT;
    }
    free(s.open);
    free(s.names);
    return how;
}
