/*
 * parsers/html_impl.h - a workspace from the inside: parsers/html.c follows the text,
 * parsers/html_tag.c writes one tag.
 */
#pragma once

#include "parsers/html.h"
#include "parsers/html_names.h"
#include "parsers/html_out.h"
#include "parsers/html_picture.h"
#include "parsers/html_policy.h"
#include "parsers/html_text.h"

/* Elements that hide what is in them, with and without "xhtml:". */
#define WD_HTML_NO_ENDS 16u

struct wd_html {
    wd_html_bytes html;
    wd_html_text text;
    wd_span base;
    bool title; /* unknown tags are text, and no HTML is written */
    bool markup, rich;
    bool lazy, shown; /* of the tag written last: has an address in waiting, has one */
    bool noscript;    /* inside of one */
    wd_html_twins twins;
    bool no_gt, no_comment_end;      /* looked for in vain from here to the end of the text */
    unsigned stray_ends;             /* of scripts: each takes a start tag with it */
    wd_span no_end[WD_HTML_NO_ENDS]; /* whose end tags were looked for in vain */
    size_t no_ends;
    const char *at, *end;
    wd_html_names names;
    size_t foreign; /* depth of the outermost <svg> or <math> that is open, counted from 1 */
    size_t leaf_bytes;
    size_t leaf_end; /* where an empty leaf of a picture was closed */
    size_t depth;
    const wd_html_element *open[WD_HTML_DEPTH];
};

/* `inner` as in parsers/tag.h.  False when there is no room for the whole tag: then there is none
 * of it. */
bool wd_html_tag_start(wd_html *h, const wd_html_element *e, wd_span inner);
void wd_html_tag_end(wd_html *h, const wd_html_element *e);

/* An <img>, or the <source> of one: once, under its real address, or not at all. */
void wd_html_tag_picture(wd_html *h, const wd_html_element *e, wd_span inner);
