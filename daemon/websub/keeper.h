/*
 * daemon/websub/keeper.h - asks hubs to push what feeds bring, keeps the leases, and hands what
 * is delivered to the poller.
 *
 * Thread:  loop thread.
 * Polls:   stay the way by which everything is found out: a document names its hubs, and shows
 *          what a hub has missed.  A hub is believed to deliver once it brought something new.
 * Close:   asynchronous; before the poller, whose gates it sits at.
 */
#pragma once

#include "core/log.h"
#include "daemon/config/config.h"
#include "daemon/websub/book.h"
#include "daemon/websub/facts.h"
#include "feeds/poller_push.h"
#include "queue/ledger_websub.h"

typedef struct wd_websub_keeper wd_websub_keeper;

typedef struct wd_websub_keeper_spec {
    uv_loop_t *loop;
    wd_http *http;
    wd_poller *poller;
    const wd_clock *clock;
    const wd_log *log;
    const wd_config *config;                             /* in force; _set() has the next one */
    void (*put)(void *ctx, const wd_ledger_websub *row); /* to the ledger; copied */
    void (*drop)(void *ctx, wd_span token);
    void (*closed)(void *ctx);
    void *ctx;
} wd_websub_keeper_spec;

typedef struct wd_websub_stats {
    uint64_t subscriptions[WD_WEBSUB_PHASES], delivering;
    uint64_t requests_taken, requests_failed;
    uint64_t confirmed, refused, denied;
    uint64_t deliveries, faults[WD_WEBSUB_FAULTS], turned_away; /* turned_away: 404, 410 or 503 */
    uint64_t missed;
} wd_websub_stats;

/* Listens for hubs; WD_CONFIG with err when it cannot. */
WD_MUST_USE wd_status wd_websub_keeper_open(wd_websub_keeper **out,
                                            const wd_websub_keeper_spec *spec,
                                            wd_error *err);

/* What the ledger has; before the first _set(). */
void wd_websub_keeper_restore(wd_websub_keeper *k, const wd_ledger_websub *row);

/* The feeds as the poller now has them: those that may have no subscription leave theirs. */
void wd_websub_keeper_set(wd_websub_keeper *k, const wd_config *config);

/* A poll, or what was pushed, is on disk. */
void wd_websub_keeper_stored(wd_websub_keeper *k, const wd_poll *poll);

/* What was pushed was not stored, and will not be. */
void wd_websub_keeper_dropped(wd_websub_keeper *k, const wd_poll *poll);

/* "signature-missing" ... for metrics. */
const char *wd_websub_fault_word(wd_websub_fault f);

/* The feed's own subscription; spans are borrowed until the loop goes on.  False: it has none. */
bool wd_websub_keeper_find(const wd_websub_keeper *k, const char *slug, wd_websub_facts *out);

void wd_websub_keeper_get_stats(wd_websub_keeper *k, wd_websub_stats *out);
uint16_t wd_websub_keeper_port(const wd_websub_keeper *k);

/* Sets *k to NULL; NULL is accepted. */
void wd_websub_keeper_close(wd_websub_keeper **k);

/* Whether the feed's hub may be asked. */
bool wd_websub_wanted(const wd_config *config, const wd_feed_config *feed);
