/*
 * parsers/rules.h - which element means what, as data: one row for a namespace and a word.
 *
 * RSS and Atom share their rows: documents mix them, and a link with an href is an Atom
 * link wherever it stands.
 */
#pragma once

#include <stdint.h>

#include "parsers/draft.h"
#include "parsers/namespaces.h"
#include "parsers/vocabulary.h"

/* What to do at an element's start. */
typedef enum wd_action {
    WD_DO_SKIP,  /* it and everything in it */
    WD_DO_ENTER, /* transparent: its children count as its parent's */
    WD_DO_FEED,
    WD_DO_ITEM,
    WD_DO_VALUE,  /* text for `slot` */
    WD_DO_MARKUP, /* text or HTML for `slot`; type, mode, src, base looked at */
    WD_DO_PERSON,
    WD_DO_LINK,
    WD_DO_GUID,
    WD_DO_CATEGORY,
    WD_DO_SOURCE,
    WD_DO_ENCLOSURE,
    WD_DO_MEDIA,
    WD_DO_THUMBNAIL,
    WD_DO_IMAGE,
    WD_DO_NAME, /* of a person */
    WD_DO_EMAIL,
    WD_DO_URI,
} wd_action;

typedef struct wd_rule {
    uint8_t action;
    uint8_t slot;
    uint8_t rank; /* among candidates for the slot */
    uint8_t type; /* wd_value_type when the element does not say */
} wd_rule;

/* Where the element stands. */
typedef enum wd_place {
    WD_IN_FEED,
    WD_IN_ITEM,
    WD_IN_SOURCE,
    WD_IN_PERSON,
    WD_IN_MEDIA,
    WD_IN_IMAGE,
    WD_IN_TEXT,    /* a field's value */
    WD_IN_NOTHING, /* skipped */
} wd_place;

/* SKIP for what means nothing there. */
wd_rule wd_rule_for(wd_place place, wd_ns ns, wd_word word);
