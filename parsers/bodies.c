/* parsers/bodies.c - one form where both are the same. */
#include "parsers/bodies.h"

#include <string.h>

#include "core/ascii.h"
#include "core/status.h"

void wd_body_complete(wd_html *h, wd_span *html, wd_span *text, wd_arena *to)
{
    wd_span *have = html->len > 0 ? html : text, *lack = html->len > 0 ? text : html;
    if (have->len == 0 || lack->ptr != NULL)
        return;
    wd_span made = have == html ? wd_html_plain(h, *html) : wd_html_escape(h, *text);
    *lack = wd_span_eq(made, *have) ? *have : wd_arena_copy(to, made);
}

void wd_bodies_complete(wd_html *h, wd_item *item, wd_arena *to)
{
    wd_body_complete(h, &item->content_html, &item->content_text, to);
    wd_body_complete(h, &item->summary_html, &item->summary_text, to);
}

bool wd_body_is_blank(wd_span html, wd_span text)
{
    static const char *const seen[] = { " src", "<svg", "<math", "<hr" };
    wd_span s = html.len > 0 ? html : text;
    for (size_t i = 0; i < s.len; i++) {
        if (html.len > 0 && s.ptr[i] == '<')
            i += wd_span_find(wd_span_from(s, i), '>');
        else if (wd_span_starts_nocase(wd_span_from(s, i), "\xC2\xA0"))
            i++;
        else if (!wd_is_space(s.ptr[i]))
            return false;
    }
    for (size_t i = 0; i < WD_COUNT(seen); i++)
        if (memmem(s.ptr, s.len, seen[i], strlen(seen[i])) != NULL)
            return false;
    return true;
}
