/*
 * feeds/schedule.h - when to ask again: a pure function of what is known (polling.md rules 1-4, 7,
 * 8).
 */
#pragma once

#include "feeds/poll.h"

typedef struct wd_schedule_policy {
    int64_t min_interval_ms, max_interval_ms; /* 10 min and 24 h unless configured */
    double max_fetch_rate;                    /* polls a second over all feeds */
    double start_rate;                        /* first polls a second after a start */
} wd_schedule_policy;

/* So many tries without a 304 and nothing new: its validators are of no use (rule 2). */
#define WD_TRIES_WITHOUT_304 20u

/* To wake costs as much as a 304.  Four times a second is often enough for whom nobody watches. */
#define WD_GATHERED_MS 256

/* Why the next poll is when it is: for log, `explain feed` and `feeds due`. */
typedef enum wd_due_why {
    WD_DUE_FIRST,
    WD_DUE_RATE,
    WD_DUE_FIXED,
    WD_DUE_SERVER,
    WD_DUE_NO_VALIDATORS,
    WD_DUE_RETRY,
    WD_DUE_BACKOFF,
    WD_DUE_GONE,
    WD_DUE_THROTTLED,
    WD_DUE_AUTH,
    WD_DUE_DORMANT,
    WD_DUE_TTL,
    WD_DUE_SKIP,
    WD_DUE_OVERFLOW,
    WD_DUE_PUSHED,
    WD_DUE_COUNT
} wd_due_why;

/* A clause for people: "the next poll is at 09:30, because " + this. */
const char *wd_due_why_text(wd_due_why why);

/* Moves poll->state forward from the answer and the reading: rates, failure
 * weight, reason, validators' bookkeeping and next_due_ms (never before
 * now_ms + the feed's floor).  `random` supplies the jitter, upward only. */
wd_due_why wd_schedule_after(const wd_schedule_policy *policy,
                             wd_poll *poll,
                             int64_t now_ms,
                             uint64_t random);

/* The same for what a hub pushed: it is news of the feed, and nothing else. */
void wd_schedule_pushed(wd_poll *poll, int64_t now_ms);

/* The interval that a feed's rate, its configuration and rule 2 ask for; without the
 * server's word, failures and jitter. */
int64_t wd_schedule_interval(const wd_schedule_policy *policy, const wd_poll *poll);

/* Every item of a known feed's document was new: some may have been lost in between. */
bool wd_schedule_overflowed(const wd_poll *poll);

/* Rule 10: it was to bring over 20 items in its three days or more of silence, so its 304s
 * are not believed; true at most once a week. */
bool wd_schedule_distrusts(const wd_feed_state *state, int64_t now_ms);

/* The first due time of a feed that has none, spread over the start (rule 5). */
int64_t wd_schedule_first(const wd_schedule_policy *policy,
                          const char *slug,
                          size_t n_feeds,
                          int64_t now_ms);

/* When a feed that is due at `at_ms` is asked, where `per_s` polls a second go out in all:
 * together with others, never earlier, and later by an eighth of its interval and WD_GATHERED_MS
 * at most. */
int64_t wd_schedule_gathered(int64_t at_ms, int64_t interval_ms, double per_s);
