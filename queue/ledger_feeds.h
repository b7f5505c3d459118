/*
 * queue/ledger_feeds.h - the ledger's rows about feeds: number, validators, state.
 *
 * Thread, errors and transactions: queue/ledger.h.
 */
#pragma once

#include "queue/ledger.h"

/* What is stored of a feed, as opaque text and numbers: this folder knows nothing of
 * polling.  `state` is a small blob whose layout belongs to feeds (daemon maps it). */
typedef struct wd_ledger_feed {
    uint32_t feed; /* number, for life */
    wd_span slug, url;
    wd_span etag, last_modified;
    wd_span state;
} wd_ledger_feed;

/* The feed's number, made on first sight of the slug.  When the stored URL
 * differs the validators are dropped with it (polling.md rule 10).  A user name and a password
 * in the URL are not stored and make no difference. */
WD_MUST_USE wd_status wd_ledger_feed_number(wd_ledger *l, wd_span slug, wd_span url, uint32_t *out);
WD_MUST_USE wd_status wd_ledger_put_feed_state(wd_ledger *l, uint32_t feed, wd_span state);
WD_MUST_USE wd_status wd_ledger_put_validators(wd_ledger *l,
                                               uint32_t feed,
                                               wd_span etag,
                                               wd_span last_modified);
WD_MUST_USE wd_status wd_ledger_each_feed(wd_ledger *l,
                                          void (*each)(void *ctx, const wd_ledger_feed *feed),
                                          void *ctx);
