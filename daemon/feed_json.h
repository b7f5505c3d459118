/*
 * daemon/feed_json.h - one feed as members of a JSON object: the same to a verb's reader and to the
 * page's.
 */
#pragma once

#include "core/arena.h"
#include "core/json.h"
#include "daemon/config/config.h"
#include "feeds/schedule.h"

/* How an address is shown: wd_url_redact() to whoever may look, wd_url_show() to the operator. */
typedef wd_span (*wd_url_view)(wd_arena *a, wd_span url);

/* What is configured of it, how it is, and when and why it is asked next: members of an object
 * that the caller begins and ends. */
void wd_feed_put_members(
    wd_json *j, const wd_feed_config *c, const wd_feed_state *s, wd_url_view view, int64_t now_ms);
