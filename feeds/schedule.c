/* feeds/schedule.c - the next poll's time, from what was learned (polling.md rules 1-5, 7, 8).
 *
 * Three questions in a row: how did it go (note_*), how long to wait (the ladder in
 * wait_after), and what moves the moment (skip hours, jitter).  Times only grow on
 * the way: no rule may make a poll come before the floor of another. */
#include "feeds/schedule.h"

#include <math.h>
#include <string.h>

#include "core/hash.h"

/* Rule 1.  The square root minimises the mean delay for a fixed number of polls. */
#define BASE_MS         (100.0 * (double)WD_MINUTE_MS)
#define LEAST_RATE      0.005 /* items a day; keeps a silent feed's interval finite */
#define PRIOR_RATE      3.0   /* items a day, before anything is known */
#define HALF_LIFE_DAYS  7.0
#define MOST_FIRST_RATE 500.0 /* a first document's claim, believed up to here */

/* Rules 2 and 3. */
#define UNVALIDATED_FLOOR_MS WD_HOUR_MS
#define TRIES_WITHOUT_304    20u
#define SERVER_MAX_MS        (4 * WD_HOUR_MS)
#define TTL_MAX_MS           WD_HOUR_MS
#define SKIP_MOST_HOURS      20 /* a feed that forbids more hours of a day means nothing by it */

/* Rules 7 and 8. */
#define RETRY_LEAST_MS     WD_MINUTE_MS
#define RETRY_MOST_MS      WD_DAY_MS
#define THROTTLED_LEAST_MS (15 * WD_MINUTE_MS)
#define AUTH_LEAST_MS      (6 * WD_HOUR_MS)
#define BACKOFF_LEAST_MS   (10 * WD_MINUTE_MS)
#define BACKOFF_QUICK_MS   (5 * WD_SECOND_MS) /* for intervals under a minute: a feed next door */
#define QUICK_MS           WD_MINUTE_MS
#define BACKOFF_DOUBLINGS  7
#define DORMANT_WEIGHT     10.0
#define DORMANT_AFTER_MS   (14 * WD_DAY_MS)
#define WEEK_MS            (7 * WD_DAY_MS)
#define MONTH_MS           (30 * WD_DAY_MS)

/* Rule 4: upward only, a share of the interval. */
#define JITTER_FINE      0.10
#define JITTER_ERROR     0.25
#define JITTER_THROTTLED 0.50

const char *wd_due_why_text(wd_due_why why)
{
    static const char *const texts[] = {
        [WD_DUE_FIRST] = "first poll, spread over the start",
        [WD_DUE_RATE] = "from how often it brings something new",
        [WD_DUE_FIXED] = "its interval is set in the configuration",
        [WD_DUE_SERVER] = "the server asks for no earlier poll",
        [WD_DUE_NO_VALIDATORS] = "it cannot answer 'not modified', so it is asked less often",
        [WD_DUE_RETRY] = "the server named a time to try again",
        [WD_DUE_BACKOFF] = "it failed: each failure doubles the wait",
        [WD_DUE_GONE] = "the server says it is gone for good",
    };
    return (size_t)why < sizeof(texts) / sizeof(texts[0]) ? texts[why] : "unknown";
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool worked(const wd_poll *p)
{
    return p->answer == WD_ANSWER_NOT_MODIFIED || p->answer == WD_ANSWER_SAME_BODY ||
           (p->answer == WD_ANSWER_DOCUMENT && p->reading.accepted);
}

/* --- how did it go ------------------------------------------------------------------- */

/* A first document already says how often the feed brings something. */
static double first_rate(const wd_poll *p)
{
    const wd_poll_reading *r = &p->reading;
    bool dated = r->newest_ms != WD_TIME_NONE && r->newest_ms > r->oldest_ms;
    if (!dated || r->items < 5)
        return PRIOR_RATE;
    double rate = (r->items - 1) / ((double)(r->newest_ms - r->oldest_ms) / (double)WD_DAY_MS);
    return rate < MOST_FIRST_RATE ? rate : MOST_FIRST_RATE;
}

static void note_rate(wd_poll *p, int64_t now_ms)
{
    wd_feed_state *s = &p->state;
    if (!s->contacted) {
        s->rate_per_day = p->answer == WD_ANSWER_DOCUMENT ? first_rate(p) : PRIOR_RATE;
        return;
    }
    double days = (double)larger(now_ms - s->last_poll_ms, 0) / (double)WD_DAY_MS;
    s->rate_per_day *= exp2(-days / HALF_LIFE_DAYS);
    if (p->answer == WD_ANSWER_DOCUMENT)
        s->rate_per_day += p->reading.items_new * M_LN2 / HALF_LIFE_DAYS;
}

static void note_success(wd_poll *p, int64_t now_ms)
{
    wd_feed_state *s = &p->state;
    s->failure_weight = 0;
    s->last_reason = WD_REASON_NONE;
    s->last_success_ms = now_ms;
    if (p->answer == WD_ANSWER_NOT_MODIFIED) {
        s->polls_without_304 = 0;
        s->polls_unchanged++;
    } else if (p->answer == WD_ANSWER_SAME_BODY) {
        s->polls_without_304++;
        s->polls_unchanged++;
    } else {
        s->polls_unchanged = 0;
        s->body_hash = p->body_hash;
        s->document_items = p->reading.items;
        s->document_window_ms =
            p->reading.newest_ms == WD_TIME_NONE ? 0 : p->reading.newest_ms - p->reading.oldest_ms;
    }
    if (p->reading.items_new > 0)
        s->last_new_ms = now_ms;
    s->contacted = true;
}

static void note_failure(wd_poll *p)
{
    wd_reason why = p->answer == WD_ANSWER_FAILED ? p->reason : p->reading.reason;
    p->reason = why;
    p->state.failure_weight += wd_reason_weight(why);
    p->state.last_reason = why;
}

/* --- how long to wait ------------------------------------------------------------------ */

struct wait {
    int64_t ms;
    double jitter;
    wd_due_why why;
};

static int64_t floor_of(const wd_schedule_policy *policy, const wd_feed_config *c)
{
    return c->min_interval_ms > 0 ? c->min_interval_ms : policy->min_interval_ms;
}

static int64_t ceiling_of(const wd_schedule_policy *policy, const wd_feed_config *c)
{
    int64_t most = c->max_interval_ms > 0 ? c->max_interval_ms : policy->max_interval_ms;
    return larger(most, floor_of(policy, c));
}

static struct wait rate_wait(const wd_schedule_policy *policy, const wd_poll *p)
{
    const wd_feed_config *c = p->config;
    double rate = p->state.rate_per_day > LEAST_RATE ? p->state.rate_per_day : LEAST_RATE;
    double weight = c->weight > 0 ? c->weight : 1;
    int64_t ms = (int64_t)(BASE_MS / sqrt(weight * rate));
    if (p->state.document_window_ms > 0) /* or items scroll out before they are seen */
        ms = smaller(ms, p->state.document_window_ms / 2);
    if (p->state.document_items > 0 &&
        3 * (uint64_t)p->reading.items_new > 2 * (uint64_t)p->state.document_items)
        ms /= 2;
    ms = smaller(larger(ms, floor_of(policy, c)), ceiling_of(policy, c));
    return (struct wait){ ms, JITTER_FINE, WD_DUE_RATE };
}

static void raise_to(struct wait *w, int64_t ms, wd_due_why why)
{
    if (ms <= w->ms)
        return;
    w->ms = ms;
    w->why = why;
}

static bool has_validators(const wd_poll *p)
{
    return p->validators.etag[0] != '\0' || p->validators.last_modified[0] != '\0';
}

/* Rules 2 and 3: what the server's own behaviour and words ask for. */
static void hear_server(struct wait *w, const wd_poll *p, int64_t now_ms)
{
    if (!has_validators(p) || p->state.polls_without_304 >= TRIES_WITHOUT_304)
        raise_to(w, UNVALIDATED_FLOOR_MS, WD_DUE_NO_VALIDATORS);
    if (p->max_age_s >= 0)
        raise_to(w, smaller(p->max_age_s, SERVER_MAX_MS / 1000) * 1000, WD_DUE_SERVER);
    else if (p->expires_ms != WD_TIME_NONE)
        raise_to(w, smaller(p->expires_ms - now_ms, SERVER_MAX_MS), WD_DUE_SERVER);
    if (p->answer == WD_ANSWER_DOCUMENT && p->reading.ttl_min > 0)
        raise_to(w, smaller(p->reading.ttl_min * WD_MINUTE_MS, TTL_MAX_MS), WD_DUE_SERVER);
}

static struct wait usual_wait(const wd_schedule_policy *policy, const wd_poll *p, int64_t now_ms)
{
    if (p->config->interval_ms > 0)
        return (struct wait){ p->config->interval_ms, JITTER_FINE, WD_DUE_FIXED };
    struct wait w = rate_wait(policy, p);
    if (worked(p) && !p->private_address)
        hear_server(&w, p, now_ms);
    return w;
}

static struct wait backed_off(const struct wait *usual, const wd_poll *p, int64_t now_ms)
{
    const wd_feed_state *s = &p->state;
    bool quick = p->config->interval_ms > 0 && p->config->interval_ms < QUICK_MS;
    int64_t base = larger(usual->ms, quick ? BACKOFF_QUICK_MS : BACKOFF_LEAST_MS);
    int doublings =
        s->failure_weight < BACKOFF_DOUBLINGS ? (int)s->failure_weight : BACKOFF_DOUBLINGS;
    struct wait w = { smaller(base << doublings, larger(base, WD_DAY_MS)), JITTER_ERROR,
                      WD_DUE_BACKOFF };
    bool long_dead = s->last_success_ms != 0 && now_ms - s->last_success_ms > DORMANT_AFTER_MS;
    if (s->failure_weight >= DORMANT_WEIGHT && (long_dead || s->last_success_ms == 0) && !quick)
        w.ms = larger(w.ms, WEEK_MS);
    return w;
}

static int64_t retry_after(const wd_poll *p)
{
    if (p->retry_after_ms < 0)
        return 0;
    return smaller(larger(p->retry_after_ms, RETRY_LEAST_MS), RETRY_MOST_MS);
}

static int64_t gone_wait(const wd_feed_state *s)
{
    return s->failure_weight < 2 ? WD_DAY_MS : s->failure_weight < 3 ? WEEK_MS : MONTH_MS;
}

static struct wait failed_wait(const wd_schedule_policy *policy, const wd_poll *p, int64_t now_ms)
{
    struct wait usual = usual_wait(policy, p, now_ms);
    struct wait w = backed_off(&usual, p, now_ms);
    switch (p->reason) {
    case WD_REASON_HTTP_429:
        w.jitter = JITTER_THROTTLED;
        raise_to(&w, larger(THROTTLED_LEAST_MS, retry_after(p)), WD_DUE_RETRY);
        break;
    case WD_REASON_HTTP_503:
        raise_to(&w, retry_after(p), WD_DUE_RETRY);
        break;
    case WD_REASON_HTTP_AUTH:
        raise_to(&w, larger(4 * usual.ms, AUTH_LEAST_MS), WD_DUE_BACKOFF);
        break;
    case WD_REASON_HTTP_GONE:
        w = (struct wait){ gone_wait(&p->state), JITTER_ERROR, WD_DUE_GONE };
        break;
    default:
        break;
    }
    return w;
}

/* --- what moves the moment ---------------------------------------------------------------- */

static bool skipped(const wd_poll_reading *r, int64_t at_ms)
{
    int64_t hours = at_ms / WD_HOUR_MS;
    int64_t days = hours / 24;
    return (r->skip_hours >> (hours % 24) & 1) || (r->skip_days >> ((days + 4) % 7) & 1);
}

/* Rule 3: the next hour that is not skipped; 1970-01-01 was a Thursday. */
static int64_t leave_skipped(const wd_poll *p, int64_t due_ms)
{
    const wd_poll_reading *r = &p->reading;
    bool nonsense = __builtin_popcount(r->skip_hours & 0xFFFFFF) > SKIP_MOST_HOURS ||
                    __builtin_popcount(r->skip_days & 0x7F) > 6;
    if (p->answer != WD_ANSWER_DOCUMENT || p->config->interval_ms > 0 || nonsense)
        return due_ms;
    for (int hours = 0; hours < 7 * 24 && skipped(r, due_ms); hours++)
        due_ms = (due_ms / WD_HOUR_MS + 1) * WD_HOUR_MS;
    return due_ms;
}

static int64_t jittered(const struct wait *w, uint64_t random)
{
    double share = (double)(random >> 11) * 0x1p-53; /* [0, 1) */
    return w->ms + (int64_t)((double)w->ms * w->jitter * share);
}

/* --- interface -------------------------------------------------------------------------------- */

wd_due_why wd_schedule_after(const wd_schedule_policy *policy,
                             wd_poll *poll,
                             int64_t now_ms,
                             uint64_t random)
{
    wd_feed_state *s = &poll->state;
    struct wait w;
    if (worked(poll)) {
        note_rate(poll, now_ms);
        note_success(poll, now_ms);
        w = usual_wait(policy, poll, now_ms);
    } else {
        note_failure(poll);
        w = failed_wait(policy, poll, now_ms);
    }
    s->polls++;
    s->last_poll_ms = now_ms;
    s->last_http = poll->http_status;
    s->next_due_ms = leave_skipped(poll, now_ms + jittered(&w, random));
    return w.why;
}

int64_t wd_schedule_first(const wd_schedule_policy *policy,
                          const char *slug,
                          size_t n_feeds,
                          int64_t now_ms)
{
    double rate = policy->start_rate > 0 ? policy->start_rate : 1;
    double spread_ms = (double)n_feeds / rate * 1000;
    if (spread_ms > (double)WD_HOUR_MS)
        spread_ms = (double)WD_HOUR_MS;
    double share = (double)(wd_hash64(wd_span_of(slug), 0) >> 11) * 0x1p-53;
    return now_ms + (int64_t)(spread_ms * share);
}
