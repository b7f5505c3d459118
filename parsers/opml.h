/*
 * parsers/opml.h - subscription lists: OPML 1.0 and 2.0 in and out (opml.org/spec2.opml).
 *
 * Nested groups are kept: outlines stand in document order, each with its depth.  An OPML file
 * is somebody's list of addresses and nothing else; nothing in it is fetched or run here.
 */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/span.h"

typedef struct wd_opml_outline {
    unsigned depth;   /* 0: at the top of the body */
    wd_span title;    /* `title`, else `text` */
    wd_span xml_url;  /* of the feed; absent for a group */
    wd_span html_url; /* of its site; may be absent */
    wd_span category; /* as written; may be absent */
    wd_span slug;     /* the feed's name, where wiredesk wrote the list; may be absent */
} wd_opml_outline;

typedef struct wd_opml {
    wd_span title;
    wd_opml_outline *outlines;
    size_t n;
} wd_opml;

/* Outlines of one document: a quarter of a million feeds, and the groups that they are in. */
#define WD_OPML_OUTLINES 300000u

/* WD_MALFORMED for what is no OPML, WD_LIMIT for more outlines than that: nobody should believe
 * to have all of a list of which a part was dropped.  A document that is cut off gives what came
 * before.  Everything lives in the arena. */
WD_MUST_USE wd_status wd_opml_read(wd_span body, wd_arena *arena, wd_opml *out);

/* Appends OPML 2.0. */
wd_status wd_opml_write(const wd_opml *list, wd_buf *out);
