/*
 * daemon/desk_keeper.h - the desk's memory from one life to the next: fills it at a start, and
 * takes images of it, so that the next start has little to reckon again.
 *
 * Thread: the desk thread; wd_desk_keeper_open() before it runs, wd_desk_keeper_close() after.
 * Cost:   an image is written whenever so many items have come since the last; its slices are
 *         copied one a turn, between transactions.
 */
#pragma once

#include "core/log.h"
#include "daemon/feed_facts.h"
#include "daemon/progress.h"
#include "dedup/desk.h"
#include "queue/ledger.h"

typedef struct wd_desk_keeper wd_desk_keeper;

typedef struct wd_desk_keeping { /* all is borrowed */
    wd_desk *desk;
    wd_ledger *ledger;
    const wd_feed_facts *facts;
    wd_progress *progress; /* of the filling; may be NULL */
    const wd_log *log;
    const char *dir;
    int64_t window_ms;
    uint64_t image_after; /* new items since the last image */
} wd_desk_keeping;

WD_MUST_USE wd_status wd_desk_keeper_open(wd_desk_keeper **out, const wd_desk_keeping *what);

/* Outside a transaction, and only while the ledger has all that the desk has decided: takes the
 * next slice when an image is due.  Milliseconds until the next turn; WD_DESK_KEEPER_IDLE: when
 * more items have come. */
#define WD_DESK_KEEPER_IDLE UINT64_MAX
uint64_t wd_desk_keeper_turn(wd_desk_keeper *k);

/* In a transaction: the text of an item was replaced. */
WD_MUST_USE wd_status wd_desk_keeper_retold(wd_desk_keeper *k, uint64_t item);

/* Leaves an image where a start would have much to do without; `whole`: the ledger has all that
 * the desk has decided.  Sets *k to NULL. */
void wd_desk_keeper_close(wd_desk_keeper **k, bool whole);
