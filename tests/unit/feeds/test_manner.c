/* How a source is asked: compared setting by setting, and copied whole. */
#include "feeds/manner.h"
#include "tests/support/check.h"

static const char *const networks[] = { "10.0.0.0/8", NULL };
static const char *const lines[] = { "X-Key: 7", "Authorization: Bearer red", NULL };
static const char *const other_lines[] = { "X-Key: 8", "Authorization: Bearer red", NULL };

static const wd_feed_config whole = { .slug = "a",
                                      .url = "https://a.example/",
                                      .user_agent = "ours/1",
                                      .allow_private = networks,
                                      .lines = lines,
                                      .proxy = "http://p.example:3128",
                                      .connect_timeout_ms = 1000,
                                      .timeout_ms = 2000,
                                      .http1 = 1 };

static void every_setting_makes_a_difference(void **state)
{
    (void)state;
    wd_feed_config rows[7];
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        rows[i] = whole;
    assert_true(wd_manner_same(&whole, &rows[0]));
    rows[0].user_agent = NULL;
    rows[1].allow_private = NULL;
    rows[2].lines = other_lines;
    rows[3].proxy = "";
    rows[4].connect_timeout_ms = 1001;
    rows[5].timeout_ms = 0;
    rows[6].http1 = 0;
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_manner_same(&whole, &rows[i]) || wd_manner_same(&rows[i], &whole))
            fail_msg("row %zu", i);
}

static void a_copy_is_the_same_and_its_own(void **state)
{
    (void)state;
    wd_feed_config copy, bare = { .slug = "b", .url = "https://b.example/" };
    wd_arena *arena = wd_arena_new(65536), *small = wd_arena_new(16);
    assert_ok(wd_manner_copy(arena, &whole, &copy));
    assert_true(wd_manner_same(&whole, &copy));
    assert_string_equal(copy.url, whole.url);
    assert_ptr_not_equal(copy.url, whole.url);
    assert_ptr_not_equal(copy.lines[1], whole.lines[1]);
    assert_ok(wd_manner_copy(arena, &bare, &copy));
    assert_true(wd_manner_same(&bare, &copy));
    assert_null(copy.lines);
    assert_int_equal(wd_manner_copy(small, &whole, &copy), WD_LIMIT);
    wd_arena_free(arena);
    wd_arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_setting_makes_a_difference),
                                        cmocka_unit_test(a_copy_is_the_same_and_its_own) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
