/* tests/fuzz/fuzz_dedup.c - any bytes as a story's text: words, shingles, credit, a packed
 * fingerprint and a desk's answer; and any bytes as a packed fingerprint. */
#include <stdlib.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/text.h"
#include "dedup/desk.h"
#include "dedup/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool find_id(void *ctx, uint32_t feed, uint64_t key, wd_seen *out)
{
    (void)ctx;
    (void)feed;
    (void)key;
    (void)out;
    return false;
}

static bool find_link(void *ctx, uint64_t key, wd_seen *out)
{
    return find_id(ctx, 0, key, out);
}

static void must(bool held)
{
    if (!held)
        abort();
}

/* The same text from two feeds: the second is a copy, or too little to be one. */
static void ask_twice(const wd_fingerprint *fp)
{
    wd_desk *desk = NULL;
    wd_desk_store store = { .find_id = find_id, .find_link = find_link };
    wd_desk_config config = { .window_ms = WD_DAY_MS, .max_items = 64, .near_duplicates = true };
    if (wd_desk_new(&desk, &config, &store) != WD_OK)
        return;
    wd_verdict first, second;
    wd_desk_question q = { .feed = 1, .trust = WD_TRUST_NORMAL, .now_ms = 1000, .fp = fp };
    wd_desk_ask(desk, &q, &first);
    q.feed = 2;
    wd_desk_ask(desk, &q, &second);
    must(first.kind == WD_NEW && first.cluster == first.item);
    must(second.kind != WD_COPY || second.cluster == first.item);
    wd_desk_free(desk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wd_arena *arena = wd_arena_new(4u << 20);
    wd_span bytes = { (const char *)data, size };
    wd_fingerprint fp, back;
    if (arena == NULL)
        return 0;
    if (wd_fingerprint_unpack(bytes, arena, &back))
        ask_twice(&back);
    wd_span text = wd_span_head(bytes, wd_utf8_valid_until(bytes));
    wd_span title = wd_utf8_head(text, 80);
    wd_item item = { .id = WD_SPAN_LIT("1"), .title_text = title, .content_text = text };
    if (wd_fingerprint_make(&item, 9, arena, &fp)) {
        must(wd_fingerprint_unpack(wd_fingerprint_pack(&fp, arena), arena, &back));
        must(back.text_hash == fp.text_hash && back.n_tokens == fp.n_tokens);
        ask_twice(&fp);
    }
    wd_arena_free(arena);
    return 0;
}
