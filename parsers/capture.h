/*
 * parsers/capture.h - the content of one element while it goes by.
 *
 * The usual field is one run of text, and then nothing is copied: the span into the
 * document is the value.  Several runs are decoded and joined; from the first element
 * inside on, the content is written out again as HTML.
 */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "parsers/draft.h"
#include "parsers/xml_reader.h"

typedef struct wd_capture {
    enum {
        WD_CAPTURE_EMPTY,
        WD_CAPTURE_TEXT,   /* one run, references not decoded */
        WD_CAPTURE_CDATA,  /* one section */
        WD_CAPTURE_JOINED, /* decoded, in `joined` */
        WD_CAPTURE_MARKUP, /* HTML, in `joined` */
    } state;
    bool gap; /* white space seen behind `single` */
    wd_span single;
    wd_buf joined;
    wd_span base; /* of the field */
    const wd_entity_set *declared;
} wd_capture;

#define WD_CAPTURE_INIT(entities)                                                                  \
    ((wd_capture){ .joined = WD_BUF_INIT(WD_FIELD_BYTES), .declared = (entities) })

void wd_capture_reset(wd_capture *c);
void wd_capture_done(wd_capture *c);

void wd_capture_text(wd_capture *c, wd_span raw, bool cdata);
/* `name` empty: no tag, but from here on the content is markup.  Links in its attributes
 * resolve against `base` when that is not the field's own (wd_capture.base). */
void wd_capture_open(wd_capture *c, const wd_xml_element *e, wd_span name, wd_span base);
void wd_capture_close(wd_capture *c, wd_span name);

/* The name under which an element is written out: without the prefix of XHTML. */
wd_span wd_capture_name(const wd_xml_element *e);

/* What was captured: raw, refs, and HTML as the type when there was markup.  `keep`
 * takes what cannot stay in the document. */
wd_value wd_capture_take(wd_capture *c, wd_arena *keep);
