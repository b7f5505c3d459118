/* parsers/mapper_field.c - begun at its start tag, captured, offered to its draft at its end. */
#include "parsers/base64.h"
#include "parsers/link.h"
#include "parsers/mapper_impl.h"
#include "parsers/people.h"

static wd_span attr(wd_mapper *m, const wd_xml_element *e, wd_word name)
{
    return wd_xml_attr_get(e, WD_NS_CORE, name, &m->attr);
}

/* --- capturing ------------------------------------------------------------------- */

static void begin_capture(wd_mapper *m)
{
    wd_capture_reset(&m->capture);
    m->capture.base = m->frames[m->depth].base;
    m->capture_depth = m->depth;
    m->capture_type = WD_VALUE_TEXT;
    m->capture_base64 = m->capture_wrapped = false;
}

static wd_value take_capture(wd_mapper *m)
{
    wd_value v = wd_capture_take(&m->capture, wd_mapper_scratch(m));
    if (v.type < m->capture_type)
        v.type = m->capture_type;
    v.base = m->frames[m->depth].base;
    m->capture_depth = 0;
    if (m->item_depth == 0)
        m->feed_end = m->text_end;
    if (m->capture_base64) {
        v.raw = wd_base64_decode(wd_value_text(&v, &m->entities, wd_mapper_scratch(m)),
                                 wd_mapper_scratch(m));
        v.refs = false;
    }
    return v;
}

static wd_span take_text(wd_mapper *m)
{
    wd_value v = take_capture(m);
    return wd_value_text(&v, &m->entities, wd_mapper_scratch(m));
}

/* --- starts ------------------------------------------------------------------------- */

static void start_markup(wd_mapper *m, const wd_xml_element *e, wd_rule rule)
{
    wd_text_kind kind = wd_text_kind_of(e, rule, m->format);
    struct frame *f = &m->frames[m->depth];
    wd_draft *d = wd_mapper_draft(m, m->frames[m->depth - 1].place);
    begin_capture(m);
    m->capture_type = kind.type;
    m->capture_base64 = kind.base64;
    m->capture_wrapped = kind.wrapped;
    if (f->lang.ptr != f[-1].lang.ptr && !m->title_lang) {
        d->lang = f->lang;
        m->title_lang = rule.slot == WD_SLOT_TITLE;
    }
    if (kind.src.len > 0)
        wd_draft_offer(d, WD_SLOT_LINK,
                       (wd_value){ .raw = wd_arena_copy(wd_mapper_scratch(m), kind.src),
                                   .base = f->base,
                                   .rank = 5 });
}

static void start_link(wd_mapper *m, const wd_xml_element *e, wd_place outer)
{
    if (attr(m, e, WD_WORD_HREF).len == 0) {
        begin_capture(m);
        m->link_role = wd_link_role_of(e);
        return;
    }
    struct frame *f = &m->frames[m->depth];
    wd_element_link(wd_mapper_draft(m, outer), e, f->base, m->format, wd_mapper_scratch(m));
    f->place = WD_IN_NOTHING;
}

static void start_category(wd_mapper *m, const wd_xml_element *e, wd_place outer)
{
    struct frame *f = &m->frames[m->depth];
    wd_span term = attr(m, e, WD_WORD_TERM);
    if (term.len == 0)
        term = attr(m, e, WD_WORD_LABEL);
    if (term.len == 0 && e->ns == WD_NS_ITUNES)
        term = attr(m, e, WD_WORD_TEXT);
    if (term.len == 0) {
        begin_capture(m);
        return;
    }
    wd_draft_add_category(wd_mapper_draft(m, outer), wd_arena_copy(wd_mapper_scratch(m), term));
    f->place = outer; /* itunes nests them */
    f->rule.action = WD_DO_ENTER;
}

static void start_source(wd_mapper *m, const wd_xml_element *e)
{
    wd_draft_reset(&m->source);
    wd_span url = attr(m, e, WD_WORD_URL);
    wd_draft_offer(&m->source, WD_SLOT_LINK,
                   (wd_value){ .raw = wd_arena_copy(wd_mapper_scratch(m), url),
                               .base = m->frames[m->depth].base });
    begin_capture(m);
}

void wd_mapper_field_start(wd_mapper *m, const wd_xml_element *e, wd_rule rule, wd_place outer)
{
    struct frame *f = &m->frames[m->depth];
    f->place = WD_IN_TEXT;
    switch ((wd_action)rule.action) {
    case WD_DO_SKIP:
        f->place = WD_IN_NOTHING;
        break;
    case WD_DO_MARKUP:
        start_markup(m, e, rule);
        break;
    case WD_DO_PERSON:
        m->person = (wd_person){ 0 };
        f->place = WD_IN_PERSON;
        begin_capture(m);
        break;
    case WD_DO_LINK:
        start_link(m, e, outer);
        break;
    case WD_DO_CATEGORY:
        start_category(m, e, outer);
        break;
    case WD_DO_SOURCE:
        f->place = WD_IN_SOURCE;
        start_source(m, e);
        break;
    case WD_DO_ENCLOSURE:
    case WD_DO_THUMBNAIL:
    case WD_DO_MEDIA:
        f->place = rule.action == WD_DO_MEDIA ? WD_IN_MEDIA : WD_IN_NOTHING;
        wd_element_media(wd_mapper_draft(m, outer), e, rule, f->base, wd_mapper_scratch(m));
        break;
    case WD_DO_IMAGE:
        f->place = WD_IN_IMAGE;
        wd_draft_offer(&m->feed, WD_SLOT_ICON,
                       (wd_value){ .raw = wd_arena_copy(m->feed_scratch, attr(m, e, WD_WORD_HREF)),
                                   .base = f->base,
                                   .rank = rule.rank });
        break;
    case WD_DO_GUID:
        m->item.guid_is_link =
            !wd_span_is_nocase(wd_span_trim(attr(m, e, WD_WORD_ISPERMALINK)), "false");
        begin_capture(m);
        break;
    case WD_DO_VALUE:
    case WD_DO_NAME:
    case WD_DO_EMAIL:
    case WD_DO_URI:
        begin_capture(m);
        break;
    default: /* of the frames: parsers/mapper.c */
        break;
    }
}

/* --- ends ------------------------------------------------------------------------------ */

static void end_person(wd_mapper *m, wd_rule rule, wd_place outer)
{
    wd_draft *d = wd_mapper_draft(m, outer);
    wd_span text = m->capture_depth == m->depth ? take_text(m) : WD_SPAN_NONE;
    wd_person p = m->person;
    if (p.email.len > 0 || (p.name.len > 0 && wd_span_find(p.name, '@') == p.name.len)) {
        p.email = wd_person_parse(p.email).email;
        wd_draft_add_person(d, rule.rank, p);
        return;
    }
    if (p.name.len > 0)
        text = p.name;
    while (text.len > 0)
        wd_draft_add_person(d, rule.rank, wd_person_next(&text));
}

static void end_source(wd_mapper *m)
{
    wd_draft *s = &m->source;
    if (m->capture_depth == m->depth)
        wd_draft_offer(s, WD_SLOT_TITLE, take_capture(m));
    s->slots[WD_SLOT_TITLE].rank = s->slots[WD_SLOT_LINK].rank = 0;
    wd_draft_offer(&m->item, WD_SLOT_SOURCE_TITLE, s->slots[WD_SLOT_TITLE]);
    wd_draft_offer(&m->item, WD_SLOT_SOURCE_URL, s->slots[WD_SLOT_LINK]);
    for (size_t i = 0; i < s->n_people; i++)
        wd_draft_add_person(&m->item, 7, s->people[i]);
}

static void end_link(wd_mapper *m, wd_draft *d, wd_rule rule)
{
    wd_value v = take_capture(m);
    v.rank = rule.rank;
    if (rule.action != WD_DO_LINK || m->link_role == WD_LINK_SITE) {
        wd_draft_offer(d, WD_SLOT_LINK, v);
    } else if (m->link_role == WD_LINK_ENCLOSURE) {
        wd_span url = wd_value_text(&v, &m->entities, wd_mapper_scratch(m));
        wd_draft_add_media(d,
                           &(wd_media){ .kind = WD_MEDIA_ENCLOSURE,
                                        .url = wd_link_resolve(wd_mapper_scratch(m), v.base, url),
                                        .length_bytes = -1 });
    }
}

static void end_value(wd_mapper *m, wd_rule rule, wd_place outer)
{
    wd_draft *d = wd_mapper_draft(m, outer);
    switch (rule.slot) {
    case WD_SLOT_CATEGORY:
        wd_draft_add_category(d, take_text(m));
        break;
    case WD_SLOT_LINK:
        end_link(m, d, rule);
        break;
    case WD_SLOT_KEYWORDS:
        wd_draft_add_keywords(d, take_text(m));
        break;
    case WD_SLOT_SKIP_HOUR:
        wd_element_skip_hour(d, take_text(m));
        break;
    case WD_SLOT_SKIP_DAY:
        wd_element_skip_day(d, take_text(m));
        break;
    case WD_SLOT_DRAFT:
        d->unpublished |= wd_span_is_nocase(take_text(m), "yes");
        break;
    default: {
        wd_value v = take_capture(m);
        v.rank = rule.rank;
        wd_draft_offer(d, rule.slot, v);
    }
    }
}

void wd_mapper_field_end(wd_mapper *m, wd_rule rule, wd_place outer)
{
    switch ((wd_action)rule.action) {
    case WD_DO_PERSON:
        end_person(m, rule, outer);
        break;
    case WD_DO_SOURCE:
        end_source(m);
        break;
    case WD_DO_NAME:
        m->person.name = take_text(m);
        break;
    case WD_DO_EMAIL:
        m->person.email = take_text(m);
        break;
    case WD_DO_URI:
        m->person.uri = take_text(m);
        break;
    case WD_DO_VALUE:
    case WD_DO_MARKUP:
    case WD_DO_LINK:
    case WD_DO_GUID:
    case WD_DO_CATEGORY:
        if (m->capture_depth == m->depth)
            end_value(m, rule, outer);
        break;
    default:
        break;
    }
}
