/*
 * feeds/feed_state.h - a feed's state as bytes for the ledger: versioned, little-endian.
 *
 * Fields are only ever added at the end: an older blob leaves the new ones zero, a
 * newer one is read up to what is known here.
 */
#pragma once

#include "core/buf.h"
#include "feeds/feed.h"

/* The feed's number is not part of it. */
void wd_feed_state_pack(const wd_feed_state *s, wd_buf *out);

/* False when it is no state at all; *out is then untouched. */
bool wd_feed_state_unpack(wd_span in, wd_feed_state *out);
