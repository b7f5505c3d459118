/*
 * parsers/json_feed.h - JSON Feed 1.0 and 1.1, known by their shape: some say version "1.1".
 */
#pragma once

#include "parsers/mapper.h"

typedef enum wd_json_end {
    WD_JSON_COMPLETE,
    WD_JSON_STOPPED,
    WD_JSON_NOT_A_FEED, /* an object, but without items */
    WD_JSON_MALFORMED,
    WD_JSON_NOMEM,
} wd_json_end;

/* Fills `feed` and calls the sink for each item; values live in `keep`. */
wd_json_end wd_json_feed_read(
    wd_span text, wd_span base, wd_arena *keep, wd_draft *feed, const wd_mapper_sink *sink);
