/*
 * feeds/explain.h - a feed's state in words: how it is doing, and why the next poll is when
 * it is.  For `explain feed`, `feeds due` and whoever reads a log.
 */
#pragma once

#include "core/buf.h"
#include "feeds/feed.h"

/* Appends a few lines of plain text, each ended by a newline; errors are the buffer's. */
void wd_explain_feed(const wd_feed_config *config,
                     const wd_feed_state *state,
                     int64_t now_ms,
                     wd_buf *out);

/* Appends one clause: "next poll in 12 min, because its configuration says so". */
void wd_explain_due(const wd_feed_config *config,
                    const wd_feed_state *state,
                    int64_t now_ms,
                    wd_buf *out);

/* One word: "new", "ok", "failing", "dormant" (failing for weeks), "gone" or "paused". */
const char *wd_explain_state(const wd_feed_config *config, const wd_feed_state *state);
