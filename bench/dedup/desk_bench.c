/* bench/dedup/desk_bench.c - what one decision costs, and what one remembered item weighs.
 *
 *   desk_bench speed ITEMS [ASKED]   a desk filled with ITEMS texts of 400 words, then ASKED
 *                                    more, one in five a near copy: RSS when filled, then items/s,
 *                                    p50, p99, max
 *   desk_bench size ITEMS            RSS before and after ITEMS texts, words kept in a file
 *   desk_bench prepare ITEMS         fingerprints of ITEMS bodies of 400 words: CPU each
 *   desk_bench image ITEMS [ASKED]   as speed, and then its image, taken between decisions, and
 *                                    read into another desk; WIREDESK_SCRATCH names the folder
 *
 * Words follow Zipf's law, so that shingles repeat as often as in prose; a text costs less
 * to make than to judge, and making it is not timed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/hash.h"
#include "dedup/desk.h"
#include "dedup/image.h"
#include "dedup/shingles.h"
#include "dedup/words.h"

enum { WORDS = 400, VOCABULARY = 60000, RECENT = 512, TITLE = 8, COPY_ONE_IN = 5 };
enum { MARK = 7, MOST_SLICES = 100000 };

typedef struct maker {
    uint16_t *ranks; /* a word drawn by its frequency */
    wd_token tokens[WORDS], title[TITLE], recent[RECENT][WORDS];
    uint64_t shingles[WORDS];
    uint64_t n;
    wd_fingerprint fp;
} maker;

/* What the counts of shingles and the program itself may weigh, whatever is held. */
#define BASE_BYTES 200e6

enum { DRAWS = 1 << 20 };

static bool find_none(void *ctx, uint32_t feed, uint64_t key, wd_seen *out)
{
    (void)ctx;
    (void)feed;
    (void)key;
    (void)out;
    return false;
}

static bool find_no_link(void *ctx, uint64_t key, wd_seen *out)
{
    return find_none(ctx, 0, key, out);
}

static maker *maker_new(void)
{
    maker *m = calloc(1, sizeof(*m));
    m->ranks = malloc(DRAWS * sizeof(*m->ranks));
    double total = 0, sum = 0;
    for (int r = 1; r <= VOCABULARY; r++)
        total += 1.0 / (r + 2.7);
    size_t at = 0;
    for (int r = 1; r <= VOCABULARY && at < DRAWS; r++) {
        sum += 1.0 / (r + 2.7);
        while (at < DRAWS && (double)at < sum / total * DRAWS)
            m->ranks[at++] = (uint16_t)r;
    }
    return m;
}

static wd_token draw(const maker *m, uint64_t h)
{
    uint32_t word = (uint32_t)(wd_hash_mix(17, m->ranks[h % DRAWS]) & 0x3FFF);
    unsigned kind = h >> 40 & 15;
    return (wd_token){ (uint16_t)(word << WD_TOKEN_KIND_BITS | (kind == 0  ? WD_TOKEN_NUMBER
                                                                : kind < 3 ? WD_TOKEN_NAME
                                                                           : WD_TOKEN_PLAIN)) };
}

/* The next text: new, or one of the recent with a third cut and a few words changed. */
static const wd_fingerprint *next_text(maker *m)
{
    uint64_t h = wd_hash_mix(99, ++m->n);
    size_t words = WORDS;
    if (h % COPY_ONE_IN == 0 && m->n > RECENT) {
        memcpy(m->tokens, m->recent[(h >> 20) % RECENT], sizeof(m->tokens));
        words = WORDS * 2 / 3;
        for (int i = 0; i < 6; i++)
            m->tokens[(h >> (8 * i)) % words] = draw(m, wd_hash_mix(h, (uint64_t)i));
    } else {
        for (size_t i = 0; i < words; i++)
            m->tokens[i] = draw(m, h = wd_hash_mix(h, i));
        memcpy(m->recent[m->n % RECENT], m->tokens, sizeof(m->tokens));
    }
    for (size_t i = 0; i < TITLE; i++)
        m->title[i] = m->tokens[i * 7];
    wd_shingles_of(m->tokens, words, m->shingles);
    m->fp = (wd_fingerprint){ .id_key = m->n,
                              .text_hash = wd_hash_mix(h, 5),
                              .title_hash = wd_hash_mix(h, 6),
                              .content_hash = h,
                              .tokens = m->tokens,
                              .n_tokens = (uint32_t)words,
                              .title_tokens = m->title,
                              .n_title_tokens = TITLE,
                              .shingles = m->shingles };
    return &m->fp;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static size_t rss_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL || fscanf(f, "%lu %lu", &size, &resident) != 2)
        exit(1);
    (void)fclose(f);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static wd_verdict_kind ask(wd_desk *desk, maker *m)
{
    wd_verdict v;
    wd_desk_question q = { .feed = (uint32_t)(m->n % 5000),
                           .trust = WD_TRUST_NORMAL,
                           .now_ms = (int64_t)m->n,
                           .fp = next_text(m) };
    wd_desk_ask(desk, &q, &v);
    return v.kind;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_size(const wd_desk *desk, size_t base)
{
    wd_desk_stats stats;
    wd_desk_get_stats(desk, &stats);
    printf("RSS of an empty desk\t%.1f\tMB\n", (double)base / 1e6);
    printf("RSS an item, %lu items\t%.0f\tbytes\n", (unsigned long)stats.items,
           (double)(rss_bytes() - base) / stats.items);
    printf("the same beyond a base of 200 MB (to reach at ten million: 300)\t%.0f\tbytes\n",
           ((double)rss_bytes() - BASE_BYTES) / stats.items);
    (void)fflush(stdout);
}

static void speed(wd_desk *desk, maker *m, uint64_t items, uint64_t asked)
{
    size_t base = rss_bytes();
    for (uint64_t i = 0; i < items; i++)
        (void)ask(desk, m);
    print_size(desk, base);
    uint32_t *took = malloc(asked * sizeof(*took));
    int64_t total = 0;
    uint64_t copies = 0;
    for (uint64_t i = 0; i < asked; i++) {
        wd_verdict v;
        wd_desk_question q = { .feed = (uint32_t)(m->n % 5000),
                               .trust = WD_TRUST_NORMAL,
                               .now_ms = (int64_t)m->n,
                               .fp = next_text(m) };
        int64_t start = now_ns();
        wd_desk_ask(desk, &q, &v);
        took[i] = (uint32_t)(now_ns() - start);
        total += took[i];
        copies += v.kind == WD_COPY;
    }
    qsort(took, asked, sizeof(*took), by_size);
    uint32_t median = took[asked / 2], late = took[asked - 1 - asked / 100];
    printf("decide and remember, index of %lu (to reach: 25000)\t%.0f\titems/s\n",
           (unsigned long)items, (double)asked * 1e9 / (double)total);
    printf("one decision, p50\t%.1f\tus\n", median / 1e3);
    printf("one decision, p99 (to reach at ten million: 1000)\t%.1f\tus\n", late / 1e3);
    printf("one decision, longest\t%.1f\tus\n", took[asked - 1] / 1e3);
    printf("copies among them\t%.1f\t%%\n", 100.0 * (double)copies / (double)asked);
    free(took);
}

/* Lower-case words of two to four syllables, sentences with a capital and a full stop. */
static size_t write_body(uint64_t n, char *to)
{
    static const char *const syllables[] = {
        "bar", "cal", "den", "fos", "gri", "hum", "jol", "kel",
        "lun", "mor", "nep", "ost", "pra", "qui", "ros", "ste"
    };
    uint64_t h = wd_hash_mix(n, 1);
    size_t at = 0;
    for (int i = 0; i < WORDS; i++) {
        h = wd_hash_mix(h, (uint64_t)i);
        size_t start = at;
        for (uint64_t s = 0; s < 1 + (h >> 60) % 3; s++, at += 3)
            memcpy(to + at, syllables[h >> (4 * s) & 15], 3);
        if (i % 12 == 0)
            to[start] = (char)(to[start] - 'a' + 'A');
        if (i % 12 == 11)
            to[at++] = '.';
        to[at++] = ' ';
    }
    return at;
}

static void prepare(uint64_t items)
{
    wd_arena *arena = wd_arena_new(1 << 20);
    char body[WORDS * 16];
    int64_t total = 0;
    for (uint64_t i = 0; i < items; i++) {
        wd_fingerprint fp;
        size_t length = write_body(i, body);
        wd_item item = { .id = WD_SPAN_LIT("tag:wire.example,2026:1"),
                         .link = WD_SPAN_LIT("https://wire.example/2026/11/22/story?utm_source=x"),
                         .title_text = WD_SPAN_LIT("Harbour reopens after storm, 12 ships wait"),
                         .content_text = { body, length },
                         .published_ms = (int64_t)i };
        int64_t start = now_ns();
        if (!wd_fingerprint_make(&item, 7, arena, &fp))
            exit(1);
        total += now_ns() - start;
        wd_arena_reset(arena);
    }
    wd_arena_free(arena);
    printf("make ready, 400 words\t%.1f\tus\n", (double)total / 1e3 / (double)items);
}

static double wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_slices(uint32_t *took, size_t n)
{
    qsort(took, n, sizeof(*took), by_size);
    uint32_t median = took[n / 2], late = took[n - 1 - n / 100];
    printf("a slice of the image, p50\t%.0f\tus\n", median / 1e3);
    printf("a slice of the image, p99\t%.0f\tus\n", late / 1e3);
    printf("a slice of the image, longest\t%.0f\tus\n", took[n - 1] / 1e3);
}

/* Time of the processor for a slice, since the disk's turn is another thread's. */
static void save(wd_desk *desk, maker *m, const char *dir)
{
    char path[4096], *slice = malloc(WD_IMAGE_ROOM_BYTES);
    uint32_t *took = malloc(MOST_SLICES * sizeof(*took));
    size_t bytes = 1, n = 0, all = 0;
    wd_image_taking t;
    (void)snprintf(path, sizeof(path), "%s/" WD_IMAGE_NAME, dir);
    FILE *f = fopen(path, "wb");
    if (f == NULL)
        exit(1);
    wd_image_start(&t, desk, dir, MARK);
    while (n < MOST_SLICES) {
        int64_t start = now_ns();
        if (wd_image_next(&t, slice, &bytes) != WD_OK)
            exit(1);
        took[n++] = (uint32_t)(now_ns() - start);
        if (bytes == 0)
            break;
        wd_image_seal(slice, bytes);
        if (fwrite(slice, 1, bytes, f) != bytes)
            exit(1);
        all += bytes;
        (void)ask(desk, m);
    }
    if (fclose(f) != 0)
        exit(1);
    printf("the image\t%.0f\tMB\n", (double)all / 1e6);
    print_slices(took, n);
    free(took);
    free(slice);
}

static void load(const wd_desk_config *config, const wd_desk_store *store, uint64_t next)
{
    wd_desk_config again = *config;
    wd_desk *desk = NULL;
    uint64_t from = 0;
    again.first_item = next;
    double wall = wall_s();
    int64_t cpu = now_ns();
    if (wd_desk_new(&desk, &again, store) != WD_OK ||
        wd_desk_load(desk, config->scratch_dir, (const uint64_t[]){ MARK, 0 }, &from) != WD_OK)
        exit(1);
    wd_desk_restored(desk);
    printf("the image is read: clock\t%.1f\ts\n", wall_s() - wall);
    printf("the image is read: CPU\t%.1f\ts\n", (double)(now_ns() - cpu) / 1e9);
    wd_desk_free(desk);
}

static void size(wd_desk *desk, maker *m, uint64_t items)
{
    size_t base = rss_bytes();
    for (uint64_t i = 0; i < items; i++)
        (void)ask(desk, m);
    print_size(desk, base);
}

int main(int argc, char **argv)
{
    uint64_t items = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000;
    uint64_t asked = argc > 3 ? strtoull(argv[3], NULL, 10) : 100000;
    wd_desk *desk = NULL;
    uint64_t more = argc > 1 && strcmp(argv[1], "size") != 0 ? asked : 0;
    wd_desk_store store = { .find_id = find_none, .find_link = find_no_link };
    wd_desk_config config = { .window_ms = INT64_MAX / 4,
                              .max_items = (uint32_t)(items + more),
                              .near_duplicates = true,
                              .scratch_dir = getenv("WIREDESK_SCRATCH") };
    if (argc < 2 || wd_desk_new(&desk, &config, &store) != WD_OK) {
        fprintf(stderr, "usage: desk_bench speed|size|prepare|image ITEMS [ASKED]\n");
        return 2;
    }
    if (strcmp(argv[1], "prepare") == 0) {
        prepare(items);
        wd_desk_free(desk);
        return 0;
    }
    maker *m = maker_new();
    if (strcmp(argv[1], "size") == 0)
        size(desk, m, items);
    else
        speed(desk, m, items, asked);
    bool image = strcmp(argv[1], "image") == 0 && config.scratch_dir != NULL;
    if (image)
        save(desk, m, config.scratch_dir);
    wd_desk_free(desk);
    if (image)
        load(&config, &store, m->n + 1);
    free(m->ranks);
    free(m);
    return 0;
}
