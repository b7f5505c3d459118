/*
 * parsers/json_reader.h - JSON read where it stands: no tree, strings are spans of the document.
 *
 * A pull reader for objects whose keys come in any order; lenient where feeds are sloppy (raw
 * newlines in strings, commas too many), and what was read before an error stays read.
 */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/span.h"

/* Nesting; feeds have five levels. */
#define WD_JSON_DEPTH 64u

typedef struct wd_json_reader {
    const char *at, *end;
    bool broken; /* nothing more can be read; at == end: the document was cut off */
} wd_json_reader;

/* True when the next value is an object (or array, string ...): its first byte, 0 at the end. */
char wd_json_reader_next(wd_json_reader *r);

/* Enters an object or array; false when the next value is none. */
bool wd_json_reader_enter(wd_json_reader *r, char open);

/* The next member's key, or the end.  Its value must be read or skipped. */
bool wd_json_reader_key(wd_json_reader *r, wd_span *key);

/* Whether the array has another value, which must be read or skipped. */
bool wd_json_reader_more(wd_json_reader *r);

/* A string, decoded into `keep` when it has escapes; a number as it stands; absent for
 * anything else, which is skipped. */
wd_span wd_json_reader_text(wd_json_reader *r, wd_arena *keep);

void wd_json_reader_skip(wd_json_reader *r);
