/*
 * feeds/link_header.h - the links of an HTTP Link field (RFC 8288 section 3), one after the other.
 *
 * Pure; what is broken is stepped over, never guessed.
 */
#pragma once

#include <stdbool.h>

#include "core/span.h"

typedef struct wd_link_value { /* spans into the field's value */
    wd_span target;            /* as written, perhaps relative */
    wd_span rel;               /* one or more words; absent: none was given */
} wd_link_value;

/* The first link of *rest, which moves behind it.  Links with an `anchor` speak of another
 * document and are left out.  False: there is no more. */
bool wd_link_header_next(wd_span *rest, wd_link_value *out);

/* Whether `rel` is one of its relations, whatever the case. */
bool wd_link_value_is(const wd_link_value *link, const char *rel);
