/*
 * queue/ledger_decisions.h - what was decided of each item, and why: for people who ask later.
 *
 * Nothing reads this to decide anything: it may be lost without harm.  A decision leaves with
 * its item's text, at the end of the window.
 * Thread, errors and transactions: queue/ledger.h.
 */
#pragma once

#include "queue/ledger.h"

/* Longest headline kept, in bytes: enough to recognise a story by. */
#define WD_DECISION_TITLE_BYTES 200u

typedef struct wd_ledger_decision {
    uint64_t item, cluster;
    uint64_t matched; /* compared with; 0: nothing was near */
    int64_t at_ms;
    wd_span verdict, rule, note;      /* the desk's own words; note absent: none */
    uint32_t cover_this, cover_other; /* thousandths */
    uint32_t longest_run;             /* words */
    uint32_t numbers, numbers_agreed;
    wd_span title;      /* cut at WD_DECISION_TITLE_BYTES */
    int64_t updated_ms; /* WD_TIME_NONE: never since */
    uint32_t changes;   /* of the last update: the desk's bits */
} wd_ledger_decision;

/* With the item, in its transaction; updated_ms and changes are not read. */
WD_MUST_USE wd_status wd_ledger_add_decision(wd_ledger *l, const wd_ledger_decision *d);
/* The item was updated: when, what, and its headline now. */
WD_MUST_USE wd_status
wd_ledger_note_update(wd_ledger *l, uint64_t item, int64_t at_ms, uint32_t changes, wd_span title);

/* False when there is none (any more).  Spans live in the arena. */
bool wd_ledger_find_decision(wd_ledger *l, uint64_t item, wd_arena *arena, wd_ledger_decision *out);

/* Items of a cluster beginning with its root, oldest first, `max` at most; returns how many.
 * Looks until `size` (the cluster's, from its root) were found. */
size_t wd_ledger_cluster_items(
    wd_ledger *l, uint64_t cluster, uint32_t size, uint64_t *items, size_t max);
