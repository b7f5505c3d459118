/*
 * daemon/verbs/feed_book.h - the configured feeds with what is remembered of them, to look at.
 *
 * Reads the ledger beside a running daemon: no lock, no writes.  A desk that never ran has
 * feeds without a history.
 */
#pragma once

#include "core/json.h"
#include "daemon/roster.h"
#include "daemon/verbs/verb.h"
#include "daemon/websub/facts.h"

typedef struct wd_feed_book {
    const wd_config *config;
    wd_config *own; /* the same, when it is to be freed */
    wd_roster *roster;
    wd_arena *arena;      /* of the subscriptions */
    wd_websub_all websub; /* of feeds that hubs push, or shall */
    int64_t now_ms;
} wd_feed_book;

/* False: *exit_code, and why was said. */
bool wd_feed_book_open(wd_feed_book *book, const wd_verb *v, int *exit_code);
void wd_feed_book_close(wd_feed_book *book);

/* By slug; NULL when none is configured. */
const wd_poller_feed *wd_feed_book_find(const wd_feed_book *book, const char *slug);

/* The feed as an object: wd_feed_put_members(), and its subscription. */
void wd_feed_book_put(wd_json *j, const wd_feed_book *book, const wd_poller_feed *feed);
