/*
 * parsers/mapper_impl.h - a mapper from the inside: parsers/mapper.c follows the nesting,
 * parsers/mapper_field.c reads one field where it stands.
 */
#pragma once

#include "parsers/capture.h"
#include "parsers/elements.h"
#include "parsers/mapper.h"
#include "parsers/rules.h"
#include "parsers/skeleton.h"

struct frame {
    wd_place place;
    wd_rule rule;
    wd_span base, lang;
    wd_span name; /* as written out in markup */
};

struct wd_mapper {
    wd_mapper_sink sink;
    wd_arena *feed_scratch, *item_scratch;
    wd_entity_set entities;
    wd_buf attr; /* the attribute looked at last */
    wd_feed_format format;
    bool root, html, news;
    size_t depth, capture_depth, item_depth; /* 0: none */
    wd_span site;                            /* the feed's own link, once items need it */
    const char *text_end;                    /* behind the last text that was read */
    const char *feed_end;                    /* the last that the feed's own fields may be in */
    bool items;                              /* there was one */
    wd_capture capture;
    uint8_t capture_type;
    bool capture_base64, capture_wrapped;
    bool title_lang; /* the item's language is its title's own */
    wd_link_role link_role;
    wd_person person;
    struct frame frames[WD_SKELETON_DEPTH + 2];
    wd_draft feed, item, source;
};

static inline wd_draft *wd_mapper_draft(wd_mapper *m, wd_place place)
{
    if (place == WD_IN_SOURCE)
        return &m->source;
    return m->item_depth > 0 ? &m->item : &m->feed;
}

static inline wd_arena *wd_mapper_scratch(wd_mapper *m)
{
    return m->item_depth > 0 ? m->item_scratch : m->feed_scratch;
}

/* At the start and end tag of an element that `rule` makes a field of what is `outer`. */
void wd_mapper_field_start(wd_mapper *m, const wd_xml_element *e, wd_rule rule, wd_place outer);
void wd_mapper_field_end(wd_mapper *m, wd_rule rule, wd_place outer);
