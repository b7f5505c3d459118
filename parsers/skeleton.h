/*
 * parsers/skeleton.h - a feed's markup, read as if it were well-formed.
 *
 * One linear pass over the document does all repairs: what is before the first "<" and
 * behind the root is left out, comments and processing instructions too; stray "<" are
 * text; tags are balanced, names made legal, a DOCTYPE is told only when it declares
 * entities.
 *
 * Text is told where it stands in the document, its references not yet decoded
 * (parsers/entities.h does that, by our rules).  White space alone comes as one blank or
 * newline, however much of it there is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

/* Nesting: real feeds stay under 30, XHTML bodies under 60. */
#define WD_SKELETON_DEPTH 1024u

/* Attributes of one element; SVG in XHTML bodies has up to 30. */
#define WD_SKELETON_ATTRS 128u

/* One attribute value; data: URLs of inline pictures go well past WD_URL_BYTES. */
#define WD_SKELETON_VALUE_BYTES (128u * 1024u)

typedef enum wd_skeleton_end {
    WD_SKELETON_COMPLETE,  /* the root's end tag was seen */
    WD_SKELETON_TRUNCATED, /* it was not */
    WD_SKELETON_TOO_DEEP,
    WD_SKELETON_STOPPED, /* the sink said so */
    WD_SKELETON_NO_ROOT, /* not one element */
} wd_skeleton_end;

/* A name stays where it is until its element ends, `attrs` (parsers/tag.h reads them) during the
 * call. */
typedef struct wd_skeleton_sink {
    bool (*start)(void *ctx, wd_span name, wd_span attrs); /* false: stop */
    void (*text)(void *ctx, wd_span raw, bool cdata);
    void (*end)(void *ctx);
    bool (*doctype)(void *ctx, wd_span whole); /* false: stop */
    void *ctx;
} wd_skeleton_sink;

/* `doc` must be clean and stay in place; all of it that lies before what was told last may be
 * written over.
 * *repaired is set when something had to be mended. */
wd_skeleton_end wd_skeleton_run(wd_span doc, const wd_skeleton_sink *sink, bool *repaired);
