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

/* The ids of a feed that stand over stories of one link, told apart by their titles: none is ever
 * forgotten.  With one such id, one in 10,000 others is taken for one too; what that costs is
 * that another title under it makes another story, and no update. */
void wd_feed_state_add_titled(wd_feed_state *state, uint64_t id_key);
bool wd_feed_state_is_titled(const wd_feed_state *state, uint64_t id_key);
