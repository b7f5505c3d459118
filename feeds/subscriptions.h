/*
 * feeds/subscriptions.h - a subscription list as feeds: names, addresses and groups of an OPML
 * document, flat.
 *
 * Names: the one that wiredesk wrote, else made from the address alone, so that the same
 *        list gives the same names whatever it says of titles and in whatever order.
 *        Two addresses that make one name: the later in the list gets a hash behind it.
 * Groups: the outlines around it, outermost first, joined by '/'.
 * Left out: outlines without an address, a second time the same address.
 */
#pragma once

#include "parsers/opml.h"

typedef struct wd_subscription {
    wd_span slug, url, title;
    wd_span group; /* "" at the top */
} wd_subscription;

typedef struct wd_subscriptions {
    wd_subscription *feeds; /* in the list's order */
    size_t n;
    size_t n_repeated; /* addresses that were there before */
    size_t n_unusable; /* addresses that are neither http nor https */
    wd_span unusable;  /* the first of them */
} wd_subscriptions;

/* Reads OPML.  Everything lives in the arena.  WD_MALFORMED for what is no OPML,
 * WD_LIMIT for more than WD_OPML_OUTLINES. */
WD_MUST_USE wd_status wd_subscriptions_read(wd_span body, wd_arena *arena, wd_subscriptions *out);

/* Appends OPML with nested groups; `feeds` must be in the order of their groups. */
wd_status wd_subscriptions_write(const wd_subscriptions *list, wd_span title, wd_buf *out);

/* The name that an address makes: "news-example-world"; `apart`: with a hash behind it, for
 * when that is taken.  Absent: no memory. */
wd_span wd_subscription_slug(wd_arena *arena, wd_span url, bool apart);

/* Letters, digits, '-', '_' and '.', a letter or digit first, at most WD_SLUG_BYTES. */
bool wd_subscription_slug_valid(wd_span slug);
