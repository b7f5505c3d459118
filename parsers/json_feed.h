/*
 * parsers/json_feed.h - JSON Feed 1.0 and 1.1, known by their shape: some say version "1.1".
 */
#pragma once

#include "parsers/mapper.h"

typedef enum wd_json_end {
    WD_JSON_COMPLETE,
    WD_JSON_TRUNCATED, /* cut off, or broken on the way: items before that were handed over */
    WD_JSON_STOPPED,
    WD_JSON_NOT_A_FEED, /* an object, but without items */
    WD_JSON_MALFORMED,
    WD_JSON_NOMEM,
} wd_json_end;

/* Fills `feed`, whose values live in `keep` and in the text, and calls the sink for each item,
 * whose values live until it returns. */
wd_json_end wd_json_feed_read(
    wd_span text, wd_span base, wd_arena *keep, wd_draft *feed, const wd_mapper_sink *sink);
