/*
 * daemon/page/wire.h - the newest items that were told, ready to be shown again: what the status
 * page rolls and searches.
 *
 * Thread: loop thread.
 * Memory: WD_WIRE_BYTES and an index of WD_WIRE_ITEMS, taken as it fills, never more: the
 *         oldest leave first.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/span.h"
#include "core/status.h"

/* About 5,000 items of 800 bytes: seven hours of a desk that tells one in five seconds, and
 * little beside what the daemon takes anyway. */
#define WD_WIRE_BYTES (4u * 1024u * 1024u)
#define WD_WIRE_ITEMS 8192u

/* One of them, its search text included; longer fields are cut before (wire_item.c). */
#define WD_WIRE_ENTRY_BYTES (8u * 1024u)

typedef struct wd_wire wd_wire;

typedef struct wd_wire_entry { /* borrowed until the next put */
    uint64_t seq;
    int64_t told_ms;
    wd_span json;  /* one object */
    wd_span words; /* folded, for wd_wire_query (wire_query.h) */
} wd_wire_entry;

WD_MUST_USE wd_status wd_wire_new(wd_wire **out);
void wd_wire_free(wd_wire *w);

/* Copies both.  Numbers count up from 1.  One over WD_WIRE_ENTRY_BYTES is left out. */
void wd_wire_put(wd_wire *w, int64_t told_ms, wd_span json, wd_span words);

/* The oldest kept and the one that comes next; equal when there is none. */
uint64_t wd_wire_first(const wd_wire *w);
uint64_t wd_wire_next(const wd_wire *w);

/* False when it is not kept (any more). */
bool wd_wire_get(const wd_wire *w, uint64_t seq, wd_wire_entry *out);
