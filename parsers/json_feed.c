/* parsers/json_feed.c - one table of keys for the feed and its items; a key that is not in it is
 * skipped with everything in it. */
#include "parsers/json_feed.h"

#include <stdlib.h>

#include "parsers/json_reader.h"
#include "parsers/link.h"

/* Decoded strings of one item. */
#define ITEM_BYTES (8u * 1024u * 1024u)

struct json_feed {
    wd_json_reader in;
    wd_span base;
    wd_arena *keep; /* of what is read now: the feed's or the item's */
    const wd_mapper_sink *sink;
    bool items_seen, version_seen, stopped;
};

enum kind { SLOT, AUTHOR, AUTHORS, TAGS, ATTACHMENTS, PICTURE, HUBS, ITEMS, VERSION };

struct key {
    char name[16];
    uint8_t kind, slot, rank, type;
};

static const struct key feed_keys[] = {
    { "title", SLOT, WD_SLOT_TITLE, 0, 0 },
    { "home_page_url", SLOT, WD_SLOT_LINK, 0, 0 },
    { "feed_url", SLOT, WD_SLOT_SELF, 0, 0 },
    { "description", SLOT, WD_SLOT_DESCRIPTION, 0, 0 },
    { "language", SLOT, WD_SLOT_LANGUAGE, 0, 0 },
    { "icon", SLOT, WD_SLOT_ICON, 0, 0 },
    { "favicon", SLOT, WD_SLOT_ICON, 1, 0 },
    { "author", AUTHOR, 0, 0, 0 },
    { "authors", AUTHORS, 0, 0, 0 },
    { "hubs", HUBS, 0, 0, 0 },
    { "items", ITEMS, 0, 0, 0 },
    { "version", VERSION, 0, 0, 0 },
};

static const struct key item_keys[] = {
    { "id", SLOT, WD_SLOT_ID, 0, 0 },
    { "url", SLOT, WD_SLOT_LINK, 0, 0 },
    { "external_url", SLOT, WD_SLOT_LINK, 2, 0 },
    { "title", SLOT, WD_SLOT_TITLE, 0, 0 },
    { "content_html", SLOT, WD_SLOT_CONTENT, 0, WD_VALUE_HTML },
    { "content_text", SLOT, WD_SLOT_CONTENT, 1, 0 },
    { "summary", SLOT, WD_SLOT_SUMMARY, 0, 0 },
    { "date_published", SLOT, WD_SLOT_PUBLISHED, 0, 0 },
    { "date_modified", SLOT, WD_SLOT_UPDATED, 0, 0 },
    { "language", SLOT, WD_SLOT_LANGUAGE, 0, 0 },
    { "author", AUTHOR, 0, 0, 0 },
    { "authors", AUTHORS, 0, 0, 0 },
    { "tags", TAGS, 0, 0, 0 },
    { "attachments", ATTACHMENTS, 0, 0, 0 },
    { "image", PICTURE, 0, 0, 0 },
    { "banner_image", PICTURE, 0, 0, 0 },
};

static void read_items(struct json_feed *j);

/* --- parts of an object ----------------------------------------------------------------- */

static wd_span text(struct json_feed *j)
{
    return wd_json_reader_text(&j->in, j->keep);
}

struct member {
    const char *name;
    wd_span *value;
};

/* An object's members as text, those that are wanted.  False when there is no object. */
static bool read_members(struct json_feed *j, const struct member *want, size_t n)
{
    wd_span key;
    if (!wd_json_reader_enter(&j->in, '{'))
        return false;
    while (wd_json_reader_key(&j->in, &key)) {
        size_t i = 0;
        while (i < n && !wd_span_is(key, want[i].name))
            i++;
        if (i < n)
            *want[i].value = text(j);
        else
            wd_json_reader_skip(&j->in);
    }
    return true;
}

static void read_person(struct json_feed *j, wd_draft *d)
{
    wd_person p = { 0 };
    const struct member want[] = { { "name", &p.name }, { "email", &p.email }, { "url", &p.uri } };
    if (!read_members(j, want, WD_COUNT(want)))
        p.name = text(j); /* "author": "Ann" */
    wd_draft_add_person(d, 0, p);
}

static void add_media(struct json_feed *j, wd_draft *d, wd_media m)
{
    m.url = wd_link_resolve(j->keep, j->base, wd_span_trim(m.url));
    wd_draft_add_media(d, &m);
}

static void read_attachment(struct json_feed *j, wd_draft *d)
{
    wd_media m = { .kind = WD_MEDIA_ENCLOSURE, .length_bytes = -1 };
    wd_span size = WD_SPAN_NONE;
    unsigned long long bytes;
    const struct member want[] = { { "url", &m.url },
                                   { "mime_type", &m.type },
                                   { "title", &m.title },
                                   { "size_in_bytes", &size } };
    if (!read_members(j, want, WD_COUNT(want)))
        wd_json_reader_skip(&j->in);
    if (wd_span_u64(size, &bytes) && bytes > 0 && bytes < INT64_MAX)
        m.length_bytes = (int64_t)bytes;
    if (m.url.len > 0)
        add_media(j, d, m);
}

static void read_hub(struct json_feed *j, wd_draft *d)
{
    wd_span url = WD_SPAN_NONE;
    const struct member want[] = { { "url", &url } };
    if (!read_members(j, want, WD_COUNT(want)))
        wd_json_reader_skip(&j->in);
    wd_draft_add_hub(d, (wd_value){ .raw = wd_span_trim(url) });
}

/* "[...]", or what PHP makes of an array with a hole in it: {"0": ..., "2": ...}. */
static bool enter_list(struct json_feed *j, bool *keyed)
{
    *keyed = wd_json_reader_enter(&j->in, '{');
    return *keyed || wd_json_reader_enter(&j->in, '[');
}

static bool list_has_more(struct json_feed *j, bool keyed)
{
    wd_span key;
    return keyed ? wd_json_reader_key(&j->in, &key) : wd_json_reader_more(&j->in);
}

static void read_element(struct json_feed *j, wd_draft *d, enum kind kind)
{
    if (kind == AUTHORS)
        read_person(j, d);
    else if (kind == ATTACHMENTS)
        read_attachment(j, d);
    else if (kind == HUBS)
        read_hub(j, d);
    else
        wd_draft_add_category(d, text(j));
}

/* A list, or the only element of one.  A tag is no object, so an object of tags is a list. */
static void read_list(struct json_feed *j, wd_draft *d, enum kind kind)
{
    bool keyed, alone = wd_json_reader_next(&j->in) == '{' && kind != TAGS;
    if (alone || !enter_list(j, &keyed)) {
        read_element(j, d, kind);
        return;
    }
    while (list_has_more(j, keyed))
        read_element(j, d, kind);
}

/* --- objects --------------------------------------------------------------------------------- */

static void read_version(struct json_feed *j)
{
    wd_span v = text(j);
    j->version_seen |= wd_span_find_nocase(v, "jsonfeed") < v.len;
}

static void read_member(struct json_feed *j, wd_draft *d, const struct key *k)
{
    switch ((enum kind)k->kind) {
    case SLOT:
        wd_draft_offer(
            d, k->slot,
            (wd_value){ .raw = text(j), .base = j->base, .rank = k->rank, .type = k->type });
        break;
    case AUTHOR:
        read_person(j, d);
        break;
    case AUTHORS:
    case TAGS:
    case ATTACHMENTS:
    case HUBS:
        read_list(j, d, k->kind);
        break;
    case PICTURE: {
        wd_media m = { .kind = WD_MEDIA_THUMBNAIL, .url = text(j), .length_bytes = -1 };
        if (m.url.len > 0)
            add_media(j, d, m);
        break;
    }
    case ITEMS:
        read_items(j);
        break;
    case VERSION:
        read_version(j);
        break;
    }
}

static void read_object(struct json_feed *j, wd_draft *d, const struct key *keys, size_t n)
{
    wd_span key;
    while (!j->stopped && wd_json_reader_key(&j->in, &key)) {
        size_t i = 0;
        while (i < n && !wd_span_is(key, keys[i].name))
            i++;
        d->touched = true;
        if (i < n)
            read_member(j, d, &keys[i]);
        else
            wd_json_reader_skip(&j->in);
    }
}

static void read_items(struct json_feed *j)
{
    wd_arena *feed_keep = j->keep, *item_keep = wd_arena_new(ITEM_BYTES);
    wd_draft *d = malloc(sizeof(*d));
    bool keyed;
    if (!enter_list(j, &keyed) || d == NULL || item_keep == NULL) {
        j->stopped |= d == NULL || item_keep == NULL;
        wd_json_reader_skip(&j->in);
        wd_arena_free(item_keep);
        free(d);
        return;
    }
    j->items_seen |= !keyed;
    j->keep = item_keep;
    const char *from = j->in.at;
    while (!j->stopped && list_has_more(j, keyed)) {
        wd_draft_reset(d);
        d->dead = (wd_span){ from, (size_t)(j->in.at - from) };
        if (!wd_json_reader_enter(&j->in, '{')) {
            wd_json_reader_skip(&j->in);
            continue;
        }
        j->items_seen = true;
        read_object(j, d, item_keys, WD_COUNT(item_keys));
        if (!j->in.broken) /* one that was cut off is not whole */
            j->stopped = !j->sink->item(j->sink->ctx, d);
        wd_arena_reset(item_keep);
    }
    j->keep = feed_keep;
    wd_arena_free(item_keep);
    free(d);
}

wd_json_end wd_json_feed_read(
    wd_span whole, wd_span base, wd_arena *keep, wd_draft *feed, const wd_mapper_sink *sink)
{
    struct json_feed j = { .in = { .at = whole.ptr, .end = whole.ptr + whole.len },
                           .base = base,
                           .keep = keep,
                           .sink = sink };
    if (!wd_json_reader_enter(&j.in, '{'))
        return WD_JSON_NOT_A_FEED;
    read_object(&j, feed, feed_keys, WD_COUNT(feed_keys));
    if (j.stopped)
        return WD_JSON_STOPPED;
    if (!j.items_seen && !(j.version_seen && feed->slots[WD_SLOT_TITLE].raw.ptr != NULL))
        return j.in.broken && !j.version_seen ? WD_JSON_MALFORMED : WD_JSON_NOT_A_FEED;
    return j.in.broken ? WD_JSON_TRUNCATED : WD_JSON_COMPLETE;
}
