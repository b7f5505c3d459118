/* When our own line is down (polling.md rule 9). */
#include "feeds/outage.h"
#include "tests/support/check.h"

static void note_many(wd_outage *o, int from, int to, wd_reason reason, int64_t now_ms)
{
    for (int i = from; i < to; i++)
        wd_outage_note(o, (uint64_t)i, reason, now_ms);
}

static void begins_when_four_fifths_of_the_hosts_fail(void **state)
{
    (void)state;
    static const struct {
        int good, bad;
        wd_reason reason;
        bool down;
    } rows[] = { { 0, 50, WD_REASON_DNS, true },         { 10, 40, WD_REASON_TIMEOUT, true },
                 { 11, 39, WD_REASON_TIMEOUT, false },   { 0, 9, WD_REASON_DNS, false },
                 { 0, 10, WD_REASON_UNREACHABLE, true }, { 0, 50, WD_REASON_HTTP_5XX, false },
                 { 0, 50, WD_REASON_REFUSED, false },    { 0, 50, WD_REASON_NONE, false } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_outage o = { .n = 0 };
        note_many(&o, 0, rows[i].good, WD_REASON_NONE, 1000);
        note_many(&o, 100, 100 + rows[i].bad, rows[i].reason, 2000);
        if (o.down != rows[i].down)
            fail_msg("row %zu: %d", i, o.down);
    }
}

static void one_host_failing_often_is_its_own_affair(void **state)
{
    (void)state;
    wd_outage o = { .n = 0 };
    note_many(&o, 0, 10, WD_REASON_NONE, 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(wd_outage_note(&o, 77, WD_REASON_DNS, i), WD_OUTAGE_SAME);
}

static void old_outcomes_do_not_count(void **state)
{
    (void)state;
    wd_outage o = { .n = 0 };
    note_many(&o, 0, 9, WD_REASON_DNS, 0);
    note_many(&o, 20, 29, WD_REASON_DNS, 70000);
    assert_false(o.down);
    assert_int_equal(wd_outage_note(&o, 30, WD_REASON_DNS, 70001), WD_OUTAGE_BEGINS);
}

static void probes_a_few_and_ends_with_the_first_answer(void **state)
{
    (void)state;
    wd_outage o = { .n = 0 };
    assert_true(wd_outage_allows(&o, 0) == SIZE_MAX);
    note_many(&o, 0, 50, WD_REASON_DNS, 1000);
    assert_true(o.down);
    assert_int_equal(wd_outage_allows(&o, 1000), 0);
    assert_true(o.probe_ms > 1000);
    assert_int_equal(wd_outage_allows(&o, o.probe_ms), 3);
    assert_int_equal(wd_outage_allows(&o, 12000), 0);
    assert_int_equal(wd_outage_note(&o, 3, WD_REASON_DNS, 12000), WD_OUTAGE_SAME);
    assert_int_equal(wd_outage_note(&o, 4, WD_REASON_HTTP_4XX, 12500), WD_OUTAGE_ENDS);
    assert_true(wd_outage_allows(&o, 12500) == SIZE_MAX);
    note_many(&o, 0, 9, WD_REASON_DNS, 12600); /* the start is clean again */
    assert_false(o.down);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_when_four_fifths_of_the_hosts_fail),
        cmocka_unit_test(one_host_failing_often_is_its_own_affair),
        cmocka_unit_test(old_outcomes_do_not_count),
        cmocka_unit_test(probes_a_few_and_ends_with_the_first_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
