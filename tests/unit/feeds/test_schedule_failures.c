/* polling.md rules 7 and 8: how long a feed that failed is left alone. */
#include "tests/support/scheduled_poll.h"

static void a_feed_never_reached_is_asked_again_soon(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_usual(&c);
    p.state = wd_feed_state_new(1);
    p.answer = WD_ANSWER_FAILED;
    p.reason = WD_REASON_REFUSED;
    for (int64_t want = 20 * MIN; want < DAY; want *= 2) {
        wd_schedule_after(&scheduled_policy, &p, SCHEDULED_NOW_MS, 0);
        assert_true(p.state.next_due_ms == SCHEDULED_NOW_MS + (want));
    }
}

static void failures_back_off_by_weight(void **state)
{
    (void)state;
    static const struct {
        wd_reason reason;
        int64_t want_ms[5];
    } rows[] = {
        { WD_REASON_REFUSED, { 40 * MIN, 80 * MIN, 160 * MIN, 320 * MIN, 640 * MIN } },
        { WD_REASON_TIMEOUT, { 20 * MIN, 40 * MIN, 40 * MIN, 80 * MIN, 80 * MIN } },
        { WD_REASON_DNS, { 20 * MIN, 20 * MIN, 20 * MIN, 40 * MIN, 40 * MIN } },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c;
        wd_poll p = scheduled_failed(&c, rows[i].reason);
        c.interval_ms = 20 * MIN;
        for (size_t k = 0; k < 5; k++)
            assert_delay(&p, rows[i].want_ms[k]);
        assert_int_equal(p.state.same_reason, 5);
        assert_true(p.state.failing_since_ms == SCHEDULED_NOW_MS);
        p.answer = WD_ANSWER_NOT_MODIFIED;
        p.validators.etag[0] = 'v';
        assert_delay(&p, 20 * MIN); /* one success forgets them all */
        assert_true(p.state.failing_since_ms == WD_TIME_NONE && p.state.failure_weight == 0);
    }
}

static void back_off_has_a_ceiling_and_then_sleeps(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_failed(&c, WD_REASON_REFUSED);
    int64_t now = SCHEDULED_NOW_MS, last = 0;
    for (int i = 0; i < 40; i++) {
        wd_schedule_after(&scheduled_policy, &p, now, 0);
        last = p.state.next_due_ms - now;
        if (now - SCHEDULED_NOW_MS < 14 * DAY)
            assert_true(last <= DAY);
        now = p.state.next_due_ms;
    }
    assert_true(last == 7 * DAY);
}

static void a_short_interval_fails_short(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_failed(&c, WD_REASON_HTTP_5XX);
    c.interval_ms = WD_SECOND_MS;
    assert_delay(&p, 5 * WD_SECOND_MS);
    assert_delay(&p, 10 * WD_SECOND_MS);
    for (int i = 0; i < 30; i++)
        scheduled_delay(&p);
    assert_delay(&p, 640 * WD_SECOND_MS);
}

static void throttling_waits_as_told_and_doubles(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_failed(&c, WD_REASON_HTTP_429);
    assert_delay(&p, 15 * MIN);
    assert_delay(&p, 30 * MIN);
    p.retry_after_ms = 5 * HOUR;
    assert_delay(&p, 5 * HOUR);
    p.retry_after_ms = 99 * DAY;
    assert_delay(&p, DAY);
    assert_true(p.state.failure_weight == 0);
    p = scheduled_failed(&c, WD_REASON_HTTP_503);
    p.retry_after_ms = 7 * HOUR;
    assert_delay(&p, 7 * HOUR);
    p = scheduled_failed(&c, WD_REASON_HTTP_503);
    p.retry_after_ms = 0;
    assert_delay(&p, 100 * MIN);
}

static void refusals_and_departures_have_their_own_rhythm(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_failed(&c, WD_REASON_HTTP_AUTH);
    assert_delay(&p, 400 * MIN);
    p = scheduled_failed(&c, WD_REASON_HTTP_AUTH);
    c.interval_ms = 15 * MIN;
    assert_delay(&p, 6 * HOUR);
    p = scheduled_failed(&c, WD_REASON_HTTP_GONE);
    assert_delay(&p, DAY);
    assert_delay(&p, 7 * DAY);
    assert_delay(&p, 30 * DAY);
    assert_delay(&p, 30 * DAY);
}

static void an_unaccepted_document_is_a_failure(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_usual(&c);
    p.answer = WD_ANSWER_DOCUMENT;
    p.body_hash = 99;
    p.reading = (wd_poll_reading){ .reason = WD_REASON_TRUNCATED };
    scheduled_delay(&p);
    assert_int_equal(p.state.last_reason, WD_REASON_TRUNCATED);
    assert_true(p.state.body_hash == 0 && p.state.failure_weight == 0.5);
    wd_poll canceled = scheduled_failed(&c, WD_REASON_CANCELED);
    uint32_t polls = canceled.state.polls;
    scheduled_delay(&canceled);
    assert_int_equal(canceled.state.polls, polls);
    assert_int_equal(canceled.state.last_reason, WD_REASON_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_feed_never_reached_is_asked_again_soon),
        cmocka_unit_test(failures_back_off_by_weight),
        cmocka_unit_test(back_off_has_a_ceiling_and_then_sleeps),
        cmocka_unit_test(a_short_interval_fails_short),
        cmocka_unit_test(throttling_waits_as_told_and_doubles),
        cmocka_unit_test(refusals_and_departures_have_their_own_rhythm),
        cmocka_unit_test(an_unaccepted_document_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
