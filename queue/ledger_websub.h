/*
 * queue/ledger_websub.h - the ledger's rows about WebSub subscriptions: what must be known again
 * after a restart, secrets among it.
 *
 * Thread, errors and transactions: queue/ledger.h.
 */
#pragma once

#include "queue/ledger.h"

/* Opaque text and numbers: what they mean is feeds/websub.h's. */
typedef struct wd_ledger_websub {
    wd_span token; /* the row's name: the end of the callback's path */
    wd_span slug;  /* of the feed, also when it is configured no longer */
    wd_span hub, topic, secret;
    uint32_t phase, failures;
    int64_t lease_ms, next_ms, pushed_ms;
    uint64_t self_hash;
    bool delivers;
} wd_ledger_websub;

/* Adds the row, or changes it. */
WD_MUST_USE wd_status wd_ledger_put_websub(wd_ledger *l, const wd_ledger_websub *row);
WD_MUST_USE wd_status wd_ledger_drop_websub(wd_ledger *l, wd_span token);

/* Rows are borrowed for the call, in the order of their tokens. */
WD_MUST_USE wd_status wd_ledger_each_websub(wd_ledger *l,
                                            void (*each)(void *ctx, const wd_ledger_websub *row),
                                            void *ctx);
