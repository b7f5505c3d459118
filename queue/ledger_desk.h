/*
 * queue/ledger_desk.h - what the desk's memory of texts is made of again after a stop or a kill.
 *
 * Thread, errors and transactions: queue/ledger.h.
 */
#pragma once

#include "queue/ledger.h"

typedef struct wd_ledger_text {
    uint64_t item, cluster;
    uint32_t feed;
    int64_t first_seen_ms;
    wd_span packed; /* wd_fingerprint_pack */
} wd_ledger_text;

/* The spans are borrowed for the call, which may look things up in this ledger, not write. */
typedef void (*wd_ledger_text_fn)(void *ctx, const wd_ledger_text *text);

/* Every remembered text of item `from` and above, first seen at or after `since_ms`, oldest
 * first. */
WD_MUST_USE wd_status wd_ledger_each_text(
    wd_ledger *l, uint64_t from, int64_t since_ms, wd_ledger_text_fn each, void *ctx);

/* The image of the desk's memory that belongs to this ledger, as its mark: the last that was
 * finished, and one that was begun, and may have been finished since.  0: none. */
void wd_ledger_image_marks(wd_ledger *l, uint64_t out[2]);

/* An image is begun: texts replaced up to now (*retold names the last) are in it. */
WD_MUST_USE wd_status wd_ledger_begin_image(wd_ledger *l, uint64_t mark, uint64_t *retold);
/* It is in its place.  With mark 0: there is none, and nothing to replace in it. */
WD_MUST_USE wd_status wd_ledger_finish_image(wd_ledger *l, uint64_t mark, uint64_t retold);

/* The text of an item was replaced; each of these, as its text is now. */
WD_MUST_USE wd_status wd_ledger_note_retold(wd_ledger *l, uint64_t item);
WD_MUST_USE wd_status wd_ledger_each_retold(wd_ledger *l, wd_ledger_text_fn each, void *ctx);
