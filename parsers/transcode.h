/*
 * parsers/transcode.h - bytes of some charset to clean UTF-8 (parsers/clean.h), a piece at a time.
 *
 * A source that is spent gives its memory back to the system while it is read: a text is never
 * there twice.  What it held must not be looked at again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/span.h"

typedef struct wd_source {
    wd_span bytes;
    bool spend; /* the caller gives them away; whole pages of them read as zeros afterwards */
} wd_source;

/* Appends `in`, which is of iconv's `charset`; one bad unit becomes U+FFFD, a control vanishes.
 * *flags gains WD_ITEM_BAD_ENCODING or WD_ITEM_CONTROLS_STRIPPED.  WD_UNSUPPORTED when iconv does
 * not know it, WD_LIMIT, WD_NOMEM. */
wd_status wd_transcode(const char *charset, wd_source in, wd_buf *out, uint32_t *flags);

/* The same for what is UTF-8, nearly. */
wd_status wd_transcode_utf8(wd_source in, wd_buf *out, uint32_t *flags);
