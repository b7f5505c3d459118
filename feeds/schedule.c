/* feeds/schedule.c - record what the poll showed, take an interval, let the rules pull at it.
 *
 * A plan is a delay with its reason.  Each rule may lengthen it (never early), and the
 * last rule that did names the reason; jitter comes at the end, upward only. */
#include "feeds/schedule.h"

#include <math.h>
#include <stdbool.h>

#include "core/hash.h"
#include "feeds/moved.h"

/* Rule 1. */
#define INTERVAL_SCALE_MS (100.0 * WD_MINUTE_MS) /* at one item a day and weight 1 */
#define PRIOR_PER_DAY     3.0
#define LEAST_PER_DAY     0.005 /* one item in 200 days: already beyond the ceiling */
#define MOST_PER_DAY      100000.0
#define HALF_LIFE_DAYS    7.0
#define DEFAULT_MIN_MS    (10 * WD_MINUTE_MS)
#define DEFAULT_MAX_MS    WD_DAY_MS
#define SHORT_INTERVAL_MS WD_MINUTE_MS /* below it only on allowed private addresses */
/* Rule 2. */
#define BARE_FLOOR_MS  WD_HOUR_MS
#define OVERFLOW_LEAST 3 /* items; fewer say nothing about a window */
/* Rule 3. */
#define FRESH_MOST_MS   (4 * WD_HOUR_MS)
#define TTL_MOST_MIN    60
#define SKIP_MOST_HOURS 20
/* Rule 4: parts of the delay. */
#define JITTER           0.10
#define JITTER_FAILED    0.25
#define JITTER_THROTTLED 0.50
/* Rule 7. */
#define THROTTLE_BASE_MS (15 * WD_MINUTE_MS)
#define RETRY_LEAST_MS   WD_MINUTE_MS
#define RETRY_MOST_MS    WD_DAY_MS
#define AUTH_LEAST_MS    (6 * WD_HOUR_MS)
#define AUTH_TIMES       4
#define WEEK_MS          (7 * WD_DAY_MS)
#define MONTH_MS         (30 * WD_DAY_MS)
/* Rule 8. */
#define BACKOFF_LEAST_MS  (10 * WD_MINUTE_MS)
#define BACKOFF_SHORT_MS  (5 * WD_SECOND_MS)
#define BACKOFF_MOST_MS   WD_DAY_MS
#define BACKOFF_DOUBLINGS 7
#define DORMANT_WEIGHT    10.0
#define DORMANT_AFTER_MS  (14 * WD_DAY_MS)
/* Rule 10. */
#define DISTRUST_ITEMS    20.0
#define DISTRUST_AFTER_MS (3 * WD_DAY_MS)
/* While a hub delivers (rule 14): a sixth of the polls, for a push that is lost shall cost hours
 * and not a day; never more often than hourly, which would spare nobody anything. */
#define BACKUP_TIMES    6
#define BACKUP_LEAST_MS WD_HOUR_MS
#define BACKUP_MOST_MS  (12 * WD_HOUR_MS)
/* Rule 5. */
#define FIRST_MOST_MS WD_HOUR_MS
#define FIRST_RATE    20.0

#define GATHERED_PART     8  /* of an interval: nobody is asked later by more */
#define GATHERED_POLLS    32 /* enough: of more at once, the last one's news would wait */
#define GATHERED_LEAST_MS 128

struct plan {
    int64_t delay_ms;
    double jitter;
    wd_due_why why;
};

static int64_t at_least(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void lengthen(struct plan *p, int64_t delay_ms, wd_due_why why)
{
    if (delay_ms <= p->delay_ms)
        return;
    p->delay_ms = delay_ms;
    p->why = why;
}

/* A rhythm set by the operator, or a machine of the operator's own: the floors of rules 2
 * and 3, which spare strangers' servers, do not apply. */
static bool relaxed(const wd_poll *poll)
{
    return poll->config->interval_ms > 0 || poll->private_address;
}

/* A feed next door, asked every few seconds: it is asked again as soon after a failure. */
static bool quick(const wd_feed_config *c)
{
    return c->interval_ms > 0 && c->interval_ms < SHORT_INTERVAL_MS;
}

static wd_reason outcome(const wd_poll *poll)
{
    if (poll->answer == WD_ANSWER_FAILED)
        return poll->reason != WD_REASON_NONE ? poll->reason : WD_REASON_INTERNAL;
    if (poll->answer != WD_ANSWER_DOCUMENT || poll->reading.accepted)
        return WD_REASON_NONE;
    if (poll->reading.reason != WD_REASON_NONE)
        return poll->reading.reason;
    return poll->reason != WD_REASON_NONE ? poll->reason : WD_REASON_MALFORMED;
}

/* --- what the poll showed --------------------------------------------------------- */

/* Before any history the document is the history: its items over its age, weighed against
 * one day of the prior.  sy:updateFrequency only moves that prior. */
static double first_rate(const wd_poll_reading *r, int64_t now_ms)
{
    double prior = PRIOR_PER_DAY, days = 0;
    if (r->update_every_s > 0)
        prior = fmin(fmax(86400.0 / r->update_every_s, 0.2), 24.0);
    if (r->items >= OVERFLOW_LEAST && r->oldest_ms != WD_TIME_NONE && r->oldest_ms < now_ms)
        days = (double)(now_ms - r->oldest_ms) / WD_DAY_MS;
    return days > 0 ? (prior + r->items) / (1.0 + days) : prior;
}

static void learn_rate(wd_feed_state *s, const wd_poll *poll, int64_t now_ms)
{
    const wd_poll_reading *r = &poll->reading;
    uint32_t fresh = poll->answer == WD_ANSWER_DOCUMENT ? r->items_new : 0;
    if (!s->contacted) {
        s->rate_per_day =
            poll->answer == WD_ANSWER_DOCUMENT ? first_rate(r, now_ms) : PRIOR_PER_DAY;
        return;
    }
    int64_t since_ms = s->last_success_ms != WD_TIME_NONE ? now_ms - s->last_success_ms : 1;
    double days = (double)at_least(since_ms, 1) / WD_DAY_MS;
    double kept = exp2(-days / HALF_LIFE_DAYS);
    double rate = s->rate_per_day * kept + (1.0 - kept) / days * fresh;
    s->rate_per_day = fmin(rate, MOST_PER_DAY);
}

static void learn_document(wd_feed_state *s, const wd_poll *poll)
{
    const wd_poll_reading *r = &poll->reading;
    s->ttl_min = r->ttl_min;
    s->skip_hours = r->skip_hours;
    s->skip_days = r->skip_days;
    if (poll->http_status == 226)
        return; /* only what is new (RFC 3229): says nothing of the whole */
    bool dated = r->oldest_ms != WD_TIME_NONE && r->newest_ms > r->oldest_ms;
    s->body_hash = poll->body_hash;
    s->document_items = r->items;
    s->document_window_ms = dated ? r->newest_ms - r->oldest_ms : 0;
}

/* A hub has brought since the last poll what its document would have shown as new. */
static bool was_forestalled(const wd_feed_state *s)
{
    return s->last_new_ms != WD_TIME_NONE && s->last_success_ms != WD_TIME_NONE &&
           s->last_new_ms > s->last_success_ms;
}

static void record_success(wd_poll *poll, int64_t now_ms)
{
    wd_feed_state *s = &poll->state;
    bool document = poll->answer == WD_ANSWER_DOCUMENT;
    poll->first_contact = !s->contacted;
    learn_rate(s, poll, now_ms);
    wd_moved_answered(s, poll);
    s->validators_hash = wd_hash64(poll->final_url, 0);
    if (document)
        learn_document(s, poll);
    else
        s->polls_unchanged++;
    if (poll->answer == WD_ANSWER_NOT_MODIFIED)
        s->polls_without_304 = 0;
    else if (poll->conditional && (!document || poll->reading.items_new == 0) &&
             !was_forestalled(s))
        s->polls_without_304++;
    if (document && poll->reading.items_new > 0)
        s->last_new_ms = now_ms;
    s->last_success_ms = now_ms;
    s->failing_since_ms = WD_TIME_NONE;
    s->failure_weight = 0;
    s->contacted = true;
}

static void record(wd_poll *poll, wd_reason reason, int64_t now_ms)
{
    wd_feed_state *s = &poll->state;
    s->polls++;
    s->last_poll_ms = now_ms;
    s->last_http = poll->http_status;
    s->same_reason = reason == s->last_reason ? s->same_reason + 1 : 1;
    s->last_reason = reason;
    if (reason == WD_REASON_NONE) {
        record_success(poll, now_ms);
        return;
    }
    wd_moved_failed(s, poll);
    s->failure_weight += wd_reason_weight(reason);
    if (s->failing_since_ms == WD_TIME_NONE)
        s->failing_since_ms = now_ms;
}

/* --- the interval --------------------------------------------------------------------- */

static int64_t min_of(const wd_schedule_policy *policy, const wd_feed_config *c)
{
    if (c->min_interval_ms > 0)
        return c->min_interval_ms;
    return policy->min_interval_ms > 0 ? policy->min_interval_ms : DEFAULT_MIN_MS;
}

static int64_t max_of(const wd_schedule_policy *policy, const wd_feed_config *c)
{
    int64_t most = policy->max_interval_ms > 0 ? policy->max_interval_ms : DEFAULT_MAX_MS;
    if (c->max_interval_ms > 0)
        most = c->max_interval_ms;
    return at_least(most, min_of(policy, c));
}

/* Half the time in which the document's items are replaced at twice the known rate: what
 * scrolls out between two polls is lost. */
static int64_t window_limit(const wd_feed_state *s, int64_t least_ms)
{
    if (s->document_items < OVERFLOW_LEAST || s->rate_per_day <= 0)
        return INT64_MAX;
    double days = s->document_items / (4.0 * s->rate_per_day);
    return days > 1000 ? INT64_MAX : at_least(least_ms, (int64_t)(days * WD_DAY_MS));
}

static bool shows_a_window(const wd_poll *poll)
{
    return poll->answer == WD_ANSWER_DOCUMENT && poll->reading.accepted && !poll->first_contact &&
           poll->http_status != 226 && poll->reading.items >= OVERFLOW_LEAST;
}

/* Over two thirds of the document were new: it may not be enough. */
static bool overflows(const wd_poll *poll)
{
    return shows_a_window(poll) && poll->reading.items_new * 3ULL > poll->reading.items * 2ULL;
}

static struct plan adaptive(const wd_schedule_policy *policy, const wd_poll *poll)
{
    const wd_feed_config *c = poll->config;
    const wd_feed_state *s = &poll->state;
    double weight = c->weight > 0 ? c->weight : 1.0;
    double rate = s->contacted ? fmax(s->rate_per_day, LEAST_PER_DAY) : PRIOR_PER_DAY;
    double stretch = poll->stretch > 1 ? poll->stretch : 1.0;
    int64_t least = min_of(policy, c), most = max_of(policy, c);
    double ms = INTERVAL_SCALE_MS / sqrt(weight * rate) * stretch;
    struct plan p = { .why = WD_DUE_RATE };
    p.delay_ms = ms >= (double)most ? most : at_least((int64_t)ms, least);
    int64_t limit = window_limit(s, least);
    if (overflows(poll))
        limit = at_most(limit, at_least(least, p.delay_ms / 2));
    if (limit < p.delay_ms)
        p = (struct plan){ .delay_ms = limit, .why = WD_DUE_OVERFLOW };
    return p;
}

static bool has_validators(const wd_poll *poll)
{
    return poll->validators.etag[0] != '\0' || poll->validators.last_modified[0] != '\0';
}

static struct plan interval(const wd_schedule_policy *policy, const wd_poll *poll)
{
    struct plan p = { .delay_ms = poll->config->interval_ms, .why = WD_DUE_FIXED };
    if (p.delay_ms <= 0)
        p = adaptive(policy, poll);
    if (relaxed(poll) || !poll->state.contacted)
        return p;
    bool failed = outcome(poll) != WD_REASON_NONE; /* then nothing is known of validators */
    if ((!failed && !has_validators(poll)) || poll->state.polls_without_304 >= WD_TRIES_WITHOUT_304)
        lengthen(&p, BARE_FLOOR_MS, WD_DUE_NO_VALIDATORS);
    return p;
}

/* --- after a success -------------------------------------------------------------------- */

static int64_t fresh_ms(const wd_poll *poll, int64_t now_ms)
{
    if (poll->max_age_s >= 0)
        return at_most(poll->max_age_s, FRESH_MOST_MS / WD_SECOND_MS) * WD_SECOND_MS;
    if (poll->expires_ms == WD_TIME_NONE || poll->expires_ms <= now_ms)
        return 0;
    return at_most(poll->expires_ms - now_ms, FRESH_MOST_MS);
}

static bool skipped(const wd_feed_state *s, int64_t at_ms)
{
    int64_t hours = at_ms / WD_HOUR_MS, days = hours / 24;
    unsigned weekday = (unsigned)((days + 4) % 7); /* the epoch was a Thursday */
    return (s->skip_hours >> (hours % 24) & 1) || (s->skip_days >> weekday & 1);
}

/* To the next hour that is not ruled out; a rule that would forbid more than 20 hours is
 * taken for a mistake. */
static void postpone(struct plan *p, const wd_feed_state *s, int64_t now_ms)
{
    int64_t at = now_ms + p->delay_ms;
    if (at < 0 || !skipped(s, at))
        return;
    for (int h = 1; h <= SKIP_MOST_HOURS; h++) {
        int64_t later = (at / WD_HOUR_MS + h) * WD_HOUR_MS;
        if (skipped(s, later))
            continue;
        lengthen(p, later - now_ms, WD_DUE_SKIP);
        return;
    }
}

/* A hub delivers, and this poll found nothing that it had not brought. */
static void hold_back(struct plan *p, const wd_schedule_policy *policy, const wd_poll *poll)
{
    if (!poll->backup || poll->config->interval_ms > 0 || poll->reading.items_new > 0)
        return;
    int64_t wait = at_most(at_least(BACKUP_TIMES * p->delay_ms, BACKUP_LEAST_MS), BACKUP_MOST_MS);
    lengthen(p, at_most(wait, max_of(policy, poll->config)), WD_DUE_PUSHED);
}

static struct plan after_success(const wd_schedule_policy *policy, const wd_poll *poll, int64_t now)
{
    struct plan p = interval(policy, poll);
    p.jitter = JITTER;
    hold_back(&p, policy, poll);
    if (relaxed(poll))
        return p;
    lengthen(&p, fresh_ms(poll, now), WD_DUE_SERVER);
    if (poll->state.ttl_min > 0)
        lengthen(&p, at_most(poll->state.ttl_min, TTL_MOST_MIN) * WD_MINUTE_MS, WD_DUE_TTL);
    postpone(&p, &poll->state, now);
    return p;
}

/* --- after a failure --------------------------------------------------------------------- */

static int64_t doubled(int64_t base_ms, uint32_t times, int64_t most_ms)
{
    for (; times > 0 && base_ms < most_ms; times--)
        base_ms *= 2;
    return at_most(base_ms, most_ms);
}

static int64_t retry_ms(const wd_poll *poll)
{
    if (poll->retry_after_ms < 0)
        return 0;
    return at_most(at_least(poll->retry_after_ms, RETRY_LEAST_MS), RETRY_MOST_MS);
}

static struct plan throttled(const wd_poll *poll)
{
    uint32_t times = at_most(poll->state.same_reason - 1, BACKOFF_DOUBLINGS);
    int64_t base = quick(poll->config) ? RETRY_LEAST_MS : THROTTLE_BASE_MS;
    struct plan p = { .jitter = JITTER_THROTTLED, .why = WD_DUE_THROTTLED };
    p.delay_ms = doubled(base, times, RETRY_MOST_MS);
    lengthen(&p, retry_ms(poll), WD_DUE_RETRY);
    return p;
}

static struct plan gone(const wd_poll *poll)
{
    static const int64_t steps[] = { WD_DAY_MS, WEEK_MS, MONTH_MS };
    uint32_t n = poll->state.same_reason;
    return (struct plan){ .delay_ms = steps[n < 1   ? 0
                                            : n > 3 ? 2
                                                    : n - 1],
                          .jitter = JITTER_FAILED,
                          .why = WD_DUE_GONE };
}

static struct plan backoff(const wd_schedule_policy *policy, const wd_poll *poll, int64_t now)
{
    const wd_feed_state *s = &poll->state;
    int64_t usual = interval(policy, poll).delay_ms;
    int64_t least = quick(poll->config) ? BACKOFF_SHORT_MS : BACKOFF_LEAST_MS;
    uint32_t times = (uint32_t)fmin(floor(s->failure_weight), BACKOFF_DOUBLINGS);
    /* Of one never reached no interval is known; a new feed with a slip is asked again soon. */
    int64_t base = s->contacted ? at_least(usual, least) : least;
    struct plan p = { .jitter = JITTER_FAILED, .why = WD_DUE_BACKOFF };
    p.delay_ms = doubled(base, times, at_least(BACKOFF_MOST_MS, base));
    if (s->failure_weight >= DORMANT_WEIGHT && now - s->failing_since_ms >= DORMANT_AFTER_MS)
        lengthen(&p, WEEK_MS, WD_DUE_DORMANT);
    if (s->last_reason == WD_REASON_HTTP_AUTH)
        lengthen(&p, at_least(AUTH_TIMES * usual, AUTH_LEAST_MS), WD_DUE_AUTH);
    lengthen(&p, retry_ms(poll), WD_DUE_RETRY);
    return p;
}

/* --- interface ------------------------------------------------------------------------------ */

const char *wd_due_why_text(wd_due_why why)
{
    static const char *const texts[WD_DUE_COUNT] = {
        [WD_DUE_FIRST] = "it has never been polled",
        [WD_DUE_RATE] = "that fits how often it brings something new",
        [WD_DUE_FIXED] = "its configuration says so",
        [WD_DUE_SERVER] = "its server says the answer stays fresh until then",
        [WD_DUE_NO_VALIDATORS] =
            "its server never answers 304, so each poll costs a whole document",
        [WD_DUE_RETRY] = "its server asked to come back then",
        [WD_DUE_BACKOFF] = "the last polls failed",
        [WD_DUE_GONE] = "its server says it is gone",
        [WD_DUE_THROTTLED] = "its server asked for fewer requests",
        [WD_DUE_AUTH] = "its server asks for permission",
        [WD_DUE_DORMANT] = "it has failed for more than two weeks",
        [WD_DUE_TTL] = "the feed's own ttl says so",
        [WD_DUE_SKIP] = "the feed's skipHours or skipDays say so",
        [WD_DUE_OVERFLOW] = "its documents are replaced quickly",
        [WD_DUE_PUSHED] = "a hub pushes what is new, and polls are only a backup",
    };
    return (size_t)why < WD_DUE_COUNT ? texts[why] : texts[WD_DUE_RATE];
}

wd_due_why wd_schedule_after(const wd_schedule_policy *policy,
                             wd_poll *poll,
                             int64_t now_ms,
                             uint64_t random)
{
    wd_reason reason = outcome(poll);
    if (reason == WD_REASON_CANCELED) { /* nothing was learnt */
        poll->state.next_due_ms = now_ms;
        return WD_DUE_RATE;
    }
    record(poll, reason, now_ms);
    struct plan p;
    if (reason == WD_REASON_NONE)
        p = after_success(policy, poll, now_ms);
    else if (reason == WD_REASON_HTTP_429)
        p = throttled(poll);
    else if (reason == WD_REASON_HTTP_GONE)
        p = gone(poll);
    else
        p = backoff(policy, poll, now_ms);
    double part = (double)(random >> 11) * 0x1p-53; /* [0, 1) */
    poll->state.next_due_ms = now_ms + p.delay_ms + (int64_t)((double)p.delay_ms * p.jitter * part);
    poll->state.due_why = p.why;
    return p.why;
}

void wd_schedule_pushed(wd_poll *poll, int64_t now_ms)
{
    wd_feed_state *s = &poll->state;
    uint32_t fresh = poll->reading.items_new;
    if (fresh == 0)
        return;
    /* The derivative of learn_rate(): what has passed meanwhile decays at the next poll. */
    s->rate_per_day = fmin(s->rate_per_day + log(2.0) / HALF_LIFE_DAYS * fresh, MOST_PER_DAY);
    s->last_new_ms = now_ms;
}

int64_t wd_schedule_interval(const wd_schedule_policy *policy, const wd_poll *poll)
{
    return interval(policy, poll).delay_ms;
}

bool wd_schedule_overflowed(const wd_poll *poll)
{
    return shows_a_window(poll) && poll->reading.items_new >= poll->reading.items;
}

bool wd_schedule_distrusts(const wd_feed_state *s, int64_t now_ms)
{
    if (s->last_new_ms == WD_TIME_NONE || s->last_reason != WD_REASON_NONE ||
        now_ms - s->last_new_ms < DISTRUST_AFTER_MS)
        return false;
    if (s->last_probe_ms != WD_TIME_NONE && now_ms - s->last_probe_ms < WEEK_MS)
        return false;
    double days = (double)(now_ms - s->last_new_ms) / WD_DAY_MS;
    double rate_then = s->rate_per_day * exp2(days / HALF_LIFE_DAYS); /* it has decayed since */
    return rate_then * days > DISTRUST_ITEMS;
}

int64_t wd_schedule_first(const wd_schedule_policy *policy,
                          const char *slug,
                          size_t n_feeds,
                          int64_t now_ms)
{
    double rate = policy->start_rate > 0 ? policy->start_rate : FIRST_RATE;
    double span_ms = fmin((double)FIRST_MOST_MS, (double)n_feeds / rate * WD_SECOND_MS);
    double part = (double)(wd_hash64(wd_span_of(slug), 0) >> 11) * 0x1p-53;
    return now_ms + (int64_t)(span_ms * part);
}

/* Steps are powers of two, so that the moments of slow feeds are among those of fast ones. */
int64_t wd_schedule_gathered(int64_t at_ms, int64_t interval_ms, double per_s)
{
    int64_t step = WD_GATHERED_MS;
    while (step >= GATHERED_LEAST_MS &&
           (step > interval_ms / GATHERED_PART ||
            (double)step * per_s > (double)(GATHERED_POLLS * WD_SECOND_MS)))
        step /= 2;
    return step >= GATHERED_LEAST_MS ? (at_ms + step - 1) & -step : at_ms;
}
