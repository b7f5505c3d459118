/*
 * feeds/decoder.h - a body as it was before its Content-Encoding: gzip, deflate, br, zstd, or
 * several of them one upon the other (RFC 9110 section 8.4).
 *
 * Fed piece by piece as bytes arrive, and gives on in pieces: a bomb costs what its reader lets it.
 */
#pragma once

#include <stdbool.h>

#include "core/span.h"
#include "core/status.h"

typedef struct wd_decoder wd_decoder;

/* What an Accept-Encoding field may promise of it. */
#define WD_DECODER_ENCODINGS "gzip, deflate, br, zstd"

/* `encodings` as the Content-Encoding field has them, in the order in which they were applied.
 * WD_UNSUPPORTED: one of them is unknown, or they are too many. */
WD_MUST_USE wd_status wd_decoder_new(wd_decoder **out, wd_span encodings);
void wd_decoder_free(wd_decoder *d); /* NULL is accepted */

/* As wd_gunzip_feed(); what stands behind the end of the encoded bytes is left out. */
WD_MUST_USE wd_status wd_decoder_feed(wd_decoder *d,
                                      wd_span bytes,
                                      bool (*take)(void *ctx, wd_span decoded),
                                      void *ctx);
