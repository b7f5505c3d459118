/* Progress: what is said of long work, and when. */
#include "daemon/progress.h"
#include "tests/support/check.h"

typedef struct stage {
    int64_t now_ms;
    unsigned told;
    char text[160];
} stage;

static int64_t now_of(void *ctx)
{
    return ((stage *)ctx)->now_ms;
}

static void hear(void *ctx, const char *text)
{
    stage *s = ctx;
    s->told++;
    snprintf(s->text, sizeof(s->text), "%s", text);
}

static wd_progress begin(stage *s, wd_clock *clock)
{
    *s = (stage){ .now_ms = 5000 };
    *clock = (wd_clock){ .wall_ms = now_of, .boot_ms = now_of, .ctx = s };
    wd_progress p = {
        .clock = clock, .unit = "texts", .quiet_ms = 2000, .every_ms = 1000, .tell = hear, .ctx = s
    };
    wd_progress_begin(&p);
    return p;
}

static void short_work_says_nothing(void **state)
{
    (void)state;
    stage s;
    wd_clock clock;
    wd_progress p = begin(&s, &clock);
    for (int i = 0; i < 1999; i++, s.now_ms++)
        wd_progress_at(&p, (uint64_t)i, -1);
    assert_int_equal(s.told, 0);
}

static void long_work_is_told_now_and_then(void **state)
{
    (void)state;
    stage s;
    wd_clock clock;
    wd_progress p = begin(&s, &clock);
    for (int i = 0; i <= 10000; i++, s.now_ms++)
        wd_progress_at(&p, (uint64_t)i, -1);
    assert_int_equal(s.told, 9); /* at 2, 3 ... 10 s */
    assert_string_equal(s.text, "10000 texts");
}

static void a_share_tells_what_is_left(void **state)
{
    static const struct {
        double share;
        const char *text;
    } rows[] = {
        { -1, "7 texts" },
        { 0, "7 texts, 0 %" },
        { 0.01, "7 texts, 1 %" }, /* too early for a guess */
        { 0.25, "7 texts, 25 %, about 30 s left" },
        { 1, "7 texts, 100 %" },
        { 1.5, "7 texts, 100 %" },
    };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        stage s;
        wd_clock clock;
        wd_progress p = begin(&s, &clock);
        s.now_ms += 10000;
        wd_progress_at(&p, 7, rows[i].share);
        assert_string_equal(s.text, rows[i].text);
    }
}

static void of_how_many_is_told_where_it_is_known(void **state)
{
    (void)state;
    stage s;
    wd_clock clock;
    wd_progress p = begin(&s, &clock);
    p.of = 30;
    s.now_ms += 10000;
    wd_progress_at(&p, 7, -1);
    assert_string_equal(s.text, "7 of 30 texts");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(short_work_says_nothing),
                                        cmocka_unit_test(long_work_is_told_now_and_then),
                                        cmocka_unit_test(a_share_tells_what_is_left),
                                        cmocka_unit_test(of_how_many_is_told_where_it_is_known) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
