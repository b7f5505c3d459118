/*
 * parsers/mapper.h - the elements of a feed become drafts.
 *
 * A stack of frames follows the nesting; parsers/rules.h says what each element is where it
 * stands; only direct children of the item count.
 */
#pragma once

#include "parsers/draft.h"
#include "parsers/parse.h"
#include "parsers/xml_reader.h"

typedef struct wd_mapper wd_mapper;

typedef struct wd_mapper_sink {
    bool (*item)(void *ctx, wd_draft *item); /* a whole item; false: enough */
    void *ctx;
} wd_mapper_sink;

/* `base` is what the document's own links are relative to; `lang` what the transport said. */
WD_MUST_USE wd_mapper *wd_mapper_new(wd_span base, wd_span lang, const wd_mapper_sink *sink);
void wd_mapper_free(wd_mapper *m);

/* The events to read with, and what the document declared so far. */
wd_xml_sink wd_mapper_events(wd_mapper *m);
wd_entity_set *wd_mapper_entities(wd_mapper *m);

/* After reading: what the feed says of itself, and what kind it is; HTML pages and other
 * documents have WD_FORMAT_UNKNOWN. */
wd_draft *wd_mapper_feed(wd_mapper *m);
wd_feed_format wd_mapper_format(const wd_mapper *m);
bool wd_mapper_saw_root(const wd_mapper *m);
bool wd_mapper_is_html(const wd_mapper *m);

/* The document was cut off: the item that it ends in is handed over, unfinished when it had not
 * got as far as its id and its title. */
void wd_mapper_cut(wd_mapper *m);

/* Where an item's own scratch lives until the next one; the feed's until the end. */
wd_arena *wd_mapper_item_scratch(wd_mapper *m);
wd_arena *wd_mapper_feed_scratch(wd_mapper *m);
