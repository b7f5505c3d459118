/* daemon/reading.c - the worker's half: parse, fingerprint, put in order. */
#include "daemon/reading.h"

#include <stdlib.h>

#include "core/hash.h"
#include "core/url.h"
#include "daemon/story_identity.h"
#include "feeds/feed_state.h"
#include "parsers/bodies.h"

/* Why a document was not accepted, in the words of polling. */
static wd_reason reason_of(wd_parse_outcome o)
{
    switch (o) {
    case WD_PARSE_COMPLETE:
        return WD_REASON_NONE;
    case WD_PARSE_TRUNCATED:
        return WD_REASON_TRUNCATED;
    case WD_PARSE_LIMITED:
        return WD_REASON_LIMIT;
    case WD_PARSE_HTML:
        return WD_REASON_HTML;
    case WD_PARSE_NOT_A_FEED:
        return WD_REASON_NOT_A_FEED;
    case WD_PARSE_EMPTY:
        return WD_REASON_EMPTY;
    case WD_PARSE_MALFORMED:
    case WD_PARSE_ENCODING:
        return WD_REASON_MALFORMED;
    case WD_PARSE_ENTITY_POLICY:
        return WD_REASON_ENTITIES;
    case WD_PARSE_NOMEM:
        return WD_REASON_INTERNAL;
    }
    return WD_REASON_INTERNAL;
}

/* --- identity inside one document ---------------------------------------- */

struct by_id {
    uint64_t id_key;
    size_t at; /* document order */
};

static int id_order(const void *a, const void *b)
{
    const struct by_id *x = a, *y = b;
    if (x->id_key != y->id_key)
        return x->id_key < y->id_key ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static void sweep(wd_reading *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n_stories; i++)
        if (r->stories[i].item != NULL)
            r->stories[kept++] = r->stories[i];
    r->n_stories = kept;
}

static void order_by_id(const wd_reading *r, struct by_id *ids)
{
    for (size_t i = 0; i < r->n_stories; i++)
        ids[i] = (struct by_id){ r->stories[i].fp.id_key, i };
    qsort(ids, r->n_stories, sizeof(*ids), id_order);
}

/* Do the n stories of one id, which the parser could not tell apart, have other titles? */
static bool are_strangers(const wd_reading *r, const struct by_id *ids, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (wd_story_differs(&r->stories[ids[0].at], &r->stories[ids[i].at]))
            return true;
    return false;
}

/* Each of them takes its title along, and the ids are put in order again. */
static bool part_strangers(wd_poll *poll, wd_reading *r, struct by_id *ids, uint64_t key)
{
    bool parted = false;
    for (size_t i = 0, n; i < r->n_stories; i += n) {
        for (n = 1; i + n < r->n_stories && ids[i + n].id_key == ids[i].id_key; n++)
            ;
        if (!are_strangers(r, ids + i, n))
            continue;
        parted = true;
        for (size_t j = i; j < i + n; j++)
            if (!wd_story_join_title(poll, &r->stories[ids[j].at], key))
                return false;
    }
    if (parted)
        order_by_id(r, ids);
    return true;
}

/* What has one id still is one story told twice, and the first stands.  Told in turn the two
 * would be updates of each other forever. */
static bool settle_ids(wd_poll *poll, wd_reading *r, uint64_t key)
{
    struct by_id *ids = wd_arena_alloc(poll->arena, r->n_stories * sizeof(*ids));
    if (ids == NULL)
        return false;
    order_by_id(r, ids);
    if (!part_strangers(poll, r, ids, key))
        return false;
    for (size_t i = 1; i < r->n_stories; i++)
        if (ids[i].id_key == ids[i - 1].id_key)
            r->stories[ids[i].at].item = NULL; /* swept below */
    sweep(r);
    return true;
}

/* What the parser made of ids: they had to give way to links, or without one took titles along. */
static void note_sharing(wd_feed_state *state, const wd_reading *r, uint64_t key)
{
    for (size_t i = 0; i < r->n_stories; i++) {
        const wd_item *item = r->stories[i].item;
        if (item->given_id.len == 0)
            continue;
        if (item->link.len > 0)
            state->guid_shared = true;
        else
            wd_feed_state_add_titled(state, wd_hash64(item->given_id, key));
    }
}

static bool tell_apart(wd_poll *poll, wd_reading *r, uint64_t key)
{
    const wd_feed_state before = poll->state;
    note_sharing(&poll->state, r, key);
    bool ok = settle_ids(poll, r, key);
    r->guid_policy_changed = (poll->state.guid_shared && !before.guid_shared) ||
                             (poll->state.titled_ids != 0 && before.titled_ids == 0);
    return ok;
}

/* --- order, backfill ----------------------------------------------------- */

static int64_t date_of(const wd_item *i)
{
    return i->published_ms != WD_TIME_NONE ? i->published_ms : i->updated_ms;
}

/* Feeds list the newest first, as a rule; told are the oldest first. */
static void order_oldest_first(wd_reading *r)
{
    int rising = 0;
    for (size_t i = 1; i < r->n_stories; i++) {
        int64_t a = date_of(r->stories[i - 1].item), b = date_of(r->stories[i].item);
        if (a != WD_TIME_NONE && b != WD_TIME_NONE)
            rising += (a < b) - (a > b);
    }
    if (rising > 0)
        return;
    for (size_t i = 0, j = r->n_stories; i + 1 < j; i++) {
        wd_story swap = r->stories[i];
        r->stories[i] = r->stories[--j];
        r->stories[j] = swap;
    }
}

static void mark_backfill(const wd_poll *poll, wd_reading *r, const wd_reading_spec *spec)
{
    const wd_backfill *b = &spec->backfill;
    for (size_t i = 0; !poll->state.contacted && i < r->n_stories; i++) {
        wd_story *s = &r->stories[i];
        int64_t date = date_of(s->item);
        s->backfill = true;
        s->item->flags |= WD_ITEM_BACKFILL;
        if (b->kind == WD_BACKFILL_NEWEST)
            s->silent = i + b->newest < r->n_stories;
        else if (b->kind == WD_BACKFILL_SINCE)
            s->silent = date == WD_TIME_NONE || date < spec->now_ms - b->since_ms;
    }
}

/* --- the whole ----------------------------------------------------------- */

/* Copies are recognised by their text, and an event has both forms. */
static bool complete_bodies(wd_poll *poll, wd_feed_doc *doc)
{
    wd_html *html = wd_html_new();
    for (size_t i = 0; html != NULL && i < doc->n_items; i++)
        wd_bodies_complete(html, &doc->items[i], poll->arena);
    bool ok = html != NULL && wd_arena_status(poll->arena) == WD_OK;
    wd_html_free(html);
    return ok;
}

/* Nothing that anybody could read, look at or follow.  Filled later, it is new then. */
static bool says_nothing(const wd_item *item)
{
    return item->title_text.len == 0 && wd_item_body_text(item).len == 0 &&
           item->content_html.len == 0 && item->summary_html.len == 0 && item->link.len == 0 &&
           item->n_media == 0;
}

static bool make_stories(wd_poll *poll, wd_reading *r, const wd_reading_spec *spec)
{
    size_t n = r->doc.n_items;
    r->stories = wd_arena_zalloc(poll->arena, (n ? n : 1) * sizeof(*r->stories));
    if (r->stories == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        wd_story *s = &r->stories[r->n_stories];
        if (r->doc.items[i].unfinished) /* it would be told again, whole, under another id */
            continue;
        if (r->doc.items[i].draft || says_nothing(&r->doc.items[i])) {
            r->doc.dropped_items++;
            continue;
        }
        s->item = &r->doc.items[i];
        if (!wd_fingerprint_make(s->item, spec->hash_key, poll->arena, &s->fp))
            return false;
        r->n_stories++;
    }
    if (!tell_apart(poll, r, spec->hash_key))
        return false;
    order_oldest_first(r);
    mark_backfill(poll, r, spec);
    for (size_t i = 0; i < r->n_stories; i++)
        wd_story_name(poll, &r->stories[i], spec->hash_key);
    return true;
}

static void note_facts(wd_poll *poll, const wd_reading *r)
{
    wd_poll_reading *out = &poll->reading;
    out->items = (uint32_t)r->n_stories;
    out->newest_ms = out->oldest_ms = WD_TIME_NONE;
    for (size_t i = 0; i < r->n_stories; i++) {
        int64_t date = date_of(r->stories[i].item);
        if (date == WD_TIME_NONE)
            continue;
        if (out->newest_ms == WD_TIME_NONE || date > out->newest_ms)
            out->newest_ms = date;
        if (out->oldest_ms == WD_TIME_NONE || date < out->oldest_ms)
            out->oldest_ms = date;
    }
    out->repaired = (r->doc.flags & (WD_ITEM_RECOVERED_XML | WD_ITEM_BAD_ENCODING)) != 0;
    out->ttl_min = r->doc.ttl_min;
    out->update_every_s = r->doc.update_every_s;
    out->skip_hours = r->doc.skip_hours;
    out->skip_days = r->doc.skip_days;
}

/* A hub may deliver any bytes under a feed's name; what calls itself another document is not
 * that feed's. */
static bool is_foreign(wd_poll *poll, const wd_feed_doc *doc)
{
    if (!poll->pushed || poll->selves[0] == 0 || doc->self_link.len == 0)
        return false;
    uint64_t self = wd_hash64(wd_url_canonical(poll->arena, doc->self_link), 0);
    return self != poll->selves[0] && self != poll->selves[1];
}

void wd_reading_make(wd_poll *poll, const wd_reading_spec *spec)
{
    wd_parse_input in = { .body = poll->body,
                          .may_write = true,
                          .url = poll->final_url,
                          .content_type = poll->content_type,
                          .content_location = poll->content_location,
                          .content_language = poll->content_language,
                          .now_ms = spec->now_ms };
    wd_reading *r = wd_arena_zalloc(poll->arena, sizeof(*r));
    poll->reading = (wd_poll_reading){ .reason = WD_REASON_INTERNAL,
                                       .newest_ms = WD_TIME_NONE,
                                       .oldest_ms = WD_TIME_NONE,
                                       .ttl_min = -1,
                                       .update_every_s = -1 };
    poll->payload = NULL;
    if (r == NULL)
        return;
    wd_parse_outcome outcome = wd_parse(&in, poll->arena, &r->doc);
    poll->reading.reason = reason_of(outcome);
    if (!r->doc.items_kept)
        return;
    poll->reading.foreign = is_foreign(poll, &r->doc);
    if (poll->reading.foreign)
        return;
    if (!complete_bodies(poll, &r->doc) || !make_stories(poll, r, spec)) {
        poll->reading.reason = WD_REASON_INTERNAL;
        return;
    }
    note_facts(poll, r);
    poll->reading.accepted = outcome == WD_PARSE_COMPLETE;
    poll->payload = r;
}
