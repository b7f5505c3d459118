/*
 * parsers/finish.h - a draft becomes what the rest of the program sees: decoded, sanitised,
 * dated, resolved, identified.
 *
 * What is made of an item is put where items before it stood (wd_draft.dead), so that a document
 * and its items need hardly more memory than the document.  One that may not be written over
 * keeps what needed no change; the rest is copied into the arena.
 */
#pragma once

#include "parsers/draft.h"
#include "parsers/html.h"
#include "parsers/parse.h"

/* What finishing needs beside the draft. */
typedef struct wd_finish {
    wd_span doc;    /* what is read */
    char *writable; /* the same bytes when they may be written over, else NULL */
    char *room;     /* the next byte of it that nobody needs any more */
    size_t room_bytes;
    wd_arena *to;      /* what has no room there lives here */
    wd_arena *scratch; /* emptied by the caller between drafts */
    wd_html *html;
    const wd_entity_set *declared;
    int64_t now_ms;
    wd_buf decoded; /* one field on its way */
} wd_finish;

/* False when there is nothing in the draft worth an item. */
bool wd_finish_item(wd_finish *f, const wd_draft *d, wd_item *out);

/* The feed's own fields; out->items and what is about reading are the caller's. */
void wd_finish_feed(wd_finish *f, const wd_draft *d, wd_feed_doc *out);
