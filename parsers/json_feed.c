/* parsers/json_feed.c - jansson builds a tree, bounded by the body's own limits; strings are
 * copied out before it goes.  Nesting is bounded by jansson (2048). */
#include "parsers/json_feed.h"

#include <stdlib.h>

#include <jansson.h>

#include "parsers/clean.h"
#include "parsers/link.h"

struct json_feed {
    wd_span base;
    wd_arena *keep;
    const wd_mapper_sink *sink;
};

/* A string, or a number as one: ids are often numbers.  Clean, absent when neither. */
static wd_span text_of(struct json_feed *j, const json_t *v)
{
    if (json_is_integer(v) || json_is_real(v)) {
        wd_buf b = WD_BUF_INIT(64);
        if (json_is_integer(v))
            wd_buf_printf(&b, "%lld", (long long)json_integer_value(v));
        else
            wd_buf_printf(&b, "%.17g", json_real_value(v));
        wd_span s = wd_arena_copy(j->keep, wd_buf_span(&b));
        wd_buf_done(&b);
        return s;
    }
    if (!json_is_string(v))
        return WD_SPAN_NONE;
    wd_span s = { json_string_value(v), json_string_length(v) };
    if (wd_clean_until(s) == s.len)
        return wd_arena_copy(j->keep, s);
    uint32_t flags = 0;
    wd_buf b = WD_BUF_INIT(3 * s.len);
    (void)wd_clean_copy(s, &b, &flags); /* escapes can make any character */
    s = wd_arena_copy(j->keep, wd_buf_span(&b));
    wd_buf_done(&b);
    return s;
}

static wd_span member(struct json_feed *j, const json_t *o, const char *key)
{
    return text_of(j, json_object_get(o, key));
}

static void offer(struct json_feed *j, wd_draft *d, wd_slot slot, const json_t *v, wd_value how)
{
    how.raw = text_of(j, v);
    how.base = j->base;
    wd_draft_offer(d, slot, how);
}

static void authors(struct json_feed *j, wd_draft *d, const json_t *o)
{
    const json_t *list = json_object_get(o, "authors"), *one = json_object_get(o, "author");
    size_t i;
    json_t *a;
    if (json_is_string(one))
        wd_draft_add_person(d, 0, (wd_person){ .name = text_of(j, one) });
    else
        wd_draft_add_person(d, 0,
                            (wd_person){ .name = member(j, one, "name"),
                                         .email = member(j, one, "email"),
                                         .uri = member(j, one, "url") });
    json_array_foreach(list, i, a) wd_draft_add_person(d, 0,
                                                       (wd_person){ .name = member(j, a, "name"),
                                                                    .email = member(j, a, "email"),
                                                                    .uri = member(j, a, "url") });
}

static void add_media(
    struct json_feed *j, wd_draft *d, wd_media_kind kind, wd_span url, const json_t *o)
{
    double size = json_number_value(json_object_get(o, "size_in_bytes"));
    if (url.len == 0)
        return;
    wd_media m = { .kind = kind,
                   .url = wd_link_resolve(j->keep, j->base, url),
                   .type = member(j, o, "mime_type"),
                   .title = member(j, o, "title"),
                   .length_bytes = size >= 1 && size < 1e18 ? (int64_t)size : -1 };
    wd_draft_add_media(d, &m);
}

static void lists(struct json_feed *j, wd_draft *d, const json_t *o)
{
    size_t i;
    json_t *v;
    json_array_foreach(json_object_get(o, "tags"), i, v) wd_draft_add_category(d, text_of(j, v));
    json_array_foreach(json_object_get(o, "attachments"), i, v)
        add_media(j, d, WD_MEDIA_ENCLOSURE, member(j, v, "url"), v);
    add_media(j, d, WD_MEDIA_THUMBNAIL, member(j, o, "image"), NULL);
    add_media(j, d, WD_MEDIA_THUMBNAIL, member(j, o, "banner_image"), NULL);
}

static void item(struct json_feed *j, wd_draft *d, const json_t *o)
{
    const wd_value plain = { 0 }, second = { .rank = 1 }, third = { .rank = 2 };
    wd_draft_reset(d);
    d->touched = json_object_size(o) > 0;
    offer(j, d, WD_SLOT_ID, json_object_get(o, "id"), plain);
    offer(j, d, WD_SLOT_LINK, json_object_get(o, "url"), plain);
    offer(j, d, WD_SLOT_LINK, json_object_get(o, "external_url"), third);
    offer(j, d, WD_SLOT_TITLE, json_object_get(o, "title"), plain);
    offer(j, d, WD_SLOT_CONTENT, json_object_get(o, "content_html"),
          (wd_value){ .type = WD_VALUE_HTML });
    offer(j, d, WD_SLOT_CONTENT, json_object_get(o, "content_text"), second);
    offer(j, d, WD_SLOT_SUMMARY, json_object_get(o, "summary"), plain);
    offer(j, d, WD_SLOT_PUBLISHED, json_object_get(o, "date_published"), plain);
    offer(j, d, WD_SLOT_UPDATED, json_object_get(o, "date_modified"), plain);
    offer(j, d, WD_SLOT_LANGUAGE, json_object_get(o, "language"), plain);
    authors(j, d, o);
    lists(j, d, o);
}

static void feed_fields(struct json_feed *j, wd_draft *d, const json_t *o)
{
    const wd_value plain = { 0 }, second = { .rank = 1 };
    size_t i;
    json_t *hub;
    offer(j, d, WD_SLOT_TITLE, json_object_get(o, "title"), plain);
    offer(j, d, WD_SLOT_LINK, json_object_get(o, "home_page_url"), plain);
    offer(j, d, WD_SLOT_SELF, json_object_get(o, "feed_url"), plain);
    offer(j, d, WD_SLOT_SUMMARY, json_object_get(o, "description"), plain);
    offer(j, d, WD_SLOT_LANGUAGE, json_object_get(o, "language"), plain);
    offer(j, d, WD_SLOT_ICON, json_object_get(o, "icon"), plain);
    offer(j, d, WD_SLOT_ICON, json_object_get(o, "favicon"), second);
    json_array_foreach(json_object_get(o, "hubs"), i, hub)
        offer(j, d, WD_SLOT_HUB, json_object_get(hub, "url"), plain);
    authors(j, d, o);
}

static bool is_feed(const json_t *root)
{
    const json_t *version = json_object_get(root, "version");
    return json_is_array(json_object_get(root, "items")) ||
           (json_is_string(version) && json_object_get(root, "title") != NULL &&
            wd_span_find_nocase(wd_span_of(json_string_value(version)), "jsonfeed") <
                json_string_length(version));
}

static wd_json_end read_root(struct json_feed *j, const json_t *root, wd_draft *feed)
{
    wd_draft *d = malloc(sizeof(*d));
    size_t i;
    json_t *v;
    if (d == NULL)
        return WD_JSON_NOMEM;
    feed_fields(j, feed, root);
    json_array_foreach(json_object_get(root, "items"), i, v)
    {
        if (!json_is_object(v))
            continue;
        item(j, d, v);
        if (!j->sink->item(j->sink->ctx, d)) {
            free(d);
            return WD_JSON_STOPPED;
        }
    }
    free(d);
    return WD_JSON_COMPLETE;
}

wd_json_end wd_json_feed_read(
    wd_span text, wd_span base, wd_arena *keep, wd_draft *feed, const wd_mapper_sink *sink)
{
    struct json_feed j = { .base = base, .keep = keep, .sink = sink };
    json_error_t error;
    json_t *root = json_loadb(text.ptr, text.len, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
    wd_json_end end = WD_JSON_MALFORMED;
    if (root != NULL)
        end = is_feed(root) ? read_root(&j, root, feed) : WD_JSON_NOT_A_FEED;
    json_decref(root);
    return end;
}
