/* parsers/mapper.c - one frame an open element. */
#include "parsers/mapper.h"

#include <stdlib.h>

#include "core/ascii.h"
#include "core/url.h"
#include "parsers/link.h"
#include "parsers/mapper_impl.h"

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

/* Elements that hold others: the feed, an item, a wrapper. */
static void start_known(wd_mapper *m, const wd_xml_element *e, wd_rule rule, wd_place outer)
{
    struct frame *f = &m->frames[m->depth];
    switch ((wd_action)rule.action) {
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
    default:
        wd_mapper_field_start(m, e, rule, outer);
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
    wd_arena *keep = item ? m->item_scratch : wd_mapper_scratch(m);
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
    inherit(m, e, rule.action == WD_DO_ITEM && m->depth > 1); /* a root's are the feed's too */
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

static void end_known(wd_mapper *m, wd_rule rule, wd_place outer)
{
    if (rule.action != WD_DO_ITEM)
        wd_mapper_field_end(m, rule, outer);
    else if (m->item_depth == m->depth)
        take_item(m);
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
    if (m->item_depth == 0)
        return;
    m->item.cut = true;
    m->item.unfinished = slots[WD_SLOT_ID].raw.ptr == NULL || slots[WD_SLOT_TITLE].raw.ptr == NULL;
    take_item(m);
}
