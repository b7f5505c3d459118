/* polling.md rules 1-4, 5 (first polls), 7 and 8 as tables over a clock of our own. */
#include <math.h>

#include "feeds/feed_state.h"
#include "feeds/moved.h"
#include "feeds/schedule.h"
#include "tests/support/check.h"

#define NOW_MS 1773133200000 /* Tuesday 2026-03-10 09:00:00 GMT */
#define MIN    WD_MINUTE_MS
#define HOUR   WD_HOUR_MS
#define DAY    WD_DAY_MS

static const wd_schedule_policy policy = { .min_interval_ms = 10 * MIN,
                                           .max_interval_ms = DAY,
                                           .start_rate = 20 };

/* A feed that works, known for long, one item a day, polled an hour ago, now a 304. */
static wd_poll usual(wd_feed_config *c)
{
    *c = (wd_feed_config){ .slug = "f", .url = "https://f.example/", .weight = 1 };
    wd_poll p = { .config = c,
                  .state = wd_feed_state_new(1),
                  .answer = WD_ANSWER_NOT_MODIFIED,
                  .http_status = 304,
                  .validators = { .etag = "\"v\"" },
                  .max_age_s = -1,
                  .expires_ms = WD_TIME_NONE,
                  .retry_after_ms = -1,
                  .conditional = true };
    p.state.contacted = true;
    p.state.rate_per_day = 1;
    p.state.polls = 100;
    p.state.document_items = 30;
    p.state.last_poll_ms = p.state.last_success_ms = NOW_MS - 1;
    p.reading.newest_ms = p.reading.oldest_ms = WD_TIME_NONE;
    p.reading.ttl_min = p.reading.update_every_s = -1;
    return p;
}

/* One that is polled as often as any may be. */
static wd_poll busy(wd_feed_config *c)
{
    wd_poll p = usual(c);
    p.state.rate_per_day = 100;
    p.state.document_items = 1000;
    return p;
}

static wd_poll failed(wd_feed_config *c, wd_reason reason)
{
    wd_poll p = usual(c);
    p.answer = WD_ANSWER_FAILED;
    p.reason = reason;
    p.validators.etag[0] = '\0';
    return p;
}

static int64_t delay(wd_poll *p)
{
    wd_schedule_after(&policy, p, NOW_MS, 0);
    return p->state.next_due_ms - NOW_MS;
}

#define assert_delay(poll, want_ms)                                                                \
    do {                                                                                           \
        int64_t got_ = delay(poll), want_ = (want_ms);                                             \
        if (llabs(got_ - want_) > want_ / 500)                                                     \
            fail_msg("delay %.2f min, want %.2f", (double)got_ / MIN, (double)want_ / MIN);        \
    } while (0)

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
        wd_poll p = usual(&c);
        p.state.document_items = 1000;
        p.state.rate_per_day = rows[i].rate;
        c.weight = rows[i].weight;
        int64_t got = delay(&p);
        if (llabs(got - rows[i].want_ms) > rows[i].want_ms / 100)
            fail_msg("rate %g weight %g: %.1f min", rows[i].rate, rows[i].weight,
                     (double)got / MIN);
    }
}

static void limits_and_stretch_bound_the_interval(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = usual(&c);
    c.min_interval_ms = 3 * HOUR;
    assert_delay(&p, 3 * HOUR);
    p = usual(&c);
    c.max_interval_ms = 30 * MIN;
    assert_delay(&p, 30 * MIN);
    p = usual(&c);
    p.stretch = 3;
    assert_delay(&p, 300 * MIN);
    assert_int_equal(p.state.due_why, WD_DUE_RATE);
    p = usual(&c);
    p.stretch = 1000;
    assert_delay(&p, DAY);
    p = usual(&c);
    c.interval_ms = 15 * MIN;
    p.stretch = 3;
    assert_delay(&p, 15 * MIN);
}

static void the_rate_follows_what_is_new(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = usual(&c);
    p.state.last_success_ms = NOW_MS - 7 * DAY; /* one half-life, nothing new */
    delay(&p);
    assert_true(fabs(p.state.rate_per_day - 0.5) < 1e-6);

    p = usual(&c); /* ten a day for ever, polled every hour */
    int64_t now = NOW_MS;
    for (int i = 0; i < 24 * 60; i++) {
        p.answer = WD_ANSWER_DOCUMENT;
        p.reading = (wd_poll_reading){
            .accepted = true, .items = 100, .items_new = (i % 12) < 5, .ttl_min = -1
        };
        now += HOUR;
        wd_schedule_after(&policy, &p, now, 0);
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
    } rows[] = { { 0, WD_TIME_NONE, -1, 3 },        { 10, NOW_MS - 1000 * DAY, -1, 13.0 / 1001 },
                 { 50, NOW_MS - DAY, -1, 26.5 },    { 10, WD_TIME_NONE, 3600, 24 },
                 { 10, WD_TIME_NONE, 604800, 0.2 }, { 10, NOW_MS + DAY, -1, 3 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c;
        wd_poll p = usual(&c);
        p.state = wd_feed_state_new(1);
        p.answer = WD_ANSWER_DOCUMENT;
        p.conditional = false;
        p.reading = (wd_poll_reading){ .accepted = true,
                                       .items = rows[i].items,
                                       .items_new = rows[i].items,
                                       .newest_ms = NOW_MS,
                                       .oldest_ms = rows[i].oldest_ms,
                                       .update_every_s = rows[i].every_s,
                                       .ttl_min = -1 };
        delay(&p);
        if (fabs(p.state.rate_per_day - rows[i].want) > 0.01)
            fail_msg("row %zu: %g a day", i, p.state.rate_per_day);
        assert_true(p.state.contacted && p.first_contact);
    }
}

static void no_validators_or_none_honoured_is_an_hour_at_least(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = busy(&c);
    assert_delay(&p, 10 * MIN);
    p = busy(&c);
    p.validators.etag[0] = '\0';
    assert_delay(&p, HOUR);

    p = busy(&c);
    for (int i = 1; i <= 20; i++) {
        p.answer = WD_ANSWER_SAME_BODY;
        p.state.rate_per_day = 100;
        assert_delay(&p, i < 20 ? 10 * MIN : HOUR);
    }
    p.answer = WD_ANSWER_NOT_MODIFIED;
    assert_delay(&p, 10 * MIN);

    p = busy(&c); /* something new each time is no lie */
    for (int i = 1; i <= 30; i++) {
        p.answer = WD_ANSWER_DOCUMENT;
        p.reading =
            (wd_poll_reading){ .accepted = true, .items = 1000, .items_new = 1, .ttl_min = -1 };
        p.state.rate_per_day = 100;
        assert_delay(&p, 10 * MIN);
    }
}

static void the_operators_interval_and_machines_are_kept(void **state)
{
    (void)state;
    static const int64_t intervals[] = { WD_SECOND_MS, 5 * MIN, 40 * MIN };
    for (size_t i = 0; i < WD_COUNT(intervals); i++) {
        wd_feed_config c;
        wd_poll p = usual(&c);
        c.interval_ms = intervals[i];
        p.validators.etag[0] = '\0';
        p.max_age_s = 4 * 3600;
        p.state.ttl_min = 60;
        p.state.skip_hours = 0x3ff << 9;
        assert_delay(&p, intervals[i]);
    }
    wd_feed_config c;
    wd_poll p = busy(&c);
    p.private_address = true;
    p.validators.etag[0] = '\0';
    assert_delay(&p, 10 * MIN);
}

static void the_servers_word_lengthens(void **state)
{
    (void)state;
    static const struct {
        int64_t max_age_s, expires_ms;
        int32_t ttl_min;
        int64_t want_ms;
    } rows[] = {
        { 3 * 3600, WD_TIME_NONE, -1, 3 * HOUR }, { 99 * 3600, WD_TIME_NONE, -1, 4 * HOUR },
        { 60, WD_TIME_NONE, -1, 30 * MIN },       { -1, NOW_MS + 2 * HOUR, -1, 2 * HOUR },
        { -1, NOW_MS + 9 * DAY, -1, 4 * HOUR },   { -1, NOW_MS - HOUR, -1, 30 * MIN },
        { 60, NOW_MS + 2 * HOUR, -1, 30 * MIN }, /* Expires only without max-age */
        { -1, WD_TIME_NONE, 45, 45 * MIN },       { -1, WD_TIME_NONE, 1440, 60 * MIN },
        { -1, WD_TIME_NONE, 5, 30 * MIN }
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_config c;
        wd_poll p = usual(&c);
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
        wd_poll p = usual(&c);
        c.max_interval_ms = HOUR;
        p.state.skip_hours = rows[i].hours;
        p.state.skip_days = rows[i].days;
        assert_delay(&p, rows[i].want_ms);
    }
}

static void a_document_that_scrolls_fast_is_asked_sooner(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = usual(&c);
    p.answer = WD_ANSWER_DOCUMENT;
    p.reading = (wd_poll_reading){ .accepted = true, .items = 12, .items_new = 9, .ttl_min = -1 };
    p.state.last_success_ms = NOW_MS - 9 * DAY;
    wd_poll calm = p;
    calm.reading.items_new = 6;
    int64_t want = delay(&calm);
    assert_true(delay(&p) < want * 2 / 3);

    p = usual(&c); /* five items, forty a day: all replaced in three hours */
    p.state.rate_per_day = 40;
    p.state.document_items = 5;
    p.config = &c;
    assert_delay(&p, 100.0 * MIN / sqrt(40));
    p = usual(&c);
    p.state.rate_per_day = 400;
    p.state.document_items = 3;
    assert_delay(&p, 10 * MIN);
}

static void a_feed_never_reached_is_asked_again_soon(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = usual(&c);
    p.state = wd_feed_state_new(1);
    p.answer = WD_ANSWER_FAILED;
    p.reason = WD_REASON_REFUSED;
    for (int64_t want = 20 * MIN; want < DAY; want *= 2) {
        wd_schedule_after(&policy, &p, NOW_MS, 0);
        assert_true(p.state.next_due_ms == NOW_MS + (want));
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
        wd_poll p = failed(&c, rows[i].reason);
        c.interval_ms = 20 * MIN;
        for (size_t k = 0; k < 5; k++)
            assert_delay(&p, rows[i].want_ms[k]);
        assert_int_equal(p.state.same_reason, 5);
        assert_true(p.state.failing_since_ms == NOW_MS);
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
    wd_poll p = failed(&c, WD_REASON_REFUSED);
    int64_t now = NOW_MS, last = 0;
    for (int i = 0; i < 40; i++) {
        wd_schedule_after(&policy, &p, now, 0);
        last = p.state.next_due_ms - now;
        if (now - NOW_MS < 14 * DAY)
            assert_true(last <= DAY);
        now = p.state.next_due_ms;
    }
    assert_true(last == 7 * DAY);
}

static void a_short_interval_fails_short(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = failed(&c, WD_REASON_HTTP_5XX);
    c.interval_ms = WD_SECOND_MS;
    assert_delay(&p, 5 * WD_SECOND_MS);
    assert_delay(&p, 10 * WD_SECOND_MS);
    for (int i = 0; i < 30; i++)
        delay(&p);
    assert_delay(&p, 640 * WD_SECOND_MS);
}

static void throttling_waits_as_told_and_doubles(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = failed(&c, WD_REASON_HTTP_429);
    assert_delay(&p, 15 * MIN);
    assert_delay(&p, 30 * MIN);
    p.retry_after_ms = 5 * HOUR;
    assert_delay(&p, 5 * HOUR);
    p.retry_after_ms = 99 * DAY;
    assert_delay(&p, DAY);
    assert_true(p.state.failure_weight == 0);
    p = failed(&c, WD_REASON_HTTP_503);
    p.retry_after_ms = 7 * HOUR;
    assert_delay(&p, 7 * HOUR);
    p = failed(&c, WD_REASON_HTTP_503);
    p.retry_after_ms = 0;
    assert_delay(&p, 100 * MIN);
}

static void refusals_and_departures_have_their_own_rhythm(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = failed(&c, WD_REASON_HTTP_AUTH);
    assert_delay(&p, 400 * MIN);
    p = failed(&c, WD_REASON_HTTP_AUTH);
    c.interval_ms = 15 * MIN;
    assert_delay(&p, 6 * HOUR);
    p = failed(&c, WD_REASON_HTTP_GONE);
    assert_delay(&p, DAY);
    assert_delay(&p, 7 * DAY);
    assert_delay(&p, 30 * DAY);
    assert_delay(&p, 30 * DAY);
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
        wd_poll p = rows[i].reason ? failed(&c, rows[i].reason) : usual(&c);
        wd_poll latest = p;
        int64_t least = delay(&p), most;
        wd_schedule_after(&policy, &latest, NOW_MS, UINT64_MAX);
        most = latest.state.next_due_ms - NOW_MS;
        assert_true(fabs((double)most / (double)least - rows[i].most) < 0.001);
    }
}

static void an_unaccepted_document_is_a_failure(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = usual(&c);
    p.answer = WD_ANSWER_DOCUMENT;
    p.body_hash = 99;
    p.reading = (wd_poll_reading){ .reason = WD_REASON_TRUNCATED };
    delay(&p);
    assert_int_equal(p.state.last_reason, WD_REASON_TRUNCATED);
    assert_true(p.state.body_hash == 0 && p.state.failure_weight == 0.5);
    wd_poll canceled = failed(&c, WD_REASON_CANCELED);
    uint32_t polls = canceled.state.polls;
    delay(&canceled);
    assert_int_equal(canceled.state.polls, polls);
    assert_int_equal(canceled.state.last_reason, WD_REASON_NONE);
}

static void a_partial_answer_says_nothing_of_the_whole(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = usual(&c);
    p.answer = WD_ANSWER_DOCUMENT;
    p.reading = (wd_poll_reading){ .accepted = true, .items = 4, .items_new = 4, .ttl_min = -1 };
    p.body_hash = 5;
    wd_poll whole = p;
    p.http_status = 226;
    delay(&p);
    assert_int_equal(p.state.document_items, 30);
    assert_int_equal(p.state.body_hash, 0);
    assert_false(wd_schedule_overflowed(&p));
    whole.http_status = 200;
    delay(&whole);
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
        s.last_new_ms = NOW_MS - rows[i].days * DAY;
        s.rate_per_day = rows[i].rate_then * exp2(-rows[i].days / 7.0);
        if (rows[i].probed_days_ago >= 0)
            s.last_probe_ms = NOW_MS - rows[i].probed_days_ago * DAY;
        if (wd_schedule_distrusts(&s, NOW_MS) != rows[i].want)
            fail_msg("row %zu", i);
        s.last_reason = WD_REASON_DNS;
        assert_false(wd_schedule_distrusts(&s, NOW_MS));
    }
}

static void a_move_is_believed_after_ten_sightings_in_a_week(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll p = usual(&c);
    int64_t now = NOW_MS;
    p.final_url = WD_SPAN_LIT("https://new.example/");
    p.permanent_redirect = true;
    for (int i = 1; i <= 20; i++) {
        wd_schedule_after(&policy, &p, now, 0);
        bool want = i >= 10 && now - NOW_MS >= 7 * DAY;
        assert_int_equal(wd_moved_for_good(&p.state), want);
        now += 12 * HOUR;
    }
    p.permanent_redirect = false;
    wd_schedule_after(&policy, &p, now, 0);
    assert_false(wd_moved_for_good(&p.state));
    p.permanent_redirect = true;
    p.final_url = WD_SPAN_LIT("https://newer.example/");
    wd_schedule_after(&policy, &p, now, 0);
    assert_false(wd_moved_for_good(&p.state));
}

static void first_polls_are_spread(void **state)
{
    (void)state;
    int64_t latest = 0, sum = 0;
    char slug[32];
    for (int i = 0; i < 2000; i++) {
        snprintf(slug, sizeof(slug), "feed-%d", i);
        int64_t at = wd_schedule_first(&policy, slug, 2000, NOW_MS) - NOW_MS;
        assert_true(at >= 0 && at < 100 * WD_SECOND_MS);
        assert_true(at == wd_schedule_first(&policy, slug, 2000, NOW_MS) - NOW_MS);
        latest = at > latest ? at : latest;
        sum += at;
    }
    assert_in_range(sum / 2000, 45000, 55000);
    assert_in_range(latest, 95000, 100000);
    assert_true(wd_schedule_first(&policy, "x", 1000000, NOW_MS) - NOW_MS < HOUR);
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
        wd_poll p = usual(&c);
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
    wd_poll p = failed(&c, WD_REASON_TIMEOUT); /* a failure is a failure */
    p.backup = true;
    wd_schedule_after(&policy, &p, NOW_MS, 0);
    assert_int_equal(p.state.due_why, WD_DUE_BACKOFF);
}

/* Pushed or polled, a feed is as busy as it is; and its server does not lie only because the
 * hub was faster. */
static void what_is_pushed_counts_as_news(void **state)
{
    (void)state;
    wd_feed_config c;
    wd_poll polled = usual(&c), pushed = usual(&c);
    polled.state.last_success_ms = pushed.state.last_success_ms = NOW_MS - HOUR;
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
    wd_schedule_pushed(&push, NOW_MS - MIN);
    assert_int_equal(push.state.last_new_ms, NOW_MS - MIN);
    assert_int_equal(push.state.polls, before.polls);
    assert_int_equal(push.state.next_due_ms, before.next_due_ms);
    assert_int_equal(push.state.last_success_ms, before.last_success_ms);
    assert_false(wd_poll_keeps_validators(&push));
    pushed.state = push.state;
    pushed.answer = WD_ANSWER_DOCUMENT; /* the poll behind it: all known */
    pushed.http_status = 200;
    pushed.reading.accepted = true;
    pushed.reading.items = 30;
    wd_schedule_after(&policy, &polled, NOW_MS, 0);
    wd_schedule_after(&policy, &pushed, NOW_MS, 0);
    assert_true(fabs(polled.state.rate_per_day - pushed.state.rate_per_day) < 0.01);
    assert_int_equal(pushed.state.polls_without_304, 0);
    wd_schedule_after(&policy, &pushed, NOW_MS + HOUR, 0);
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
        cmocka_unit_test(no_validators_or_none_honoured_is_an_hour_at_least),
        cmocka_unit_test(the_operators_interval_and_machines_are_kept),
        cmocka_unit_test(the_servers_word_lengthens),
        cmocka_unit_test(skipped_hours_and_days_postpone),
        cmocka_unit_test(a_document_that_scrolls_fast_is_asked_sooner),
        cmocka_unit_test(a_feed_never_reached_is_asked_again_soon),
        cmocka_unit_test(failures_back_off_by_weight),
        cmocka_unit_test(back_off_has_a_ceiling_and_then_sleeps),
        cmocka_unit_test(a_short_interval_fails_short),
        cmocka_unit_test(throttling_waits_as_told_and_doubles),
        cmocka_unit_test(refusals_and_departures_have_their_own_rhythm),
        cmocka_unit_test(jitter_only_adds),
        cmocka_unit_test(an_unaccepted_document_is_a_failure),
        cmocka_unit_test(a_partial_answer_says_nothing_of_the_whole),
        cmocka_unit_test(improbable_silence_is_distrusted_weekly),
        cmocka_unit_test(a_move_is_believed_after_ten_sightings_in_a_week),
        cmocka_unit_test(first_polls_are_spread),
        cmocka_unit_test(while_a_hub_delivers_polls_are_a_backup),
        cmocka_unit_test(what_is_pushed_counts_as_news),
        cmocka_unit_test(every_reason_to_wait_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
