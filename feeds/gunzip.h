/*
 * feeds/gunzip.h - what was sent with Content-Encoding gzip or deflate, as it was before
 * (RFC 1952, RFC 1950).  The only door to zlib.
 *
 * Fed piece by piece as bytes arrive, so that a large body never holds up its thread.
 */
#pragma once

#include <stdbool.h>

#include "core/span.h"
#include "core/status.h"

typedef struct wd_gunzip wd_gunzip;

/* What an Accept-Encoding field may promise of it. */
#define WD_GUNZIP_ENCODINGS "gzip, deflate"

/* Whether a Content-Encoding field's value is gzip alone; is one of these, alone. */
bool wd_gunzip_is_gzip(wd_span encoding);
bool wd_gunzip_knows(wd_span encoding);

WD_MUST_USE wd_status wd_gunzip_new(wd_gunzip **out);
/* For deflate without RFC 1950's head and sum, which some servers call deflate too. */
WD_MUST_USE wd_status wd_gunzip_new_bare(wd_gunzip **out);
void wd_gunzip_free(wd_gunzip *g); /* NULL is accepted */

/* Decodes the next bytes and gives them on in pieces, none kept.  WD_MALFORMED: they are no such
 * thing; WD_LIMIT: `take` gave back false.  After either nothing more comes of it. */
WD_MUST_USE wd_status wd_gunzip_feed(wd_gunzip *g,
                                     wd_span bytes,
                                     bool (*take)(void *ctx, wd_span decoded),
                                     void *ctx);

/* All of it was there, and its checksum is right. */
bool wd_gunzip_ended(const wd_gunzip *g);

/* What it refused stood behind a whole member, and gave nothing: padding, or a server's mistake. */
bool wd_gunzip_trails(const wd_gunzip *g);
