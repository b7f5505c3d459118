/*
 * core/item.h - one story as a feed tells it, normalised: the unit that travels.
 *
 * Owner: an item owns nothing.  Every span and array points into the arena of
 *        the poll that made it, or into the body that was read, and dies with them.
 * Text:  valid UTF-8 without C0/C1 controls (tab and newline excepted).
 *        *_text is plain text; *_html is sanitised HTML (parsers/html.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"

/* Where the id came from, best first (parsing.md "Identity"). */
typedef enum wd_id_kind { WD_ID_GUID, WD_ID_ATOM, WD_ID_LINK, WD_ID_HASH } wd_id_kind;

/* What was repaired or noticed; names as in the event schema's data.origin.flags. */
#define WD_ITEM_FLAG_LIST(X)                                                                       \
    X(RECOVERED_XML, "recovered-xml")                                                              \
    X(BAD_ENCODING, "bad-encoding")                                                                \
    X(BAD_DATE, "bad-date")                                                                        \
    X(FUTURE_DATE, "future-date")                                                                  \
    X(TRUNCATED_TITLE, "truncated-title")                                                          \
    X(TRUNCATED_BODY, "truncated-body")                                                            \
    X(ID_REWRITTEN, "id-rewritten")                                                                \
    X(LINK_DROPPED, "link-dropped")                                                                \
    X(CONTROLS_STRIPPED, "controls-stripped")                                                      \
    X(BACKFILL, "backfill")

enum wd_item_flag_bit {
#define X(name, text) WD_ITEM_BIT_##name,
    WD_ITEM_FLAG_LIST(X)
#undef X
        WD_ITEM_FLAG_COUNT
};

enum wd_item_flag {
#define X(name, text) WD_ITEM_##name = 1u << WD_ITEM_BIT_##name,
    WD_ITEM_FLAG_LIST(X)
#undef X
};

/* The flag's name in events, by bit number. */
const char *wd_item_flag_text(unsigned bit);

typedef struct wd_person {
    wd_span name, email, uri;
} wd_person;

typedef enum wd_media_kind {
    WD_MEDIA_ENCLOSURE,
    WD_MEDIA_CONTENT,
    WD_MEDIA_THUMBNAIL
} wd_media_kind;

typedef struct wd_media {
    wd_media_kind kind;
    wd_span url, type, title;
    int64_t length_bytes;  /* -1: not said, or junk */
    int32_t width, height; /* 0: not said */
} wd_media;

typedef struct wd_item {
    wd_span id; /* never absent */
    wd_id_kind id_kind;
    wd_span given_id; /* its own, where several stories share that and `id` is another; or absent */
    wd_span link;
    wd_span title_text;
    wd_span title_html; /* only when its markup says more than the text: links, pictures, x<sup>2 */
    /* A body is in the form it was published in; the other one is absent until it is made
     * (parsers/bodies.h).  No summary: the item has none apart from its content. */
    wd_span summary_html, summary_text;
    wd_span content_html, content_text;
    int64_t published_ms, updated_ms; /* WD_TIME_NONE: none or impossible */
    wd_span published_raw, updated_raw;
    wd_span language; /* BCP 47 as given, or the feed's */
    wd_span rights;
    wd_span source_title, source_url; /* rss <source>, atom:source */
    wd_span source_title_html;        /* absent when it has no markup */
    wd_person *authors;
    size_t n_authors;
    wd_span *categories;
    size_t n_categories;
    wd_media *media; /* enclosures first, then media RSS; one entry a URL */
    size_t n_media;
    uint32_t flags;  /* enum wd_item_flag */
    bool unfinished; /* its document ends before it said who it is: to be seen, not to be told */
    bool draft;      /* its author says that it is not published: the same */
} wd_item;

/* The text that says what the story is: content, else summary; may be empty. */
static inline wd_span wd_item_body_text(const wd_item *item)
{
    return item->content_text.len ? item->content_text : item->summary_text;
}
