/*
 * parsers/page.h - which feeds an HTML page points at: what it declares as its feeds
 * (rssboard.org/rss-autodiscovery, HTML rel=alternate and rel=feed), and anchors whose
 * address looks like one.
 *
 * Pure; any bytes, one pass.  Scripts, styles and comments are passed over.
 * Owner: everything lives in the arena given.
 */
#pragma once

#include "core/arena.h"
#include "core/span.h"
#include "core/status.h"

/* Of each kind; a page that names more is a directory. */
#define WD_PAGE_LINKS 32u

typedef enum wd_page_link_kind { WD_PAGE_DECLARED, WD_PAGE_ANCHOR } wd_page_link_kind;

typedef struct wd_page_link {
    wd_page_link_kind kind;
    wd_span url;   /* absolute, http or https */
    wd_span title; /* as the page calls it; may be absent */
} wd_page_link;

typedef struct wd_page {
    wd_page_link links[2 * WD_PAGE_LINKS]; /* in the page's order, each address once */
    size_t n, n_declared;
} wd_page;

/* `content_type` as in the header, for its charset; `url` is where the page came from. */
WD_MUST_USE wd_status
wd_page_read(wd_span body, wd_span content_type, wd_span url, wd_arena *arena, wd_page *out);

/* By its path and query: "/feed", "/rss.xml", "?feed=atom". */
bool wd_page_looks_like_feed(wd_span url);
