/*
 * parsers/html_picture.h - pictures that wait for a script: under which address one really is, and
 * whether it stands there twice.
 *
 * Lazy loaders publish <img src="data:..." data-src="real.jpg">, and often the plain <img> in a
 * <noscript> beside it.
 */
#pragma once

#include <stdbool.h>

#include "core/span.h"

#define WD_HTML_PICTURE_SOURCES 8u

/* Values as written, what is most likely the picture first; each is still to be judged. */
typedef struct wd_html_picture {
    wd_span src[WD_HTML_PICTURE_SOURCES], srcset[WD_HTML_PICTURE_SOURCES];
    size_t n_src, n_srcset;
    bool attrs; /* it has any */
    bool dot;   /* a pixel for somebody who counts */
} wd_html_picture;

/* `inner` as in parsers/tag.h. */
void wd_html_picture_read(wd_html_picture *p, wd_span inner);

/* An attribute that a lazy loader keeps an address in. */
bool wd_html_picture_is_lazy(wd_span name);

/* False for what is no address of a picture: nothing, or a place in the page. */
bool wd_html_picture_shows(wd_span src);

/* The pictures written last, that may have twins. */
typedef struct wd_html_twins {
    size_t from, to; /* the last one, in the output */
    size_t clear;    /* no text from there to here: nothing is looked at twice */
    int waiting;     /* > 0: lazy ones, without one for those who run no scripts; < 0: the others */
} wd_html_twins;

typedef enum wd_html_picture_kind {
    WD_HTML_PICTURE_PLAIN,
    WD_HTML_PICTURE_LAZY,
    WD_HTML_PICTURE_NOSCRIPT, /* in a <noscript> */
} wd_html_picture_kind;

/* `written` ends with a picture, from `at` on: does it show again what stands right before it? */
bool wd_html_twins_repeat(wd_html_twins *t, wd_span written, size_t at, wd_html_picture_kind kind);
