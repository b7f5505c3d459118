/*
 * parsers/skeleton.h - a feed's markup without its text, made well-formed.
 *
 * One linear pass over the document does all repairs before libxml2 sees a byte:
 * what is before the first "<" and behind the root is left out, comments,
 * processing instructions and a DOCTYPE without entities too; stray "<" are text;
 * tags are balanced, attributes quoted, names made legal.
 *
 * Text does not travel through libxml2.  Each run of character data, and each CDATA
 * section, is replaced by a piece: eleven characters that say where it stands in the
 * document.  libxml2 then reads tags only, which is most of the speed, and references
 * are decoded in one place, by our rules (parsers/entities.h).  In attribute values
 * "&" travels as WD_SKELETON_AMP.  White space alone is passed through.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

/* Cannot occur in a clean document (parsers/clean.h), and is legal in XML 1.0. */
#define WD_SKELETON_AMP '\x7f'

#define WD_SKELETON_PIECE_BYTES 11u

/* Nesting: real feeds stay under 30, XHTML bodies under 60; the bare SAX parser has no
 * limit of its own. */
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

typedef struct wd_skeleton_sink {
    bool (*markup)(void *ctx, const char *bytes, size_t n); /* false: stop */
    void *ctx;
} wd_skeleton_sink;

/* `doc` must be clean and stay in place as long as pieces are looked up; what lies behind the
 * piece looked up last may be written over.
 * *repaired is set when something had to be mended. */
wd_skeleton_end wd_skeleton_run(wd_span doc, const wd_skeleton_sink *sink, bool *repaired);

/* What a piece stands for. */
wd_span wd_skeleton_piece(const char piece[WD_SKELETON_PIECE_BYTES], wd_span doc, bool *ret_cdata);
