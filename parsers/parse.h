/*
 * parsers/parse.h - bytes of one answer in, one feed document out.
 *
 * Pure and synchronous: no network, no clock, no global state.  The same bytes
 * give the same document on any thread.  RSS 0.9x, 1.0, 2.0, Atom 0.3 and 1.0,
 * JSON Feed 1.0 and 1.1 (RFC 4287, RSS Advisory Board 2.0.11, jsonfeed.org).
 *
 * Thread: any, one at a time per arena.
 * Owner:  everything in the document lives in the arena given, or stands in the body still:
 *         what needed no change is not copied.
 * Memory: beside the body little more than the items themselves, when the body may be written.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/item.h"
#include "core/limits.h"
#include "core/span.h"

typedef struct wd_parse_input {
    wd_span body;         /* decoded from Content-Encoding, never from charset */
    bool may_write;       /* the body is the caller's to give: items may be put where they stood,
                             or its memory be given back when it had to be transcoded */
    wd_span url;          /* where it came from at last: base for relative links; may be absent */
    wd_span content_type; /* as in the header, with charset; may be absent */
    wd_span content_location; /* may be absent */
    wd_span content_language; /* may be absent */
    int64_t now_ms;           /* to flag dates in the future; never to invent one */
} wd_parse_input;

typedef enum wd_feed_format {
    WD_FORMAT_UNKNOWN,
    WD_FORMAT_RSS, /* 0.9x and 2.0 */
    WD_FORMAT_RSS10,
    WD_FORMAT_ATOM03,
    WD_FORMAT_ATOM,
    WD_FORMAT_JSON,
    WD_FORMAT_NEWS_SITEMAP,
} wd_feed_format;

const char *wd_feed_format_name(wd_feed_format f); /* "atom1.0" */

/* How it went.  COMPLETE and PARTIAL have a document; the others have none. */
#define WD_PARSE_OUTCOME_LIST(X)                                                                   \
    X(COMPLETE, "complete", "the document was read to its end")                                    \
    X(TRUNCATED, "truncated", "the document ends before its end tag")                              \
    X(LIMITED, "limit", "a limit stopped the reading")                                             \
    X(HTML, "html", "this is an HTML page, not a feed")                                            \
    X(NOT_A_FEED, "not-a-feed", "this is not a feed")                                              \
    X(EMPTY, "empty", "the body is empty")                                                         \
    X(MALFORMED, "malformed", "no feed could be read from it")                                     \
    X(ENTITY_POLICY, "entities", "it declares entities that are refused")                          \
    X(ENCODING, "encoding", "its character encoding is not one that is read")                      \
    X(NOMEM, "memory", "out of memory")

typedef enum wd_parse_outcome {
#define X(name, word, text) WD_PARSE_##name,
    WD_PARSE_OUTCOME_LIST(X)
#undef X
} wd_parse_outcome;

const char *wd_parse_outcome_word(wd_parse_outcome o); /* "truncated" */
const char *wd_parse_outcome_text(wd_parse_outcome o); /* a sentence's second half */

typedef struct wd_feed_doc {
    wd_parse_outcome outcome;
    wd_feed_format format;
    bool items_kept; /* items[] may be used: COMPLETE always; TRUNCATED and LIMITED with what came
                        before */
    const char *encoding; /* IANA name, lower case; "utf-8" when nothing says otherwise */
    wd_span title_text, subtitle_html, subtitle_text, link, language;
    wd_span title_html; /* as in core/item.h */
    wd_span published_raw, updated_raw;
    int64_t published_ms, updated_ms;
    wd_person *authors;
    size_t n_authors;
    wd_span self_link;                  /* rel=self; absent when not said */
    wd_span hub_links[WD_HUBS_PER_DOC]; /* rel=hub (WebSub), absent ones last */
    wd_span generator, icon;
    int32_t ttl_min;        /* minutes, -1 when not said (RSS ttl) */
    int32_t update_every_s; /* sy:updatePeriod / updateFrequency, -1 when not said */
    uint32_t skip_hours;    /* bit h: not at that hour, GMT */
    uint8_t skip_days;      /* bit 0 = Sunday */
    uint32_t flags;         /* enum wd_item_flag: what was repaired in the document */
    uint32_t dropped_items; /* beyond a limit, or with nothing in them */
    wd_item *items;         /* document order */
    size_t n_items;
} wd_feed_doc;

/* Always fills *out.  A document never brings the caller down: every limit of
 * parsing.md and security.md holds for any bytes. */
wd_parse_outcome wd_parse(const wd_parse_input *in, wd_arena *arena, wd_feed_doc *out);
