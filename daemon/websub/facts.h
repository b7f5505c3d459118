/*
 * daemon/websub/facts.h - a feed's subscription as the ledger has it, for those who ask about the
 * feed.
 */
#pragma once

#include "core/json.h"
#include "feeds/websub.h"
#include "queue/ledger.h"

typedef struct wd_websub_facts {
    wd_websub_phase phase; /* WD_WEBSUB_PHASES: it has none */
    wd_span hub;
    int64_t lease_ms, next_ms, pushed_ms; /* WD_TIME_NONE: none */
    uint32_t failures;
    bool delivers;
} wd_websub_facts;

/* `ledger` may be NULL.  Copied into the arena. */
WD_MUST_USE wd_status wd_websub_facts_find(wd_websub_facts *out,
                                           wd_ledger *ledger,
                                           const char *slug,
                                           wd_arena *arena);

/* Lines for people, nothing when there is no subscription. */
void wd_websub_facts_explain(const wd_websub_facts *f, int64_t now_ms, wd_buf *out);

/* The member "websub", or nothing. */
void wd_websub_facts_put(const wd_websub_facts *f, wd_json *j);
