/*
 * parsers/charset_labels.h - what a charset label means, as browsers read it
 * (https://encoding.spec.whatwg.org/#names-and-labels): latin1 is windows-1252.
 */
#pragma once

#include "core/span.h"

typedef struct wd_charset {
    const char *name;   /* the standard's, lower case */
    const char *iconv;  /* glibc's */
    const char *labels; /* " one two " */
} wd_charset;

/* Longest label looked at; the standard's longest has 19 bytes. */
#define WD_CHARSET_LABEL_BYTES 40u

/* NULL for a label nobody uses; case, quotes and white space do not matter. */
const wd_charset *wd_charset_find(wd_span label);
