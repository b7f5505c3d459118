/* What a desk leaves behind: the same answers as without a stop, whatever happened while it was
 * taken, and never another's. */
#include <fcntl.h>

#include "core/clock.h"
#include "dedup/image.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/dedup/newsroom.h"

#define MARK 77u

static char dir[PATH_MAX];

/* Odd numbers are copies of the one before, behind a word. */
static const char *body_of(unsigned i)
{
    static char body[8192];
    snprintf(body, sizeof(body), "%s%s", i % 2 ? "indeed " : "", newsroom_prose(0, 1 + i / 2, 220));
    return body;
}

static newsroom *open_room(uint32_t max_items)
{
    wd_desk_config config = { .near_duplicates = true, .max_items = max_items, .scratch_dir = dir };
    return newsroom_open(&config);
}

static wd_verdict ask(newsroom *n, unsigned i)
{
    story s = { .feed = 1 + i % 2, .title = "Harbour", .body = body_of(i) };
    return newsroom_ask(n, &s);
}

static const char *path_of(const char *name)
{
    static char path[PATH_MAX + 16];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static bool exists(const char *name)
{
    return access(path_of(name), F_OK) == 0;
}

/* Before each slice `between` (may be NULL) has its turn. */
static void take_image(newsroom *n, void (*between)(newsroom *n))
{
    wd_image_taking t;
    char *slice = malloc(WD_IMAGE_ROOM_BYTES);
    size_t bytes = 1;
    FILE *f = fopen(path_of(WD_IMAGE_NAME), "wb");
    wd_image_start(&t, newsroom_desk(n), dir, MARK);
    if (between != NULL)
        t.slice_bytes = 6000; /* so that there are some hundred */
    for (;;) {
        if (between != NULL)
            between(n);
        assert_ok(wd_image_next(&t, slice, &bytes));
        if (bytes == 0)
            break;
        wd_image_seal(slice, bytes);
        assert_int_equal(fwrite(slice, 1, bytes, f), bytes);
    }
    (void)fclose(f);
    free(slice);
}

static wd_status load(newsroom *n, uint64_t mark, uint64_t *from)
{
    newsroom_reopen(n);
    return wd_desk_load(newsroom_desk(n), dir, (const uint64_t[]){ 0, mark }, from);
}

/* A kill: what was stored since the image was begun comes from the storage. */
static void start_again(newsroom *n)
{
    uint64_t from = 0;
    assert_ok(load(n, MARK, &from));
    newsroom_restore(n, from);
}

static void check_same(newsroom *a, newsroom *b, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        wd_verdict x = ask(a, i), y = ask(b, i);
        assert_int_equal(x.kind, y.kind);
        assert_int_equal(x.item, y.item);
        assert_int_equal(x.cluster, y.cluster);
        assert_int_equal(x.cluster_size, y.cluster_size);
    }
    wd_desk_stats one, two;
    wd_desk_get_stats(newsroom_desk(a), &one);
    wd_desk_get_stats(newsroom_desk(b), &two);
    assert_int_equal(one.items, two.items);
    assert_int_equal(one.next, two.next);
}

/* The same questions to a desk that stopped in between and to one that did not. */
static void check_same_answers(uint32_t max_items, unsigned from)
{
    newsroom *steady = open_room(max_items), *stopped = open_room(max_items);
    for (unsigned i = 0; i < from; i++) {
        (void)ask(steady, i);
        (void)ask(stopped, i);
    }
    take_image(stopped, NULL);
    start_again(stopped);
    check_same(steady, stopped, from / 2, from + 200);
    newsroom_close(steady);
    newsroom_close(stopped);
}

static void a_stop_changes_no_answer(void **state)
{
    (void)state;
    check_same_answers(10000, 301);
    check_same_answers(100, 301); /* the ring has come round */
    check_same_answers(100, 0);
    assert_true(exists("desk.image") && exists("desk.texts")); /* good until the next */
}

static unsigned asked;

static void ask_some(newsroom *n)
{
    static unsigned turn;
    if (turn++ % 7 == 0)
        for (unsigned i = 0; i < 9; i++)
            (void)ask(n, asked++);
}

/* Copies of what an early slice holds, boilerplate in the counts' slices, a ring that comes
 * round: decided while the image is taken, and after it. */
static void check_decisions_go_on(uint32_t max_items, unsigned before, unsigned after)
{
    newsroom *steady = open_room(max_items), *killed = open_room(max_items);
    for (asked = 0; asked < before;)
        (void)ask(killed, asked++);
    take_image(killed, ask_some);
    for (unsigned i = 0; i < after; i++)
        (void)ask(killed, asked++);
    for (unsigned i = 0; i < asked; i++)
        (void)ask(steady, i);
    start_again(killed);
    check_same(steady, killed, 0, 60); /* copies of the oldest */
    check_same(steady, killed, asked - 300, asked + 100);
    newsroom_close(steady);
    newsroom_close(killed);
}

static void what_is_decided_meanwhile_is_put_back(void **state)
{
    (void)state;
    check_decisions_go_on(10000, 901, 0);
    check_decisions_go_on(10000, 901, 333);
    check_decisions_go_on(10000, 0, 400);
    check_decisions_go_on(400, 901, 0);
    check_decisions_go_on(400, 901, 777);
    check_decisions_go_on(100, 90, 20);
}

/* The same image twice, and the words that were written in the life between. */
static void an_image_is_good_for_many_kills(void **state)
{
    (void)state;
    newsroom *steady = open_room(500), *killed = open_room(500);
    unsigned i = 0;
    for (; i < 701; i++)
        check_same(steady, killed, i, i + 1);
    take_image(killed, NULL);
    for (unsigned life = 0; life < 5; life++) {
        start_again(killed);
        check_same(steady, killed, i, i + 150);
        i += 150;
    }
    newsroom_close(steady);
    newsroom_close(killed);
}

/* Another text under the same id, after the image: the new one is found, the old one not. */
static void a_text_replaced_after_the_image_is_told_again(void **state)
{
    (void)state;
    newsroom *n = open_room(1000);
    story old = { .feed = 1, .id = "x", .title = "Harbour", .body = newsroom_prose(1, 5001, 200) };
    uint64_t from = 0, item = newsroom_ask(n, &old).item;
    for (unsigned i = 0; i < 40; i++)
        (void)ask(n, i);
    take_image(n, NULL);
    story new = old;
    new.body = newsroom_prose(2, 5002, 200);
    assert_int_equal(newsroom_ask(n, &new).kind, WD_UPDATED);
    assert_ok(load(n, MARK, &from));
    newsroom_restore(n, from);
    newsroom_retell(n, item);
    story copy = { .feed = 2, .title = "Port", .body = newsroom_prose(3, 5002, 200) };
    wd_verdict v = newsroom_ask(n, &copy);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.matched, item);
    copy.body = newsroom_prose(3, 5001, 200);
    assert_int_equal(newsroom_ask(n, &copy).kind, WD_NEW);
    newsroom_close(n);
}

/* Numbers that storage has and the desk never had: silent items at the end. */
static void numbers_go_on_where_the_storage_is(void **state)
{
    (void)state;
    newsroom *n = open_room(1000);
    for (unsigned i = 0; i < 60; i++)
        (void)ask(n, i);
    take_image(n, NULL);
    newsroom_close(n);
    wd_desk_config config = { .window_ms = 365 * WD_DAY_MS,
                              .max_items = 1000,
                              .near_duplicates = true,
                              .first_item = 1041,
                              .scratch_dir = dir };
    wd_desk_store none = { 0 };
    wd_desk *desk = NULL;
    wd_desk_stats stats;
    uint64_t from;
    assert_ok(wd_desk_new(&desk, &config, &none));
    assert_ok(wd_desk_load(desk, dir, (const uint64_t[]){ MARK, 0 }, &from));
    wd_desk_restored(desk);
    wd_desk_get_stats(desk, &stats);
    assert_int_equal(stats.next, 1041);
    assert_int_equal(stats.items, 20); /* 41 to 60: the others are too far behind */
    wd_desk_free(desk);
}

static void spoil(const char *name, long at)
{
    char byte;
    int fd = open(path_of(name), O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* Of another mark, another size, ahead of the storage, damaged anywhere, cut, with other words:
 * refused, and the desk is as new. */
static void an_image_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint64_t mark;
        uint32_t max_items;
        long spoilt, cut;
        uint64_t first_item;
        const char *words;
    } rows[] = {
        { MARK + 1, 1000, -1, -1, 61, NULL },  { 0, 1000, -1, -1, 61, NULL },
        { MARK, 2000, -1, -1, 61, NULL },      { MARK, 1000, 20, -1, 61, NULL },
        { MARK, 1000, 180, -1, 61, NULL },     { MARK, 1000, 9000, -1, 61, NULL },
        { MARK, 1000, -1, 5000, 61, NULL },    { MARK, 1000, -1, 0, 61, NULL },
        { MARK, 1000, -1, -1, 60, NULL },      { MARK, 1000, -1, -1, 61, "other" },
        { MARK, 1000, -1, -1, 61, "missing" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        newsroom *n = open_room(1000);
        for (unsigned k = 0; k < 60; k++)
            (void)ask(n, k);
        take_image(n, NULL);
        newsroom_close(n);
        if (rows[i].spoilt >= 0)
            spoil("desk.image", rows[i].spoilt);
        if (rows[i].cut >= 0)
            assert_int_equal(truncate(path_of("desk.image"), rows[i].cut), 0);
        if (rows[i].words != NULL && strcmp(rows[i].words, "other") == 0)
            spoil("desk.texts", 9);
        if (rows[i].words != NULL && strcmp(rows[i].words, "missing") == 0)
            assert_int_equal(unlink(path_of("desk.texts")), 0);
        wd_desk_config config = { .window_ms = WD_DAY_MS,
                                  .max_items = rows[i].max_items,
                                  .near_duplicates = true,
                                  .first_item = rows[i].first_item,
                                  .scratch_dir = dir };
        wd_desk_store none = { 0 };
        wd_desk *desk = NULL;
        uint64_t from;
        assert_ok(wd_desk_new(&desk, &config, &none));
        assert_int_equal(wd_desk_load(desk, dir, (const uint64_t[]){ rows[i].mark, 0 }, &from),
                         WD_CORRUPT);
        wd_desk_stats stats;
        wd_desk_get_stats(desk, &stats);
        assert_int_equal(stats.items, 0);
        assert_int_equal(stats.next, rows[i].first_item);
        assert_false(exists("desk.image") || exists("desk.texts"));
        assert_int_equal(wd_desk_load(desk, dir, (const uint64_t[]){ MARK, 0 }, &from),
                         WD_NOTFOUND);
        wd_desk_free(desk);
    }
}

static void without_a_file_nothing_is_left(void **state)
{
    (void)state;
    newsroom *n = newsroom_open(NULL);
    wd_image_taking t;
    wd_status s = WD_OK;
    size_t bytes = 1;
    char *slice = malloc(WD_IMAGE_ROOM_BYTES);
    wd_image_start(&t, newsroom_desk(n), dir, MARK);
    while (s == WD_OK && bytes > 0)
        s = wd_image_next(&t, slice, &bytes);
    assert_int_equal(s, WD_UNSUPPORTED);
    assert_false(exists("desk.texts"));
    free(slice);
    newsroom_close(n);
}

#define TEST(name) TEMP_DIR_TEST(name, dir)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(a_stop_changes_no_answer),
                                        TEST(what_is_decided_meanwhile_is_put_back),
                                        TEST(an_image_is_good_for_many_kills),
                                        TEST(a_text_replaced_after_the_image_is_told_again),
                                        TEST(numbers_go_on_where_the_storage_is),
                                        TEST(an_image_that_does_not_fit_is_refused),
                                        TEST(without_a_file_nothing_is_left) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
