/*
 * daemon/verbs/tail_view.c - what a subscriber sees, for the eye.
 *
 *     12:04:05  Rates held, bank says  example-times-top · AFP
 *     12:04:09  copy     Bank holds rates  other-paper · AFP
 *                 of “Rates held, bank says” (example-times-top): 93 % of its text, ...
 */
#include "daemon/verbs/tail_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "core/clock.h"
#include "core/text.h"

/* Originals remembered: about an hour of a busy desk. */
#define REMEMBERED 4096u
#define MAX_BYTES  512u /* of one shown text */

#define BOLD   "\033[1m"
#define DIM    "\033[2m"
#define CYAN   "\033[36m"
#define YELLOW "\033[33m"
#define RED    "\033[31m"
#define PLAIN  "\033[0m"

typedef struct original {
    char uri[48];
    char feed[65];
    char headline[128];
} original;

struct wd_tail_view {
    wd_tail_style style;
    original *originals; /* a ring */
    size_t next;
};

wd_tail_view *wd_tail_view_new(const wd_tail_style *style)
{
    wd_tail_view *v = calloc(1, sizeof(*v));
    if (v == NULL)
        return NULL;
    v->style = *style;
    v->originals = calloc(REMEMBERED, sizeof(*v->originals));
    if (v->originals == NULL) {
        free(v);
        return NULL;
    }
    return v;
}

void wd_tail_view_free(wd_tail_view *v)
{
    if (v != NULL)
        free(v->originals);
    free(v);
}

/* --- reading ---------------------------------------------------------------------- */

static wd_span text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return WD_SPAN_NONE;
    return (wd_span){ json_string_value(value), json_string_length(value) };
}

static wd_span headline_of(const json_t *item)
{
    const json_t *first = json_array_get(json_object_get(item, "headlines"), 0);
    wd_span title = text_of(first, "value");
    if (title.len > 0)
        return title;
    first = json_array_get(json_object_get(item, "descriptions"), 0);
    wd_span summary = text_of(first, "value");
    if (summary.len == 0)
        summary = text_of(json_array_get(json_object_get(item, "bodies"), 0), "value");
    return summary.len > 0 ? summary : WD_SPAN_LIT("(without a headline)");
}

static const original *find_original(const wd_tail_view *v, wd_span uri)
{
    for (size_t i = 0; uri.len > 0 && i < REMEMBERED; i++)
        if (wd_span_is(uri, v->originals[i].uri))
            return &v->originals[i];
    return NULL;
}

static void remember(wd_tail_view *v, const json_t *item, const json_t *origin)
{
    original *o = &v->originals[v->next];
    wd_span uri = text_of(item, "uri");
    wd_span title = wd_utf8_head(headline_of(item), sizeof(o->headline) - 1);
    wd_span feed = wd_utf8_head(text_of(origin, "feed"), sizeof(o->feed) - 1);
    if (uri.len == 0 || uri.len >= sizeof(o->uri))
        return;
    snprintf(o->uri, sizeof(o->uri), "%.*s", WD_SPAN_ARG(uri));
    snprintf(o->feed, sizeof(o->feed), "%.*s", WD_SPAN_ARG(feed));
    snprintf(o->headline, sizeof(o->headline), "%.*s", WD_SPAN_ARG(title));
    v->next = (v->next + 1) % REMEMBERED;
}

/* --- writing ------------------------------------------------------------------------ */

static void paint(const wd_tail_view *v, wd_buf *out, const char *code)
{
    if (v->style.colour)
        wd_buf_append_span(out, wd_span_of(code));
}

static void put(const wd_tail_view *v, wd_buf *out, const char *code, wd_span text)
{
    paint(v, out, code);
    wd_text_escape_log(out, wd_utf8_head(text, MAX_BYTES));
    paint(v, out, PLAIN);
}

/* The commit time, on this machine's clock face. */
static void put_time(const wd_tail_view *v, wd_buf *out, wd_span time)
{
    char face[16] = "--:--:--";
    struct tm tm = { 0 };
    char copy[32];
    snprintf(copy, sizeof(copy), "%.19s", time.len >= 19 ? time.ptr : "");
    if (strptime(copy, "%Y-%m-%dT%H:%M:%S", &tm) != NULL) {
        time_t at = timegm(&tm);
        if (localtime_r(&at, &tm) != NULL)
            strftime(face, sizeof(face), "%H:%M:%S", &tm);
    }
    put(v, out, DIM, wd_span_of(face));
    wd_buf_append(out, "  ", 2);
}

static void put_changes(const wd_tail_view *v, wd_buf *out, const json_t *data)
{
    const json_t *changes = json_object_get(data, "changes");
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i);
        wd_buf_append_span(out, wd_span_of(i > 0 ? ", " : ""));
        put(v, out, YELLOW, wd_span_of(json_string_value(change)));
    }
    if (json_array_size(changes) > 0)
        wd_buf_append_char(out, ' ');
}

/* New items need no word: they are what one looks for. */
static void put_kind(const wd_tail_view *v, wd_buf *out, wd_span kind, const json_t *data)
{
    if (wd_span_is(kind, "item.new"))
        return;
    const char *dot = memchr(kind.ptr, '.', kind.len);
    wd_span word = dot == NULL ? kind : wd_span_from(kind, (size_t)(dot - kind.ptr) + 1);
    put(v, out, YELLOW, word);
    wd_buf_append_char(out, ' ');
    put_changes(v, out, data);
}

static int share(const json_t *evidence, const char *key)
{
    return (int)(json_number_value(json_object_get(evidence, key)) * 100 + 0.5);
}

static void put_evidence(const wd_tail_view *v, wd_buf *out, const json_t *evidence)
{
    json_int_t run = json_integer_value(json_object_get(evidence, "longestRun"));
    json_int_t numbers = json_integer_value(json_object_get(evidence, "numbers"));
    json_int_t agreed = json_integer_value(json_object_get(evidence, "numbersAgreed"));
    wd_buf_append(out, ": ", 2);
    put(v, out, "", text_of(evidence, "kind"));
    if (run > 0)
        wd_buf_printf(out,
                      ", %d %% of this text and %d %% of the other, %" JSON_INTEGER_FORMAT
                      " words in one run",
                      share(evidence, "coverThis"), share(evidence, "coverOther"), run);
    if (numbers > 0)
        wd_buf_printf(out, ", %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " numbers agree",
                      agreed, numbers);
    wd_span note = text_of(evidence, "note");
    if (note.len > 0) {
        wd_buf_append(out, ", ", 2);
        put(v, out, "", note);
    }
}

static void put_why(const wd_tail_view *v, wd_buf *out, const json_t *cluster)
{
    const json_t *evidence = json_array_get(json_object_get(cluster, "evidence"), 0);
    wd_span uri = text_of(evidence, "with");
    if (uri.len == 0)
        uri = text_of(cluster, "canonicalUri");
    const original *o = find_original(v, uri);
    wd_buf_append_span(out, WD_SPAN_LIT("            of "));
    if (o != NULL) {
        wd_buf_append_span(out, WD_SPAN_LIT("\""));
        put(v, out, "", wd_span_of(o->headline));
        wd_buf_append_span(out, WD_SPAN_LIT("\" in "));
        put(v, out, CYAN, wd_span_of(o->feed));
    } else {
        put(v, out, "", uri);
    }
    if (evidence != NULL)
        put_evidence(v, out, evidence);
    wd_buf_append_char(out, '\n');
}

static void show_item(wd_tail_view *v, wd_span kind, const json_t *data, wd_buf *out)
{
    const json_t *item = json_object_get(data, "item");
    const json_t *origin = json_object_get(data, "origin");
    const json_t *cluster = json_object_get(data, "cluster");
    wd_span agency = text_of(json_object_get(cluster, "agency"), "name");
    bool other = wd_span_is(kind, "item.copy") || wd_span_is(kind, "item.revision");
    put_kind(v, out, kind, data);
    put(v, out, BOLD, headline_of(item));
    wd_buf_append(out, "  ", 2);
    put(v, out, CYAN, text_of(origin, "feed"));
    if (agency.len > 0) {
        wd_buf_append_span(out, WD_SPAN_LIT(" \xC2\xB7 "));
        put(v, out, "", agency);
    }
    wd_buf_append_char(out, '\n');
    if (other && v->style.why)
        put_why(v, out, cluster);
    if (!wd_span_is(kind, "item.copy"))
        remember(v, item, origin);
}

static void show_gap(const wd_tail_view *v, const json_t *event, wd_buf *out)
{
    const json_t *data = json_object_get(event, "data");
    put(v, out, RED, WD_SPAN_LIT("gap "));
    wd_buf_append_span(out, WD_SPAN_LIT("events "));
    put(v, out, "", text_of(data, "from"));
    wd_buf_append_span(out, WD_SPAN_LIT(" to "));
    put(v, out, "", text_of(data, "to"));
    wd_buf_append_span(out, WD_SPAN_LIT(" will never come: "));
    put(v, out, "", text_of(data, "reason"));
    wd_buf_append_char(out, '\n');
}

void wd_tail_view_show(wd_tail_view *v, wd_span event, wd_buf *out)
{
    json_error_t error;
    json_t *root = json_loadb(event.ptr, event.len, JSON_ALLOW_NUL, &error);
    wd_span kind = text_of(root, "type");
    wd_span prefix = WD_SPAN_LIT("org.wiredesk.");
    if (kind.len <= prefix.len) {
        wd_buf_append_span(out, WD_SPAN_LIT("--:--:--  (an entry that is no event of wiredesk)\n"));
        json_decref(root);
        return;
    }
    kind = wd_span_from(kind, prefix.len);
    put_time(v, out, text_of(root, "time"));
    if (wd_span_starts_nocase(kind, "item."))
        show_item(v, kind, json_object_get(root, "data"), out);
    else if (wd_span_is(kind, "stream.gap"))
        show_gap(v, root, out);
    else {
        put(v, out, YELLOW, kind);
        wd_buf_append_char(out, ' ');
        put(v, out, "", text_of(root, "subject"));
        wd_buf_append_char(out, '\n');
    }
    json_decref(root);
}
