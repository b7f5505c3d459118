/*
 * daemon/feed_json.h - one feed as a JSON object: the same to a verb's reader and to the page's.
 */
#pragma once

#include "core/json.h"
#include "daemon/config/config.h"
#include "feeds/schedule.h"

/* What is configured of it, how it is, and when and why it is asked next. */
void wd_feed_put_json(wd_json *j, const wd_feed_config *c, const wd_feed_state *s, int64_t now_ms);
