/* Sixty days of news on a fake clock: the window and the cap hold all along. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/clock.h"
#include "dedup/memory.h"
#include "tests/unit/dedup/newsroom.h"

enum { DAYS = 60, A_DAY = 40, WINDOW_DAYS = 7 };

static uint64_t seed_of(int day, int n)
{
    return (uint64_t)day * 1000 + (uint64_t)n + 1;
}

static wd_verdict_kind retell(newsroom *n, int day, int number, int64_t at_ms)
{
    char text[8192];
    snprintf(text, sizeof(text), "so then %s", newsroom_prose(0, seed_of(day, number), 100));
    story s = { .feed = 9, .title = "Retold", .body = text, .at_ms = at_ms };
    return newsroom_ask(n, &s).kind;
}

static void sixty_days_keep_the_window_and_no_more(void **state)
{
    (void)state;
    wd_desk_config config = { .near_duplicates = true,
                              .window_ms = WINDOW_DAYS * WD_DAY_MS,
                              .max_items = 100000 };
    newsroom *n = newsroom_open(&config);
    const int64_t start = 1750000000000;
    wd_desk_stats stats;
    size_t week = 0;
    for (int day = 0; day < DAYS; day++) {
        for (int i = 0; i < A_DAY; i++) {
            story s = { .feed = 1 + (uint32_t)i % 5,
                        .title = "Told",
                        .body = newsroom_prose(0, seed_of(day, i), 100),
                        .at_ms = start + day * WD_DAY_MS + i * WD_MINUTE_MS };
            assert_int_equal(newsroom_ask(n, &s).kind, WD_NEW);
        }
        wd_desk_get_stats(newsroom_desk(n), &stats);
        assert_true(stats.items <= (WINDOW_DAYS + 1) * (A_DAY + 2));
        assert_true(stats.oldest_ms >= start + (day - WINDOW_DAYS) * WD_DAY_MS);
        if (day == 2 * WINDOW_DAYS)
            week = stats.bytes;
        if (day < WINDOW_DAYS + 1)
            continue;
        int64_t now = start + day * WD_DAY_MS + A_DAY * WD_MINUTE_MS;
        assert_int_equal(retell(n, day - WINDOW_DAYS + 1, 7, now), WD_COPY);
        assert_int_equal(retell(n, day - WINDOW_DAYS - 1, 8, now + 1), WD_NEW);
    }
    /* It does not grow with the days, save for the counts of shingles, which have a size of
     * their own to grow into. */
    assert_true(stats.bytes <= week + week / 10 + ((size_t)4 << 20));
    newsroom_close(n);
}

/* Many numbers through a ring with room for many more, few of them held at a time. */
static void places_behind_the_oldest_are_given_back(void **state)
{
    (void)state;
    enum { ROOM = 1 << 20, NUMBERS = 3 << 20, HELD = 1000 };
    wd_memory m;
    assert_ok(wd_memory_init(&m, ROOM, NULL));
    for (int64_t item = 1; item <= NUMBERS; item++) {
        wd_memory_place(&m, (uint64_t)item)->first_seen_ms = item;
        wd_memory_expire(&m, item - HELD);
    }
    assert_int_equal(m.held, HELD + 1);
    assert_non_null(wd_memory_get(&m, NUMBERS - HELD));
    assert_null(wd_memory_get(&m, NUMBERS - HELD - 1));
    size_t bytes = ROOM * sizeof(wd_remembered), page = (size_t)sysconf(_SC_PAGESIZE), there = 0;
    unsigned char *resident = malloc(bytes / page);
    assert_int_equal(mincore(m.items, bytes, resident), 0);
    for (size_t i = 0; i < bytes / page; i++)
        there += resident[i] & 1;
    assert_true(there * page < bytes / 20);
    free(resident);
    wd_memory_done(&m);
}

static void a_clock_that_steps_back_loses_nothing(void **state)
{
    (void)state;
    wd_desk_config config = { .near_duplicates = true, .window_ms = WD_DAY_MS };
    newsroom *n = newsroom_open(&config);
    const int64_t t = 1750000000000;
    story s = { .feed = 1, .title = "T", .body = newsroom_prose(0, 1, 100), .at_ms = t };
    (void)newsroom_ask(n, &s);
    story copy = { .feed = 2, .title = "U", .body = newsroom_prose(0, 1, 100) };
    copy.at_ms = t - 3 * WD_DAY_MS;
    assert_int_equal(newsroom_ask(n, &copy).kind, WD_COPY);
    newsroom_close(n);
}

static void an_idle_desk_is_small_whatever_it_may_hold(void **state)
{
    (void)state;
    wd_desk_config config = { .near_duplicates = true, .max_items = 10000000 };
    newsroom *n = newsroom_open(&config);
    wd_desk_stats stats;
    wd_desk_get_stats(newsroom_desk(n), &stats);
    assert_true(stats.bytes < (size_t)6 << 20);
    newsroom_close(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_days_keep_the_window_and_no_more),
        cmocka_unit_test(places_behind_the_oldest_are_given_back),
        cmocka_unit_test(a_clock_that_steps_back_loses_nothing),
        cmocka_unit_test(an_idle_desk_is_small_whatever_it_may_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
