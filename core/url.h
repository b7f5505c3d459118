/*
 * core/url.h - URLs as feeds use them: resolve, compare, show.  RFC 3986, with
 * what publishers really write: white space around, spaces and non-ASCII inside
 * (percent-encoded here), a missing scheme before "//".
 */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/span.h"

typedef struct wd_url_parts { /* spans into the URL; absent where the part is not there */
    wd_span scheme, userinfo, host, port, path, query, fragment;
} wd_url_parts;

/* Splits without judging (RFC 3986 appendix B).  Always succeeds. */
void wd_url_split(wd_span url, wd_url_parts *out);

/* http or https with a host. */
bool wd_url_is_http(wd_span url);

/* The same, as somebody wrote it to have it asked: its host could be one (no blank in it, brackets
 * closed) and its port is 1 to 65535. */
bool wd_url_is_fetchable(wd_span url);

/* `ref` against `base` (RFC 3986 section 5.2).  An absolute ref is returned
 * cleaned; with an absent or relative base a relative ref is returned as it is.
 * Longer than WD_URL_BYTES: absent. */
wd_span wd_url_resolve(wd_arena *a, wd_span base, wd_span ref);

/* The form under which two links to one page compare equal: scheme dropped to
 * "//", host lower-cased without "www." and default port; session and campaign parameters
 * (core/url_parameter.h), a trailing slash, and a fragment that is no page of its own ("#!...",
 * "#/...") left out; percent-escapes of unreserved characters decoded.  For identity only, never
 * shown. */
wd_span wd_url_canonical(wd_arena *a, wd_span url);

/* For log, metrics and events: without userinfo, and with every query value as "***",
 * for nobody can say from its name which one is a secret. */
wd_span wd_url_redact(wd_arena *a, wd_span url);

/* For the operator's own eyes: without userinfo, and with "***" only for those query values
 * that look like keys (core/url_parameter.h). */
wd_span wd_url_show(wd_arena *a, wd_span url);

/* As it is, without its userinfo: what may be stored. */
wd_span wd_url_bare(wd_arena *a, wd_span url);
