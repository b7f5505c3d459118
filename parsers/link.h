/*
 * parsers/link.h - links of documents, of which nearly all need nothing done to them.
 */
#pragma once

#include "core/arena.h"
#include "core/span.h"

/* An absolute http(s) URL in the form that wd_url_resolve would give it: lower-case scheme and
 * host, no userinfo, no dot segments, nothing to be percent-encoded. */
bool wd_link_is_plain(wd_span url);

/* As wd_url_resolve; what has no base and cannot be resolved stays as it was written. */
wd_span wd_link_resolve(wd_arena *a, wd_span base, wd_span ref);
