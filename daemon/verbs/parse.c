/* daemon/verbs/parse.c - the verb `parse`: a document in, one JSON object out.
 *
 * The parser's public face and its test seam: what a poll would see of a document, without
 * a network.  `--batch` answers line by line, and no document brings it down. */
#include "parsers/parse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/limits.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/verb.h"
#include "parsers/bodies.h"

/* Output is handed on in pieces, so that a large document is not there twice. */
#define FLUSH_BYTES (64u * 1024u)

struct request {
    char *file, *url;
    char *content_type, *content_location, *content_language;
};

/* --- output -------------------------------------------------------------- */

static void flush(wd_json *j)
{
    fwrite(wd_buf_span(j->out).ptr, 1, j->out->len, stdout);
    wd_buf_reset(j->out);
}

static void put_person(wd_json *j, const wd_person *p)
{
    wd_json_begin_object(j);
    wd_json_put_opt(j, "name", p->name);
    wd_json_put_opt(j, "email", p->email);
    wd_json_put_opt(j, "uri", p->uri);
    wd_json_end_object(j);
}

static void put_people(wd_json *j, const wd_person *p, size_t n)
{
    if (n == 0)
        return;
    wd_json_key(j, "authors");
    wd_json_begin_array(j);
    for (size_t i = 0; i < n; i++)
        put_person(j, &p[i]);
    wd_json_end_array(j);
}

static void put_medium(wd_json *j, const wd_media *m)
{
    wd_json_begin_object(j);
    wd_json_put(j, "url", m->url);
    wd_json_put_opt(j, "type", m->type);
    wd_json_put_opt(j, "title", m->title);
    if (m->length_bytes >= 0)
        wd_json_put_int(j, "length", m->length_bytes);
    if (m->width > 0)
        wd_json_put_int(j, "width", m->width);
    if (m->height > 0)
        wd_json_put_int(j, "height", m->height);
    wd_json_end_object(j);
}

static void put_media(wd_json *j, const wd_item *item, const char *key, bool enclosures_only)
{
    wd_json_key(j, key);
    wd_json_begin_array(j);
    for (size_t i = 0; i < item->n_media; i++)
        if (!enclosures_only || item->media[i].kind == WD_MEDIA_ENCLOSURE)
            put_medium(j, &item->media[i]);
    wd_json_end_array(j);
}

static void put_flags(wd_json *j, uint32_t flags)
{
    if (flags == 0)
        return;
    wd_json_key(j, "flags");
    wd_json_begin_array(j);
    for (unsigned bit = 0; bit < WD_ITEM_FLAG_COUNT; bit++)
        if (flags & 1u << bit)
            wd_json_text(j, wd_item_flag_text(bit));
    wd_json_end_array(j);
}

/* A title is text, except where its markup says more than that. */
static void put_title(wd_json *j, wd_span html, wd_span text)
{
    if (html.len > 0)
        wd_json_put(j, "title", html);
    else if (text.ptr != NULL)
        wd_json_put(j, "title", text);
}

static void put_item_lists(wd_json *j, const wd_item *item)
{
    put_people(j, item->authors, item->n_authors);
    if (item->n_categories > 0) {
        wd_json_key(j, "categories");
        wd_json_begin_array(j);
        for (size_t i = 0; i < item->n_categories; i++)
            wd_json_string(j, item->categories[i]);
        wd_json_end_array(j);
    }
    if (item->n_media > 0) {
        put_media(j, item, "enclosures", true);
        put_media(j, item, "media", false);
    }
    if (item->source_title.len > 0 || item->source_url.len > 0) {
        wd_json_key(j, "source");
        wd_json_begin_object(j);
        put_title(j, item->source_title_html, item->source_title);
        wd_json_put_opt(j, "url", item->source_url);
        wd_json_end_object(j);
    }
    put_flags(j, item->flags);
    if (item->unfinished) {
        wd_json_key(j, "unfinished");
        wd_json_bool(j, true);
    }
    if (item->draft) {
        wd_json_key(j, "draft");
        wd_json_bool(j, true);
    }
}

/* Without a summary of its own an item is summed up by its text; the HTML is in content. */
static void put_texts(wd_json *j, const wd_item *item)
{
    bool own = item->summary_html.len > 0;
    wd_json_put_opt(j, "summary", own ? item->summary_html : item->content_text);
    wd_json_put_opt(j, "summary_text", item->summary_text);
    wd_json_put_opt(j, "content", item->content_html);
    wd_json_put_opt(j, "content_text", item->content_text);
}

/* What was never changed was last touched when it was published. */
static int64_t touched_ms(const wd_item *item)
{
    return item->updated_ms != WD_TIME_NONE ? item->updated_ms : item->published_ms;
}

static void put_item(wd_json *j, const wd_item *item)
{
    static const char *const kinds[] = { "guid", "atom", "link", "hash" };
    wd_json_begin_object(j);
    put_title(j, item->title_html, item->title_text);
    wd_json_put_opt(j, "link", item->link);
    wd_json_put(j, "id", item->id);
    wd_json_put_text(j, "id_kind", kinds[item->id_kind]);
    put_texts(j, item);
    wd_json_put_time_opt(j, "published", item->published_ms, false);
    wd_json_put_time_opt(j, "updated", touched_ms(item), false);
    wd_json_put_opt(j, "published_raw", item->published_raw);
    wd_json_put_opt(j, "updated_raw", item->updated_raw);
    wd_json_put_opt(j, "language", item->language);
    wd_json_put_opt(j, "rights", item->rights);
    put_item_lists(j, item);
    wd_json_end_object(j);
}

/* A feed that does not say when it changed is as new as its newest item. */
static void put_feed_times(wd_json *j, const wd_feed_doc *doc)
{
    int64_t published = doc->published_ms, updated = doc->updated_ms;
    for (size_t i = 0; i < doc->n_items; i++) {
        if (doc->published_ms == WD_TIME_NONE && doc->items[i].published_ms > published)
            published = doc->items[i].published_ms;
        if (doc->updated_ms == WD_TIME_NONE && touched_ms(&doc->items[i]) > updated)
            updated = touched_ms(&doc->items[i]);
    }
    wd_json_put_time_opt(j, "published", published, false);
    wd_json_put_time_opt(j, "updated", updated != WD_TIME_NONE ? updated : published, false);
}

static void put_feed(wd_json *j, const wd_feed_doc *doc)
{
    wd_json_key(j, "feed");
    wd_json_begin_object(j);
    put_title(j, doc->title_html, doc->title_text);
    wd_json_put_opt(j, "subtitle", doc->subtitle_html);
    wd_json_put_opt(j, "subtitle_text", doc->subtitle_text);
    wd_json_put_opt(j, "link", doc->link);
    wd_json_put_opt(j, "language", doc->language);
    put_feed_times(j, doc);
    put_people(j, doc->authors, doc->n_authors);
    wd_json_put_opt(j, "self", doc->self_link);
    wd_json_put_opt(j, "hub", doc->hub_links[0]);
    wd_json_put_opt(j, "generator", doc->generator);
    wd_json_put_opt(j, "icon", doc->icon);
    if (doc->ttl_min >= 0)
        wd_json_put_int(j, "ttl", doc->ttl_min);
    if (doc->update_every_s >= 0)
        wd_json_put_int(j, "update_every_s", doc->update_every_s);
    if (doc->skip_hours != 0)
        wd_json_put_int(j, "skip_hours", doc->skip_hours);
    if (doc->skip_days != 0)
        wd_json_put_int(j, "skip_days", doc->skip_days);
    wd_json_end_object(j);
}

/* Both forms of its bodies are shown, and forgotten again: a large document is not there twice. */
static void put_items(wd_json *j, wd_feed_doc *doc)
{
    wd_html *html = wd_html_new();
    wd_arena *forms = wd_arena_new(WD_POLL_ARENA_BYTES);
    for (size_t i = 0; html != NULL && forms != NULL && i < doc->n_items; i++) {
        wd_bodies_complete(html, &doc->items[i], forms);
        put_item(j, &doc->items[i]);
        wd_arena_reset(forms);
        if (j->out->len >= FLUSH_BYTES)
            flush(j);
    }
    wd_arena_free(forms);
    wd_html_free(html);
}

static void put_document(wd_feed_doc *doc)
{
    wd_buf out = WD_BUF_INIT(WD_BODY_DECODED_BYTES);
    wd_json j = wd_json_onto(&out);
    wd_json_begin_object(&j);
    wd_json_put_text(&j, "outcome", wd_parse_outcome_word(doc->outcome));
    if (!doc->items_kept) {
        wd_json_put_text(&j, "error", wd_parse_outcome_text(doc->outcome));
    } else {
        wd_json_put_text(&j, "format", wd_feed_format_name(doc->format));
        wd_json_put_text(&j, "encoding", doc->encoding);
        put_flags(&j, doc->flags);
        wd_json_put_int(&j, "dropped_items", doc->dropped_items);
        put_feed(&j, doc);
        wd_json_key(&j, "items");
        wd_json_begin_array(&j);
        put_items(&j, doc);
        wd_json_end_array(&j);
    }
    wd_json_end_object(&j);
    wd_buf_append_char(&out, '\n');
    flush(&j);
    wd_buf_done(&out);
    fflush(stdout);
}

static void put_error(const char *why)
{
    wd_buf out = WD_BUF_INIT(WD_BUF_FIRST_BYTES);
    wd_json j = wd_json_onto(&out);
    wd_json_begin_object(&j);
    wd_json_put_text(&j, "error", why);
    wd_json_end_object(&j);
    wd_buf_append_char(&out, '\n');
    flush(&j);
    wd_buf_done(&out);
    fflush(stdout);
}

/* --- one document -------------------------------------------------------- */

static bool read_whole(const char *path, wd_buf *body)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (in == NULL)
        return false;
    char piece[65536];
    for (size_t n; (n = fread(piece, 1, sizeof(piece), in)) > 0;)
        if (wd_buf_append(body, piece, n) != WD_OK)
            break;
    bool ok = !ferror(in) && wd_buf_status(body) == WD_OK;
    if (in != stdin)
        fclose(in);
    return ok;
}

/* Answers the request on stdout; false when nothing could be read from the document. */
static bool answer(const struct request *r)
{
    wd_buf body = WD_BUF_INIT(WD_BODY_DECODED_BYTES);
    wd_arena *arena = wd_arena_new(WD_POLL_ARENA_BYTES);
    bool ok = false;
    if (arena == NULL) {
        put_error("out of memory");
    } else if (!read_whole(r->file, &body)) {
        const char *why = body.status == WD_LIMIT ? "the document is too large" : strerror(errno);
        fprintf(stderr, "wiredesk parse: %s: %s\n", r->file, why);
        put_error(why);
    } else {
        const wd_parse_input in = { .body = wd_buf_span(&body),
                                    .may_write = true,
                                    .url = wd_span_of(r->url),
                                    .content_type = wd_span_of(r->content_type),
                                    .content_location = wd_span_of(r->content_location),
                                    .content_language = wd_span_of(r->content_language),
                                    .now_ms = wd_wall_ms(wd_clock_system()) };
        wd_feed_doc doc;
        (void)wd_parse(&in, arena, &doc);
        put_document(&doc);
        ok = doc.items_kept;
    }
    wd_arena_free(arena);
    wd_buf_done(&body);
    return ok;
}

static void take_header(struct request *r, const char *name, const char *value)
{
    static const char *const names[] = { "content-type", "content-location", "content-language" };
    char **const fields[] = { &r->content_type, &r->content_location, &r->content_language };
    for (size_t i = 0; i < WD_COUNT(names); i++)
        if (value != NULL && *fields[i] == NULL && wd_span_is_nocase(wd_span_of(name), names[i]))
            *fields[i] = strdup(value);
}

static void take_headers(struct request *r, const json_t *headers)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)headers, name, value)
        take_header(r, name, json_string_value(value));
}

static void request_done(struct request *r)
{
    free(r->file);
    free(r->url);
    free(r->content_type);
    free(r->content_location);
    free(r->content_language);
}

/* --- the verb ------------------------------------------------------------ */

static char *copy_of(const json_t *string)
{
    return json_is_string(string) ? strdup(json_string_value(string)) : NULL;
}

static void answer_line(const char *line, size_t n)
{
    json_t *o = json_loadb(line, n, 0, NULL);
    struct request r = { .file = copy_of(json_object_get(o, "file")),
                         .url = copy_of(json_object_get(o, "url")) };
    take_headers(&r, json_object_get(o, "http_headers"));
    if (r.file == NULL)
        put_error("a request is {\"file\": ..., \"url\": ..., \"http_headers\": {...}}");
    else
        (void)answer(&r);
    request_done(&r);
    json_decref(o);
}

static int run_batch(void)
{
    char *line = NULL;
    size_t room = 0;
    for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;)
        answer_line(line, (size_t)n);
    free(line);
    return WD_EXIT_OK;
}

static int run_one(const wd_verb *v, const char *file, const char *url, const char *headers)
{
    struct request r = { .file = strdup(file), .url = url ? strdup(url) : NULL };
    json_t *o = headers ? json_loads(headers, 0, NULL) : NULL;
    if (headers != NULL && !json_is_object(o)) {
        wd_verb_fail(v, NULL, "the headers are not a JSON object");
        request_done(&r);
        json_decref(o);
        return WD_EXIT_USAGE;
    }
    take_headers(&r, o);
    bool ok = r.file != NULL && answer(&r);
    request_done(&r);
    json_decref(o);
    return ok ? WD_EXIT_OK : WD_EXIT_FAILED;
}

static int run(int argc, char **argv)
{
    wd_verb v;
    bool batch = false;
    int rest;
    const char *url = getenv("FEED_URL"), *headers = getenv("FEED_HEADERS");
    const wd_option options[] = { { .name = "--batch", .flag = &batch },
                                  { .name = "--url", .value = &url },
                                  { .name = "--headers", .value = &headers },
                                  { .name = NULL } };
    if (!wd_verb_begin(&v, argc, argv, options, &rest))
        return WD_EXIT_USAGE;
    if (batch && rest == argc)
        return run_batch();
    if (!batch && argc - rest == 1)
        return run_one(&v, argv[rest], url, headers);
    wd_verb_fail(&v, NULL, "give one file, or - for standard input; or --batch");
    return WD_EXIT_USAGE;
}

const wd_command wd_command_parse = {
    .name = "parse",
    .arguments = "[--url U] [--headers JSON] [--json] FILE",
    .summary = "read one feed document and print what is in it as JSON",
    .help =
        "FILE may be - for standard input.  --url (or FEED_URL) is what relative links are\n"
        "relative to, --headers (or FEED_HEADERS) an object of response headers, of which\n"
        "Content-Type, Content-Location and Content-Language are looked at.\n\n"
        "  wiredesk parse --batch\n\n"
        "reads requests {\"file\", \"url\", \"http_headers\"} from standard input, one a line,\n"
        "and answers each with one line.  A document that is no feed gives {\"error\": ...}\n"
        "and, outside --batch, the exit status 1.  --json changes nothing: it is JSON anyway.\n",
    .run = run,
};
