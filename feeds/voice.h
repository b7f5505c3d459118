/*
 * feeds/voice.h - what the log hears of a feed: each change between working and failing,
 * once, with its reason and the next try.
 */
#pragma once

#include "core/log.h"
#include "feeds/poll.h"

/* Says what changed against *said, the last thing said of this feed (WD_REASON_NONE: that
 * it works), and moves *said. */
void wd_voice_polled(const wd_log *log, const wd_poll *poll, wd_reason *said);

/* Each poll, for whoever debugs: feed.polled at level debug. */
void wd_voice_traced(const wd_log *log, const wd_poll *poll);

/* A document that is not well formed and was read all the same: once, until one is whole. */
void wd_voice_repaired(const wd_log *log, const wd_poll *poll, bool *repaired);

/* What else the operator should hear once: lost items (*overflowing: said and still so),
 * validators of no use, a move for good.  Moves poll->state.moved_said. */
void wd_voice_noticed(const wd_log *log, wd_poll *poll, bool *overflowing);

/* It has been silent beyond belief and is asked once without validators. */
void wd_voice_distrust(const wd_log *log, const wd_poll *poll);

/* A host's gate was closed by a 429: to a request of that feed, or to its hub. */
void wd_voice_host_closed(const wd_log *log, wd_span host, const char *slug, int64_t wait_ms);

/* It answers again; `forgotten`: nobody asks it any more. */
void wd_voice_host_opened(const wd_log *log, wd_span host, const char *slug, bool forgotten);
