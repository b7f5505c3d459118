/* tests/fuzz/fuzz_xml_feed.c - any bytes as a feed: bounded, and what comes out is sound. */
#include <stdint.h>
#include <stdlib.h>

#include "core/text.h"
#include "parsers/clean.h"
#include "parsers/parse.h"

#define ARENA_BYTES (64u * 1024u * 1024u)

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check(const wd_feed_doc *doc)
{
    for (size_t i = 0; i < doc->n_items; i++) {
        const wd_item *item = &doc->items[i];
        must(item->id.len > 0);
        must(wd_utf8_valid(item->title_text) && wd_utf8_valid(item->link));
        must(wd_clean_until(item->content_html) == item->content_html.len);
        must(wd_clean_until(item->content_text) == item->content_text.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wd_feed_doc doc;
    wd_arena *arena = wd_arena_new(ARENA_BYTES);
    const wd_parse_input in = { .body = { (const char *)data, size },
                                .url = WD_SPAN_LIT("http://news.example/feed") };
    if (arena == NULL)
        return 0;
    (void)wd_parse(&in, arena, &doc);
    check(&doc);
    wd_arena_free(arena);
    return 0;
}
