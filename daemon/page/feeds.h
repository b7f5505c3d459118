/*
 * daemon/page/feeds.h - the feeds as the status page lists them: chosen, ordered, a page at a
 * time, so that five thousand cost what a screenful costs.
 */
#pragma once

#include "core/buf.h"
#include "daemon/websub/facts.h"
#include "feeds/feed.h"

#define WD_PAGE_FEEDS_MAX 500u /* in one answer */

typedef struct wd_page_feeds_query {
    const char *text; /* part of name, group, host or path; NULL: any */
    const char
        *state; /* wd_explain_state()'s words, "trouble" for all that do not work; NULL: any */
    const char *order; /* "name", "due", "new" (newest item first), "failing" (longest first) */
    uint64_t from, limit;
} wd_page_feeds_query;

/* Who has the feeds: calls `each` for every one, in the order of their names. */
typedef void (*wd_page_feed_fn)(void *ctx, const wd_feed_config *c, const wd_feed_state *s);
typedef struct wd_page_feeds_source {
    void (*each)(const void *feeds, wd_page_feed_fn each, void *ctx);
    const void *feeds; /* NULL: there are none yet */
    /* The feed's subscription at a hub; NULL: there are none.  False: it has none. */
    bool (*websub)(const void *hubs, const char *slug, wd_websub_facts *out);
    const void *hubs;
} wd_page_feeds_source;

/* {"now", "all", "states": {"ok": 3, ...}, "total", "from", "feeds": [...]}: `states` counts
 * what `text` chose, `total` what `state` chose of it. */
WD_MUST_USE wd_status wd_page_feeds_write(const wd_page_feeds_source *source,
                                          const wd_page_feeds_query *q,
                                          int64_t now_ms,
                                          wd_buf *out);
