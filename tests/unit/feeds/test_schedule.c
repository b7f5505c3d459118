/* When to ask again: every row is a poll that ended somehow, and what follows. */
#include "feeds/feed_state.h"
#include "feeds/schedule.h"
#include "tests/support/check.h"

#define NOW ((int64_t)1800000000000) /* a Friday, 08:00 GMT */
#define MIN WD_MINUTE_MS

static const wd_schedule_policy policy = { .min_interval_ms = 10 * MIN,
                                           .max_interval_ms = WD_DAY_MS,
                                           .max_fetch_rate = 500,
                                           .start_rate = 20 };
static const wd_feed_config adaptive = {
    .slug = "a", .url = "https://a.example/", .group = "", .weight = 1
};

static wd_poll poll_of(const wd_feed_config *config, wd_answer answer)
{
    return (wd_poll){ .config = config,
                      .answer = answer,
                      .http_status = answer == WD_ANSWER_NOT_MODIFIED ? 304 : 200,
                      .validators = { .etag = "\"x\"" },
                      .max_age_s = -1,
                      .expires_ms = WD_TIME_NONE,
                      .retry_after_ms = -1,
                      .state = { .contacted = true,
                                 .rate_per_day = 1,
                                 .last_poll_ms = NOW,
                                 .last_success_ms = NOW },
                      .reading = { .accepted = answer == WD_ANSWER_DOCUMENT,
                                   .newest_ms = WD_TIME_NONE,
                                   .oldest_ms = WD_TIME_NONE,
                                   .ttl_min = -1,
                                   .update_every_s = -1 } };
}

static int64_t wait_of(wd_poll *p)
{
    wd_schedule_after(&policy, p, NOW, 0);
    return p->state.next_due_ms - NOW;
}

static void interval_is_the_square_root_of_the_rate(void **state)
{
    (void)state;
    static const struct {
        double rate, weight;
        int64_t want;
    } rows[] = { { 1, 1, 100 * MIN },
                 { 4, 1, 50 * MIN },
                 { 1, 4, 50 * MIN },
                 { 10000, 1, 10 * MIN },
                 { 0, 1, 84852814 /* 100 min / sqrt(.005) */ } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c = adaptive;
        c.weight = rows[i].weight;
        wd_poll p = poll_of(&c, WD_ANSWER_NOT_MODIFIED);
        p.state.rate_per_day = rows[i].rate;
        int64_t got = wait_of(&p);
        if (llabs(got - rows[i].want) > MIN / 10)
            fail_msg("row %zu: %lld min", i, (long long)(got / MIN));
    }
}

static void jitter_goes_upward_only(void **state)
{
    (void)state;
    wd_poll a = poll_of(&adaptive, WD_ANSWER_NOT_MODIFIED), b = a;
    wd_schedule_after(&policy, &a, NOW, 0);
    wd_schedule_after(&policy, &b, NOW, UINT64_MAX);
    int64_t base = a.state.next_due_ms - NOW, most = b.state.next_due_ms - NOW;
    assert_true(most > base + base / 11 && most <= base + base / 10);
}

static void the_server_is_heard(void **state)
{
    (void)state;
    wd_poll p = poll_of(&adaptive, WD_ANSWER_NOT_MODIFIED);
    p.max_age_s = 3 * 3600;
    p.expires_ms = NOW; /* counts only without max-age */
    assert_int_equal(wait_of(&p), 180 * MIN);
    p = poll_of(&adaptive, WD_ANSWER_NOT_MODIFIED);
    p.max_age_s = 30 * 86400;
    assert_int_equal(wait_of(&p), 4 * 60 * MIN);
    p = poll_of(&adaptive, WD_ANSWER_NOT_MODIFIED);
    p.expires_ms = NOW + 130 * MIN;
    assert_int_equal(wait_of(&p), 130 * MIN);
    p = poll_of(&adaptive, WD_ANSWER_DOCUMENT);
    p.state.rate_per_day = 100;
    p.reading.ttl_min = 240;
    assert_int_equal(wait_of(&p), 60 * MIN);
    p = poll_of(&adaptive, WD_ANSWER_DOCUMENT);
    p.state.rate_per_day = 100;
    p.validators.etag[0] = '\0';
    assert_int_equal(wait_of(&p), 60 * MIN);
}

static void skip_hours_move_the_poll_unless_they_forbid_everything(void **state)
{
    (void)state;
    wd_poll p = poll_of(&adaptive, WD_ANSWER_DOCUMENT);
    p.reading.skip_hours = 1u << 9 | 1u << 10; /* NOW + 100 min is 09:40 GMT */
    assert_int_equal(wait_of(&p), 180 * MIN);
    p = poll_of(&adaptive, WD_ANSWER_DOCUMENT);
    p.reading.skip_hours = 0xFFFFFF;
    assert_int_equal(wait_of(&p) / MIN, 100);
    p = poll_of(&adaptive, WD_ANSWER_DOCUMENT);
    p.reading.skip_days = 1u << 5; /* Friday */
    assert_int_equal(wait_of(&p), 16 * 60 * MIN);
}

static void a_set_interval_is_the_operators_word(void **state)
{
    (void)state;
    wd_feed_config c = adaptive;
    c.interval_ms = 1000;
    wd_poll p = poll_of(&c, WD_ANSWER_NOT_MODIFIED);
    p.max_age_s = 3600;
    p.validators.etag[0] = '\0';
    assert_int_equal(wait_of(&p), 1000);
    p = poll_of(&c, WD_ANSWER_FAILED);
    p.reason = WD_REASON_REFUSED;
    assert_int_equal(wait_of(&p), 10000);
}

static void failures_double_the_wait_by_their_weight(void **state)
{
    (void)state;
    static const struct {
        wd_reason reason;
        int times;
        int64_t want;
    } rows[] = {
        { WD_REASON_REFUSED, 1, 200 * MIN },
        { WD_REASON_REFUSED, 2, 400 * MIN },
        { WD_REASON_TIMEOUT, 1, 100 * MIN },
        { WD_REASON_TIMEOUT, 2, 200 * MIN },
        { WD_REASON_DNS, 4, 200 * MIN },
        { WD_REASON_REFUSED, 9, 24 * 60 * MIN },
        { WD_REASON_HTTP_AUTH, 1, 400 * MIN },
        { WD_REASON_HTTP_GONE, 1, 24 * 60 * MIN },
        { WD_REASON_HTTP_GONE, 2, 7 * 24 * 60 * MIN },
        { WD_REASON_HTTP_GONE, 3, 30 * 24 * 60 * MIN },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_poll p = poll_of(&adaptive, WD_ANSWER_FAILED);
        int64_t got = 0;
        for (int k = 0; k < rows[i].times; k++) {
            p.reason = rows[i].reason;
            got = wait_of(&p);
        }
        if (got != rows[i].want)
            fail_msg("row %zu: %lld min", i, (long long)(got / MIN));
        assert_int_equal(p.state.last_reason, rows[i].reason);
    }
}

static void retry_after_is_kept_within_reason(void **state)
{
    (void)state;
    static const struct {
        wd_reason reason;
        int64_t retry_ms, want;
    } rows[] = { { WD_REASON_HTTP_503, 5 * 60 * MIN, 5 * 60 * MIN },
                 { WD_REASON_HTTP_503, 90 * WD_DAY_MS, WD_DAY_MS },
                 { WD_REASON_HTTP_503, 0, 100 * MIN },
                 { WD_REASON_HTTP_429, 3 * 60 * MIN, 3 * 60 * MIN } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_poll p = poll_of(&adaptive, WD_ANSWER_FAILED);
        p.reason = rows[i].reason;
        p.retry_after_ms = rows[i].retry_ms;
        assert_int_equal(wait_of(&p), rows[i].want);
    }
}

static void an_unread_document_is_a_failure_and_success_forgives(void **state)
{
    (void)state;
    wd_poll p = poll_of(&adaptive, WD_ANSWER_DOCUMENT);
    p.reading.accepted = false;
    p.reading.reason = WD_REASON_HTML;
    wait_of(&p);
    wait_of(&p);
    assert_int_equal(p.state.last_reason, WD_REASON_HTML);
    assert_true(p.state.failure_weight == 1.0);
    p = (wd_poll){ .config = p.config,
                   .state = p.state,
                   .answer = WD_ANSWER_NOT_MODIFIED,
                   .max_age_s = -1,
                   .expires_ms = WD_TIME_NONE,
                   .validators = { .etag = "\"x\"" } };
    wait_of(&p);
    assert_int_equal(p.state.last_reason, WD_REASON_NONE);
    assert_true(p.state.failure_weight == 0);
}

static void first_polls_are_spread(void **state)
{
    (void)state;
    int64_t most = 0, least = INT64_MAX;
    for (int i = 0; i < 1000; i++) {
        char slug[16];
        snprintf(slug, sizeof(slug), "feed-%d", i);
        int64_t at = wd_schedule_first(&policy, slug, 1000, NOW) - NOW;
        assert_true(at >= 0 && at <= 50000);
        most = at > most ? at : most;
        least = at < least ? at : least;
    }
    assert_true(least < 1000 && most > 49000);
    assert_true(wd_schedule_first(&policy, "x", 250000, NOW) - NOW <= 60 * MIN);
}

static void state_survives_packing(void **state)
{
    (void)state;
    wd_feed_state a = { .next_due_ms = NOW,
                        .last_poll_ms = 2,
                        .last_success_ms = 3,
                        .last_new_ms = 4,
                        .rate_per_day = 2.5,
                        .failure_weight = 0.75,
                        .last_reason = WD_REASON_HTML,
                        .last_http = 404,
                        .polls = 5,
                        .polls_unchanged = 6,
                        .polls_without_304 = 7,
                        .body_hash = UINT64_MAX,
                        .document_items = 8,
                        .document_window_ms = 9,
                        .contacted = true };
    wd_feed_state b = { 0 };
    wd_buf buf = WD_BUF_INIT(4096);
    wd_feed_state_pack(&a, &buf);
    assert_true(wd_feed_state_unpack(wd_buf_span(&buf), &b));
    assert_memory_equal(&a, &b, sizeof(a));
    assert_false(wd_feed_state_unpack(WD_SPAN_LIT("short"), &b));
    assert_false(wd_feed_state_unpack(WD_SPAN_NONE, &b));
    wd_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_is_the_square_root_of_the_rate),
        cmocka_unit_test(jitter_goes_upward_only),
        cmocka_unit_test(the_server_is_heard),
        cmocka_unit_test(skip_hours_move_the_poll_unless_they_forbid_everything),
        cmocka_unit_test(a_set_interval_is_the_operators_word),
        cmocka_unit_test(failures_double_the_wait_by_their_weight),
        cmocka_unit_test(retry_after_is_kept_within_reason),
        cmocka_unit_test(an_unread_document_is_a_failure_and_success_forgives),
        cmocka_unit_test(first_polls_are_spread),
        cmocka_unit_test(state_survives_packing)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
