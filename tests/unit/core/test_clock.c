/* Times and durations as text. */
#include "core/clock.h"
#include "tests/support/check.h"

static void writes_rfc3339(void **state)
{
    (void)state;
    char out[WD_TIME_TEXT_BYTES];
    static const struct {
        int64_t ms;
        int with_ms;
        const char *want;
    } rows[] = { { 0, 0, "1970-01-01T00:00:00Z" },
                 { -1, 1, "1969-12-31T23:59:59.999Z" },
                 { 1773133331384, 1, "2026-03-10T09:02:11.384Z" },
                 { 951782400000, 0, "2000-02-29T00:00:00Z" },
                 { 1795353412007, 1, "2026-11-22T13:16:52.007Z" },
                 { 1795353412190, 1, "2026-11-22T13:16:52.190Z" },
                 { 253402300799999, 1, "9999-12-31T23:59:59.999Z" },
                 { 253402300800000, 1, "" },
                 { -62167219200000, 0, "0000-01-01T00:00:00Z" },
                 { WD_TIME_NONE, 0, "" },
                 { INT64_MAX, 0, "" } };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_string_equal(wd_time_text(rows[i].ms, rows[i].with_ms, out), rows[i].want);
}

static void days_and_dates_are_inverse(void **state)
{
    (void)state;
    for (int64_t d = -800000; d < 800000; d += 37) {
        int64_t y;
        int m, day;
        wd_civil_from_days(d, &y, &m, &day);
        assert_true(wd_days_from_civil(y, m, day) == d);
    }
}

static void reads_durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int ok;
        int64_t ms;
    } rows[] = { { "90", 1, 90000 },
                 { "15m", 1, 900000 },
                 { "1h30m", 1, 5400000 },
                 { "1h 30m", 1, 5400000 },
                 { "7d", 1, 604800000 },
                 { "250ms", 1, 250 },
                 { "", 0, 0 },
                 { "m", 0, 0 },
                 { "5 parsecs", 0, 0 },
                 { "99999999999999d", 0, 0 },
                 { "-5m", 0, 0 },
                 { "1.5h", 0, 0 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        int64_t ms = -1;
        assert_int_equal(wd_duration_parse(wd_span_of(rows[i].text), &ms), rows[i].ok);
        if (rows[i].ok)
            assert_true(ms == rows[i].ms);
    }
}

static void says_durations_for_people(void **state)
{
    (void)state;
    char out[WD_TIME_TEXT_BYTES];
    assert_string_equal(wd_duration_text(45000, out), "45 s");
    assert_string_equal(wd_duration_text(900000, out), "15 min");
    assert_string_equal(wd_duration_text(7800000, out), "2 h 10 min");
    assert_string_equal(wd_duration_text(275000000, out), "3 d 4 h");
    assert_string_equal(wd_duration_text(12, out), "12 ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(writes_rfc3339),
                                        cmocka_unit_test(days_and_dates_are_inverse),
                                        cmocka_unit_test(reads_durations),
                                        cmocka_unit_test(says_durations_for_people) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
