/*
 * core/hmac.h - was this body signed by who knows our secret?  The only door to nettle
 * (HMAC, RFC 2104; the methods are those of WebSub's X-Hub-Signature).
 *
 * Fed piece by piece as bytes arrive, so that a large body never holds up its thread.
 */
#pragma once

#include <stdbool.h>

#include "core/span.h"
#include "core/status.h"

typedef struct wd_hmac wd_hmac;

/* `method`: "sha1", "sha256", "sha384" or "sha512", case ignored.  WD_UNSUPPORTED: another one. */
WD_MUST_USE wd_status wd_hmac_new(wd_hmac **out, wd_span method, wd_span key);
void wd_hmac_free(wd_hmac *h);

void wd_hmac_update(wd_hmac *h, wd_span bytes);

/* Whether `hex` is the digest of all that was fed; takes as long for every wrong one of its
 * length.  Ends the reckoning: ask once. */
bool wd_hmac_matches(wd_hmac *h, wd_span hex);
