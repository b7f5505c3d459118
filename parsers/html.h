/*
 * parsers/html.h - a stranger's HTML to HTML that may be shown, and that to plain text; each in one
 * pass, linear in the input, whatever the input is.
 *
 * The output is a fixed point: cleaning it again changes nothing.  Only elements and
 * attributes of parsers/html_policy.h are written, every one of them anew from what was
 * understood: quoted, escaped, balanced, links resolved.  Text is decoded once.
 *
 * Thread: a workspace is used by one thread at a time.
 * Owner:  results live in the workspace until its next use.
 */
#pragma once

#include <stdbool.h>

#include "core/span.h"
#include "core/status.h"

typedef struct wd_html wd_html;

WD_MUST_USE wd_html *wd_html_new(void);
void wd_html_free(wd_html *h);

/* Output of one field but for its end tags; references of one byte may become six. */
#define WD_HTML_OUTPUT_BYTES (2u * 1024u * 1024u)

/* Elements open at once; deeper tags are left out, their text stays. */
#define WD_HTML_DEPTH 256u

typedef struct wd_html_result {
    wd_span html;
    bool markup; /* there was a tag */
    bool rich;   /* there was one whose loss would change the meaning: a link, a picture, x<sup>2 */
    bool cut;    /* the output's ceiling was reached */
} wd_html_result;

/* `src` is clean UTF-8; links resolve against `base` (may be absent). */
wd_html_result wd_html_clean(wd_html *h, wd_span src, wd_span base);

/* The plain text of what wd_html_clean wrote (of nothing else): block elements break lines. */
wd_span wd_html_plain(wd_html *h, wd_span cleaned);

/* Text only, for titles: white space as in the text, but tags that HTML does not have are
 * what somebody wrote ("std::vector<T>") and stay. */
wd_span wd_html_title(wd_html *h, wd_span src);

/* Plain text as HTML. */
wd_span wd_html_escape(wd_html *h, wd_span text);

/* Whether text of unknown kind is HTML: it has a known tag, or a named reference. */
bool wd_html_looks_like(wd_span s);
