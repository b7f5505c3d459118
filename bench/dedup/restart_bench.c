/* bench/dedup/restart_bench.c - how long a start takes with so many remembered texts.
 *
 *   restart_bench fill DIR ITEMS     a ledger with ITEMS texts of 400 words
 *   restart_bench start DIR ITEMS    a desk from it: text by text, then (after a clean stop) from
 *                                    its image; seconds of the clock and of the processor
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/hash.h"
#include "dedup/image.h"
#include "dedup/shingles.h"
#include "dedup/words.h"
#include "queue/ledger_items.h"

enum { WORDS = 400, TITLE = 8, BATCH = 2000, FEEDS = 5000, MARK = 7 };

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Words drawn so that a few are frequent and most are rare, as in prose. */
static void make_text(uint64_t n, wd_token *tokens)
{
    uint64_t h = wd_hash_mix(99, n);
    for (int i = 0; i < WORDS; i++) {
        h = wd_hash_mix(h, (uint64_t)i);
        uint64_t spread = (h & 0xFFFF) * ((h >> 16) & 0xFFFF) >> 16;
        tokens[i].bits = (uint16_t)(wd_hash_mix(17, spread) << WD_TOKEN_KIND_BITS);
    }
}

static wd_ledger *open_ledger(const char *dir)
{
    wd_ledger *l = NULL;
    wd_error err;
    if (wd_ledger_open(&l, dir, &err) != WD_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return l;
}

static void check(wd_status s)
{
    if (s != WD_OK) {
        fprintf(stderr, "%s\n", wd_status_text(s));
        exit(1);
    }
}

static void fill(const char *dir, uint64_t items)
{
    wd_ledger *l = open_ledger(dir);
    wd_arena *arena = wd_arena_new(1 << 20);
    wd_token tokens[WORDS];
    int64_t now = wd_wall_ms(wd_clock_system());
    for (uint64_t n = 1; n <= items; n++) {
        make_text(n, tokens);
        wd_fingerprint fp = { .text_hash = wd_hash_mix(n, 5),
                              .title_hash = wd_hash_mix(n, 6),
                              .tokens = tokens,
                              .n_tokens = WORDS,
                              .title_tokens = tokens,
                              .n_title_tokens = TITLE };
        wd_ledger_item item = { .item = n,
                                .cluster = n,
                                .feed = (uint32_t)(n % FEEDS) + 1,
                                .uri_hex = "000000000000000000000000",
                                .first_seen_ms = now - (int64_t)(items - n),
                                .id_key = wd_hash_mix(n, 7),
                                .revision = 1,
                                .packed = wd_fingerprint_pack(&fp, arena) };
        if (n % BATCH == 1)
            check(wd_ledger_begin(l));
        check(wd_ledger_add_item(l, &item));
        if (n % BATCH == 0 || n == items)
            check(wd_ledger_commit(l));
        wd_arena_reset(arena);
    }
    wd_arena_free(arena);
    wd_ledger_close(&l);
}

static void remember(void *ctx, const wd_ledger_item *item)
{
    wd_desk_memory m = { .item = item->item,
                         .cluster = item->cluster,
                         .feed = item->feed,
                         .trust = WD_TRUST_NORMAL,
                         .first_seen_ms = item->first_seen_ms,
                         .packed = item->packed };
    check(wd_desk_restore(ctx, &m));
}

static wd_desk *new_desk(const char *dir, uint64_t items, uint64_t next)
{
    wd_desk *desk = NULL;
    wd_desk_store none = { 0 };
    wd_desk_config config = { .window_ms = 365 * WD_DAY_MS,
                              .max_items = (uint32_t)items,
                              .near_duplicates = true,
                              .first_item = next,
                              .scratch_dir = dir };
    check(wd_desk_new(&desk, &config, &none));
    return desk;
}

static void say(const char *what, double wall, double cpu, uint64_t items)
{
    printf("%s, %lu items\t%.1f\ts (%.1f s of CPU)\n", what, (unsigned long)items, wall, cpu);
    (void)fflush(stdout);
}

static void start(const char *dir, uint64_t items)
{
    wd_ledger *l = open_ledger(dir);
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    wd_desk *desk = new_desk(dir, items, wd_ledger_last_item(l) + 1);
    check(wd_ledger_each_text(l, 0, remember, desk));
    say("start after a kill", seconds(CLOCK_MONOTONIC) - wall,
        seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, items);
    wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    check(wd_desk_save(desk, dir, MARK));
    say("its image is written", seconds(CLOCK_MONOTONIC) - wall,
        seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, items);
    wd_desk_free(desk);
    wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    desk = new_desk(dir, items, wd_ledger_last_item(l) + 1);
    check(wd_desk_load(desk, dir, MARK));
    say("start after a clean stop", seconds(CLOCK_MONOTONIC) - wall,
        seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, items);
    wd_desk_free(desk);
    wd_ledger_close(&l);
}

int main(int argc, char **argv)
{
    if (argc != 4 || (strcmp(argv[1], "fill") != 0 && strcmp(argv[1], "start") != 0)) {
        fprintf(stderr, "usage: restart_bench fill|start DIR ITEMS\n");
        return 2;
    }
    uint64_t items = strtoull(argv[3], NULL, 10);
    if (strcmp(argv[1], "fill") == 0)
        fill(argv[2], items);
    else
        start(argv[2], items);
    return 0;
}
