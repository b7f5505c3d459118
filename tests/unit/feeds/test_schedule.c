/* polling.md rules 1, 4 and 5: how often a feed is asked, as tables over a clock of our own. */
#include <math.h>

#include "tests/support/scheduled_poll.h"

static void interval_is_the_inverse_root_of_the_rate(void **state)
{
    (void)state;
    static const struct {
        double rate, weight;
        int64_t want_ms;
    } rows[] = { { 1, 1, 100 * MIN },
                 { 4, 1, 50 * MIN },
                 { 25, 1, 20 * MIN },
                 { 1, 4, 50 * MIN },
                 { 0.25, 1, 200 * MIN },
                 { 10000, 1, 10 * MIN },
                 { 0, 1, 100 * MIN * 1000 / 71 }, /* .005 a day */
                 { 0.005, 0.1, DAY } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c;
        wd_poll p = scheduled_usual(&c);
        p.state.document_items = 1000;
        p.state.rate_per_day = rows[i].rate;
        c.weight = rows[i].weight;
        int64_t got = scheduled_delay(&p);
        if (llabs(got - rows[i].want_ms) > rows[i].want_ms / 100)
            fail_msg("rate %g weight %g: %.1f min", rows[i].rate, rows[i].weight,
                     (double)got / MIN);
    }
}

static void limits_and_stretch_bound_the_interval(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_usual(&c);
    c.min_interval_ms = 3 * HOUR;
    assert_delay(&p, 3 * HOUR);
    p = scheduled_usual(&c);
    c.max_interval_ms = 30 * MIN;
    assert_delay(&p, 30 * MIN);
    p = scheduled_usual(&c);
    p.stretch = 3;
    assert_delay(&p, 300 * MIN);
    assert_int_equal(p.state.due_why, WD_DUE_RATE);
    p = scheduled_usual(&c);
    p.stretch = 1000;
    assert_delay(&p, DAY);
    p = scheduled_usual(&c);
    c.interval_ms = 15 * MIN;
    p.stretch = 3;
    assert_delay(&p, 15 * MIN);
}

static void the_rate_follows_what_is_new(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_usual(&c);
    p.state.last_success_ms = SCHEDULED_NOW_MS - 7 * DAY; /* one half-life, nothing new */
    scheduled_delay(&p);
    assert_true(fabs(p.state.rate_per_day - 0.5) < 1e-6);

    p = scheduled_usual(&c); /* ten a day for ever, polled every hour */
    int64_t now = SCHEDULED_NOW_MS;
    for (int i = 0; i < 24 * 60; i++) {
        p.answer = WD_ANSWER_DOCUMENT;
        p.reading = (wd_poll_reading){
            .accepted = true, .items = 100, .items_new = (i % 12) < 5, .ttl_min = -1
        };
        now += HOUR;
        wd_schedule_after(&scheduled_policy, &p, now, 0);
    }
    assert_true(fabs(p.state.rate_per_day - 10) < 0.5);
}

static void a_first_document_tells_its_own_rate(void **state)
{
    (void)state;
    static const struct {
        uint32_t items;
        int64_t oldest_ms;
        int32_t every_s;
        double want;
    } rows[] = { { 0, WD_TIME_NONE, -1, 3 },
                 { 10, SCHEDULED_NOW_MS - 1000 * DAY, -1, 13.0 / 1001 },
                 { 50, SCHEDULED_NOW_MS - DAY, -1, 26.5 },
                 { 10, WD_TIME_NONE, 3600, 24 },
                 { 10, WD_TIME_NONE, 604800, 0.2 },
                 { 10, SCHEDULED_NOW_MS + DAY, -1, 3 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c;
        wd_poll p = scheduled_usual(&c);
        p.state = wd_feed_state_new(1);
        p.answer = WD_ANSWER_DOCUMENT;
        p.conditional = false;
        p.reading = (wd_poll_reading){ .accepted = true,
                                       .items = rows[i].items,
                                       .items_new = rows[i].items,
                                       .newest_ms = SCHEDULED_NOW_MS,
                                       .oldest_ms = rows[i].oldest_ms,
                                       .update_every_s = rows[i].every_s,
                                       .ttl_min = -1 };
        scheduled_delay(&p);
        if (fabs(p.state.rate_per_day - rows[i].want) > 0.01)
            fail_msg("row %zu: %g a day", i, p.state.rate_per_day);
        assert_true(p.state.contacted && p.first_contact);
    }
}

static void the_operators_interval_and_machines_are_kept(void **state)
{
    (void)state;
    static const int64_t intervals[] = { WD_SECOND_MS, 5 * MIN, 40 * MIN };
    for (size_t i = 0; i < WD_COUNT(intervals); i++) {
        wd_feed_config c;
        wd_poll p = scheduled_usual(&c);
        c.interval_ms = intervals[i];
        p.validators.etag[0] = '\0';
        p.max_age_s = 4 * 3600;
        p.state.ttl_min = 60;
        p.state.skip_hours = 0x3ff << 9;
        assert_delay(&p, intervals[i]);
    }
    wd_feed_config c;
    wd_poll p = scheduled_busy(&c);
    p.private_address = true;
    p.validators.etag[0] = '\0';
    assert_delay(&p, 10 * MIN);
}

static void a_document_that_scrolls_fast_is_asked_sooner(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = scheduled_usual(&c);
    p.answer = WD_ANSWER_DOCUMENT;
    p.reading = (wd_poll_reading){ .accepted = true, .items = 12, .items_new = 9, .ttl_min = -1 };
    p.state.last_success_ms = SCHEDULED_NOW_MS - 9 * DAY;
    wd_poll calm = p;
    calm.reading.items_new = 6;
    int64_t want = scheduled_delay(&calm);
    assert_true(scheduled_delay(&p) < want * 2 / 3);

    p = scheduled_usual(&c); /* five items, forty a day: all replaced in three hours */
    p.state.rate_per_day = 40;
    p.state.document_items = 5;
    p.config = &c;
    assert_delay(&p, 100.0 * MIN / sqrt(40));
    p = scheduled_usual(&c);
    p.state.rate_per_day = 400;
    p.state.document_items = 3;
    assert_delay(&p, 10 * MIN);
}

static void jitter_only_adds(void **state)
{
    (void)state;
    static const struct {
        wd_reason reason;
        double most;
    } rows[] = { { WD_REASON_NONE, 1.10 },
                 { WD_REASON_REFUSED, 1.25 },
                 { WD_REASON_HTTP_429, 1.5 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c;
        wd_poll p = rows[i].reason ? scheduled_failed(&c, rows[i].reason) : scheduled_usual(&c);
        wd_poll latest = p;
        int64_t least = scheduled_delay(&p), most;
        wd_schedule_after(&scheduled_policy, &latest, SCHEDULED_NOW_MS, UINT64_MAX);
        most = latest.state.next_due_ms - SCHEDULED_NOW_MS;
        assert_true(fabs((double)most / (double)least - rows[i].most) < 0.001);
    }
}

static void feeds_gather_and_are_never_early(void **state)
{
    (void)state;
    static const struct {
        int64_t at, interval;
        double per_s;
        int64_t expected;
    } rows[] = {
        { 1000, WD_HOUR_MS, 1, 1024 },   { 1024, WD_HOUR_MS, 1, 1024 },
        { 1025, WD_HOUR_MS, 1, 1280 },   { -1000, WD_HOUR_MS, 1, -768 },
        { 1025, 3000, 1, 1280 },         { 1025, 2000, 1, 1152 },         /* an eighth is 250 */
        { 1025, 1000, 1, 1025 },         { 1025, WD_HOUR_MS, 125, 1280 }, /* 32 polls */
        { 1025, WD_HOUR_MS, 126, 1152 }, { 1025, WD_HOUR_MS, 250, 1152 },
        { 1025, WD_HOUR_MS, 251, 1025 },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_int_equal(wd_schedule_gathered(rows[i].at, rows[i].interval, rows[i].per_s),
                         rows[i].expected);
    for (int64_t at = 0; at < 2000; at++)
        for (int64_t interval = 1; interval < 20000; interval = interval * 3 / 2 + 1) {
            int64_t later = wd_schedule_gathered(at, interval, 10) - at;
            assert_true(later >= 0 && later < WD_GATHERED_MS && later <= interval / 8);
        }
}

static void first_polls_are_spread(void **state)
{
    (void)state;
    int64_t latest = 0, sum = 0;
    char slug[32];
    for (int i = 0; i < 2000; i++) {
        snprintf(slug, sizeof(slug), "feed-%d", i);
        int64_t at =
            wd_schedule_first(&scheduled_policy, slug, 2000, SCHEDULED_NOW_MS) - SCHEDULED_NOW_MS;
        assert_true(at >= 0 && at < 100 * WD_SECOND_MS);
        assert_true(at == wd_schedule_first(&scheduled_policy, slug, 2000, SCHEDULED_NOW_MS) -
                              SCHEDULED_NOW_MS);
        latest = at > latest ? at : latest;
        sum += at;
    }
    assert_in_range(sum / 2000, 45000, 55000);
    assert_in_range(latest, 95000, 100000);
    assert_true(wd_schedule_first(&scheduled_policy, "x", 1000000, SCHEDULED_NOW_MS) -
                    SCHEDULED_NOW_MS <
                HOUR);
}

static void while_a_hub_delivers_polls_are_a_backup(void **state)
{
    (void)state;
    static const struct {
        double rate;
        int64_t interval_ms, max_ms; /* of the feed's own; 0: none */
        uint32_t items_new;
        bool backup;
        int64_t want_ms;
    } rows[] = {
        { 1, 0, 0, 0, false, 100 * MIN },
        { 1, 0, 0, 0, true, 600 * MIN },
        { 100, 0, 0, 0, true, HOUR }, /* each 10 min by itself */
        { 400, 0, 0, 0, true, HOUR },
        { 0.01, 0, 0, 0, true, 1000 * MIN },   /* over 12 h by itself: no rarer */
        { 1, 0, 3 * HOUR, 0, true, 3 * HOUR }, /* the operator's ceiling holds */
        { 1, 7 * MIN, 0, 0, true, 7 * MIN },   /* and the operator's rhythm */
        { 1, 0, 0, 2, true, 100 * MIN },       /* it had not brought these */
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c;
        wd_poll p = scheduled_usual(&c);
        p.state.rate_per_day = rows[i].rate;
        p.backup = rows[i].backup;
        c.interval_ms = rows[i].interval_ms;
        c.max_interval_ms = rows[i].max_ms;
        p.reading.items_new = rows[i].items_new;
        assert_delay(&p, rows[i].want_ms);
        bool longer = p.state.due_why == WD_DUE_PUSHED;
        assert_int_equal(longer, rows[i].backup && !rows[i].interval_ms && !rows[i].items_new &&
                                     rows[i].rate >= 0.1);
    }
    wd_feed_config c;
    wd_poll p = scheduled_failed(&c, WD_REASON_TIMEOUT); /* a failure is a failure */
    p.backup = true;
    wd_schedule_after(&scheduled_policy, &p, SCHEDULED_NOW_MS, 0);
    assert_int_equal(p.state.due_why, WD_DUE_BACKOFF);
}

/* Pushed or polled, a feed is as busy as it is; and its server does not lie only because the
 * hub was faster. */
static void what_is_pushed_counts_as_news(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll polled = scheduled_usual(&c), pushed = scheduled_usual(&c);
    polled.state.last_success_ms = pushed.state.last_success_ms = SCHEDULED_NOW_MS - HOUR;
    polled.answer = WD_ANSWER_DOCUMENT;
    polled.http_status = 200;
    polled.reading.accepted = true;
    polled.reading.items = 30;
    polled.reading.items_new = 4;
    wd_poll push = pushed;
    push.pushed = true;
    push.answer = WD_ANSWER_DOCUMENT;
    push.reading.items_new = 4;
    push.reading.accepted = true;
    wd_feed_state before = push.state;
    wd_schedule_pushed(&push, SCHEDULED_NOW_MS - MIN);
    assert_int_equal(push.state.last_new_ms, SCHEDULED_NOW_MS - MIN);
    assert_int_equal(push.state.polls, before.polls);
    assert_int_equal(push.state.next_due_ms, before.next_due_ms);
    assert_int_equal(push.state.last_success_ms, before.last_success_ms);
    assert_false(wd_poll_keeps_validators(&push));
    pushed.state = push.state;
    pushed.answer = WD_ANSWER_DOCUMENT; /* the poll behind it: all known */
    pushed.http_status = 200;
    pushed.reading.accepted = true;
    pushed.reading.items = 30;
    wd_schedule_after(&scheduled_policy, &polled, SCHEDULED_NOW_MS, 0);
    wd_schedule_after(&scheduled_policy, &pushed, SCHEDULED_NOW_MS, 0);
    assert_true(fabs(polled.state.rate_per_day - pushed.state.rate_per_day) < 0.01);
    assert_int_equal(pushed.state.polls_without_304, 0);
    wd_schedule_after(&scheduled_policy, &pushed, SCHEDULED_NOW_MS + HOUR, 0);
    assert_int_equal(pushed.state.polls_without_304, 1); /* nothing was pushed before this one */
}

static void every_reason_to_wait_has_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < WD_DUE_COUNT; i++)
        assert_true(strlen(wd_due_why_text((wd_due_why)i)) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_is_the_inverse_root_of_the_rate),
        cmocka_unit_test(limits_and_stretch_bound_the_interval),
        cmocka_unit_test(the_rate_follows_what_is_new),
        cmocka_unit_test(a_first_document_tells_its_own_rate),
        cmocka_unit_test(the_operators_interval_and_machines_are_kept),
        cmocka_unit_test(a_document_that_scrolls_fast_is_asked_sooner),
        cmocka_unit_test(jitter_only_adds),
        cmocka_unit_test(feeds_gather_and_are_never_early),
        cmocka_unit_test(first_polls_are_spread),
        cmocka_unit_test(while_a_hub_delivers_polls_are_a_backup),
        cmocka_unit_test(what_is_pushed_counts_as_news),
        cmocka_unit_test(every_reason_to_wait_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
