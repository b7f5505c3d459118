/*
 * parsers/html_text.h - plain text with the white space that HTML means: folded, lines at block
 * elements, cells apart, <pre> as it is.
 */
#pragma once

#include "parsers/html_names.h"
#include "parsers/html_out.h"

typedef struct wd_html_text {
    wd_html_bytes out;
    bool space;     /* the last byte was white space, or nothing is there yet */
    unsigned lines; /* line breaks owed before the next word: 0, 1 or 2 */
    unsigned pre;   /* inside elements where white space counts */
} wd_html_text;

void wd_html_text_begin(wd_html_text *t);
wd_span wd_html_text_end(wd_html_text *t);

/* Takes text up to the next "<" or "&" behind its first byte, and returns how much that was.
 * Memory is readable up to `end`, at or behind the run's own. */
size_t wd_html_text_run(wd_html_text *t, wd_span run, const char *end);

/* What an element's start or end does to the text around it. */
void wd_html_text_tag(wd_html_text *t, const wd_html_element *e, bool start);

/* The whole of what wd_html_clean wrote, and of nothing else: every ">" ends a tag there. */
void wd_html_text_read(wd_html_text *t, wd_html_names *names, wd_span cleaned);
