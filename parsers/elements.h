/*
 * parsers/elements.h - elements whose attributes say it all: links, media, categories of text.
 */
#pragma once

#include "parsers/draft.h"
#include "parsers/parse.h"
#include "parsers/rules.h"
#include "parsers/xml_reader.h"

/* What an element's type and mode say of its content. */
typedef struct wd_text_kind {
    uint8_t type; /* wd_value_type */
    bool base64;
    bool wrapped; /* XHTML in a <div> that is not part of it (RFC 4287 3.1.1.3) */
    wd_span src;  /* out of line: only during the call */
} wd_text_kind;

wd_text_kind wd_text_kind_of(const wd_xml_element *e, wd_rule rule, wd_feed_format format);

/* The format of a document with this root; UNKNOWN when it is no feed. */
wd_feed_format wd_root_format(const wd_xml_element *root, wd_buf *scratch);

/* <link href rel type>: alternate, self, hub, enclosure.  A feed of RSS with a bare
 * <link href> means its site by it. */
void wd_element_link(
    wd_draft *d, const wd_xml_element *e, wd_span base, wd_feed_format format, wd_arena *keep);

/* A <link> whose address is its text: what its rel makes of it. */
typedef enum wd_link_role { WD_LINK_SITE, WD_LINK_ENCLOSURE, WD_LINK_OTHER } wd_link_role;
wd_link_role wd_link_role_of(const wd_xml_element *e);

/* <enclosure>, media:content, media:player, media:thumbnail. */
void wd_element_media(
    wd_draft *d, const wd_xml_element *e, wd_rule rule, wd_span base, wd_arena *keep);

void wd_element_skip_hour(wd_draft *d, wd_span text); /* "0" to "24" */
void wd_element_skip_day(wd_draft *d, wd_span text);  /* "Monday" */
