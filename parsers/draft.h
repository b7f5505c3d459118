/*
 * parsers/draft.h - a feed, an item or a source while it is being read: what was found for
 * each field, best first, before anything is decoded, sanitised or dated.
 *
 * RSS, Atom, JSON Feed and sitemaps all fill drafts; parsers/finish.h turns a draft into
 * what the rest of the program sees.
 *
 * Owner: spans point into the document or into the scratch arena the draft was given.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/item.h"
#include "core/limits.h"
#include "core/span.h"
#include "parsers/entities.h"

/* Fields with one value; of several candidates the lowest rank wins, then the first. */
typedef enum wd_slot {
    WD_SLOT_NONE,
    WD_SLOT_TITLE,
    WD_SLOT_CONTENT,
    WD_SLOT_DESCRIPTION,
    WD_SLOT_SUMMARY,
    WD_SLOT_ENCLOSURE, /* where feedburner's enclosure really is */
    WD_SLOT_ID,
    WD_SLOT_LINK,
    WD_SLOT_PUBLISHED,
    WD_SLOT_UPDATED,
    WD_SLOT_RIGHTS,
    WD_SLOT_LANGUAGE,
    WD_SLOT_GENERATOR,
    WD_SLOT_ICON,
    WD_SLOT_TTL,
    WD_SLOT_UPDATE_PERIOD,
    WD_SLOT_UPDATE_FREQUENCY,
    WD_SLOT_SOURCE_TITLE,
    WD_SLOT_SOURCE_URL,
    WD_SLOT_SELF,
    WD_SLOT_HUB, /* WD_HUBS_PER_DOC of them */
    WD_SLOT_LAST_HUB = WD_SLOT_HUB + WD_HUBS_PER_DOC - 1,
    WD_SLOT_SINGLE_COUNT,
    /* lists */
    WD_SLOT_PERSON = WD_SLOT_SINGLE_COUNT,
    WD_SLOT_CATEGORY,
    WD_SLOT_KEYWORDS,
    WD_SLOT_SKIP_HOUR,
    WD_SLOT_SKIP_DAY,
    WD_SLOT_DRAFT, /* "yes" or not */
} wd_slot;

typedef enum wd_value_type {
    WD_VALUE_TEXT,  /* as it stands */
    WD_VALUE_GUESS, /* nobody says: HTML when it looks like it */
    WD_VALUE_HTML,
} wd_value_type;

typedef struct wd_value {
    wd_span raw;  /* absent: nothing found */
    wd_span base; /* what relative links in it are relative to */
    bool refs;    /* XML references in it are still to be decoded */
    uint8_t type; /* wd_value_type */
    uint8_t rank;
} wd_value;

typedef struct wd_draft {
    wd_value slots[WD_SLOT_SINGLE_COUNT];
    wd_span lang; /* xml:lang in force */
    wd_span dead; /* bytes of the document in front of an item that nobody needs any more */
    bool guid_is_link;
    bool cut;         /* the document ended inside it */
    bool unfinished;  /* before its id or its title */
    bool unpublished; /* app:draft */
    bool touched;     /* it had a child element, known or not */
    uint32_t skip_hours;
    uint8_t skip_days;
    size_t n_people, n_categories, n_media;
    uint8_t people_rank; /* of the people collected: better ones replace worse */
    wd_person people[WD_LIST_PER_ITEM];
    wd_span categories[WD_LIST_PER_ITEM];
    wd_media media[WD_LIST_PER_ITEM];
} wd_draft;

void wd_draft_reset(wd_draft *d);

/* A candidate for a single field.  Blank values never win. */
void wd_draft_offer(wd_draft *d, wd_slot slot, wd_value v);

/* Plain, decoded text as a candidate. */
void wd_draft_offer_text(wd_draft *d, wd_slot slot, uint8_t rank, wd_span text);

/* One hub more, in the order of the document; those beyond the last place are left out. */
void wd_draft_add_hub(wd_draft *d, wd_value v);

/* People of a lower rank replace those collected, of a higher one are ignored. */
void wd_draft_add_person(wd_draft *d, uint8_t rank, wd_person p);
void wd_draft_add_category(wd_draft *d, wd_span term);
void wd_draft_add_keywords(wd_draft *d, wd_span list); /* separated by commas */

/* One entry a URL: what a second one knows better is added to the first. */
void wd_draft_add_media(wd_draft *d, const wd_media *m);

/* The value's text, references decoded and white space trimmed; absent when none.  Without the
 * marks of a CDATA section around the whole of it: somebody escaped what was a section already.
 * Where the value stands, or in `room` when there was a reference to decode. */
wd_span wd_value_decoded(const wd_value *v, const wd_entity_set *declared, wd_buf *room);

/* The same where the value stands, or in `to`. */
wd_span wd_value_text(const wd_value *v, const wd_entity_set *declared, wd_arena *to);
wd_span wd_draft_text(const wd_draft *d, wd_slot slot, const wd_entity_set *declared, wd_arena *to);
