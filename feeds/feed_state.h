/*
 * feeds/feed_state.h - wd_feed_state as the bytes the ledger keeps: versioned, little-endian.
 *
 * The feed's number is not in them: it is the row's key.
 */
#pragma once

#include <stdbool.h>

#include "core/buf.h"
#include "feeds/feed.h"

/* Appends about 150 bytes; errors are the buffer's, sticky. */
void wd_feed_state_pack(const wd_feed_state *state, wd_buf *out);

/* False, and *out untouched, when the bytes are short, damaged or of a later version. */
bool wd_feed_state_unpack(wd_span bytes, wd_feed_state *out);

/* What is known of a feed before its first poll. */
wd_feed_state wd_feed_state_new(uint32_t feed);
