/* parsers/html_out.c - runs of bytes go out whole; white space is folded on the way. */
#include "parsers/html_out.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "parsers/html.h"

bool wd_html_room(wd_html_bytes *b, size_t n)
{
    if (b->full)
        return false;
    if (n <= b->cap - b->len)
        return true;
    size_t cap = b->cap ? b->cap : 4096;
    while (cap < b->len + n)
        cap *= 2;
    char *p = b->len + n <= WD_HTML_OUTPUT_BYTES ? realloc(b->ptr, cap) : NULL;
    if (p == NULL) {
        b->full = true;
        return false;
    }
    b->ptr = p;
    b->cap = cap;
    return true;
}

void wd_html_put(wd_html_bytes *b, const char *bytes, size_t n)
{
    if (n == 0 || !wd_html_room(b, n))
        return;
    memcpy(b->ptr + b->len, bytes, n);
    b->len += n;
}

void wd_html_bytes_done(wd_html_bytes *b)
{
    free(b->ptr);
    *b = (wd_html_bytes){ 0 };
}

static const char *reference_for(char c, bool attribute)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return attribute ? "&quot;" : NULL;
    default:
        return NULL;
    }
}

void wd_html_put_escaped(wd_html_bytes *b, wd_span s, bool attribute)
{
    size_t from = 0;
    if (s.len == 0)
        return;
    for (size_t i = 0; i < s.len; i++) {
        const char *ref = reference_for(s.ptr[i], attribute);
        if (ref == NULL && s.ptr[i] != '\r')
            continue;
        wd_html_put(b, s.ptr + from, i - from);
        wd_html_put(b, ref ? ref : "", ref ? strlen(ref) : 0);
        from = i + 1;
    }
    wd_html_put(b, s.ptr + from, s.len - from);
}

/* --- text ------------------------------------------------------------------------- */

static void pay_lines(wd_html_text *t)
{
    char *p = t->out.ptr;
    if (t->out.len > 0) {
        while (t->out.len > 0 && p[t->out.len - 1] == ' ')
            t->out.len--;
        for (; t->lines > 0; t->lines--)
            p[t->out.len++] = '\n';
        t->space = true;
    }
    t->lines = 0;
}

void wd_html_text_run(wd_html_text *t, const char *p, size_t n)
{
    size_t i = 0;
    if (!wd_html_room(&t->out, n + 4))
        return;
    if (t->lines > 0) {
        while (i < n && wd_is_space(p[i]) && t->pre == 0)
            i++;
        if (i == n)
            return;
        pay_lines(t);
    }
    char *out = t->out.ptr + t->out.len;
    bool space = t->space;
    for (; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        bool nbsp = c == 0xC2 && i + 1 < n && (unsigned char)p[i + 1] == 0xA0;
        if (c > ' ' && !nbsp) {
            *out++ = (char)c;
            space = false;
            continue;
        }
        i += nbsp;
        if (t->pre > 0 && !nbsp) {
            *out = (char)c;
            out += c != '\r';
            space = true;
            continue;
        }
        *out = ' ';
        out += !space;
        space = true;
    }
    t->space = space;
    t->out.len = (size_t)(out - t->out.ptr);
}

void wd_html_text_break(wd_html_text *t, unsigned lines)
{
    if (t->lines < lines)
        t->lines = lines;
}

void wd_html_text_line(wd_html_text *t)
{
    if (t->lines < 2)
        t->lines++;
}

wd_span wd_html_text_end(wd_html_text *t)
{
    wd_span s = { t->out.ptr, t->out.len };
    return wd_span_trim(s);
}
