/*
 * queue/ledger_items.h - the ledger's rows about items: identity, cluster, remembered text.
 *
 * Thread, errors and transactions: queue/ledger.h.
 */
#pragma once

#include "queue/ledger.h"

typedef struct wd_ledger_item {
    uint64_t item;    /* number, ascending */
    uint64_t cluster; /* root item's number */
    uint32_t feed;
    char uri_hex[25]; /* 24 hex digits of urn:wiredesk:item: */
    int64_t first_seen_ms;
    uint64_t content_hash, text_hash;
    uint32_t field_hash[8];
    uint64_t id_key, link_key; /* 0: none */
    uint32_t revision;         /* 1, then one more for every update */
    wd_span agency;            /* of the cluster, on its root; absent: none */
    uint32_t cluster_size;     /* read only, on a root: items of its cluster, itself included */
    wd_span packed;            /* wd_fingerprint_pack; absent: not in the text index */
} wd_ledger_item;

/* New item: row, identity, link and packed text at once. */
WD_MUST_USE wd_status wd_ledger_add_item(wd_ledger *l, const wd_ledger_item *item);
/* The same identity with other content: hashes, packed text, revision + 1. */
WD_MUST_USE wd_status wd_ledger_update_item(wd_ledger *l, const wd_ledger_item *item);
/* The identity was in the feed's document on that day (days since the epoch):
 * writes only when the day moved on, so that it outlives its last sighting by 30 days. */
WD_MUST_USE wd_status wd_ledger_touch_id(wd_ledger *l, uint32_t feed, uint64_t id_key, int64_t day);
WD_MUST_USE wd_status wd_ledger_set_agency(wd_ledger *l, uint64_t cluster, wd_span agency);

/* false: none (an I/O error is reported by the next write).  Borrowed spans of
 * *out live until the next call on this ledger; packed is left absent. */
bool wd_ledger_find_id(wd_ledger *l, uint32_t feed, uint64_t id_key, wd_ledger_item *out);
bool wd_ledger_find_link(wd_ledger *l, uint64_t link_key, wd_ledger_item *out);
bool wd_ledger_find_item(wd_ledger *l, uint64_t item, wd_ledger_item *out);
bool wd_ledger_find_uri(wd_ledger *l, const char *uri_hex, wd_ledger_item *out);
uint64_t wd_ledger_last_item(wd_ledger *l);

/* Forgets what is too old: texts before texts_before_ms, identities unseen since
 * ids_before_day (with their item and link).  Looks at max_rows of each and goes on
 * from there at the next call.  *left: this sweep is not at its end. */
WD_MUST_USE wd_status wd_ledger_expire(
    wd_ledger *l, int64_t texts_before_ms, int64_t ids_before_day, uint32_t max_rows, bool *left);
