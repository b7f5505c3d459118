/*
 * queue/event_item.c - one verdict about one item as the event's data.
 *
 * data.item is pure IPTC ninjs 3.1, whose schema forbids foreign fields: what is ours
 * (origin, cluster, changes) stands beside it.  An event that would grow past the
 * ceiling is written again with tighter limits, until it fits.
 */
#include <math.h>
#include <string.h>

#include "core/ascii.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/text.h"
#include "core/url.h"
#include "queue/event_impl.h"

#define URI_PREFIX        "urn:wiredesk:item:"
#define URI_BYTES         64u
#define HEX_CHARS         24
#define CLUSTER_HEX_CHARS 12

/* What one attempt may write.  The first is what parsers let through; the last is small
 * enough for any ceiling that can hold the envelope. */
typedef struct limits {
    size_t text_bytes, html_bytes, name_bytes, list;
} limits;

static const limits attempts[] = {
    { WD_FIELD_BYTES, WD_FIELD_BYTES, WD_TITLE_BYTES, WD_LIST_PER_ITEM },
    { WD_FIELD_BYTES, 0, WD_TITLE_BYTES, WD_LIST_PER_ITEM },
    { 256u * 1024u, 0, 1024, 32 },
    { 8u * 1024u, 0, 256, 8 },
    { 0, 0, 64, 0 },
};

typedef struct writer {
    wd_json json;
    const wd_event_item *event;
    const limits *limit;
    bool cut; /* something of the body was left out */
} writer;

/* RFC 3986 characters after a scheme: what a "format": "uri" validator accepts. */
static bool is_uri(wd_span s)
{
    static const char others[128] = {
        ['-'] = 1, ['.'] = 1, ['_'] = 1, ['~'] = 1, [':'] = 1, ['/'] = 1, ['?'] = 1,  ['#'] = 1,
        ['['] = 1, [']'] = 1, ['@'] = 1, ['!'] = 1, ['$'] = 1, ['&'] = 1, ['\''] = 1, ['('] = 1,
        [')'] = 1, ['*'] = 1, ['+'] = 1, [','] = 1, [';'] = 1, ['='] = 1, ['%'] = 1
    };
    size_t colon = wd_span_find(s, ':');
    if (colon == 0 || colon + 1 >= s.len || s.len > WD_URL_BYTES || !wd_is_alpha(s.ptr[0]))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool known = wd_is_alnum(c) || ((unsigned char)c < 128 && others[(unsigned char)c] != 0);
        bool escape = c != '%' || (i + 2 < s.len && wd_hex_value(s.ptr[i + 1]) >= 0 &&
                                   wd_hex_value(s.ptr[i + 2]) >= 0);
        if (!known || !escape || (i < colon && !wd_is_alnum(c) && strchr("+-.", c) == NULL))
            return false;
    }
    return true;
}

static wd_span item_uri(const char *hex, char out[URI_BYTES])
{
    const size_t before = sizeof(URI_PREFIX) - 1;
    size_t n = strnlen(hex, HEX_CHARS);
    memcpy(out, URI_PREFIX, before);
    memcpy(out + before, hex, n);
    return (wd_span){ out, before + n };
}

static wd_span name_of(const writer *w, wd_span s)
{
    return wd_utf8_head(s, w->limit->name_bytes);
}

static void put_name(writer *w, const char *key, wd_span value)
{
    wd_json_put_opt(&w->json, key, name_of(w, value));
}

static void put_uri(writer *w, const char *key, wd_span value)
{
    if (is_uri(value))
        wd_json_put(&w->json, key, value);
}

/* How an entry of headlines, descriptions or bodies begins. */
#define ENTRY(role, type) WD_SPAN_LIT("\"role\":\"" role "\",\"contentType\":\"" type "\"")

/* Opened only, for counts to follow. */
static void begin_text(writer *w, wd_span entry, wd_span text, size_t max)
{
    wd_span value = wd_utf8_head(text, max);
    w->cut = w->cut || value.len < text.len;
    wd_json_begin_object(&w->json);
    wd_json_ready(&w->json, entry);
    wd_json_put(&w->json, "value", value);
}

static void put_counts(writer *w, wd_span text)
{
    size_t words, runes;
    wd_text_count(text, &words, &runes);
    wd_json_put_int(&w->json, "wordCount", (int64_t)words);
    wd_json_put_int(&w->json, "charCount", (int64_t)runes);
}

static void put_headlines(writer *w)
{
    wd_span title = w->event->item->title_text;
    wd_json_key(&w->json, "headlines");
    wd_json_begin_array(&w->json);
    if (title.len > 0) {
        begin_text(w, ENTRY("main", "text/plain"), title, WD_TITLE_BYTES);
        wd_json_end_object(&w->json);
    }
    wd_json_end_array(&w->json);
}

static void put_description(writer *w)
{
    wd_span summary = w->event->item->summary_text;
    if (summary.len == 0)
        return;
    wd_json_key(&w->json, "descriptions");
    wd_json_begin_array(&w->json);
    begin_text(w, ENTRY("summary", "text/plain"), summary, w->limit->text_bytes);
    wd_json_end_object(&w->json);
    wd_json_end_array(&w->json);
}

static void put_bodies(writer *w)
{
    const wd_item *item = w->event->item;
    if (item->content_text.len == 0)
        return;
    wd_json_key(&w->json, "bodies");
    wd_json_begin_array(&w->json);
    begin_text(w, ENTRY("feed", "text/plain"), item->content_text, w->limit->text_bytes);
    put_counts(w, item->content_text);
    wd_json_end_object(&w->json);
    /* Half a document is not HTML any more: whole or not at all. */
    if (item->content_html.len > 0 && item->content_html.len <= w->limit->html_bytes &&
        !wd_span_eq(item->content_html, item->content_text)) {
        begin_text(w, ENTRY("feed", "text/html"), item->content_html, w->limit->html_bytes);
        wd_json_end_object(&w->json);
    }
    wd_json_end_array(&w->json);
}

static void put_by(writer *w)
{
    const wd_item *item = w->event->item;
    char by[512];
    size_t n = 0;
    for (size_t i = 0; i < item->n_authors; i++) {
        wd_span name = item->authors[i].name.len ? item->authors[i].name : item->authors[i].email;
        size_t comma = n > 0 ? 2 : 0;
        if (name.len == 0 || n + comma + name.len > sizeof(by))
            continue;
        memcpy(by + n, ", ", comma);
        memcpy(by + n + comma, name.ptr, name.len);
        n += comma + name.len;
    }
    wd_json_put_opt(&w->json, "by", (wd_span){ by, n });
}

static void put_subjects(writer *w)
{
    const wd_item *item = w->event->item;
    size_t n = item->n_categories < w->limit->list ? item->n_categories : w->limit->list;
    if (n == 0)
        return;
    wd_json_key(&w->json, "subjects");
    wd_json_begin_array(&w->json);
    for (size_t i = 0; i < n; i++) {
        wd_json_begin_object(&w->json);
        put_name(w, "name", item->categories[i]);
        wd_json_ready(&w->json, WD_SPAN_LIT("\"rel\":\"feed-category\""));
        wd_json_end_object(&w->json);
    }
    wd_json_end_array(&w->json);
}

static void put_info_source(writer *w, wd_span name, const char *role, wd_span uri)
{
    if (name.len == 0)
        return;
    wd_json_begin_object(&w->json);
    put_name(w, "name", name);
    wd_json_put_text(&w->json, "role", role);
    put_uri(w, "uri", uri);
    wd_json_end_object(&w->json);
}

static void put_info_sources(writer *w)
{
    const wd_event_item *e = w->event;
    wd_span publisher = e->publisher.len ? e->publisher : e->feed_title;
    wd_json_key(&w->json, "infoSources");
    wd_json_begin_array(&w->json);
    put_info_source(w, publisher, "publisher", WD_SPAN_NONE);
    put_info_source(w, e->item->source_title, "source", e->item->source_url);
    put_info_source(w, e->agency.name, "credit", WD_SPAN_NONE);
    wd_json_end_array(&w->json);
}

static void put_rendition(writer *w, const wd_media *m)
{
    static const char *const names[] = { [WD_MEDIA_ENCLOSURE] = "enclosure",
                                         [WD_MEDIA_CONTENT] = "content",
                                         [WD_MEDIA_THUMBNAIL] = "thumbnail" };
    if (!is_uri(m->url) || (size_t)m->kind >= WD_COUNT(names))
        return;
    wd_json_begin_object(&w->json);
    wd_json_put_text(&w->json, "name", names[m->kind]);
    wd_json_put(&w->json, "href", m->url);
    put_name(w, "contentType", m->type);
    put_name(w, "title", m->title);
    if (m->width > 0)
        wd_json_put_int(&w->json, "width", m->width);
    if (m->height > 0)
        wd_json_put_int(&w->json, "height", m->height);
    if (m->length_bytes >= 0)
        wd_json_put_int(&w->json, "sizeInBytes", m->length_bytes);
    wd_json_end_object(&w->json);
}

static void put_renditions(writer *w)
{
    const wd_item *item = w->event->item;
    wd_json_key(&w->json, "renditions");
    wd_json_begin_array(&w->json);
    if (is_uri(item->link)) {
        wd_json_begin_object(&w->json);
        wd_json_put_text(&w->json, "name", "web");
        wd_json_put(&w->json, "href", item->link);
        wd_json_put_text(&w->json, "contentType", "text/html");
        wd_json_end_object(&w->json);
    }
    for (size_t i = 0; i < item->n_media && i < w->limit->list; i++)
        put_rendition(w, &item->media[i]);
    wd_json_end_array(&w->json);
}

static const char *id_kind_text(wd_id_kind kind)
{
    static const char *const text[] = { [WD_ID_GUID] = "guid",
                                        [WD_ID_ATOM] = "atom-id",
                                        [WD_ID_LINK] = "link",
                                        [WD_ID_HASH] = "hash" };
    return (size_t)kind < WD_COUNT(text) ? text[kind] : "hash";
}

static void put_alt_id(writer *w, const char *role, wd_span value)
{
    wd_json_begin_object(&w->json);
    wd_json_put_text(&w->json, "role", role);
    wd_json_put(&w->json, "value", wd_utf8_head(value, WD_RAW_ID_BYTES));
    wd_json_end_object(&w->json);
}

static void put_alt_ids(writer *w)
{
    const wd_item *item = w->event->item;
    wd_json_key(&w->json, "altIds");
    wd_json_begin_array(&w->json);
    if (item->id.len > 0 && item->id_kind != WD_ID_LINK)
        put_alt_id(w, id_kind_text(item->id_kind), item->id);
    if (item->link.len > 0 && item->link.len <= WD_RAW_ID_BYTES)
        put_alt_id(w, "link", item->link);
    wd_json_end_array(&w->json);
}

static void put_times(writer *w)
{
    const wd_event_item *e = w->event;
    int64_t published = e->item->published_ms;
    int64_t updated = e->item->updated_ms;
    wd_json_put_time_opt(&w->json, "firstCreated",
                         published != WD_TIME_NONE ? published : e->first_seen_ms, false);
    wd_json_put_time_opt(&w->json, "versionCreated", updated != WD_TIME_NONE ? updated : e->now_ms,
                         false);
    wd_json_put_time_opt(&w->json, "contentCreated", published, false);
}

/* ninjs 3.1. */
static void put_item(writer *w)
{
    const wd_event_item *e = w->event;
    wd_json *j = &w->json;
    char uri[URI_BYTES];
    wd_json_key(j, "item");
    wd_json_begin_object(j);
    wd_json_put(j, "uri", item_uri(e->uri_hex, uri));
    wd_json_ready(j, WD_SPAN_LIT("\"type\":\"text\",\"representationType\":\"partial\","
                                 "\"profile\":\"wiredesk-rss-1\""));
    wd_json_key(j, "version");
    wd_buf_append_char(j->out, '"');
    wd_buf_append_uint(j->out, e->revision > 0 ? e->revision : 1);
    wd_buf_append_char(j->out, '"');
    j->comma = true;
    put_times(w);
    wd_json_ready(j, WD_SPAN_LIT("\"pubStatus\":\"usable\""));
    put_name(w, "language", e->item->language);
    put_name(w, "copyrightNotice", e->item->rights);
    put_by(w);
    put_headlines(w);
    put_description(w);
    put_bodies(w);
    put_subjects(w);
    put_info_sources(w);
    put_renditions(w);
    put_alt_ids(w);
    wd_json_ready(
        j, WD_SPAN_LIT("\"standard\":{\"name\":\"ninjs\",\"version\":\"3.1\","
                       "\"schema\":\"http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#\"}"));
    wd_json_end_object(j);
}

static void put_flags(writer *w)
{
    uint32_t flags = w->event->flags | (w->cut ? (uint32_t)WD_ITEM_TRUNCATED_BODY : 0);
    wd_json_key(&w->json, "flags");
    wd_json_begin_array(&w->json);
    for (unsigned bit = 0; bit < WD_ITEM_FLAG_COUNT; bit++)
        if (flags & 1u << bit)
            wd_json_text(&w->json, wd_item_flag_text(bit));
    wd_json_end_array(&w->json);
}

static void put_origin(writer *w)
{
    const wd_event_item *e = w->event;
    wd_json *j = &w->json;
    wd_url_parts url;
    wd_url_split(e->feed_url, &url);
    if (wd_span_starts_nocase(url.host, "www."))
        url.host = wd_span_from(url.host, 4);
    wd_json_key(j, "origin");
    wd_json_begin_object(j);
    wd_json_put(j, "feed", wd_utf8_head(wd_span_of(e->feed_slug), WD_SLUG_BYTES));
    wd_json_put(j, "feedUrl", wd_span_head(e->feed_url, WD_URL_BYTES));
    put_name(w, "feedTitle", e->feed_title);
    put_name(w, "publisher", e->publisher);
    put_name(w, "publisherDomain", url.host);
    wd_json_put_text(j, "idKind", id_kind_text(e->item->id_kind));
    wd_json_put(j, "rawId", wd_utf8_head(e->item->id, WD_RAW_ID_BYTES));
    wd_span date = e->item->published_raw.len ? e->item->published_raw : e->item->updated_raw;
    wd_json_put_opt(j, "rawDate", wd_utf8_head(date, WD_RAW_DATE_BYTES));
    wd_json_put_time_opt(j, "feedDate", e->item->published_ms, false);
    wd_json_put_time_opt(j, "fetchedAt", e->fetched_ms, true);
    wd_json_put_time_opt(j, "firstSeen", e->first_seen_ms, true);
    put_name(w, "httpEtag", e->etag);
    put_flags(w);
    wd_json_end_object(j);
}

/* A share; what is not a number between 0 and 1 is nearest to one of them. */
static void put_share(wd_json *j, const char *key, double value)
{
    wd_json_key(j, key);
    wd_json_double(j, isnan(value) || value < 0 ? 0 : value > 1 ? 1 : value, 3);
}

static void put_evidence(writer *w, const wd_event_evidence *e)
{
    wd_json *j = &w->json;
    wd_json_begin_object(j);
    wd_json_put_text(j, "kind", e->kind);
    put_share(j, "score", e->score);
    wd_json_put_opt(j, "with", e->with);
    put_share(j, "coverThis", e->cover_this);
    put_share(j, "coverOther", e->cover_other);
    wd_json_put_int(j, "longestRun", e->longest_run);
    wd_json_put_int(j, "numbers", e->numbers);
    wd_json_put_int(j, "numbersAgreed", e->numbers_agreed);
    wd_json_put_opt(j, "note", wd_span_of(e->note));
    wd_json_end_object(j);
}

static void put_agency(writer *w)
{
    const wd_event_agency *a = &w->event->agency;
    if (a->name.len == 0)
        return;
    wd_json_key(&w->json, "agency");
    wd_json_begin_object(&w->json);
    put_name(w, "name", a->name);
    wd_json_put_text(&w->json, "evidence", a->evidence);
    put_share(&w->json, "confidence", a->confidence);
    wd_json_end_object(&w->json);
}

static void put_cluster(writer *w)
{
    const wd_event_item *e = w->event;
    wd_json *j = &w->json;
    char uri[URI_BYTES];
    wd_json_key(j, "cluster");
    wd_json_begin_object(j);
    wd_json_key(j, "id");
    wd_buf_append(j->out, "\"c-", 3);
    wd_buf_append(j->out, e->cluster_hex, strnlen(e->cluster_hex, CLUSTER_HEX_CHARS));
    wd_buf_append_char(j->out, '"');
    j->comma = true;
    wd_json_put_text(j, "role", e->role);
    wd_json_put_int(j, "size", e->cluster_size > 0 ? e->cluster_size : 1);
    wd_json_put(j, "canonicalUri", item_uri(e->cluster_hex, uri));
    wd_json_put_int(j, "revision", e->revision > 0 ? e->revision : 1);
    put_agency(w);
    wd_json_key(j, "evidence");
    wd_json_begin_array(j);
    for (size_t i = 0; i < e->n_evidence; i++)
        put_evidence(w, &e->evidence[i]);
    wd_json_end_array(j);
    wd_json_end_object(j);
}

static void put_changes(writer *w)
{
    static const char *const names[] = { "headline", "summary", "body", "link",
                                         "date",     "by",      "media" };
    if (w->event->changes == 0)
        return;
    wd_json_key(&w->json, "changes");
    wd_json_begin_array(&w->json);
    for (unsigned bit = 0; bit < WD_COUNT(names); bit++)
        if (w->event->changes & 1u << bit)
            wd_json_text(&w->json, names[bit]);
    wd_json_end_array(&w->json);
}

static wd_status attempt(const wd_event_item *e, const limits *limit, wd_buf *out)
{
    writer w = { .json = wd_json_onto(out), .event = e, .limit = limit };
    char uri[URI_BYTES];
    wd_event_begin(&w.json, &(wd_event_envelope){ .slot = &e->slot,
                                                  .type = e->type,
                                                  .source = e->source,
                                                  .subject = item_uri(e->uri_hex, uri),
                                                  .now_ms = e->now_ms });
    wd_json_begin_object(&w.json);
    put_item(&w);
    put_origin(&w);
    put_cluster(&w);
    put_changes(&w);
    wd_json_end_object(&w.json);
    wd_json_end_object(&w.json);
    return wd_buf_status(out);
}

wd_status wd_event_write_item(const wd_event_item *e, wd_buf *out)
{
    size_t start = out->len;
    wd_status s = wd_buf_status(out);
    for (size_t i = 0; s == WD_OK && i < WD_COUNT(attempts); i++) {
        s = attempt(e, &attempts[i], out);
        if (s != WD_LIMIT || i + 1 == WD_COUNT(attempts))
            return s;
        out->len = start;
        out->status = s = WD_OK;
    }
    return s;
}
