/* parsers/mapper.c - one frame an open element, one capture at a time. */
#include "parsers/mapper.h"

#include <stdlib.h>

#include "core/ascii.h"
#include "core/url.h"
#include "parsers/base64.h"
#include "parsers/capture.h"
#include "parsers/elements.h"
#include "parsers/link.h"
#include "parsers/people.h"
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

static wd_draft *draft_of(wd_mapper *m, wd_place place)
{
    if (place == WD_IN_SOURCE)
        return &m->source;
    return m->item_depth > 0 ? &m->item : &m->feed;
}

static wd_arena *scratch_of(wd_mapper *m)
{
    return m->item_depth > 0 ? m->item_scratch : m->feed_scratch;
}

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
    wd_value v = wd_capture_take(&m->capture, scratch_of(m));
    if (v.type < m->capture_type)
        v.type = m->capture_type;
    v.base = m->frames[m->depth].base;
    m->capture_depth = 0;
    if (m->item_depth == 0)
        m->feed_end = m->text_end;
    if (m->capture_base64) {
        v.raw = wd_base64_decode(wd_value_text(&v, &m->entities, scratch_of(m)), scratch_of(m));
        v.refs = false;
    }
    return v;
}

static wd_span take_text(wd_mapper *m)
{
    wd_value v = take_capture(m);
    return wd_value_text(&v, &m->entities, scratch_of(m));
}

/* --- starts ------------------------------------------------------------------------- */

/* What stood in the item's scratch is gone: where the item was never closed, what follows is
 * inside what was outside of it. */
static void take_item(wd_mapper *m)
{
    const struct frame *outer = &m->frames[m->item_depth - 1];
    for (size_t i = m->item_depth; i <= m->depth; i++) {
        m->frames[i].base = outer->base;
        m->frames[i].lang = outer->lang;
    }
    m->item_depth = 0;
    m->capture_depth = 0;
    m->frames[0].place = m->sink.item(m->sink.ctx, &m->item) ? WD_IN_FEED : WD_IN_NOTHING;
    wd_arena_reset(m->item_scratch);
}

/* Without an xml:base, links of items are relative to the site the feed is of: the address a
 * feed is fetched from is often another host's. */
static void site_base(wd_mapper *m)
{
    struct frame *f = &m->frames[m->depth];
    if (f->base.len == 0 || f->base.ptr != m->frames[0].base.ptr)
        return;
    if (m->site.ptr == NULL) {
        wd_span link = wd_draft_text(&m->feed, WD_SLOT_LINK, &m->entities, m->feed_scratch);
        if (!wd_url_is_http(link))
            return;
        m->site = link;
    }
    f->base = m->site;
}

static void start_item(wd_mapper *m, const wd_xml_element *e)
{
    wd_draft_reset(&m->item);
    if (!m->items)
        m->feed_end = m->text_end;
    m->items = true;
    if (m->feed_end != NULL)
        m->item.dead = (wd_span){ m->feed_end, (size_t)(m->text_end - m->feed_end) };
    m->item_depth = m->depth;
    m->item.lang = m->frames[m->depth].lang;
    m->title_lang = false;
    site_base(m);
    wd_span about = wd_xml_attr_get(e, WD_NS_RDF, WD_WORD_ABOUT, &m->attr);
    wd_draft_offer_text(&m->item, WD_SLOT_ID, 2, wd_arena_copy(m->item_scratch, about));
    if (wd_url_is_http(about))
        wd_draft_offer_text(&m->item, WD_SLOT_LINK, 7, wd_arena_copy(m->item_scratch, about));
}

static void start_markup(wd_mapper *m, const wd_xml_element *e, wd_rule rule)
{
    wd_text_kind kind = wd_text_kind_of(e, rule, m->format);
    struct frame *f = &m->frames[m->depth];
    wd_draft *d = draft_of(m, m->frames[m->depth - 1].place);
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
                       (wd_value){ .raw = wd_arena_copy(scratch_of(m), kind.src),
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
    wd_element_link(draft_of(m, outer), e, f->base, m->format, scratch_of(m));
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
    wd_draft_add_category(draft_of(m, outer), wd_arena_copy(scratch_of(m), term));
    f->place = outer; /* itunes nests them */
    f->rule.action = WD_DO_ENTER;
}

static void start_source(wd_mapper *m, const wd_xml_element *e)
{
    wd_draft_reset(&m->source);
    wd_span url = attr(m, e, WD_WORD_URL);
    wd_draft_offer(
        &m->source, WD_SLOT_LINK,
        (wd_value){ .raw = wd_arena_copy(scratch_of(m), url), .base = m->frames[m->depth].base });
    begin_capture(m);
}

static void start_known(wd_mapper *m, const wd_xml_element *e, wd_rule rule, wd_place outer)
{
    struct frame *f = &m->frames[m->depth];
    f->place = WD_IN_TEXT;
    switch ((wd_action)rule.action) {
    case WD_DO_SKIP:
        f->place = WD_IN_NOTHING;
        break;
    case WD_DO_ENTER:
    case WD_DO_FEED:
        f->place = outer == WD_IN_PERSON ? WD_IN_TEXT : outer;
        if (outer == WD_IN_FEED && rule.action == WD_DO_FEED) {
            m->feed.lang = f->lang;
            wd_span about = wd_xml_attr_get(e, WD_NS_RDF, WD_WORD_ABOUT, &m->attr);
            wd_draft_offer_text(&m->feed, WD_SLOT_ID, 2, wd_arena_copy(m->feed_scratch, about));
        }
        break;
    case WD_DO_ITEM:
        f->place = WD_IN_ITEM;
        start_item(m, e);
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
        wd_element_media(draft_of(m, outer), e, rule, f->base, scratch_of(m));
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
    }
}

static bool is_item(const wd_xml_element *e)
{
    return e->word == WD_WORD_ITEM || e->word == WD_WORD_ENTRY;
}

/* The document's own element: what kind of thing is this? */
static bool start_root(wd_mapper *m, const wd_xml_element *e)
{
    struct frame *f = &m->frames[m->depth];
    f->place = WD_IN_FEED;
    f->rule = (wd_rule){ .action = WD_DO_ENTER };
    m->root = true;
    m->html = e->word == WD_WORD_HTML || e->word == WD_WORD_HEAD || e->word == WD_WORD_BODY;
    m->format = wd_root_format(e, &m->attr);
    if (m->format == WD_FORMAT_UNKNOWN)
        return false;
    m->feed.lang = f->lang;
    if (is_item(e)) {
        f->rule = (wd_rule){ .action = WD_DO_ITEM };
        f->place = WD_IN_ITEM;
        start_item(m, e);
    }
    return true;
}

static void inherit(wd_mapper *m, const wd_xml_element *e, bool item)
{
    struct frame *f = &m->frames[m->depth];
    wd_arena *keep = item ? m->item_scratch : scratch_of(m);
    *f = (struct frame){ .base = f[-1].base, .lang = f[-1].lang };
    if (e->n_attrs == 0)
        return;
    wd_span base = wd_xml_attr_get(e, WD_NS_XML, WD_WORD_BASE, &m->attr);
    if (wd_span_trim(base).len > 0)
        f->base = wd_link_resolve(keep, f->base, base);
    wd_span lang = wd_xml_attr_get(e, WD_NS_XML, WD_WORD_LANG, &m->attr);
    if (lang.ptr != NULL)
        f->lang = wd_arena_copy(keep, wd_span_trim(lang));
}

/* An element in the middle of a field: written out where markup counts, else only its text. */
static void start_inside(wd_mapper *m, const wd_xml_element *e)
{
    struct frame *f = &m->frames[m->depth];
    f->place = WD_IN_TEXT;
    f->rule = f[-1].rule;
    if (f->rule.action != WD_DO_MARKUP)
        return;
    bool wrapper = m->capture_wrapped && m->capture.state == WD_CAPTURE_EMPTY &&
                   wd_span_is_nocase(e->local, "div");
    f->name = wrapper ? WD_SPAN_NONE : wd_capture_name(e);
    wd_capture_open(&m->capture, e, f->name, f->base);
}

static bool on_start(void *ctx, const wd_xml_element *e)
{
    wd_mapper *m = ctx;
    if (m->frames[0].place == WD_IN_NOTHING)
        return false;
    wd_place outer = m->frames[m->depth].place;
    wd_rule rule = wd_rule_for(outer, e->ns, e->word);
    if (m->depth == 0)
        rule.action = is_item(e) ? WD_DO_ITEM : WD_DO_ENTER;
    if (rule.action == WD_DO_ITEM && m->item_depth > 0) /* one that was never closed */
        take_item(m);
    m->depth++;
    inherit(m, e, rule.action == WD_DO_ITEM);
    if (m->depth == 1)
        return start_root(m, e);
    if (outer == WD_IN_TEXT) {
        start_inside(m, e);
        return true;
    }
    m->item.touched = true;
    m->news |= e->ns == WD_NS_NEWS;
    m->frames[m->depth].rule = rule;
    start_known(m, e, rule, outer);
    return m->frames[0].place != WD_IN_NOTHING;
}

/* --- ends ------------------------------------------------------------------------------ */

static void end_person(wd_mapper *m, wd_rule rule, wd_place outer)
{
    wd_span text = m->capture_depth == m->depth ? take_text(m) : WD_SPAN_NONE;
    if (m->person.name.len == 0 && m->person.email.len == 0)
        m->person = wd_person_parse(text);
    else if (wd_span_find(m->person.name, '@') < m->person.name.len && m->person.email.len == 0)
        m->person = wd_person_parse(m->person.name);
    wd_draft_add_person(draft_of(m, outer), rule.rank, m->person);
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
        wd_span url = wd_value_text(&v, &m->entities, scratch_of(m));
        wd_draft_add_media(d, &(wd_media){ .kind = WD_MEDIA_ENCLOSURE,
                                           .url = wd_link_resolve(scratch_of(m), v.base, url),
                                           .length_bytes = -1 });
    }
}

static void end_value(wd_mapper *m, wd_rule rule, wd_place outer)
{
    wd_draft *d = draft_of(m, outer);
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
    default: {
        wd_value v = take_capture(m);
        v.rank = rule.rank;
        wd_draft_offer(d, rule.slot, v);
    }
    }
}

static void end_known(wd_mapper *m, wd_rule rule, wd_place outer)
{
    switch ((wd_action)rule.action) {
    case WD_DO_ITEM:
        if (m->item_depth == m->depth)
            take_item(m);
        break;
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

static void on_end(void *ctx)
{
    wd_mapper *m = ctx;
    struct frame *f = &m->frames[m->depth];
    if (m->depth == 0)
        return;
    if (f->place == WD_IN_TEXT && m->capture_depth > 0 && m->depth > m->capture_depth)
        wd_capture_close(&m->capture, f->name);
    else
        end_known(m, f->rule, f[-1].place);
    m->depth--;
}

static void on_text(void *ctx, wd_span raw, bool cdata)
{
    wd_mapper *m = ctx;
    if (raw.len > 1 || !wd_is_space(raw.ptr[0])) { /* a lone blank is not the document's */
        m->text_end = raw.ptr + raw.len;
        if (m->items && m->feed_end == NULL)
            m->feed_end = raw.ptr;
    }
    if (m->capture_depth > 0 &&
        (m->depth == m->capture_depth || m->frames[m->depth].place == WD_IN_TEXT))
        wd_capture_text(&m->capture, raw, cdata);
}

/* --- interface ---------------------------------------------------------------------------- */

/* Decoded small values of one item, or of the feed's own part; large ones stay in the document
 * unless they have markup of their own. */
#define ITEM_SCRATCH_BYTES (16u * 1024u * 1024u)
#define FEED_SCRATCH_BYTES (4u * 1024u * 1024u) /* is there until the end */

wd_mapper *wd_mapper_new(wd_span base, wd_span lang, const wd_mapper_sink *sink)
{
    wd_mapper *m = malloc(sizeof(*m));
    if (m == NULL)
        return NULL;
    memset(m, 0, offsetof(struct wd_mapper, frames));
    wd_draft_reset(&m->feed);
    m->sink = *sink;
    m->attr = WD_BUF_INIT(WD_SKELETON_VALUE_BYTES);
    m->capture = WD_CAPTURE_INIT(&m->entities);
    m->feed_scratch = wd_arena_new(FEED_SCRATCH_BYTES);
    m->item_scratch = wd_arena_new(ITEM_SCRATCH_BYTES);
    m->frames[0] = (struct frame){ .place = WD_IN_FEED, .base = base, .lang = lang };
    m->feed.lang = lang;
    if (m->feed_scratch == NULL || m->item_scratch == NULL) {
        wd_mapper_free(m);
        return NULL;
    }
    return m;
}

void wd_mapper_free(wd_mapper *m)
{
    if (m == NULL)
        return;
    wd_arena_free(m->feed_scratch);
    wd_arena_free(m->item_scratch);
    wd_entity_set_done(&m->entities);
    wd_capture_done(&m->capture);
    wd_buf_done(&m->attr);
    free(m);
}

wd_xml_sink wd_mapper_events(wd_mapper *m)
{
    return (wd_xml_sink){ .start = on_start, .text = on_text, .end = on_end, .ctx = m };
}

wd_entity_set *wd_mapper_entities(wd_mapper *m)
{
    return &m->entities;
}

wd_draft *wd_mapper_feed(wd_mapper *m)
{
    return &m->feed;
}

wd_feed_format wd_mapper_format(const wd_mapper *m)
{
    /* a sitemap is a feed only when it tells news */
    return m->format == WD_FORMAT_NEWS_SITEMAP && !m->news ? WD_FORMAT_UNKNOWN : m->format;
}

bool wd_mapper_saw_root(const wd_mapper *m)
{
    return m->root;
}

bool wd_mapper_is_html(const wd_mapper *m)
{
    return m->html;
}

wd_arena *wd_mapper_item_scratch(wd_mapper *m)
{
    return m->item_scratch;
}

wd_arena *wd_mapper_feed_scratch(wd_mapper *m)
{
    return m->feed_scratch;
}

void wd_mapper_cut(wd_mapper *m)
{
    const wd_value *slots = m->item.slots;
    if (m->item_depth == 0 || slots[WD_SLOT_ID].raw.ptr == NULL ||
        slots[WD_SLOT_TITLE].raw.ptr == NULL)
        return;
    m->item.cut = true;
    take_item(m);
}
