/* polling.md rules 2, 3 and 7: what a server says of its feed, and how far it is believed. */
#include <math.h>

#include "feeds/moved.h"
#include "tests/support/scheduled_poll.h"

static void no_validators_or_none_honoured_is_an_hour_at_least(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_busy(&c);
    assert_delay(&p, 10 * MIN);
    p = scheduled_busy(&c);
    p.validators.etag[0] = '\0';
    assert_delay(&p, HOUR);

    p = scheduled_busy(&c);
    for (int i = 1; i <= 20; i++) {
        p.answer = WD_ANSWER_SAME_BODY;
        p.state.rate_per_day = 100;
        assert_delay(&p, i < 20 ? 10 * MIN : HOUR);
    }
    p.answer = WD_ANSWER_NOT_MODIFIED;
    assert_delay(&p, 10 * MIN);

    p = scheduled_busy(&c); /* something new each time is no lie */
    for (int i = 1; i <= 30; i++) {
        p.answer = WD_ANSWER_DOCUMENT;
        p.reading =
            (wd_poll_reading){ .accepted = true, .items = 1000, .items_new = 1, .ttl_min = -1 };
        p.state.rate_per_day = 100;
        assert_delay(&p, 10 * MIN);
    }
}

static void the_servers_word_lengthens(void **state)
{
    (void)state;
    static const struct {
        int64_t max_age_s, expires_ms;
        int32_t ttl_min;
        int64_t want_ms;
    } rows[] = { { 3 * 3600, WD_TIME_NONE, -1, 3 * HOUR },
                 { 99 * 3600, WD_TIME_NONE, -1, 4 * HOUR },
                 { 60, WD_TIME_NONE, -1, 30 * MIN },
                 { -1, SCHEDULED_NOW_MS + 2 * HOUR, -1, 2 * HOUR },
                 { -1, SCHEDULED_NOW_MS + 9 * DAY, -1, 4 * HOUR },
                 { -1, SCHEDULED_NOW_MS - HOUR, -1, 30 * MIN },
                 { 60, SCHEDULED_NOW_MS + 2 * HOUR, -1,
                   30 * MIN }, /* Expires only without max-age */
                 { -1, WD_TIME_NONE, 45, 45 * MIN },
                 { -1, WD_TIME_NONE, 1440, 60 * MIN },
                 { -1, WD_TIME_NONE, 5, 30 * MIN } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c;
        wd_poll p = scheduled_usual(&c);
        c.max_interval_ms = 30 * MIN;
        p.max_age_s = rows[i].max_age_s;
        p.expires_ms = rows[i].expires_ms;
        p.state.ttl_min = rows[i].ttl_min;
        assert_delay(&p, rows[i].want_ms);
    }
}

static void skipped_hours_and_days_postpone(void **state)
{
    (void)state;
    static const struct {
        uint32_t hours, days;
        int64_t want_ms;
    } rows[] = {
        { 1u << 10, 0, 2 * HOUR }, /* 10:00 is out, so 11:00 */
        { 0x3ffc00, 0, 13 * HOUR }, { 1u << 11, 0, HOUR },
        { 0xffffff, 0, HOUR },     /* all hours: a mistake */
        { 0, 1u << 2, 15 * HOUR }, /* not on Tuesday */
        { 0, 0x7f, HOUR },          { 0, 0x1c, HOUR }
    }; /* Tuesday to Thursday: over 20 h, ignored */
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c;
        wd_poll p = scheduled_usual(&c);
        c.max_interval_ms = HOUR;
        p.state.skip_hours = rows[i].hours;
        p.state.skip_days = rows[i].days;
        assert_delay(&p, rows[i].want_ms);
    }
}

static void a_partial_answer_says_nothing_of_the_whole(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_usual(&c);
    p.answer = WD_ANSWER_DOCUMENT;
    p.reading = (wd_poll_reading){ .accepted = true, .items = 4, .items_new = 4, .ttl_min = -1 };
    p.body_hash = 5;
    wd_poll whole = p;
    p.http_status = 226;
    scheduled_delay(&p);
    assert_int_equal(p.state.document_items, 30);
    assert_int_equal(p.state.body_hash, 0);
    assert_false(wd_schedule_overflowed(&p));
    whole.http_status = 200;
    scheduled_delay(&whole);
    assert_int_equal(whole.state.document_items, 4);
    assert_true(wd_schedule_overflowed(&whole));
    whole.reading.items_new = 3;
    assert_false(wd_schedule_overflowed(&whole));
}

static void improbable_silence_is_distrusted_weekly(void **state)
{
    (void)state;
    static const struct {
        double rate_then;
        int days, probed_days_ago; /* -1: never */
        bool want;
    } rows[] = { { 10, 4, -1, true }, { 10, 2, -1, false }, { 1, 19, -1, false },
                 { 1, 22, -1, true }, { 10, 4, 6, false },  { 10, 9, 8, true } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_state s = wd_feed_state_new(1);
        s.last_new_ms = SCHEDULED_NOW_MS - rows[i].days * DAY;
        s.rate_per_day = rows[i].rate_then * exp2(-rows[i].days / 7.0);
        if (rows[i].probed_days_ago >= 0)
            s.last_probe_ms = SCHEDULED_NOW_MS - rows[i].probed_days_ago * DAY;
        if (wd_schedule_distrusts(&s, SCHEDULED_NOW_MS) != rows[i].want)
            fail_msg("row %zu", i);
        s.last_reason = WD_REASON_DNS;
        assert_false(wd_schedule_distrusts(&s, SCHEDULED_NOW_MS));
    }
}

static void a_move_is_believed_after_ten_sightings_in_a_week(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_usual(&c);
    int64_t now = SCHEDULED_NOW_MS;
    p.final_url = WD_SPAN_LIT("https://new.example/");
    p.permanent_redirect = true;
    for (int i = 1; i <= 20; i++) {
        wd_schedule_after(&scheduled_policy, &p, now, 0);
        bool want = i >= 10 && now - SCHEDULED_NOW_MS >= 7 * DAY;
        assert_int_equal(wd_moved_for_good(&p.state), want);
        now += 12 * HOUR;
    }
    p.permanent_redirect = false;
    wd_schedule_after(&scheduled_policy, &p, now, 0);
    assert_false(wd_moved_for_good(&p.state));
    p.permanent_redirect = true;
    p.final_url = WD_SPAN_LIT("https://newer.example/");
    wd_schedule_after(&scheduled_policy, &p, now, 0);
    assert_false(wd_moved_for_good(&p.state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_validators_or_none_honoured_is_an_hour_at_least),
        cmocka_unit_test(the_servers_word_lengthens),
        cmocka_unit_test(skipped_hours_and_days_postpone),
        cmocka_unit_test(a_partial_answer_says_nothing_of_the_whole),
        cmocka_unit_test(improbable_silence_is_distrusted_weekly),
        cmocka_unit_test(a_move_is_believed_after_ten_sightings_in_a_week),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
