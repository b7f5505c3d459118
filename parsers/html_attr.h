/*
 * parsers/html_attr.h - one attribute of an allowed element: kept, rewritten or left out.
 */
#pragma once

#include "core/arena.h"
#include "parsers/html_out.h"
#include "parsers/html_policy.h"
#include "parsers/tag.h"

/* Writes ` name="value"`, or nothing.  Relative links resolve against `base`.  `foreign`: of a
 * picture or formula.  True when it was a link. */
bool wd_html_attr_put(
    wd_html_bytes *out, wd_html_attr_kind kind, const wd_attr *attr, wd_span base, bool foreign);

/* The declarations of `style` that may stay, "; " between them (parsers/html_css.c). */
void wd_html_style_clean(wd_html_bytes *out, wd_span style);
