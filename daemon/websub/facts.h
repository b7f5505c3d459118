/*
 * daemon/websub/facts.h - a feed's subscription for those who ask about the feed: by verbs, from
 * the ledger; by the status page, from the keeper.
 */
#pragma once

#include "core/arena.h"
#include "daemon/feed_json.h"
#include "feeds/websub.h"
#include "queue/ledger.h"

typedef struct wd_websub_facts {
    wd_span slug, hub;     /* the hub's address may hold a secret: shown by a wd_url_view */
    wd_websub_phase phase; /* active or wanted */
    int64_t lease_ms, next_ms, pushed_ms; /* WD_TIME_NONE: none */
    uint32_t failures;
    bool delivers;
} wd_websub_facts;

typedef struct wd_websub_all {
    wd_websub_facts *rows; /* in the order of their feeds' names */
    size_t n;
} wd_websub_all;

/* Every feed's own, not those that it has left.  `ledger` may be NULL.  In the arena. */
WD_MUST_USE wd_status wd_websub_facts_read(wd_websub_all *out, wd_ledger *ledger, wd_arena *arena);

/* NULL: the feed has none. */
const wd_websub_facts *wd_websub_facts_of(const wd_websub_all *all, const char *slug);

/* A line for people; `f` may be NULL, which is nothing. */
void wd_websub_facts_explain(const wd_websub_facts *f, int64_t now_ms, wd_buf *out);

/* "hub.example, lease ends in 6 d, last delivery 3 min ago": for a table; nothing for NULL. */
void wd_websub_facts_brief(const wd_websub_facts *f, int64_t now_ms, wd_buf *out);

/* The member "websub", nothing for NULL. */
void wd_websub_facts_put(const wd_websub_facts *f, wd_url_view view, wd_json *j);
