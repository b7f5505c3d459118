/* bench/dedup/restart_bench.c - how long a start takes with so many remembered texts.
 *
 *   restart_bench fill DIR ITEMS     a ledger with ITEMS texts of 400 words
 *   restart_bench start DIR ITEMS    a desk from it: text by text (no image), then from an image
 *                                    and the texts that came after it, as after a kill; seconds of
 *                                    the clock and of the processor, and what an image costs
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
#include "queue/ledger_desk.h"
#include "queue/ledger_items.h"

enum { WORDS = 400, TITLE = 8, BATCH = 2000, FEEDS = 5000, MARK = 7 };

/* How far a ledger may be ahead of the image: daemon/desk_keeper.c. */
enum { BEHIND = 50000, BEHIND_ONE_IN = 64, MOST_SLICES = 100000 };

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

static void remember(void *ctx, const wd_ledger_text *t)
{
    wd_desk_memory m = { .item = t->item,
                         .cluster = t->cluster,
                         .feed = t->feed,
                         .trust = WD_TRUST_NORMAL,
                         .first_seen_ms = t->first_seen_ms,
                         .packed = t->packed };
    check(wd_desk_restore(ctx, &m));
}

typedef struct upto {
    wd_desk *desk;
    uint64_t item;
} upto;

static void remember_upto(void *ctx, const wd_ledger_text *t)
{
    upto *u = ctx;
    if (t->item < u->item)
        remember(u->desk, t);
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

typedef struct stopwatch {
    double wall, cpu;
} stopwatch;

static stopwatch go(void)
{
    return (stopwatch){ seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID) };
}

static void say(const char *what, stopwatch since, uint64_t items)
{
    stopwatch now = go();
    printf("%s, %lu items\t%.1f\ts (%.1f s of CPU)\n", what, (unsigned long)items,
           now.wall - since.wall, now.cpu - since.cpu);
    (void)fflush(stdout);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Slices in a row, each timed: so long a decision may have to wait. */
static void take_image(wd_desk *desk, const char *dir, uint64_t items)
{
    char path[4096], *slice = malloc(WD_IMAGE_ROOM_BYTES);
    double *took = malloc(MOST_SLICES * sizeof(*took)), bytes_all = 0;
    size_t bytes = 1, n = 0;
    wd_image_taking t;
    (void)snprintf(path, sizeof(path), "%s/" WD_IMAGE_NAME, dir);
    FILE *f = fopen(path, "wb");
    stopwatch begun = go();
    wd_image_start(&t, desk, dir, MARK);
    while (f != NULL && n < MOST_SLICES) {
        double start = seconds(CLOCK_MONOTONIC);
        check(wd_image_next(&t, slice, &bytes));
        took[n++] = seconds(CLOCK_MONOTONIC) - start;
        if (bytes == 0)
            break;
        wd_image_seal(slice, bytes);
        if (fwrite(slice, 1, bytes, f) != bytes)
            exit(1);
        bytes_all += (double)bytes;
    }
    if (f == NULL || fclose(f) != 0)
        exit(1);
    say("its image is written", begun, items);
    qsort(took, n, sizeof(*took), by_size);
    printf("its image\t%.0f\tMB\n", bytes_all / 1e6);
    printf("the desk stands still for a slice, median, longest of %lu\t%.2f, %.2f\tms\n",
           (unsigned long)n, 1e3 * took[n / 2], 1e3 * took[n - 1]);
    free(took);
    free(slice);
}

static void start(const char *dir, uint64_t items)
{
    uint64_t from, behind = items / BEHIND_ONE_IN < BEHIND ? BEHIND : items / BEHIND_ONE_IN;
    if (behind > items / 2) /* a small trial */
        behind = items / 2;
    wd_ledger *l = open_ledger(dir);
    uint64_t next = wd_ledger_last_item(l) + 1;
    stopwatch begun = go();
    wd_desk *desk = new_desk(dir, items, next);
    check(wd_ledger_each_text(l, 0, 0, remember, desk));
    say("start without an image", begun, items);
    wd_desk_free(desk);

    desk = new_desk(dir, items, next - behind); /* an image that does not know the newest */
    upto u = { desk, next - behind };
    check(wd_ledger_each_text(l, 0, 0, remember_upto, &u));
    take_image(desk, dir, items);
    wd_desk_free(desk);

    begun = go();
    desk = new_desk(dir, items, next);
    check(wd_desk_load(desk, dir, (const uint64_t[]){ MARK, 0 }, &from));
    say("of it: the image is read", begun, items);
    check(wd_ledger_each_text(l, from, 0, remember, desk));
    wd_desk_restored(desk);
    say("start after a kill (to reach: 5 s a million, 60 s ten)", begun, items);
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
