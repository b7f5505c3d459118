/* tests/support/scheduled_poll.h - a poll that came home, and when its feed is asked again. */
#pragma once

#include "feeds/feed_state.h"
#include "feeds/schedule.h"
#include "tests/support/check.h"

#define SCHEDULED_NOW_MS 1773133200000 /* Tuesday 2026-03-10 09:00:00 GMT */
#define MIN              WD_MINUTE_MS
#define HOUR             WD_HOUR_MS
#define DAY              WD_DAY_MS

static const wd_schedule_policy scheduled_policy = { .min_interval_ms = 10 * MIN,
                                                     .max_interval_ms = DAY,
                                                     .start_rate = 20 };

/* A feed that works, known for long, one item a day, polled a moment ago, now a 304. */
static inline wd_poll scheduled_usual(wd_feed_config *c)
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
    p.state.last_poll_ms = p.state.last_success_ms = SCHEDULED_NOW_MS - 1;
    p.reading.newest_ms = p.reading.oldest_ms = WD_TIME_NONE;
    p.reading.ttl_min = p.reading.update_every_s = -1;
    return p;
}

/* One that is polled as often as any may be. */
static inline wd_poll scheduled_busy(wd_feed_config *c)
{
    wd_poll p = scheduled_usual(c);
    p.state.rate_per_day = 100;
    p.state.document_items = 1000;
    return p;
}

static inline wd_poll scheduled_failed(wd_feed_config *c, wd_reason reason)
{
    wd_poll p = scheduled_usual(c);
    p.answer = WD_ANSWER_FAILED;
    p.reason = reason;
    p.validators.etag[0] = '\0';
    return p;
}

static inline int64_t scheduled_delay(wd_poll *p)
{
    wd_schedule_after(&scheduled_policy, p, SCHEDULED_NOW_MS, 0);
    return p->state.next_due_ms - SCHEDULED_NOW_MS;
}

#define assert_delay(poll, want_ms)                                                                \
    do {                                                                                           \
        int64_t got_ = scheduled_delay(poll), want_ = (want_ms);                                   \
        if (llabs(got_ - want_) > want_ / 500)                                                     \
            fail_msg("delay %.2f min, want %.2f", (double)got_ / MIN, (double)want_ / MIN);        \
    } while (0)
