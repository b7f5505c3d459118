/* parsers/bodies.c - one form where both are the same. */
#include "parsers/bodies.h"

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
