/* parsers/draft.c - collecting candidates; nothing here looks inside a value. */
#include "parsers/draft.h"

#include <stddef.h>
#include <string.h>

void wd_draft_reset(wd_draft *d)
{
    memset(d, 0, offsetof(wd_draft, people));
}

void wd_draft_offer(wd_draft *d, wd_slot slot, wd_value v)
{
    wd_value *now = &d->slots[slot];
    if (wd_span_trim(v.raw).len == 0)
        return;
    if (now->raw.ptr == NULL || v.rank < now->rank)
        *now = v;
}

void wd_draft_offer_text(wd_draft *d, wd_slot slot, uint8_t rank, wd_span text)
{
    wd_draft_offer(d, slot, (wd_value){ .raw = wd_span_trim(text), .rank = rank });
}

void wd_draft_add_hub(wd_draft *d, wd_value v)
{
    int slot = WD_SLOT_HUB;
    while (slot < WD_SLOT_LAST_HUB && d->slots[slot].raw.ptr != NULL)
        slot++;
    wd_draft_offer(d, (wd_slot)slot, v);
}

static bool same_person(const wd_person *a, const wd_person *b)
{
    return wd_span_eq_nocase(a->name, b->name) && wd_span_eq_nocase(a->email, b->email);
}

void wd_draft_add_person(wd_draft *d, uint8_t rank, wd_person p)
{
    if (p.name.len == 0 && p.email.len == 0)
        return;
    if (d->n_people > 0 && rank > d->people_rank)
        return;
    if (rank < d->people_rank)
        d->n_people = 0;
    d->people_rank = rank;
    for (size_t i = 0; i < d->n_people; i++)
        if (same_person(&d->people[i], &p))
            return;
    if (d->n_people < WD_LIST_PER_ITEM)
        d->people[d->n_people++] = p;
}

void wd_draft_add_category(wd_draft *d, wd_span term)
{
    term = wd_span_trim(term);
    if (term.len == 0 || d->n_categories == WD_LIST_PER_ITEM)
        return;
    for (size_t i = 0; i < d->n_categories; i++)
        if (wd_span_eq(d->categories[i], term))
            return;
    d->categories[d->n_categories++] = term;
}

void wd_draft_add_keywords(wd_draft *d, wd_span list)
{
    while (list.ptr != NULL)
        wd_draft_add_category(d, wd_span_cut(&list, ','));
}

static void merge_media(wd_media *into, const wd_media *m)
{
    if (into->type.len == 0)
        into->type = m->type;
    if (into->title.len == 0)
        into->title = m->title;
    if (into->length_bytes < 0)
        into->length_bytes = m->length_bytes;
    if (into->width == 0)
        into->width = m->width;
    if (into->height == 0)
        into->height = m->height;
    if (m->kind < into->kind)
        into->kind = m->kind;
}

void wd_draft_add_media(wd_draft *d, const wd_media *m)
{
    if (m->url.len == 0 || d->n_media == WD_LIST_PER_ITEM)
        return;
    for (size_t i = 0; i < d->n_media; i++)
        if (wd_span_eq(d->media[i].url, m->url)) {
            merge_media(&d->media[i], m);
            return;
        }
    d->media[d->n_media++] = *m;
}

/* `text` is trimmed. */
static wd_span unwrapped(wd_span text)
{
    static const char open[] = "<![CDATA[", close[] = "]]>";
    const size_t marks = sizeof(open) - 1 + sizeof(close) - 1;
    if (text.len < marks || memcmp(text.ptr, open, sizeof(open) - 1) != 0)
        return text;
    wd_span s = wd_span_from(text, sizeof(open) - 1);
    const char *end = memmem(s.ptr, s.len, close, sizeof(close) - 1);
    if (end == NULL || end + sizeof(close) - 1 != s.ptr + s.len)
        return text;
    return wd_span_trim((wd_span){ s.ptr, (size_t)(end - s.ptr) });
}

wd_span wd_value_decoded(const wd_value *v, const wd_entity_set *declared, wd_buf *room)
{
    if (v->raw.ptr == NULL)
        return WD_SPAN_NONE;
    wd_span raw = wd_span_trim(wd_span_head(v->raw, 4 * (size_t)WD_FIELD_BYTES));
    if (!v->refs || wd_span_find(raw, '&') == raw.len)
        return unwrapped(raw);
    wd_buf_reset(room);
    (void)wd_entity_decode_all(declared, raw, WD_ENTITY_XML, room);
    return unwrapped(wd_span_trim(wd_buf_span(room)));
}

wd_span wd_value_text(const wd_value *v, const wd_entity_set *declared, wd_arena *to)
{
    wd_buf room = WD_BUF_INIT(WD_FIELD_BYTES);
    wd_span text = wd_value_decoded(v, declared, &room);
    if (room.ptr == NULL)
        return text;
    text = wd_arena_copy(to, text);
    wd_buf_done(&room);
    return text;
}

wd_span wd_draft_text(const wd_draft *d, wd_slot slot, const wd_entity_set *declared, wd_arena *to)
{
    return wd_value_text(&d->slots[slot], declared, to);
}
