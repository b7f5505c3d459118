/*
 * daemon/page/wire_query.h - search in the wire: every term must begin a word, whatever its case
 * and accents; `feed:slug` and `is:copy` narrow it.
 */
#pragma once

#include "core/buf.h"
#include "daemon/page/wire.h"

/* The other side of the comparison: how an entry's words are laid down. */
void wd_wire_words_begin(wd_buf *words, const char *slug, const char *kind);
void wd_wire_words_add(wd_buf *words, wd_span text);

#define WD_QUERY_TERMS 8u   /* more are not looked at */
#define WD_QUERY_BYTES 256u /* of the question; the rest is cut off */

typedef struct wd_wire_query {
    wd_buf needles; /* terms one behind the other */
    size_t ends[WD_QUERY_TERMS];
    size_t n;
} wd_wire_query;

void wd_wire_query_init(wd_wire_query *q, const char *text);
void wd_wire_query_done(wd_wire_query *q);

/* True for everything when there is no term. */
bool wd_wire_query_matches(const wd_wire_query *q, wd_span words);

/* Appends {"total", "searched", "since", "items"}, newest first, at most `limit`. */
void wd_wire_search(const wd_wire *w, const char *text, size_t limit, wd_buf *out);
