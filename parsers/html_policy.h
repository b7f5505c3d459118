/*
 * parsers/html_policy.h - what may stay of a stranger's HTML: an allow-list of elements and
 * attributes, and what each of them means for the text.
 *
 * The list is the one feed readers have agreed on since feedparser's; scripts, frames,
 * plug-ins, style sheets and every on* attribute are not on it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"

enum wd_html_flag {
    WD_HTML_KEEP = 1u << 0,     /* the tag may stay */
    WD_HTML_VOID = 1u << 1,     /* it has no end tag */
    WD_HTML_LINE = 1u << 2,     /* begins and ends a line of text */
    WD_HTML_PARA = 1u << 3,     /* stands apart by an empty line */
    WD_HTML_OPEN = 1u << 4,     /* its end tag may be left out */
    WD_HTML_SWALLOW = 1u << 5,  /* its content goes too, even when it never ends */
    WD_HTML_HIDDEN = 1u << 6,   /* its content goes too, when it ends */
    WD_HTML_CELL = 1u << 7,     /* a table's cell */
    WD_HTML_BREAK = 1u << 8,    /* a line break */
    WD_HTML_PRE = 1u << 9,      /* white space counts */
    WD_HTML_FOREIGN = 1u << 11, /* of a picture or a formula: SVG, MathML */
    WD_HTML_RICH = 1u << 10,    /* without it the text would say something else */
    WD_HTML_LAZY = 1u << 12,    /* it may keep its address from browsers until a script comes */
    WD_HTML_PICTURE = 1u << 13, /* it is nothing without an address */
    WD_HTML_BARE = 1u << 14,    /* for those who run no scripts: kept only when it is empty */
};

typedef struct wd_html_element {
    char name[20];
    uint8_t len;
    uint16_t flags;
} wd_html_element;

/* `lower` in lower case; NULL for names not in HTML. */
const wd_html_element *wd_html_element_find(wd_span lower);

typedef enum wd_html_attr_kind {
    WD_HTML_ATTR_DROP,
    WD_HTML_ATTR_PLAIN,
    WD_HTML_ATTR_URL,
    WD_HTML_ATTR_STYLE,
    WD_HTML_ATTR_SRCSET,
} wd_html_attr_kind;

wd_html_attr_kind wd_html_attr_find(wd_span lower, bool foreign);

/* The same for what stands inside <svg> and <math>. */
const wd_html_element *wd_html_foreign_find(wd_span lower);

/* Longest name on either list. */
#define WD_HTML_NAME_BYTES 24u

/* True when a link may have this scheme ("http"); case ignored. */
bool wd_html_scheme_allowed(wd_span scheme);
