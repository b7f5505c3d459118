/*
 * parsers/html_names.h - elements and attributes by the names people write, remembered while a
 * workspace lives: an article has a dozen of each.
 */
#pragma once

#include "parsers/html_policy.h"

#define WD_HTML_NAMES_SLOTS 64u

/* Names of up to eight bytes, packed; 0: nothing yet. */
typedef struct wd_html_names {
    struct {
        uint64_t name;
        const wd_html_element *element;
    } elements[WD_HTML_NAMES_SLOTS];
    struct {
        uint64_t name;
        wd_html_attr_kind kind;
    } attrs[WD_HTML_NAMES_SLOTS];
} wd_html_names;

/* Case and the prefix "xhtml:" do not matter; NULL when HTML has no such element.  Memory is
 * readable from the name up to `end`.  `foreign`: inside <svg> or <math>. */
const wd_html_element *wd_html_names_element(wd_html_names *n,
                                             wd_span name,
                                             const char *end,
                                             bool foreign);
wd_html_attr_kind wd_html_names_attr(wd_html_names *n, wd_span name, const char *end, bool foreign);

/* The same for one name, without a memory. */
const wd_html_element *wd_html_element_named(wd_span name, bool foreign);
