/* What a desk leaves behind: the same answers as without a stop, and never another's. */
#include <fcntl.h>

#include "core/clock.h"
#include "dedup/image.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/dedup/newsroom.h"

#define MARK 77u

static char dir[PATH_MAX];

static int make_dir(void **state)
{
    (void)state;
    temp_dir_make(dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    temp_dir_remove(dir);
    return 0;
}

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

static bool exists(const char *name)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

/* The same questions to a desk that stopped in between and to one that did not. */
static void check_same_answers(uint32_t max_items, unsigned from)
{
    newsroom *steady = open_room(max_items), *stopped = open_room(max_items);
    for (unsigned i = 0; i < from; i++) {
        (void)ask(steady, i);
        (void)ask(stopped, i);
    }
    assert_ok(wd_desk_save(newsroom_desk(stopped), dir, MARK));
    newsroom_reopen(stopped);
    assert_ok(wd_desk_load(newsroom_desk(stopped), dir, MARK));
    for (unsigned i = from; i < from + 200; i++) {
        wd_verdict a = ask(steady, i % 2 ? from + 199 - i : i),
                   b = ask(stopped, i % 2 ? from + 199 - i : i);
        assert_int_equal(a.kind, b.kind);
        assert_int_equal(a.item, b.item);
        assert_int_equal(a.cluster, b.cluster);
        assert_int_equal(a.cluster_size, b.cluster_size);
    }
    wd_desk_stats one, two;
    wd_desk_get_stats(newsroom_desk(steady), &one);
    wd_desk_get_stats(newsroom_desk(stopped), &two);
    assert_int_equal(one.items, two.items);
    newsroom_close(steady);
    newsroom_close(stopped);
}

static void a_stop_changes_no_answer(void **state)
{
    (void)state;
    check_same_answers(10000, 301);
    check_same_answers(100, 301); /* the ring has come round */
    check_same_answers(100, 0);
    assert_false(exists("desk.image") || exists("desk.texts"));
}

static void spoil(long at)
{
    char path[PATH_MAX + 16], byte;
    snprintf(path, sizeof(path), "%s/desk.image", dir);
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* Of another mark, another size, damaged anywhere, cut: refused, and the desk is as new. */
static void an_image_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint64_t mark;
        uint32_t max_items;
        long spoilt, cut;
    } rows[] = { { MARK + 1, 1000, -1, -1 }, { MARK, 2000, -1, -1 },   { MARK, 1000, 20, -1 },
                 { MARK, 1000, 180, -1 },    { MARK, 1000, 9000, -1 }, { MARK, 1000, -1, 5000 },
                 { MARK, 1000, -1, 0 } };
    char path[PATH_MAX + 16];
    snprintf(path, sizeof(path), "%s/desk.image", dir);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        newsroom *n = open_room(1000);
        for (unsigned k = 0; k < 60; k++)
            (void)ask(n, k);
        assert_ok(wd_desk_save(newsroom_desk(n), dir, MARK));
        newsroom_close(n);
        if (rows[i].spoilt >= 0)
            spoil(rows[i].spoilt);
        if (rows[i].cut >= 0)
            assert_int_equal(truncate(path, rows[i].cut), 0);
        wd_desk_config config = { .window_ms = WD_DAY_MS,
                                  .max_items = rows[i].max_items,
                                  .near_duplicates = true,
                                  .first_item = 61,
                                  .scratch_dir = dir };
        wd_desk_store none = { 0 };
        wd_desk *desk = NULL;
        assert_ok(wd_desk_new(&desk, &config, &none));
        assert_int_equal(wd_desk_load(desk, dir, rows[i].mark), WD_NOTFOUND);
        wd_desk_stats stats;
        wd_desk_get_stats(desk, &stats);
        assert_int_equal(stats.items, 0);
        assert_false(exists("desk.image") || exists("desk.texts"));
        wd_desk_free(desk);
    }
}

static void without_a_file_nothing_is_left(void **state)
{
    (void)state;
    newsroom *n = newsroom_open(NULL);
    assert_int_equal(wd_desk_save(newsroom_desk(n), dir, MARK), WD_UNSUPPORTED);
    assert_false(exists("desk.image") || exists("desk.texts"));
    newsroom_close(n);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(a_stop_changes_no_answer),
                                        TEST(an_image_that_does_not_fit_is_refused),
                                        TEST(without_a_file_nothing_is_left) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
