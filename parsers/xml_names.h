/*
 * parsers/xml_names.h - what a name in a document means: its word, its prefix, and the namespace
 * that is in scope.
 *
 * A name is looked into once; afterwards it is known by its bytes.  Namespaces follow the
 * nesting of elements; memory does not depend on how many are declared.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"
#include "core/status.h"
#include "parsers/namespaces.h"
#include "parsers/vocabulary.h"

/* An element or attribute name; longer ones are text. */
#define WD_XML_NAME_BYTES 256u

typedef struct wd_xml_names wd_xml_names;

typedef enum wd_xml_declares {
    WD_XML_NOTHING,
    WD_XML_DEFAULT, /* "xmlns" */
    WD_XML_PREFIX,  /* "xmlns:..." */
} wd_xml_declares;

typedef struct wd_xml_name {
    wd_word word;     /* of the local part */
    uint16_t prefix;  /* its bytes; 0: none */
    uint16_t local;   /* where it begins */
    uint8_t declares; /* wd_xml_declares */
} wd_xml_name;

WD_MUST_USE wd_xml_names *wd_xml_names_new(void);
void wd_xml_names_free(wd_xml_names *n);

/* One that XML allows: ASCII letters, digits, "_", "-" and ".", at most one colon in between. */
bool wd_xml_name_is_legal(wd_span name);

/* Every other byte as "_": writes name.len bytes. */
void wd_xml_name_mend(wd_span name, char *out);

/* NULL when it is not legal; else good until the next call. */
const wd_xml_name *wd_xml_names_look(wd_xml_names *n, wd_span name);

/* Of an element's name that is legal, whatever it declares itself included. */
const wd_xml_name *wd_xml_names_element(wd_xml_names *n, wd_span name, wd_ns *ret_ns);

/* What a prefix stands for here; absent: the default namespace. */
wd_ns wd_xml_names_scope(const wd_xml_names *n, wd_span prefix);

/* An element opens: what it declares, prefix by prefix; the first of two counts.  It closes: its
 * declarations are gone. */
void wd_xml_names_open(wd_xml_names *n);
void wd_xml_names_declare(wd_xml_names *n, wd_span prefix, wd_span uri);
void wd_xml_names_close(wd_xml_names *n);
