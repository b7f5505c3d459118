/* feeds/websub.c - times that come, answers that come, and the one phase they leave it in.
 *
 * A request and its verification are two things: the hub takes the request (202) and asks the
 * callback later, or before it answers.  So `asked` stands beside the phase: an active
 * subscription stays active while it is being renewed. */
#include "feeds/websub.h"

/* A hub that verifies in the background does so in seconds; busy ones in minutes. */
#define VERIFY_WAIT_MS (10 * WD_MINUTE_MS)

/* A hub that did not hear our answer asks again. */
#define VERIFY_AGAIN_MS WD_MINUTE_MS

/* Leases: chasing shorter ones costs more requests than polling would; of longer ones a hub that
 * forgot us would be noticed too late.  Hubs give 5 to 15 days. */
#define LEASE_LEAST_MS           (10 * WD_MINUTE_MS)
#define LEASE_LEAST_NEIGHBOUR_MS (2 * WD_SECOND_MS)
#define LEASE_MOST_MS            (30 * WD_DAY_MS)

/* Renewed between a half and three quarters of the lease: a quarter is left for retries, and
 * feeds that were subscribed together come apart. */
#define RENEW_AT   0.5
#define RENEW_SPAN 0.25

/* After a failure: 5 min, doubled each time, up to a week. */
#define RETRY_MS           (5 * WD_MINUTE_MS)
#define RETRY_NEIGHBOUR_MS WD_SECOND_MS
#define RETRY_MOST_MS      (7 * WD_DAY_MS)
#define RETRY_JITTER       0.25
#define REFUSED_MS         WD_DAY_MS       /* a 4xx: the hub's configuration may change */
#define DENIED_MS          (7 * WD_DAY_MS) /* somebody decided that */
#define TRIES_AT_A_HUB     3u

/* To leave is a courtesy: the lease ends by itself. */
#define LEAVE_TRIES 3u

/* Without a lease, so long do we say 410 to what was under way. */
#define OVER_MS WD_HOUR_MS

/* Poll and push of one story may cross: so long may it still come. */
#define CROSSING_MS           (5 * WD_MINUTE_MS)
#define CROSSING_NEIGHBOUR_MS (5 * WD_SECOND_MS)

static double part(uint64_t random)
{
    return (double)(random >> 11) * 0x1p-53; /* [0, 1) */
}

static int64_t at_least(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool holds(const wd_websub *s, int64_t now_ms)
{
    return s->phase == WD_WEBSUB_ACTIVE && now_ms < s->lease_ms;
}

/* --- what goes wrong --------------------------------------------------------------- */

static void end(wd_websub *s, int64_t now_ms)
{
    bool lease = s->lease_ms != WD_TIME_NONE && s->lease_ms > now_ms;
    s->phase = WD_WEBSUB_OVER;
    s->asked = WD_WEBSUB_NOTHING;
    s->delivers = false;
    s->doubt_ms = WD_TIME_NONE;
    s->next_ms = lease ? s->lease_ms : now_ms + OVER_MS;
}

static void fail(wd_websub *s, int64_t least_ms, int64_t now_ms, uint64_t random)
{
    int64_t base = s->neighbour ? RETRY_NEIGHBOUR_MS : RETRY_MS, wait = base;
    s->asked = WD_WEBSUB_NOTHING;
    s->failures++;
    if (s->phase == WD_WEBSUB_LEAVING && s->failures >= LEAVE_TRIES) {
        end(s, now_ms);
        return;
    }
    for (uint32_t i = 1; i < s->failures && wait < RETRY_MOST_MS; i++)
        wait *= 2;
    wait = at_most(wait, RETRY_MOST_MS);
    if (holds(s, now_ms)) /* tried again while there is something to be saved */
        wait = at_most(wait, at_least(base, (s->lease_ms - now_ms) / 2));
    wait = at_least(wait, least_ms);
    s->next_ms = now_ms + wait + (int64_t)((double)wait * RETRY_JITTER * part(random));
}

/* How long at least, by what the hub said. */
static int64_t wait_after(const wd_websub *s, const wd_websub_answer *a)
{
    int64_t wait = 0;
    if (s->refused && !s->neighbour)
        wait = a->status == 410 ? RETRY_MOST_MS : REFUSED_MS;
    if (a->retry_after_ms > wait)
        wait = at_most(a->retry_after_ms, RETRY_MOST_MS);
    return wait;
}

/* --- times ------------------------------------------------------------------------- */

wd_websub wd_websub_new(int64_t at_ms, int64_t wish_ms, bool neighbour)
{
    return (wd_websub){ .next_ms = at_ms,
                        .wish_ms = wish_ms,
                        .neighbour = neighbour,
                        .asked_until_ms = WD_TIME_NONE,
                        .lease_ms = WD_TIME_NONE,
                        .polled_ms = WD_TIME_NONE,
                        .doubt_ms = WD_TIME_NONE };
}

static bool is_silent(const wd_websub *s, int64_t now_ms)
{
    return s->asked != WD_WEBSUB_NOTHING && s->asked_until_ms != WD_TIME_NONE &&
           now_ms >= s->asked_until_ms;
}

wd_websub_act wd_websub_look(wd_websub *s, int64_t now_ms, uint64_t random)
{
    if (is_silent(s, now_ms)) {
        s->asked = WD_WEBSUB_NOTHING;
        if (!s->verified) {
            fail(s, 0, now_ms, random);
            return WD_WEBSUB_UNVERIFIED;
        }
    }
    if (s->phase == WD_WEBSUB_ACTIVE && now_ms >= s->lease_ms) {
        s->phase = WD_WEBSUB_WANTED;
        s->delivers = false;
        s->doubt_ms = WD_TIME_NONE;
        return WD_WEBSUB_LOST;
    }
    if (s->doubt_ms != WD_TIME_NONE && now_ms >= s->doubt_ms) {
        s->doubt_ms = WD_TIME_NONE;
        s->delivers = false;
        return WD_WEBSUB_MISSED;
    }
    bool busy = s->asked != WD_WEBSUB_NOTHING && !s->verified;
    if (now_ms < s->next_ms || busy)
        return WD_WEBSUB_WAIT;
    return s->phase == WD_WEBSUB_OVER ? WD_WEBSUB_FORGET : WD_WEBSUB_ASK;
}

int64_t wd_websub_wake_ms(const wd_websub *s)
{
    int64_t wake = s->next_ms;
    if (s->asked != WD_WEBSUB_NOTHING && !s->verified)
        wake = s->asked_until_ms != WD_TIME_NONE ? s->asked_until_ms : INT64_MAX;
    if (s->phase == WD_WEBSUB_ACTIVE)
        wake = at_most(wake, s->lease_ms);
    if (s->doubt_ms != WD_TIME_NONE)
        wake = at_most(wake, s->doubt_ms);
    return wake;
}

/* --- a request --------------------------------------------------------------------- */

wd_websub_mode wd_websub_wish(const wd_websub *s)
{
    return s->phase == WD_WEBSUB_LEAVING ? WD_WEBSUB_UNSUBSCRIBE : WD_WEBSUB_SUBSCRIBE;
}

void wd_websub_ask(wd_websub *s)
{
    s->asked = wd_websub_wish(s);
    s->verified = false;
    s->asked_until_ms = WD_TIME_NONE;
}

bool wd_websub_answered(wd_websub *s, const wd_websub_answer *a, int64_t now_ms, uint64_t random)
{
    bool taken = a->reason == WD_REASON_NONE && a->status / 100 == 2;
    if (s->asked == WD_WEBSUB_NOTHING) /* denied, refused or left meanwhile */
        return taken;
    if (taken || s->verified) { /* what is verified holds, whatever the answer was */
        if (!s->verified)
            s->asked_until_ms = now_ms + VERIFY_WAIT_MS;
        return true;
    }
    s->refused =
        a->reason == WD_REASON_ADDRESS || (a->reason == WD_REASON_NONE && a->status != 429 &&
                                           a->status != 408 && a->status / 100 != 5);
    fail(s, wait_after(s, a), now_ms, random);
    return false;
}

/* --- what the hub asks of us --------------------------------------------------------- */

static int64_t lease_of(const wd_websub *s, wd_span seconds)
{
    unsigned long long n;
    if (seconds.len == 0) /* older hubs do not say: what we asked for */
        return at_most(s->wish_ms, LEASE_MOST_MS);
    for (size_t i = 0; i < seconds.len; i++)
        if (seconds.ptr[i] < '0' || seconds.ptr[i] > '9')
            return 0;
    if (!wd_span_u64(seconds, &n) || n > (unsigned long long)(LEASE_MOST_MS / WD_SECOND_MS))
        return LEASE_MOST_MS;
    return (int64_t)n * WD_SECOND_MS;
}

static wd_websub_verdict confirm(wd_websub *s, int64_t lease, int64_t now_ms, uint64_t random)
{
    if (lease < (s->neighbour ? LEASE_LEAST_NEIGHBOUR_MS : LEASE_LEAST_MS)) {
        s->refused = true;
        fail(s, s->neighbour ? 0 : REFUSED_MS, now_ms, random);
        return WD_WEBSUB_TOO_SHORT;
    }
    s->phase = WD_WEBSUB_ACTIVE;
    s->verified = true;
    s->asked_until_ms = now_ms + VERIFY_AGAIN_MS;
    s->failures = 0;
    s->refused = false;
    s->lease_ms = now_ms + lease;
    s->next_ms = now_ms + (int64_t)((double)lease * (RENEW_AT + RENEW_SPAN * part(random)));
    return WD_WEBSUB_CONFIRM;
}

/* It may come at any time, also after a lease was verified (section 5.2). */
static wd_websub_verdict deny(wd_websub *s, int64_t now_ms, uint64_t random)
{
    s->lease_ms = WD_TIME_NONE;
    if (s->phase == WD_WEBSUB_LEAVING || s->phase == WD_WEBSUB_OVER) {
        end(s, now_ms);
        return WD_WEBSUB_DENIED;
    }
    s->phase = WD_WEBSUB_WANTED;
    s->delivers = false;
    s->doubt_ms = WD_TIME_NONE;
    s->refused = true;
    fail(s, DENIED_MS, now_ms, random);
    return WD_WEBSUB_DENIED;
}

wd_websub_verdict wd_websub_verify(
    wd_websub *s, const wd_websub_query *q, wd_span topic, int64_t now_ms, uint64_t random)
{
    if (!wd_span_eq(q->topic, topic))
        return WD_WEBSUB_REFUSE;
    if (wd_span_is(q->mode, "denied"))
        return deny(s, now_ms, random);
    if (q->challenge.len == 0)
        return WD_WEBSUB_REFUSE;
    if (is_silent(s, now_ms)) /* the time for that is over, though nobody has looked yet */
        return WD_WEBSUB_REFUSE;
    if (wd_span_is(q->mode, "subscribe") && s->asked == WD_WEBSUB_SUBSCRIBE)
        return confirm(s, lease_of(s, q->lease_seconds), now_ms, random);
    if (!wd_span_is(q->mode, "unsubscribe") || s->asked != WD_WEBSUB_UNSUBSCRIBE)
        return WD_WEBSUB_REFUSE;
    end(s, now_ms);
    s->asked = WD_WEBSUB_UNSUBSCRIBE; /* until it is forgotten, it may ask again */
    s->verified = true;
    return WD_WEBSUB_CONFIRM;
}

/* --- what becomes of it ---------------------------------------------------------------- */

void wd_websub_leave(wd_websub *s, int64_t now_ms)
{
    if (s->phase == WD_WEBSUB_LEAVING || s->phase == WD_WEBSUB_OVER)
        return;
    bool known = s->phase == WD_WEBSUB_ACTIVE || s->asked != WD_WEBSUB_NOTHING;
    s->asked = WD_WEBSUB_NOTHING; /* a verification of what we wanted comes too late */
    s->delivers = false;
    s->doubt_ms = WD_TIME_NONE;
    s->failures = 0;
    s->phase = WD_WEBSUB_LEAVING;
    s->next_ms = now_ms;
    if (!known)
        end(s, now_ms);
}

static int64_t crossing_ms(const wd_websub *s)
{
    return s->neighbour ? CROSSING_NEIGHBOUR_MS : CROSSING_MS;
}

bool wd_websub_pushed(wd_websub *s, bool fresh, int64_t now_ms)
{
    bool before = s->delivers;
    bool crossed = s->polled_ms != WD_TIME_NONE && now_ms - s->polled_ms <= crossing_ms(s);
    if (s->phase != WD_WEBSUB_ACTIVE || (!fresh && !crossed))
        return false;
    s->delivers = true;
    s->doubt_ms = WD_TIME_NONE;
    return !before;
}

void wd_websub_polled(wd_websub *s, int64_t now_ms)
{
    s->polled_ms = now_ms;
    if (s->delivers && s->doubt_ms == WD_TIME_NONE)
        s->doubt_ms = now_ms + crossing_ms(s);
}

bool wd_websub_gives_up(const wd_websub *s)
{
    return s->phase == WD_WEBSUB_WANTED && s->failures > 0 &&
           (s->refused || s->failures >= TRIES_AT_A_HUB);
}
