/* A subscription's life on a clock of the test's own. */
#include "feeds/websub.h"
#include "tests/support/check.h"

#define T0    ((int64_t)1773133331384)
#define TOPIC WD_SPAN_LIT("https://wire.example/feed")
#define MID   (UINT64_MAX / 2) /* half of every jitter */

static const wd_websub_answer taken = { .status = 202, .retry_after_ms = -1 };

static wd_websub fresh(void)
{
    return wd_websub_new(T0, 7 * WD_DAY_MS, false);
}

static wd_websub_query question(const char *mode, const char *lease)
{
    return (wd_websub_query){ .mode = wd_span_of(mode),
                              .topic = TOPIC,
                              .challenge = WD_SPAN_LIT("c0ffee"),
                              .lease_seconds = wd_span_of(lease) };
}

static wd_websub asked(void)
{
    wd_websub s = fresh();
    assert_int_equal(wd_websub_look(&s, T0, MID), WD_WEBSUB_ASK);
    wd_websub_ask(&s);
    assert_int_equal(wd_websub_look(&s, T0, MID), WD_WEBSUB_WAIT); /* one request at a time */
    return s;
}

static wd_websub active(const char *lease)
{
    wd_websub s = asked();
    wd_websub_query q = question("subscribe", lease);
    assert_true(wd_websub_answered(&s, &taken, T0, MID));
    assert_int_equal(wd_websub_verify(&s, &q, TOPIC, T0, MID), WD_WEBSUB_CONFIRM);
    assert_int_equal(s.phase, WD_WEBSUB_ACTIVE);
    return s;
}

static void confirms_only_what_was_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *mode, *topic, *challenge;
        bool asked;
        wd_websub_verdict want;
    } rows[] = {
        { "subscribe", "https://wire.example/feed", "x", true, WD_WEBSUB_CONFIRM },
        { "subscribe", "https://wire.example/feed", "x", false, WD_WEBSUB_REFUSE },
        { "subscribe", "https://wire.example/feed/", "x", true, WD_WEBSUB_REFUSE },
        { "subscribe", "", "x", true, WD_WEBSUB_REFUSE },
        { "subscribe", "https://wire.example/feed", "", true, WD_WEBSUB_REFUSE },
        { "unsubscribe", "https://wire.example/feed", "x", true, WD_WEBSUB_REFUSE },
        { "unsubscribe", "https://wire.example/feed", "x", false, WD_WEBSUB_REFUSE },
        { "Subscribe", "https://wire.example/feed", "x", true, WD_WEBSUB_REFUSE },
        { "", "https://wire.example/feed", "x", true, WD_WEBSUB_REFUSE },
        { "publish", "https://wire.example/feed", "x", true, WD_WEBSUB_REFUSE },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_websub s = rows[i].asked ? asked() : fresh();
        wd_websub_query q = { .mode = wd_span_of(rows[i].mode),
                              .topic = wd_span_of(rows[i].topic),
                              .challenge = wd_span_of(rows[i].challenge) };
        if (wd_websub_verify(&s, &q, TOPIC, T0, MID) != rows[i].want)
            fail_msg("row %zu", i);
        assert_int_equal(s.phase == WD_WEBSUB_ACTIVE, rows[i].want == WD_WEBSUB_CONFIRM);
    }
}

static void a_verification_may_be_repeated_but_not_for_ever(void **state)
{
    (void)state;
    wd_websub s = active("86400");
    wd_websub_query q = question("subscribe", "86400");
    assert_int_equal(wd_websub_verify(&s, &q, TOPIC, T0 + 59999, MID), WD_WEBSUB_CONFIRM);
    assert_int_equal(wd_websub_verify(&s, &q, TOPIC, T0 + 300000, MID), WD_WEBSUB_REFUSE);
    assert_int_equal(wd_websub_look(&s, T0 + 300000, MID), WD_WEBSUB_WAIT);
    assert_int_equal(s.phase, WD_WEBSUB_ACTIVE);
    assert_int_equal(s.failures, 0);
}

static void a_hub_may_verify_before_it_answers(void **state)
{
    (void)state;
    wd_websub s = asked();
    wd_websub_query q = question("subscribe", "86400");
    assert_int_equal(wd_websub_verify(&s, &q, TOPIC, T0, MID), WD_WEBSUB_CONFIRM);
    const wd_websub_answer broken = { .reason = WD_REASON_TIMEOUT, .retry_after_ms = -1 };
    assert_true(wd_websub_answered(&s, &broken, T0 + 1000, MID));
    assert_int_equal(s.phase, WD_WEBSUB_ACTIVE);
}

static void leases_are_renewed_well_before_they_end(void **state)
{
    (void)state;
    static const struct {
        const char *seconds;
        int64_t lease_ms;
    } rows[] = { { "600", 10 * WD_MINUTE_MS },
                 { "86400", WD_DAY_MS },
                 { "864000", 10 * WD_DAY_MS },
                 { "", 7 * WD_DAY_MS },           /* what was asked for */
                 { "315360000", 30 * WD_DAY_MS }, /* ten years are not believed */
                 { "99999999999999999999999", 30 * WD_DAY_MS } };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        for (uint64_t random = 0; random < 5; random++) {
            wd_websub s = asked();
            wd_websub_query q = question("subscribe", rows[i].seconds);
            uint64_t jitter = random * (UINT64_MAX / 4);
            assert_int_equal(wd_websub_verify(&s, &q, TOPIC, T0, jitter), WD_WEBSUB_CONFIRM);
            assert_int_equal(s.lease_ms, T0 + rows[i].lease_ms);
            assert_in_range(s.next_ms - T0, rows[i].lease_ms / 2, rows[i].lease_ms * 3 / 4);
            int64_t wake = wd_websub_wake_ms(&s);
            assert_int_equal(wake, s.next_ms);
            assert_int_equal(wd_websub_look(&s, wake - 1, MID), WD_WEBSUB_WAIT);
            assert_int_equal(wd_websub_look(&s, wake, MID), WD_WEBSUB_ASK);
            assert_int_equal(wd_websub_wish(&s), WD_WEBSUB_SUBSCRIBE);
            wd_websub_ask(&s); /* it stays active meanwhile */
            assert_int_equal(s.phase, WD_WEBSUB_ACTIVE);
            assert_int_equal(wd_websub_wake_ms(&s), s.lease_ms);
        }
}

static void a_lease_too_short_is_not_chased(void **state)
{
    (void)state;
    static const char *const seconds[] = { "1", "0", "599", "-1", "1.5", "soon" };
    for (size_t i = 0; i < WD_COUNT(seconds); i++) {
        wd_websub s = asked();
        wd_websub_query q = question("subscribe", seconds[i]);
        assert_int_equal(wd_websub_verify(&s, &q, TOPIC, T0, MID), WD_WEBSUB_TOO_SHORT);
        assert_int_equal(s.phase, WD_WEBSUB_WANTED);
        assert_true(wd_websub_gives_up(&s));
        assert_true(s.next_ms >= T0 + WD_DAY_MS);
    }
    wd_websub s = wd_websub_new(T0, WD_DAY_MS, true); /* a hub of our own may be as quick */
    wd_websub_query q = question("subscribe", "2");
    wd_websub_ask(&s);
    assert_int_equal(wd_websub_verify(&s, &q, TOPIC, T0, MID), WD_WEBSUB_CONFIRM);
}

static void failures_back_off(void **state)
{
    (void)state;
    static const struct {
        wd_websub_answer answer;
        int64_t least_ms, most_ms; /* to the next try, after the first failure */
        bool gives_up;
    } rows[] = {
        { { WD_REASON_TIMEOUT, 0, -1 }, 300000, 375000, false },
        { { WD_REASON_NONE, 500, -1 }, 300000, 375000, false },
        { { WD_REASON_NONE, 503, 900000 }, 900000, 1125000, false },
        { { WD_REASON_NONE, 429, 7200000 }, 7200000, 9000000, false },
        { { WD_REASON_NONE, 404, -1 }, WD_DAY_MS, WD_DAY_MS * 5 / 4, true },
        { { WD_REASON_NONE, 302, -1 }, WD_DAY_MS, WD_DAY_MS * 5 / 4, true },
        { { WD_REASON_NONE, 410, -1 }, 7 * WD_DAY_MS, 9 * WD_DAY_MS, true },
        { { WD_REASON_ADDRESS, 0, -1 }, WD_DAY_MS, WD_DAY_MS * 5 / 4, true },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_websub s = asked();
        assert_false(wd_websub_answered(&s, &rows[i].answer, T0, UINT64_MAX / 3));
        if (s.next_ms - T0 < rows[i].least_ms || s.next_ms - T0 > rows[i].most_ms ||
            wd_websub_gives_up(&s) != rows[i].gives_up)
            fail_msg("row %zu: %lld ms", i, (long long)(s.next_ms - T0));
    }
    wd_websub s = asked();
    int64_t now = T0, before = 0;
    const wd_websub_answer dead = { .reason = WD_REASON_TIMEOUT, .retry_after_ms = -1 };
    for (int i = 1; i < 40; i++) {
        assert_false(wd_websub_answered(&s, &dead, now, 0));
        assert_true(s.next_ms - now >= before && s.next_ms - now <= 7 * WD_DAY_MS);
        before = s.next_ms - now;
        now = s.next_ms;
        assert_int_equal(wd_websub_gives_up(&s), i >= 3);
        assert_int_equal(wd_websub_look(&s, now, 0), WD_WEBSUB_ASK);
        wd_websub_ask(&s);
    }
    assert_int_equal(before, 7 * WD_DAY_MS); /* rare, and never given up */
}

static void silence_is_a_failure(void **state)
{
    (void)state;
    wd_websub s = asked();
    assert_true(wd_websub_answered(&s, &taken, T0, MID));
    int64_t wake = wd_websub_wake_ms(&s);
    assert_int_equal(wake, T0 + 10 * WD_MINUTE_MS);
    assert_int_equal(wd_websub_look(&s, wake - 1, MID), WD_WEBSUB_WAIT);
    assert_int_equal(wd_websub_look(&s, wake, MID), WD_WEBSUB_UNVERIFIED);
    assert_int_equal(s.failures, 1);
    wd_websub_query late = question("subscribe", "86400");
    assert_int_equal(wd_websub_verify(&s, &late, TOPIC, wake, MID), WD_WEBSUB_REFUSE);
}

static void a_renewal_that_fails_is_tried_while_there_is_time(void **state)
{
    (void)state;
    wd_websub s = active("86400");
    const wd_websub_answer dead = { .reason = WD_REASON_REFUSED, .retry_after_ms = -1 };
    int tries = 0;
    for (int64_t now = T0; s.phase == WD_WEBSUB_ACTIVE; now = wd_websub_wake_ms(&s)) {
        wd_websub_act act = wd_websub_look(&s, now, MID);
        if (act == WD_WEBSUB_LOST)
            assert_int_equal(now, T0 + WD_DAY_MS);
        if (act != WD_WEBSUB_ASK)
            continue;
        tries++;
        wd_websub_ask(&s);
        assert_false(wd_websub_answered(&s, &dead, now, MID));
    }
    assert_in_range(tries, 5, 20);
    assert_int_equal(s.phase, WD_WEBSUB_WANTED);
    assert_false(s.delivers);
}

static void a_denial_ends_it_at_any_time(void **state)
{
    (void)state;
    wd_websub rows[] = { asked(), active("86400"), fresh() };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_websub s = rows[i];
        wd_websub_query q = question("denied", "");
        q.challenge = WD_SPAN_NONE;
        assert_int_equal(wd_websub_verify(&s, &q, WD_SPAN_LIT("https://else.example/"), T0, MID),
                         WD_WEBSUB_REFUSE);
        assert_int_equal(wd_websub_verify(&s, &q, TOPIC, T0, MID), WD_WEBSUB_DENIED);
        assert_int_equal(s.phase, WD_WEBSUB_WANTED);
        assert_true(wd_websub_gives_up(&s));
        assert_true(s.next_ms >= T0 + 7 * WD_DAY_MS);
        assert_true(wd_websub_answered(&s, &taken, T0, MID)); /* the 202 was under way */
        assert_int_equal(s.asked, WD_WEBSUB_NOTHING);
    }
}

static void leaving_is_a_courtesy_with_an_end(void **state)
{
    (void)state;
    wd_websub s = active("86400");
    wd_websub_query q = question("unsubscribe", "");
    wd_websub_leave(&s, T0 + 1000);
    assert_false(wd_websub_listens(&s));
    assert_int_equal(wd_websub_verify(&s, &q, TOPIC, T0 + 1000, MID), WD_WEBSUB_REFUSE);
    assert_int_equal(wd_websub_look(&s, T0 + 1000, MID), WD_WEBSUB_ASK);
    assert_int_equal(wd_websub_wish(&s), WD_WEBSUB_UNSUBSCRIBE);
    wd_websub_ask(&s);
    wd_websub polite = s;
    assert_int_equal(wd_websub_verify(&polite, &q, TOPIC, T0 + 2000, MID), WD_WEBSUB_CONFIRM);
    assert_int_equal(polite.phase, WD_WEBSUB_OVER);
    assert_int_equal(wd_websub_verify(&polite, &q, TOPIC, T0 + 3000, MID), WD_WEBSUB_CONFIRM);
    assert_int_equal(wd_websub_look(&polite, T0 + WD_DAY_MS - 1, MID), WD_WEBSUB_WAIT);
    assert_int_equal(wd_websub_look(&polite, T0 + WD_DAY_MS, MID), WD_WEBSUB_FORGET);

    const wd_websub_answer dead = { .reason = WD_REASON_TIMEOUT, .retry_after_ms = -1 };
    int tries = 0;
    for (int64_t now = T0 + 2000; s.phase == WD_WEBSUB_LEAVING; now = s.next_ms) {
        assert_false(wd_websub_answered(&s, &dead, now, MID));
        tries++;
        wd_websub_ask(&s);
    }
    assert_int_equal(tries, 3);
    assert_int_equal(s.phase, WD_WEBSUB_OVER);

    wd_websub never = fresh(); /* no hub knows of it: there is nothing to say */
    wd_websub_leave(&never, T0);
    assert_int_equal(never.phase, WD_WEBSUB_OVER);
    assert_int_equal(wd_websub_look(&never, T0 + WD_HOUR_MS, MID), WD_WEBSUB_FORGET);
}

static void only_a_hub_that_brings_news_delivers(void **state)
{
    (void)state;
    wd_websub s = active("864000");
    assert_false(s.delivers);                      /* a lease is a promise */
    assert_false(wd_websub_pushed(&s, false, T0)); /* and a replay proves nothing */
    assert_true(wd_websub_pushed(&s, true, T0));
    assert_false(wd_websub_pushed(&s, true, T0 + 1));
    assert_true(s.delivers);
    wd_websub_polled(&s, T0 + 1000); /* they cross: the push comes a little later */
    assert_int_equal(wd_websub_wake_ms(&s), T0 + 1000 + 5 * WD_MINUTE_MS);
    assert_false(wd_websub_pushed(&s, false, T0 + 2000));
    assert_int_equal(wd_websub_look(&s, T0 + WD_HOUR_MS, MID), WD_WEBSUB_WAIT);
    assert_true(s.delivers);
    wd_websub_polled(&s, T0 + 2 * WD_HOUR_MS); /* nothing comes */
    assert_int_equal(wd_websub_look(&s, T0 + 2 * WD_HOUR_MS + 5 * WD_MINUTE_MS, MID),
                     WD_WEBSUB_MISSED);
    assert_false(s.delivers);
    assert_true(wd_websub_pushed(&s, true, T0 + 3 * WD_HOUR_MS)); /* it has come back */
    s.lease_ms = T0 + 4 * WD_HOUR_MS;
    assert_int_equal(wd_websub_look(&s, T0 + 4 * WD_HOUR_MS, MID), WD_WEBSUB_LOST);
    assert_false(s.delivers);
    assert_false(
        wd_websub_pushed(&s, true, T0 + 4 * WD_HOUR_MS)); /* without a lease it is a favour */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confirms_only_what_was_asked_for),
        cmocka_unit_test(a_verification_may_be_repeated_but_not_for_ever),
        cmocka_unit_test(a_hub_may_verify_before_it_answers),
        cmocka_unit_test(leases_are_renewed_well_before_they_end),
        cmocka_unit_test(a_lease_too_short_is_not_chased),
        cmocka_unit_test(failures_back_off),
        cmocka_unit_test(silence_is_a_failure),
        cmocka_unit_test(a_renewal_that_fails_is_tried_while_there_is_time),
        cmocka_unit_test(a_denial_ends_it_at_any_time),
        cmocka_unit_test(leaving_is_a_courtesy_with_an_end),
        cmocka_unit_test(only_a_hub_that_brings_news_delivers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
