/*
 * parsers/entities.h - character references: what "&...;" stands for, in XML and in HTML.
 *
 * One decoder for both, because feeds mix them: XML text knows the five predefined
 * names, all of HTML's names with a semicolon, and what the document's own DTD
 * declared; HTML text knows the old names without a semicolon too (HTML 13.2.5.73).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/span.h"

/* Longest replacement in bytes: declared entities are held to 64 (wd_entity_set). */
#define WD_ENTITY_TEXT_BYTES 64u

/* Entities that a document declares: short, flat, internal, and few.  A 1.2 KB file of
 * nested ones burns half a minute in every other mode (security.md, "entity bombs"). */
#define WD_ENTITY_DECLARED_MAX 300u

typedef struct wd_entity_set {
    struct wd_entity_decl {
        char name[32];
        char text[WD_ENTITY_TEXT_BYTES];
        uint8_t name_len, text_len;
    } * list;
    size_t n;
} wd_entity_set;

/* False when the declaration is refused: too long, nested, or one too many. */
bool wd_entity_declare(wd_entity_set *set, wd_span name, wd_span text);
void wd_entity_set_done(wd_entity_set *set);

typedef enum wd_entity_mode {
    WD_ENTITY_XML,       /* semicolon needed */
    WD_ENTITY_HTML_TEXT, /* old names may lack it */
    WD_ENTITY_HTML_ATTR, /* the same, but not before "=" or a letter: ?a=1&copy=2 */
} wd_entity_mode;

/* The reference at p[0] == '&'.  Returns the bytes it takes up, 0 when it is none and
 * the "&" stands for itself; *ret_len is 0 for one that must vanish (a control). */
size_t wd_entity_decode(const wd_entity_set *declared,
                        wd_span at,
                        wd_entity_mode mode,
                        char out[WD_ENTITY_TEXT_BYTES],
                        size_t *ret_len);

/* Appends `s` with its references decoded. */
wd_status wd_entity_decode_all(const wd_entity_set *declared,
                               wd_span s,
                               wd_entity_mode mode,
                               wd_buf *out);
