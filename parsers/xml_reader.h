/*
 * parsers/xml_reader.h - elements, attributes and text of a feed, whatever state it is in.
 *
 * Text events carry raw bytes of the document (references not yet decoded) or the inside
 * of a CDATA section; spans of text stay valid as long as the document does, everything
 * else only during the call.  White space between elements comes as one blank or newline.
 */
#pragma once

#include <stdbool.h>

#include "core/buf.h"
#include "core/span.h"
#include "parsers/entities.h"
#include "parsers/namespaces.h"
#include "parsers/vocabulary.h"

typedef struct wd_xml_attr {
    wd_span prefix, local;
    wd_span value; /* as written: wd_xml_attr_value */
    wd_ns ns;      /* CORE when the name has no prefix */
    wd_word word;
} wd_xml_attr;

typedef struct wd_xml_element {
    wd_ns ns;
    wd_word word;
    wd_span prefix, local;
    const wd_xml_attr *attrs;
    size_t n_attrs;
} wd_xml_element;

typedef struct wd_xml_sink {
    bool (*start)(void *ctx, const wd_xml_element *e); /* false: stop reading */
    void (*text)(void *ctx, wd_span raw, bool cdata);
    void (*end)(void *ctx);
    void *ctx;
} wd_xml_sink;

typedef enum wd_xml_end {
    WD_XML_COMPLETE,
    WD_XML_TRUNCATED,
    WD_XML_TOO_DEEP,
    WD_XML_STOPPED,  /* the sink said so */
    WD_XML_ENTITIES, /* the document declares what is refused */
    WD_XML_NO_ROOT,
    WD_XML_NOMEM,
} wd_xml_end;

/* `doc` is clean UTF-8.  `declared` collects the document's own entities, for decoding. */
wd_xml_end wd_xml_read(wd_span doc,
                       const wd_xml_sink *sink,
                       wd_entity_set *declared,
                       bool *repaired);

/* An attribute by namespace and name; NULL when it is not there. */
const wd_xml_attr *wd_xml_attr_find(const wd_xml_element *e, wd_ns ns, wd_word word);

/* Its value with references decoded: into `scratch` when it has any, which is emptied first;
 * absent when the attribute is not there. */
wd_span wd_xml_attr_get(const wd_xml_element *e, wd_ns ns, wd_word word, wd_buf *scratch);
wd_span wd_xml_attr_value(const wd_xml_attr *attr, wd_buf *scratch);
