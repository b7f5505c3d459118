/*
 * parsers/tag.h - one start tag of a document as people write it.
 *
 * Finds its end and its attributes whatever is wrong with the quotes.  Used on XML
 * (parsers/skeleton.c) and on HTML (parsers/html.c), which is why it judges nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/span.h"

typedef struct wd_tag {
    wd_span name;  /* as written */
    wd_span inner; /* between the name and the closing ">" or "/>" */
    size_t bytes;  /* whole length, from "<" on; 0: this "<" opens no tag */
    bool closed;   /* "/>" */
    bool cut;      /* the input ends inside the tag */
} wd_tag;

typedef struct wd_attr {
    wd_span name, value; /* value absent when there is no "=" */
} wd_attr;

/* `at` begins with "<" and a name. */
wd_tag wd_tag_scan(wd_span at);

/* Takes the next attribute off *inner; false at the end. */
bool wd_tag_attr(wd_span *inner, wd_attr *out);

/* How many bytes at the front may be a name; colons count, a "/" ends it. */
size_t wd_tag_name_bytes(wd_span s);

/* True for a byte that can begin a name: a letter, "_", or beyond ASCII. */
bool wd_tag_name_starts(char c);
