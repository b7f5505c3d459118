/*
 * feeds/http_head.h - the header lines of one answer, kept as far as we use and trust them.
 *
 * Fed line by line as they arrive; knows no socket.  A value is kept only when it is
 * printable ASCII and at most 1 KB (a URL: WD_URL_BYTES): what a server says may be
 * sent back to it, logged and stored (polling.md rule 10, security.md "header injection").
 * Owner: the arena given at the beginning.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/span.h"
#include "feeds/feed.h"

typedef struct wd_http_head {
    wd_arena *arena;
    int64_t now_ms;
    size_t bytes; /* all lines, those of interim answers too */
    bool done;    /* the final answer's header block has ended; trailers are not read */

    int32_t status;
    wd_span location, content_type, content_location, content_language;
    wd_span content_encoding; /* all its fields, joined by ", " */
    wd_span etag, last_modified;
    wd_span links; /* Link fields that speak of a hub or of the document itself, joined by ", " */
    int64_t max_age_s, age_s;
    int64_t expires_ms;     /* WD_TIME_NONE: not said, or no date */
    int64_t retry_after_ms; /* a duration; -1: not said */
    int64_t reset_ms;       /* RateLimit reset as a duration; -1: not said */
} wd_http_head;

void wd_http_head_begin(wd_http_head *h, wd_arena *arena, int64_t now_ms);

/* One line as it came, with its line ending.  False: the head is over its limit. */
bool wd_http_head_line(wd_http_head *h, wd_span line);

/* Cache-Control's max-age minus Age, at least 0; -1 when not said. */
int64_t wd_http_head_fresh_s(const wd_http_head *h);

/* Both validators, each "" when absent or unfit. */
void wd_http_head_validators(const wd_http_head *h, wd_validators *out);
