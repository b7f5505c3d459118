/* parsers/parse.c - from bytes to a document: transcode, read, finish each item as it ends,
 * then settle who is who.  One item's scratch is all that lives between two items; what becomes of
 * an item stays where it stood in the text, if it can. */
#include "parsers/parse.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/limits.h"
#include "core/status.h"
#include "core/url.h"
#include "parsers/charset.h"
#include "parsers/finish.h"
#include "parsers/identity.h"
#include "parsers/json_feed.h"
#include "parsers/mapper.h"

/* Decoded small fields of one item. */
#define SCRATCH_BYTES (8u * 1024u * 1024u)

#define FIRST_ITEMS 64u

/* What items may need beside a document that they are written over: ten thousand of them, and
 * half a megabyte.  More is what entities, or lists of one-letter names, were made for. */
#define BESIDE_BYTES(document)                                                                     \
    (WD_ITEMS_PER_DOC * sizeof(wd_item) + (512u * 1024u) + (document) / 32)

struct job {
    const wd_parse_input *in;
    wd_feed_doc *doc;
    wd_finish finish;
    wd_arena *keep; /* JSON: strings of the whole document */
    wd_decoded body;
    wd_span base;
    wd_item *items; /* grows by doubling; the arena takes it over at the end */
    size_t n, cap;
    size_t used_before; /* of the arena */
    bool limited, nomem;
};

const char *wd_feed_format_name(wd_feed_format f)
{
    static const char *const names[] = { "unknown", "rss",  "rss1.0",      "atom0.3",
                                         "atom1.0", "json", "news-sitemap" };
    return (size_t)f < WD_COUNT(names) ? names[f] : names[0];
}

const char *wd_parse_outcome_word(wd_parse_outcome o)
{
    static const char *const words[] = {
#define X(name, word, text) word,
        WD_PARSE_OUTCOME_LIST(X)
#undef X
    };
    return (size_t)o < WD_COUNT(words) ? words[o] : "unknown";
}

const char *wd_parse_outcome_text(wd_parse_outcome o)
{
    static const char *const texts[] = {
#define X(name, word, text) text,
        WD_PARSE_OUTCOME_LIST(X)
#undef X
    };
    return (size_t)o < WD_COUNT(texts) ? texts[o] : "unknown";
}

/* --- items ------------------------------------------------------------------------- */

static bool room_for_item(struct job *j)
{
    if (j->n < j->cap)
        return true;
    size_t cap = j->cap ? 2 * j->cap : FIRST_ITEMS;
    wd_item *more = realloc(j->items, cap * sizeof(*more));
    if (more == NULL)
        return false;
    j->items = more;
    j->cap = cap;
    return true;
}

static bool beside_itself(const struct job *j)
{
    size_t used = wd_arena_used(j->finish.to) - j->used_before + j->n * sizeof(wd_item);
    return j->finish.writable != NULL && used > BESIDE_BYTES(j->body.text.len);
}

static bool on_item(void *ctx, wd_draft *draft)
{
    struct job *j = ctx;
    if (j->n == WD_ITEMS_PER_DOC) {
        j->limited = true;
        j->doc->dropped_items++;
        return false;
    }
    if (!room_for_item(j)) {
        j->nomem = true;
        return false;
    }
    if (wd_finish_item(&j->finish, draft, &j->items[j->n]))
        j->n++;
    else
        j->doc->dropped_items++;
    wd_arena_reset(j->finish.scratch);
    j->limited |= wd_arena_status(j->finish.to) == WD_LIMIT || beside_itself(j);
    j->nomem |= wd_arena_status(j->finish.to) == WD_NOMEM;
    if (j->limited || j->nomem)
        j->n -= j->n > 0; /* the last one is not whole */
    return !j->limited && !j->nomem;
}

/* RFC 4287 4.2.1, JSON Feed 1.1: who wrote the feed wrote its entries. */
static void inherit_authors(const struct job *j, wd_item *item)
{
    wd_feed_format f = j->doc->format;
    if (item->n_authors == 0 &&
        (f == WD_FORMAT_ATOM || f == WD_FORMAT_ATOM03 || f == WD_FORMAT_JSON)) {
        item->authors = j->doc->authors;
        item->n_authors = j->doc->n_authors;
    }
}

static void settle_items(struct job *j)
{
    size_t before = j->n;
    if (wd_identity_settle(j->items, &j->n, j->finish.to) != WD_OK)
        j->nomem = true;
    j->doc->dropped_items += (uint32_t)(before - j->n);
    for (size_t i = 0; i < j->n; i++) {
        if (j->items[i].language.ptr == NULL)
            j->items[i].language = j->doc->language;
        inherit_authors(j, &j->items[i]);
        j->items[i].flags |= j->doc->flags & (WD_ITEM_BAD_ENCODING | WD_ITEM_RECOVERED_XML);
    }
    if (j->n == 0)
        return;
    if (!wd_arena_adopt(j->finish.to, j->items, j->n * sizeof(wd_item))) {
        j->limited = true;
        return;
    }
    j->doc->items = j->items;
    j->doc->n_items = j->n;
    j->items = NULL;
}

/* --- formats -------------------------------------------------------------------------- */

static wd_parse_outcome from_json(wd_json_end end)
{
    switch (end) {
    case WD_JSON_COMPLETE:
        return WD_PARSE_COMPLETE;
    case WD_JSON_TRUNCATED:
        return WD_PARSE_TRUNCATED;
    case WD_JSON_STOPPED:
        return WD_PARSE_LIMITED;
    case WD_JSON_NOT_A_FEED:
        return WD_PARSE_NOT_A_FEED;
    case WD_JSON_MALFORMED:
        return WD_PARSE_MALFORMED;
    case WD_JSON_NOMEM:
        break;
    }
    return WD_PARSE_NOMEM;
}

static wd_parse_outcome read_json(struct job *j)
{
    const wd_mapper_sink sink = { .item = on_item, .ctx = j };
    wd_draft *feed = malloc(sizeof(*feed));
    if (feed == NULL)
        return WD_PARSE_NOMEM;
    wd_draft_reset(feed);
    feed->lang = j->in->content_language;
    wd_json_end end = wd_json_feed_read(j->body.text, j->base, j->keep, feed, &sink);
    j->doc->format = WD_FORMAT_JSON;
    wd_finish_feed(&j->finish, feed, j->doc);
    free(feed);
    return from_json(end);
}

static wd_parse_outcome from_xml(const struct job *j, const wd_mapper *m, wd_xml_end end)
{
    if (end != WD_XML_ENTITIES && end != WD_XML_NOMEM && wd_mapper_saw_root(m)) {
        if (wd_mapper_is_html(m))
            return WD_PARSE_HTML;
        if (wd_mapper_format(m) == WD_FORMAT_UNKNOWN)
            return WD_PARSE_NOT_A_FEED;
    }
    switch (end) {
    case WD_XML_COMPLETE:
        return WD_PARSE_COMPLETE;
    case WD_XML_TRUNCATED:
        return WD_PARSE_TRUNCATED;
    case WD_XML_TOO_DEEP:
    case WD_XML_STOPPED:
        return j->nomem ? WD_PARSE_NOMEM : WD_PARSE_LIMITED;
    case WD_XML_ENTITIES:
        return WD_PARSE_ENTITY_POLICY;
    case WD_XML_NO_ROOT:
        return wd_span_find_nocase(wd_span_head(j->body.text, 1024), "<!doctype html") <
                       wd_span_head(j->body.text, 1024).len
                   ? WD_PARSE_HTML
                   : WD_PARSE_NOT_A_FEED;
    case WD_XML_NOMEM:
        break;
    }
    return WD_PARSE_NOMEM;
}

static wd_parse_outcome read_xml(struct job *j)
{
    const wd_mapper_sink sink = { .item = on_item, .ctx = j };
    bool repaired = false;
    wd_mapper *m = wd_mapper_new(j->base, j->in->content_language, &sink);
    if (m == NULL)
        return WD_PARSE_NOMEM;
    wd_xml_sink events = wd_mapper_events(m);
    j->finish.declared = wd_mapper_entities(m);
    wd_xml_end end = wd_xml_read(j->body.text, &events, wd_mapper_entities(m), &repaired);
    if (end == WD_XML_TRUNCATED)
        wd_mapper_cut(m);
    wd_parse_outcome outcome = from_xml(j, m, end);
    j->doc->format = wd_mapper_format(m);
    if (repaired)
        j->doc->flags |= WD_ITEM_RECOVERED_XML;
    wd_finish_feed(&j->finish, wd_mapper_feed(m), j->doc);
    wd_mapper_free(m);
    return outcome;
}

static bool looks_like_json(wd_span text)
{
    text = wd_span_trim(text);
    return text.len > 0 && (text.ptr[0] == '{' || text.ptr[0] == '[');
}

/* From here on items may stay in the text they are read from. */
static bool keep_text(struct job *j)
{
    wd_decoded *d = &j->body;
    bool own = d->own.ptr != NULL;
    j->finish.doc = d->text;
    if (own || j->in->may_write)
        j->finish.writable = (char *)(uintptr_t)d->text.ptr;
    if (own && !wd_arena_adopt(j->finish.to, d->own.ptr, d->own.len))
        return false;
    if (own)
        d->own.ptr = NULL;
    j->used_before = wd_arena_used(j->finish.to);
    return true;
}

static wd_parse_outcome read_body(struct job *j)
{
    const wd_source source = { .bytes = j->in->body, .spend = j->in->may_write };
    wd_status s = wd_charset_decode(source, j->in->content_type, &j->body);
    if (s == WD_UNSUPPORTED)
        return WD_PARSE_ENCODING;
    if (s != WD_OK || !keep_text(j))
        return s == WD_NOMEM ? WD_PARSE_NOMEM : WD_PARSE_LIMITED;
    wd_span name = wd_arena_copy(j->finish.to, wd_span_of(j->body.encoding));
    j->doc->encoding = name.ptr ? name.ptr : "utf-8";
    j->doc->flags |= j->body.flags;
    if (wd_span_trim(j->body.text).len == 0)
        return WD_PARSE_EMPTY;
    return looks_like_json(j->body.text) ? read_json(j) : read_xml(j);
}

/* --- interface --------------------------------------------------------------------------- */

static bool keeps_items(wd_parse_outcome o)
{
    return o == WD_PARSE_COMPLETE || o == WD_PARSE_TRUNCATED || o == WD_PARSE_LIMITED;
}

static wd_parse_outcome run(struct job *j)
{
    if (j->in->body.len == 0)
        return WD_PARSE_EMPTY;
    j->base = j->in->url;
    if (j->in->content_location.len > 0)
        j->base = wd_url_resolve(j->finish.to, j->in->url, j->in->content_location);
    wd_parse_outcome outcome = read_body(j);
    if (keeps_items(outcome))
        settle_items(j);
    if (j->nomem)
        return WD_PARSE_NOMEM;
    return j->limited && outcome == WD_PARSE_COMPLETE ? WD_PARSE_LIMITED : outcome;
}

wd_parse_outcome wd_parse(const wd_parse_input *in, wd_arena *arena, wd_feed_doc *out)
{
    *out = (wd_feed_doc){ .encoding = "utf-8",
                          .published_ms = WD_TIME_NONE,
                          .updated_ms = WD_TIME_NONE,
                          .ttl_min = -1,
                          .update_every_s = -1 };
    struct job j = { .in = in,
                     .doc = out,
                     .finish = { .to = arena,
                                 .scratch = wd_arena_new(SCRATCH_BYTES),
                                 .html = wd_html_new(),
                                 .now_ms = in->now_ms,
                                 .decoded = WD_BUF_INIT(4 * (size_t)WD_FIELD_BYTES) },
                     .keep = wd_arena_new(WD_POLL_ARENA_BYTES) };
    out->outcome = WD_PARSE_NOMEM;
    if (j.finish.scratch != NULL && j.finish.html != NULL && j.keep != NULL)
        out->outcome = run(&j);
    out->items_kept = keeps_items(out->outcome);
    if (!out->items_kept)
        out->n_items = 0;
    free(j.items);
    wd_decoded_done(&j.body);
    wd_buf_done(&j.finish.decoded);
    wd_html_free(j.finish.html);
    wd_arena_free(j.finish.scratch);
    wd_arena_free(j.keep);
    return out->outcome;
}
