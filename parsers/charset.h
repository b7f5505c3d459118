/*
 * parsers/charset.h - any body to clean UTF-8 (parsers/clean.h), once, before anything reads it.
 *
 * In order: byte order mark, the header's charset, patterns of UTF-16 and UTF-32, the XML
 * declaration, UTF-8, windows-1252.  A label that the bytes refute is passed over: a body
 * that is valid UTF-8 with something beyond ASCII in it is UTF-8 whatever it says.
 */
#pragma once

#include <stdint.h>

#include "core/buf.h"
#include "core/span.h"
#include "parsers/charset_labels.h"
#include "parsers/transcode.h"

typedef struct wd_decoded {
    wd_span text; /* points into the body when nothing had to change, else into `own` */
    char encoding[WD_CHARSET_LABEL_BYTES + 1];
    uint32_t flags; /* WD_ITEM_BAD_ENCODING, WD_ITEM_CONTROLS_STRIPPED */
    wd_buf own;
} wd_decoded;

/* WD_UNSUPPORTED for UTF-7 and EBCDIC, which are never read (a filter in front of us
 * would not see the markup in them); WD_LIMIT, WD_NOMEM.  *out is always filled; the
 * caller ends it with wd_decoded_done.  A body that may be spent is, unless `text` is in it. */
wd_status wd_charset_decode(wd_source body, wd_span content_type, wd_decoded *out);
void wd_decoded_done(wd_decoded *d);

/* The charset parameter of a Content-Type, or absent. */
wd_span wd_charset_of_header(wd_span content_type);
