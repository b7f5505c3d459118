/*
 * feeds/moved.h - when a permanent redirect is believed (polling.md rule 7): after ten
 * sightings over seven days, with items that the feed had before; and until when: three
 * failures there, or a redirect elsewhere.
 *
 * Pure.  The configuration stays the operator's: what is adopted lasts as long as it holds.
 */
#pragma once

#include "feeds/poll.h"

#define WD_MOVED_SIGHTINGS 10u
#define WD_MOVED_OVER_MS   (7 * WD_DAY_MS)
#define WD_MOVED_FAILURES  3u

/* After a success, with state->last_poll_ms set: moves the state's moved_* and adopted. */
void wd_moved_answered(wd_feed_state *state, const wd_poll *poll);

/* After a failure. */
void wd_moved_failed(wd_feed_state *state, const wd_poll *poll);

/* Permanent redirects lead elsewhere for long enough to be believed. */
bool wd_moved_for_good(const wd_feed_state *state);
