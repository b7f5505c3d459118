/*
 * daemon/verbs/discovery.h - which feeds belong to an address: asked for politely, and believed
 * only when they have been read.
 *
 * Order: the address itself; what its page declares; anchors that look like feeds, when
 *        that gave none; well-known paths of the host, when the page gave none at all.
 * Bound: WD_DISCOVERY_REQUESTS, one after the other, with a pause.
 */
#pragma once

#include "core/limits.h"
#include "daemon/verbs/errand.h"
#include "daemon/verbs/verb.h"
#include "parsers/parse.h"

#define WD_DISCOVERY_REQUESTS 20u

typedef struct wd_found_feed {
    wd_span url; /* where redirects lead, when all of them are permanent */
    wd_span title;
    const char *how; /* "itself", "declared", "anchor", "well-known" */
    wd_feed_format format;
    size_t items;
    int64_t newest_ms; /* WD_TIME_NONE: no item has a date */
} wd_found_feed;

typedef struct wd_discovery {
    wd_found_feed feeds[WD_DISCOVERY_REQUESTS];
    size_t n, requests;
    wd_reason trouble; /* of the address itself */
    int32_t status;
    char detail[160];
    wd_arena *arena; /* what was found lives here */
} wd_discovery;

/* "example.org", which is what people type, "feed://example.org/", which is what some sites link,
 * or an address, as an http or https address; NULL: it is none. */
const char *wd_discovery_address(const char *word, char out[WD_URL_BYTES]);

/* `url` is http or https; `allow_private` are networks beside the configured ones, or NULL.
 * False: no memory. */
WD_MUST_USE bool wd_discovery_make(wd_discovery *d,
                                   const wd_config *config,
                                   const char *url,
                                   const char *const *allow_private);

/* Why nothing was found, in one sentence on `url`'s account. */
void wd_discovery_complain(const wd_discovery *d, const wd_verb *v, const char *url);

/* What was found, a row or an object each. */
void wd_discovery_print(const wd_discovery *d, bool json);
void wd_discovery_done(wd_discovery *d);
