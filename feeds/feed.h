/*
 * feeds/feed.h - one source: what the operator said of it, and what polling learned.
 *
 * wd_feed_config is immutable once made (a reload makes new ones); wd_feed_state
 * is plain data, copied into a poll, moved forward there and stored with it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/limits.h"
#include "feeds/reason.h"

/* Whether its hub is asked to push: unless it has secrets of its own, always, or never. */
enum wd_feed_websub { WD_FEED_WEBSUB_AUTO, WD_FEED_WEBSUB_ON, WD_FEED_WEBSUB_OFF };

typedef struct wd_feed_config {
    const char *slug; /* identity: survives a change of URL (polling.md rule 14) */
    const char *url;
    const char *group;      /* "" when none */
    const char *user_agent; /* NULL: the daemon's own */
    int64_t interval_ms;    /* 0: adaptive */
    int64_t min_interval_ms, max_interval_ms;
    double weight; /* 1.0; larger is polled more often */
    int trust;     /* 0 low, 1 normal, 2 high */
    bool paused;
    const char *const *allow_private; /* CIDRs, NULL-terminated; NULL: none */
    /* How it is asked.  Secrets stand here in the clear: never log or print them. */
    const char *const *headers;             /* "Name: value", NULL-terminated; NULL: none */
    const char *username, *password;        /* basic authentication; NULL: none */
    const char *token;                      /* bearer token; NULL: none */
    const char *const *lines;               /* all of these as header lines (credentials.h) */
    const char *proxy;                      /* as wd_http_proxy_for() takes it */
    int64_t connect_timeout_ms, timeout_ms; /* 0: the daemon's own */
    int http1;                              /* 1: never HTTP/2 */
    int websub;                             /* enum wd_feed_websub */
} wd_feed_config;

/* What a server gave with a body that was accepted and committed (rule 10). */
typedef struct wd_validators {
    char etag[WD_VALIDATOR_BYTES];          /* "" when none; byte-exact */
    char last_modified[WD_VALIDATOR_BYTES]; /* "" when none; byte-exact */
} wd_validators;

/* Everything polling must remember of a feed over a restart.  Plain data: the
 * ledger stores it, wd_schedule_after() moves it forward. */
typedef struct wd_feed_state {
    uint32_t feed;       /* number given by the ledger, for life */
    int64_t next_due_ms; /* wall time; WD_TIME_NONE: never polled */
    int64_t last_poll_ms, last_success_ms, last_new_ms;
    int64_t failing_since_ms; /* WD_TIME_NONE while healthy */
    double rate_per_day;      /* lambda of rule 1, exponentially weighted */
    double failure_weight;    /* f of rule 8 */
    wd_reason last_reason;    /* WD_REASON_NONE while healthy */
    uint32_t same_reason;     /* polls in a row that ended with last_reason */
    int32_t last_http;        /* last HTTP status, 0: none */
    uint32_t polls, polls_unchanged;
    uint32_t polls_without_304; /* in a row: asked with validators, nothing new, no 304 (rule 2) */
    uint64_t body_hash;         /* of the last accepted body; 0: none */
    uint64_t url_hash;          /* of the URL that validators and body_hash belong to; 0: none */
    uint32_t document_items;
    int64_t document_window_ms; /* age span of the last document; 0 unknown */
    int32_t ttl_min;            /* what the last document said (rule 3); -1: nothing */
    uint32_t skip_hours;        /* bit n: not in hour n, GMT */
    uint32_t skip_days;         /* bit n: not on that day, Sunday is 0 */
    bool contacted;             /* had a first successful poll: later items are not backfill */
    int64_t last_probe_ms;      /* last unconditional request out of distrust (rule 10) */
    uint64_t moved_hash;        /* of the URL that permanent redirects lead to (rule 7); 0: none */
    uint32_t moved_seen;        /* polls in a row that were led there */
    int64_t moved_since_ms;
    bool moved_said;          /* the operator was told */
    bool moved_same;          /* items that were known have come from there */
    bool adopted;             /* it is asked there, not at its own URL */
    uint32_t moved_failures;  /* in a row, there */
    uint64_t validators_hash; /* of the URL that gave the validators; 0: not known */
    bool guid_shared;    /* one guid over several stories: their links tell them apart (rule 13) */
    uint64_t titled_ids; /* ids shared by stories of one link: their titles tell (feed_state.h) */
    uint32_t due_why;    /* enum wd_due_why (schedule.h): what set next_due_ms */
    bool held;           /* paused by hand, beside what the configuration says */
} wd_feed_state;
