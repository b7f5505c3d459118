/*
 * dedup/desk.h - have we met this text?  The near-duplicate desk (docs/dedup.md).
 *
 * Thread: one, always the same.  No clock, no storage, no randomness of its own:
 *         all three are given, so equal input gives equal answers.
 * Memory: bounded by wd_desk_config; the oldest items leave first.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"
#include "dedup/verdict.h"

typedef struct wd_desk wd_desk;

/* An item already known by its identity. */
typedef struct wd_seen {
    uint64_t item;    /* its number */
    uint64_t cluster; /* its cluster's root */
    uint32_t feed;
    uint64_t content_hash;
    uint64_t text_hash;
    uint32_t field_hash[8];
} wd_seen;

/* Identity lives in storage (a feed shows the same item for years, far beyond
 * the window of the text index).  Both return false when there is none. */
typedef struct wd_desk_store {
    bool (*find_id)(void *ctx, uint32_t feed, uint64_t id_key, wd_seen *out);
    bool (*find_link)(void *ctx, uint64_t link_key, wd_seen *out);
    void *ctx;
} wd_desk_store;

typedef enum wd_dedupe_scope { WD_SCOPE_ALL, WD_SCOPE_GROUP, WD_SCOPE_FEED } wd_dedupe_scope;
typedef enum wd_trust { WD_TRUST_LOW, WD_TRUST_NORMAL, WD_TRUST_HIGH } wd_trust;

typedef struct wd_desk_config {
    int64_t window_ms;    /* how long a text is remembered */
    uint32_t max_items;   /* and how many at most */
    bool near_duplicates; /* false: identity and exact text only (dedupe.mode off) */
    wd_dedupe_scope scope;
    uint64_t first_item;          /* number of the next new item: 1 + the highest in storage */
    const char *scratch_dir;      /* where the words of texts go, in a file without a name;
                                     NULL: they stay in memory, about 1 KB an item */
    const struct wd_rules *rules; /* for bench and tests; NULL: wd_rules_default */
} wd_desk_config;

/* max_items may not be more: numbers travel through the index as 24 bits. */
#define WD_DESK_MAX_ITEMS 16777214u

/* On failure *out is untouched. */
WD_MUST_USE wd_status wd_desk_new(wd_desk **out,
                                  const wd_desk_config *config,
                                  const wd_desk_store *store);
void wd_desk_free(wd_desk *desk);

typedef struct wd_desk_question {
    uint32_t feed;
    uint32_t group;
    wd_trust trust;
    int64_t now_ms;           /* first seen: the desk's only notion of time */
    const wd_fingerprint *fp; /* borrowed for the call */
} wd_desk_question;

/* Decides, and remembers what it decided.  The caller stores the verdict before
 * it tells anyone, and if storing fails repeats the storing, not the question. */
void wd_desk_ask(wd_desk *desk, const wd_desk_question *q, wd_verdict *out);

/* A number for an item that stays outside the index: known by its identity, told to
 * nobody (a new feed's distant past), so no later text may count as its copy. */
uint64_t wd_desk_skip(wd_desk *desk);

/* Puts one stored item back, oldest first, at start.  `packed` is from
 * wd_fingerprint_pack(); WD_MALFORMED leaves the desk as it was. */
typedef struct wd_desk_memory {
    uint64_t item, cluster;
    uint32_t feed, group;
    wd_trust trust;
    int64_t first_seen_ms;
    wd_span packed;
} wd_desk_memory;

wd_status wd_desk_restore(wd_desk *desk, const wd_desk_memory *m);

/* A stored item whose text was replaced after the image (dedup/image.h) was taken: after all
 * that is to be restored. */
wd_status wd_desk_retell(wd_desk *desk, const wd_desk_memory *m);

/* Everything is back: the next number is config.first_item.  Implied by the first question. */
void wd_desk_restored(wd_desk *desk);

/* What is remembered of every feed's group and trust, as they are now. */
typedef void (*wd_desk_feed_fn)(void *ctx, uint32_t feed, uint32_t *group, wd_trust *trust);
void wd_desk_set_feeds(wd_desk *desk, wd_desk_feed_fn about, void *ctx);

typedef struct wd_desk_stats {
    uint32_t items;
    uint64_t next; /* number of the next new item */
    size_t bytes;
    uint64_t asked, compared;
    int64_t oldest_ms;
} wd_desk_stats;

void wd_desk_get_stats(const wd_desk *desk, wd_desk_stats *out);
