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

/* A host's gate was closed by a 429. */
void wd_voice_host_closed(const wd_log *log, wd_span host, const wd_poll *poll, int64_t wait_ms);
