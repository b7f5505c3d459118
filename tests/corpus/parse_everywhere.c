/* tests/corpus/parse_everywhere.c - documents cut at every byte: whatever is left must be read in
 * bounded time, stay inside its memory, and never have more items than the whole.
 *
 *     parse_everywhere BYTES FILE...     files larger than BYTES are cut at 512 places */
#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/text.h"
#include "parsers/parse.h"

#define PLACES 512u

static bool sound(const wd_feed_doc *doc)
{
    for (size_t i = 0; i < doc->n_items; i++) {
        const wd_item *item = &doc->items[i];
        if (item->id.len == 0 || !wd_utf8_valid(item->title_text) ||
            !wd_utf8_valid(item->content_html) || !wd_utf8_valid(item->content_text))
            return false;
    }
    return true;
}

/* Items in it; -1 when something about them is unsound. */
static long items_of(wd_arena *arena, wd_span body, bool may_write)
{
    wd_feed_doc doc;
    const wd_parse_input in = { .body = body,
                                .may_write = may_write,
                                .url = WD_SPAN_LIT("http://news.example/feed") };
    (void)wd_parse(&in, arena, &doc);
    long items = sound(&doc) ? (long)doc.n_items : -1;
    wd_arena_reset(arena);
    return items;
}

static bool cut_everywhere(wd_arena *arena, wd_span body, size_t limit, const char *name)
{
    long whole = items_of(arena, body, false);
    size_t step = body.len <= limit ? 1 : body.len / PLACES;
    for (size_t n = 0; n < body.len; n += step) {
        /* every byte is a copy of its own, so that a sanitizer sees one read too many */
        char *copy = malloc(n ? n : 1);
        if (copy == NULL)
            return false;
        if (n > 0)
            memcpy(copy, body.ptr, n);
        long items = items_of(arena, (wd_span){ copy, n }, true);
        free(copy);
        if (items < 0 || items > whole + 1) {
            fprintf(stderr, "%s cut at %zu: %ld items, %ld in all\n", name, n, items, whole);
            return false;
        }
    }
    return true;
}

static bool read_file(const char *path, wd_buf *out)
{
    char piece[65536];
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return false;
    for (size_t n; (n = fread(piece, 1, sizeof(piece), in)) > 0;)
        wd_buf_append(out, piece, n);
    fclose(in);
    return wd_buf_status(out) == WD_OK;
}

int main(int argc, char **argv)
{
    wd_arena *arena = wd_arena_new(WD_POLL_ARENA_BYTES);
    int bad = argc < 3 || arena == NULL;
    for (int i = 2; i < argc && !bad; i++) {
        wd_buf body = WD_BUF_INIT(WD_BODY_DECODED_BYTES);
        bad = !read_file(argv[i], &body) ||
              !cut_everywhere(arena, wd_buf_span(&body), strtoul(argv[1], NULL, 10), argv[i]);
        wd_buf_done(&body);
    }
    wd_arena_free(arena);
    return bad;
}
