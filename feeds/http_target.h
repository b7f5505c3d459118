/*
 * feeds/http_target.h - one hop's URL: where it leads, and which secrets may go there.
 *
 * Owner: spans point into the arena given, NUL-terminated.
 */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/span.h"

typedef struct wd_http_target {
    wd_span url;      /* cleaned, without userinfo: may be logged (redacted) and reported */
    wd_span userinfo; /* as in the URL, percent-encoded; absent: none */
    wd_span scheme, host, port;
} wd_http_target;

/* A host in another script becomes what DNS has (feeds/idn.h).  False when `url` is not http or
 * https with a host, or longer than WD_URL_BYTES. */
bool wd_http_target_set(wd_arena *arena, wd_span url, wd_http_target *out);

/* Where `location` leads from `from`.  Userinfo that a Location brings is dropped;
 * userinfo of `from` is kept where it may be told. */
bool wd_http_target_follow(wd_arena *arena,
                           const wd_http_target *from,
                           wd_span location,
                           wd_http_target *out);

/* Scheme, host and port (RFC 6454). */
bool wd_http_target_same_origin(const wd_http_target *a, const wd_http_target *b);

/* Whether what `from` was given (validators, credentials) may be told to `to`: the same
 * origin, or the same host's https where http was, both on their own ports. */
bool wd_http_target_may_tell(const wd_http_target *from, const wd_http_target *to);

/* True when the step from a to b gives up encryption. */
bool wd_http_target_downgrades(const wd_http_target *a, const wd_http_target *b);

/* The URL with its userinfo, for the one who sends it. */
wd_span wd_http_target_secret_url(wd_arena *arena, const wd_http_target *t);
