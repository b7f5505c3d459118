/* parsers/skeleton.c - memchr from "<" to "<"; everything that costs time happens at tags. */
#include "parsers/skeleton.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/status.h"
#include "parsers/tag.h"

/* What libxml2 gets at once. */
#define CHUNK_BYTES (16u * 1024u)

/* An element or attribute name; longer ones are text. */
#define NAME_BYTES 256u

/* How far up an end tag looks for its start: enough for sloppy HTML, and it bounds the
 * cost of a document that is all end tags. */
#define CLOSE_SEARCH 64u

/* Names of all open elements together; ten times what real nesting needs. */
#define NAMES_BYTES (32u * 1024u)

struct skeleton {
    const char *begin, *at, *end;
    const wd_skeleton_sink *sink;
    wd_span *open; /* outermost first; in `names`, because the document may be written over */
    size_t depth;
    size_t filled;
    bool stopped, too_deep, root_seen, cut, repaired;
    char chunk[CHUNK_BYTES];
    char names[NAMES_BYTES];
};

/* --- output ------------------------------------------------------------------- */

static void flush(struct skeleton *s)
{
    if (s->filled > 0 && !s->stopped)
        s->stopped = !s->sink->markup(s->sink->ctx, s->chunk, s->filled);
    s->filled = 0;
}

static void put(struct skeleton *s, const char *bytes, size_t n)
{
    if (n == 0)
        return;
    while (n > CHUNK_BYTES - s->filled) {
        size_t part = CHUNK_BYTES - s->filled;
        memcpy(s->chunk + s->filled, bytes, part);
        s->filled += part;
        bytes += part;
        n -= part;
        flush(s);
    }
    memcpy(s->chunk + s->filled, bytes, n);
    s->filled += n;
}

static void put_char(struct skeleton *s, char c)
{
    if (s->filled == CHUNK_BYTES)
        flush(s);
    s->chunk[s->filled++] = c;
}

static const bool in_name[256] = { ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true,
                                   ['_'] = true,         ['-'] = true,         ['.'] = true };

/* Every byte that libxml2 could stumble over as "_", and a colon that separates nothing. */
static void put_odd_name(struct skeleton *s, wd_span name)
{
    size_t colon = wd_span_find(name, ':');
    if (colon == 0 || colon + 1 >= name.len || !wd_is_alpha(name.ptr[colon + 1]))
        colon = name.len;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool legal = i == 0 || i == colon + 1 ? wd_is_alpha(c) || c == '_'
                                              : in_name[(unsigned char)c] || i == colon;
        put_char(s, legal ? c : '_');
    }
}

static void put_name(struct skeleton *s, wd_span name)
{
    size_t i = 0;
    while (i < name.len && in_name[(unsigned char)name.ptr[i]])
        i++;
    if (i > 0 && i == name.len && wd_is_alpha(name.ptr[0]))
        put(s, name.ptr, name.len);
    else
        put_odd_name(s, name);
}

/* --- pieces of text -------------------------------------------------------------- */

/* Six bits a character from "?" to "~": none of them means anything to a parser. */
static void put_number(char *out, size_t v)
{
    for (int i = 4; i >= 0; i--, v >>= 6)
        out[i] = (char)('?' + (v & 63));
}

static size_t number_of(const char *p)
{
    size_t v = 0;
    for (int i = 0; i < 5; i++)
        v = v << 6 | ((size_t)(p[i] - '?') & 63);
    return v;
}

static void put_piece(struct skeleton *s, char kind, const char *from, size_t n)
{
    char piece[WD_SKELETON_PIECE_BYTES] = { kind };
    put_number(piece + 1, (size_t)(from - s->begin));
    put_number(piece + 6, n);
    put(s, piece, sizeof(piece));
}

wd_span wd_skeleton_piece(const char piece[WD_SKELETON_PIECE_BYTES], wd_span doc, bool *ret_cdata)
{
    size_t from = number_of(piece + 1), n = number_of(piece + 6);
    *ret_cdata = piece[0] == 'C';
    if (from > doc.len || n > doc.len - from)
        return (wd_span){ doc.ptr, 0 };
    return (wd_span){ doc.ptr + from, n };
}

static void text(struct skeleton *s, const char *from, const char *to)
{
    const char *p = from;
    bool line = false;
    if (s->depth == 0 || from == to)
        return;
    for (; p < to && wd_is_space(*p); p++)
        line |= *p == '\n';
    if (p < to)
        put_piece(s, 'T', from, (size_t)(to - from));
    else
        put_char(s, line ? '\n' : ' ');
}

/* --- tags ------------------------------------------------------------------------- */

static char *names_end(struct skeleton *s)
{
    if (s->depth == 0)
        return s->names;
    const wd_span *top = &s->open[s->depth - 1];
    return (char *)(uintptr_t)top->ptr + top->len;
}

static bool push_name(struct skeleton *s, wd_span name)
{
    char *to = names_end(s);
    if (s->depth == WD_SKELETON_DEPTH || name.len > (size_t)(s->names + NAMES_BYTES - to))
        return false;
    memcpy(to, name.ptr, name.len);
    s->open[s->depth++] = (wd_span){ to, name.len };
    return true;
}

static void close_top(struct skeleton *s)
{
    put(s, "</", 2);
    put_name(s, s->open[--s->depth]);
    put_char(s, '>');
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
        if (!wd_span_eq_nocase(s->open[i - 1], name))
            continue;
        s->repaired |= i != s->depth;
        while (s->depth >= i)
            close_top(s);
        return;
    }
    s->repaired = true; /* it closes nothing */
}

static void put_value(struct skeleton *s, wd_span v)
{
    char quote = memchr(v.ptr, '"', v.len) ? '\'' : '"';
    put_char(s, quote);
    for (size_t i = 0, from = 0; i <= v.len; i++) {
        char c = i < v.len ? v.ptr[i] : '&';
        if (c != '&' && c != '<' && c != quote)
            continue;
        put(s, v.ptr + from, i - from);
        from = i + 1;
        if (i == v.len)
            break;
        put_char(s, WD_SKELETON_AMP);
        if (c == '<')
            put(s, "lt;", 3);
        else if (c == quote)
            put(s, "#39;", 4);
    }
    put_char(s, quote);
}

static void put_attrs(struct skeleton *s, wd_span inner)
{
    wd_attr attr;
    for (size_t n = 0; n < WD_SKELETON_ATTRS && wd_tag_attr(&inner, &attr); n++) {
        if (attr.name.len > NAME_BYTES || attr.value.len > WD_SKELETON_VALUE_BYTES)
            continue;
        put_char(s, ' ');
        put_name(s, attr.name);
        put_char(s, '=');
        put_value(s, attr.value.ptr ? attr.value : (wd_span){ attr.name.ptr, 0 });
    }
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
    if (tag.bytes == 0 || tag.name.len > NAME_BYTES || (!s->root_seen && is_phrase(tag.name)))
        return false;
    bool closed = tag.closed || is_void(tag.name);
    if (!closed && !push_name(s, tag.name)) {
        s->too_deep = true;
        return true;
    }
    s->at += tag.bytes;
    s->root_seen = true;
    put_char(s, '<');
    put_name(s, tag.name);
    put_attrs(s, tag.inner);
    put(s, "/>", closed ? 2 : 0);
    if (!closed)
        put_char(s, '>');
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
    if (s->depth > 0 && !cut && s->at - 3 > from)
        put_piece(s, 'C', from, (size_t)(s->at - 3 - from));
}

/* Passes a DOCTYPE on only when it declares entities: what we allow of them is decided
 * where libxml2 reports them. */
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
    if (p < s->end && !s->root_seen && memmem(from, n, "<!ENTITY", 8) != NULL) {
        put(s, from, n);
        flush(s);
    }
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
    struct skeleton *s = malloc(sizeof(*s));
    wd_span *open = calloc(WD_SKELETON_DEPTH, sizeof(*open));
    wd_skeleton_end how = WD_SKELETON_STOPPED;
    if (s != NULL && open != NULL) {
        memset(s, 0, offsetof(struct skeleton, chunk));
        s->begin = s->at = doc.ptr;
        s->end = doc.ptr + doc.len;
        s->sink = sink;
        s->open = open;
        walk(s);
        flush(s);
        *repaired = s->repaired;
        how = s->too_deep     ? WD_SKELETON_TOO_DEEP
              : s->stopped    ? WD_SKELETON_STOPPED
              : s->depth > 0  ? WD_SKELETON_TRUNCATED
              : s->root_seen  ? WD_SKELETON_COMPLETE
              : begins_xml(s) ? WD_SKELETON_TRUNCATED
                              : WD_SKELETON_NO_ROOT;
    }
    free(open);
    free(s);
    return how;
}
