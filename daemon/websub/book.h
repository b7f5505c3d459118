/*
 * daemon/websub/book.h - every subscription, by the end of its callback's path and by its feed.
 *
 * A feed has one that is wanted or active at most; those that are being left, or are over, are
 * known by their paths alone.
 */
#pragma once

#include "feeds/due_heap.h"
#include "feeds/host_gate.h"
#include "feeds/websub_wire.h"

/* What was last said of deliveries that were not taken: each once, until one is. */
typedef enum wd_websub_fault {
    WD_WEBSUB_FINE,
    WD_WEBSUB_UNSIGNED,
    WD_WEBSUB_FORGED,
    WD_WEBSUB_FOREIGN,
    WD_WEBSUB_UNREADABLE,
    WD_WEBSUB_TOO_LARGE,
    WD_WEBSUB_FAULTS
} wd_websub_fault;

typedef struct wd_subscriber {
    struct wd_subscriber *next_token, *next_slug; /* in their buckets */
    wd_due due;                                   /* wall time */
    wd_gate_seat seat;                            /* at the hub's host */
    struct wd_websub_errand *errand;              /* the request under way */
    struct wd_websub_keeper *keeper;
    wd_websub sub;
    char token[WD_WEBSUB_TOKEN_CHARS + 1], secret[WD_WEBSUB_SECRET_CHARS + 1];
    char *slug, *topic, *hub;
    char *hubs[WD_HUBS_PER_DOC];    /* that the feed named last, hub among them; NULL: not known */
    uint64_t topic_hash, self_hash; /* what deliveries may call themselves; 0: not known */
    int64_t pushed_ms, stored_ms;   /* the newest delivery; the row was written; WD_TIME_NONE */
    unsigned waiting;               /* deliveries in the inbox */
    bool current;                   /* the feed's own */
    bool said_failed;
    wd_websub_fault said;
} wd_subscriber;

typedef struct wd_websub_book wd_websub_book;

WD_MUST_USE wd_status wd_websub_book_new(wd_websub_book **out);
void wd_websub_book_free(wd_websub_book *b); /* and all that are in it */

/* A new one, in the book, with token and secret of its own; NULL: no memory.  Texts are copied. */
wd_subscriber *wd_websub_book_add(wd_websub_book *b, const char *slug, wd_span topic, wd_span hub);

/* Gives it a token and a secret that are known; false when they are no such. */
bool wd_websub_book_rename(wd_websub_book *b, wd_subscriber *s, wd_span token, wd_span secret);

wd_subscriber *wd_websub_book_by_token(const wd_websub_book *b, const char *token);
wd_subscriber *wd_websub_book_by_feed(const wd_websub_book *b, const char *slug);

/* The feed's own, or one of those that it has left behind. */
void wd_websub_book_set_current(wd_websub_book *b, wd_subscriber *s, bool current);

/* The hubs it may be moved to. */
void wd_subscriber_set_hubs(wd_subscriber *s, const wd_span *hubs, size_t n);

void wd_websub_book_remove(wd_websub_book *b, wd_subscriber *s);

/* Each may remove the one it was given, no other. */
void wd_websub_book_each(wd_websub_book *b, void (*each)(void *ctx, wd_subscriber *s), void *ctx);

size_t wd_websub_book_count(const wd_websub_book *b);
