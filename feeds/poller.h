/*
 * feeds/poller.h - keeps every feed fresh: what is due goes out, politely, as conditional GETs.
 *
 * Thread:   loop thread only.
 * Callback: on_poll runs later, from the loop, never inside a call made here.
 * Configs:  borrowed.  `release`, when given, is called once for each config that was
 *           handed in and that neither a feed nor a poll under way uses any longer.
 * Shutdown: wd_poller_pause() lets what is in flight finish; wd_poller_close() is
 *           asynchronous, closed runs exactly once.  Polls that the pipeline still
 *           holds then are given back with wd_poller_finish(NULL, poll).
 */
#pragma once

#include <uv.h>

#include "core/clock.h"
#include "core/log.h"
#include "feeds/host_rule.h"
#include "feeds/http.h"
#include "feeds/poll.h"
#include "feeds/schedule.h"
#include "feeds/standing.h"
#include "feeds/tally.h"

typedef struct wd_poller wd_poller;

typedef struct wd_poller_spec {
    uv_loop_t *loop;
    wd_http *http; /* borrowed, outlives the poller */
    const wd_clock *clock;
    const wd_log *log;
    wd_schedule_policy policy;
    uint32_t max_in_flight; /* polls out or in the pipeline, all hosts */
    void (*on_poll)(void *ctx,
                    wd_poll *poll); /* takes the poll; give it back by wd_poller_finish() */
    void (*closed)(void *ctx);
    void (*release)(void *ctx, const wd_feed_config *config); /* may be NULL */
    void (*changed)(void *ctx, const wd_feed_state *state);   /* to be stored again; may be NULL */
    void *ctx;
} wd_poller_spec;

WD_MUST_USE wd_status wd_poller_open(wd_poller **out, const wd_poller_spec *spec);

/* The rules as they now stand: before the first wd_poller_set_feeds(), and at every reload
 * (`hosts` is copied).  WD_NOMEM: the old ones stay. */
WD_MUST_USE wd_status wd_poller_set_rules(wd_poller *p,
                                          const wd_schedule_policy *policy,
                                          const wd_host_rule *hosts,
                                          size_t n_hosts);

/* The list of feeds as it now stands, each with its stored state and validators
 * (borrowed for the call; each may be NULL).  Used at start and at every reload.
 * A known slug keeps its state of here and now; with another URL it loses validators
 * and body hash.  Feeds not named are dropped once nothing of theirs is in flight.
 * WD_CONFIG: a slug stands there twice; on any failure the old list stays. */
typedef struct wd_poller_feed {
    const wd_feed_config *config;
    const wd_feed_state *state;
    const char *etag, *last_modified; /* its validators; NULL or "": none */
} wd_poller_feed;

WD_MUST_USE wd_status wd_poller_set_feeds(wd_poller *p, const wd_poller_feed *feeds, size_t n);

/* The poll comes back, stored: its state becomes the feed's, the next one is
 * armed, a change between working and failing is said once.  Frees the poll. */
void wd_poller_finish(wd_poller *p, wd_poll *poll);

/* Nothing more goes out (back-pressure, or a stop); resume undoes it. */
void wd_poller_pause(wd_poller *p);
void wd_poller_resume(wd_poller *p);

/* --- orders by hand (feeds/poller_orders.c).  WD_NOTFOUND: no such slug; WD_BUSY: it is being
 * asked at this moment.  *state, borrowed until the next call, is what must be stored now. */

/* Makes the feed due now, its host's politeness kept.  WD_DENIED: it is paused. */
wd_status wd_poller_poll_now(wd_poller *p, const char *slug);

/* Pauses or resumes, over restarts too.  A poll under way ends first. */
wd_status wd_poller_hold(wd_poller *p, const char *slug, bool held, const wd_feed_state **state);

/* Forgets what polling has learned of it, validators, failures and rhythm, and makes it due. */
wd_status wd_poller_reset(wd_poller *p, const char *slug, const wd_feed_state **state);

/* NULL: no such slug.  *config may be NULL. */
const wd_feed_state *wd_poller_find(const wd_poller *p,
                                    const char *slug,
                                    const wd_feed_config **config);

/* One pass instead of a rhythm: every feed that is not paused, or only each that is due, is
 * asked once and then no more; its host's politeness is kept.  A host that is to be left alone
 * for longer than WD_SWEEP_PATIENCE_MS is left out.  done comes once, from the loop. */
#define WD_SWEEP_PATIENCE_MS (10 * WD_MINUTE_MS)
void wd_poller_sweep(wd_poller *p, bool due_only, void (*done)(void *ctx));

/* How many took part, and how many of them were not asked (so far). */
void wd_poller_sweep_counts(const wd_poller *p, uint32_t *all, uint32_t *left_out);

/* Of how many the pass has still to be decided. */
uint32_t wd_poller_sweep_left(const wd_poller *p);

typedef struct wd_poller_stats {
    uint32_t feeds, failing, paused, due, in_flight, never_polled;
    uint32_t standings[WD_STANDING_COUNT]; /* failing: also those dormant or gone */
    bool net_down;                         /* no host at all can be reached */
    int64_t oldest_due_ms;                 /* how late the most overdue is; 0: none */
    uint64_t polls, not_modified, same_body, documents, failures, bytes;
    wd_tally tally;
} wd_poller_stats;

void wd_poller_get_stats(const wd_poller *p, wd_poller_stats *out);

/* Calls each for every feed in slug order. */
void wd_poller_each(const wd_poller *p,
                    void (*each)(void *ctx, const wd_feed_config *c, const wd_feed_state *s),
                    void *ctx);

/* Cancels what is in flight, then releases.  Sets *p to NULL; NULL is accepted. */
void wd_poller_close(wd_poller **p);
