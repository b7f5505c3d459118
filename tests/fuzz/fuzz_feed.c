/* tests/fuzz/fuzz_feed.c - any bytes as a feed, XML or JSON: bounded, sound, and the same whether
 * or not the items are put where they stood. */
#include <stdint.h>
#include <stdlib.h>

#include "core/text.h"
#include "parsers/bodies.h"
#include "parsers/clean.h"
#include "parsers/parse.h"

#define ARENA_BYTES (64u * 1024u * 1024u)

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void clean(wd_span s)
{
    must(s.len == 0 || wd_clean_until(s) == s.len);
}

static void check(const wd_feed_doc *doc)
{
    for (size_t i = 0; i < doc->n_items; i++) {
        const wd_item *item = &doc->items[i];
        must(item->id.len > 0 && wd_utf8_valid(item->link));
        clean(item->title_text);
        clean(item->content_html);
        clean(item->content_text);
    }
}

static void same_media(const wd_item *a, const wd_item *b)
{
    must(a->n_media == b->n_media);
    for (size_t i = 0; i < a->n_media; i++)
        must(wd_span_eq(a->media[i].url, b->media[i].url) &&
             wd_span_eq(a->media[i].type, b->media[i].type));
}

static void same_lists(const wd_item *a, const wd_item *b)
{
    must(a->n_authors == b->n_authors && a->n_categories == b->n_categories);
    for (size_t i = 0; i < a->n_authors; i++)
        must(wd_span_eq(a->authors[i].name, b->authors[i].name));
    for (size_t i = 0; i < a->n_categories; i++)
        must(wd_span_eq(a->categories[i], b->categories[i]));
    same_media(a, b);
}

static void same_item(const wd_item *a, const wd_item *b)
{
    must(wd_span_eq(a->id, b->id) && wd_span_eq(a->link, b->link));
    must(wd_span_eq(a->title_text, b->title_text) && wd_span_eq(a->title_html, b->title_html));
    must(wd_span_eq(a->content_html, b->content_html) &&
         wd_span_eq(a->content_text, b->content_text));
    must(wd_span_eq(a->summary_html, b->summary_html) &&
         wd_span_eq(a->summary_text, b->summary_text));
    must(wd_span_eq(a->published_raw, b->published_raw) && a->updated_ms == b->updated_ms);
    must(wd_span_eq(a->source_title, b->source_title) && wd_span_eq(a->language, b->language));
    must(a->flags == b->flags);
    same_lists(a, b);
}

static void same_document(const wd_feed_doc *a, const wd_feed_doc *b)
{
    must(a->outcome == b->outcome && a->n_items == b->n_items);
    must(wd_span_eq(a->title_text, b->title_text) && wd_span_eq(a->link, b->link));
    must(wd_span_eq(a->subtitle_text, b->subtitle_text));
    for (size_t i = 0; i < a->n_items; i++)
        same_item(&a->items[i], &b->items[i]);
}

static void parse(wd_span body, bool may_write, wd_arena *arena, wd_feed_doc *doc)
{
    const wd_parse_input in = { .body = body,
                                .may_write = may_write,
                                .url = WD_SPAN_LIT("http://news.example/feed") };
    (void)wd_parse(&in, arena, doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wd_feed_doc read, written;
    wd_arena *arena = wd_arena_new(ARENA_BYTES), *other = wd_arena_new(ARENA_BYTES);
    wd_html *html = wd_html_new();
    const wd_span body = { (const char *)data, size };
    if (arena != NULL && other != NULL && html != NULL) {
        parse(body, false, arena, &read);
        check(&read);
        wd_span copy = wd_arena_copy(other, size > 0 ? body : WD_SPAN_LIT(""));
        parse(copy, true, other, &written);
        same_document(&read, &written);
        for (size_t i = 0; i < written.n_items; i++)
            wd_bodies_complete(html, &written.items[i], other);
        check(&written);
    }
    wd_html_free(html);
    wd_arena_free(other);
    wd_arena_free(arena);
    return 0;
}
