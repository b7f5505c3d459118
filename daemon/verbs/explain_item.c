/* daemon/verbs/explain_item.c - one item's verdict from the ledger, in sentences or as JSON. */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/text.h"
#include "core/url.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/evidence_words.h"
#include "daemon/verbs/explain.h"
#include "queue/ledger_decisions.h"
#include "queue/ledger_feeds.h"
#include "queue/ledger_items.h"

#define URI_PREFIX "urn:wiredesk:item:"

/* Items of a cluster that are named; how many there are is said. */
#define NAMED 20u

/* What is known of one item. */
typedef struct entry {
    bool known;
    wd_ledger_item row;
    wd_span agency; /* of its cluster, on a root */
    wd_span feed;   /* slug */
    bool has_decision;
    wd_ledger_decision decision;
} entry;

typedef struct report {
    const wd_explain_question *q;
    entry self, other, root;
    size_t n_members;
    entry members[NAMED];
} report;

/* ---- finding it ---- */

typedef struct slug_search {
    wd_arena *arena;
    uint32_t feed;
    wd_span slug;
} slug_search;

static void match_feed(void *ctx, const wd_ledger_feed *feed)
{
    slug_search *s = ctx;
    if (feed->feed == s->feed)
        s->slug = wd_arena_copy(s->arena, feed->slug);
}

static wd_span slug_of(const wd_explain_question *q, uint32_t feed)
{
    slug_search s = { .arena = q->arena, .feed = feed };
    return wd_ledger_each_feed(q->ledger, match_feed, &s) == WD_OK ? s.slug : WD_SPAN_NONE;
}

static void complete(const wd_explain_question *q, entry *e)
{
    e->known = true;
    e->agency = wd_arena_copy(q->arena, e->row.agency);
    e->feed = slug_of(q, e->row.feed);
    e->has_decision = wd_ledger_find_decision(q->ledger, e->row.item, q->arena, &e->decision);
}

static void look_up(const wd_explain_question *q, uint64_t item, entry *e)
{
    if (item != 0 && wd_ledger_find_item(q->ledger, item, &e->row))
        complete(q, e);
}

static bool find_asked(const wd_explain_question *q, entry *e)
{
    wd_span which = wd_span_of(q->which);
    bool found;
    if (wd_url_is_http(which)) {
        wd_span link = wd_url_canonical(q->arena, which);
        found = link.len != 0 &&
                wd_ledger_find_link(q->ledger, wd_hash64(link, wd_ledger_hash_key(q->ledger)) | 1,
                                    &e->row);
    } else {
        if (wd_span_starts_nocase(which, URI_PREFIX))
            which = wd_span_from(which, strlen(URI_PREFIX));
        found = which.len == sizeof(e->row.uri_hex) - 1 &&
                wd_ledger_find_uri(q->ledger, which.ptr, &e->row);
    }
    if (found)
        complete(q, e);
    return found;
}

static void find_members(report *r)
{
    uint64_t items[NAMED];
    uint64_t cluster = r->self.row.cluster;
    uint32_t size = r->root.known ? r->root.row.cluster_size : 1;
    r->n_members = wd_ledger_cluster_items(r->q->ledger, cluster, size, items, NAMED);
    for (size_t i = 0; i < r->n_members; i++)
        look_up(r->q, items[i], &r->members[i]);
}

/* ---- in sentences ---- */

static void say_line(const report *r, const char *what)
{
    (void)wd_buf_printf(r->q->out, "%-9s ", what);
}

static void say_time(const report *r, int64_t ms)
{
    char text[WD_TIME_TEXT_BYTES];
    (void)wd_buf_append_span(r->q->out, wd_span_of(wd_time_text(ms, 0, text)));
}

/* urn:wiredesk:item:... feed, time, "headline" */
static void say_item(const report *r, const entry *e)
{
    wd_buf *out = r->q->out;
    if (!e->known) {
        (void)wd_buf_printf(out, "an item that is known no more\n");
        return;
    }
    (void)wd_buf_printf(out, URI_PREFIX "%s  ", e->row.uri_hex);
    wd_text_escape_log(out, e->feed);
    (void)wd_buf_printf(out, "  ");
    say_time(r, e->row.first_seen_ms);
    if (e->has_decision && e->decision.title.len != 0) {
        (void)wd_buf_printf(out, "  \"");
        wd_text_escape_log(out, e->decision.title);
        (void)wd_buf_append_char(out, '"');
    }
    (void)wd_buf_append_char(out, '\n');
}

static void say_why(const report *r)
{
    const wd_ledger_decision *d = &r->self.decision;
    wd_buf *out = r->q->out;
    const char *rule = wd_rule_words(d->rule), *note = wd_note_words(d->note);
    say_line(r, "why");
    (void)wd_buf_printf(out, "%s (%.*s)", rule ? rule : "", WD_SPAN_ARG(d->rule));
    if (d->note.len != 0)
        (void)wd_buf_printf(out, ", but %s (%.*s)", note ? note : "", WD_SPAN_ARG(d->note));
    (void)wd_buf_append_char(out, '\n');
    if (d->matched == 0)
        return;
    say_line(r, "evidence");
    wd_evidence_figures f = { .cover_this = d->cover_this / 1000.0,
                              .cover_other = d->cover_other / 1000.0,
                              .longest_run = d->longest_run,
                              .numbers = d->numbers,
                              .numbers_agreed = d->numbers_agreed };
    wd_evidence_say(out, &f);
    (void)wd_buf_append_char(out, '\n');
}

static void say_verdict(const report *r)
{
    const entry *e = &r->self;
    say_line(r, "verdict");
    if (!e->has_decision) {
        (void)wd_buf_printf(r->q->out,
                            "kept no more: older than the window, or a new feed's past that was "
                            "taken in silently\n");
        return;
    }
    (void)wd_buf_printf(r->q->out, "%.*s, decided ", WD_SPAN_ARG(e->decision.verdict));
    say_time(r, e->decision.at_ms);
    (void)wd_buf_append_char(r->q->out, '\n');
    say_why(r);
    if (e->decision.matched != 0) {
        say_line(r, wd_span_is(e->decision.verdict, "new") ? "nearest" : "matched");
        say_item(r, &r->other);
    }
}

/* In the order of enum wd_change. */
static const char *const change_names[] = { "headline", "summary", "body", "link",
                                            "date",     "by",      "media" };

static void say_update(const report *r)
{
    const entry *e = &r->self;
    if (e->row.revision <= 1)
        return;
    say_line(r, "updated");
    (void)wd_buf_printf(r->q->out, "%u time%s", e->row.revision - 1,
                        e->row.revision > 2 ? "s" : "");
    if (e->has_decision && e->decision.updated_ms != WD_TIME_NONE) {
        const char *comma = ": ";
        (void)wd_buf_printf(r->q->out, ", last ");
        say_time(r, e->decision.updated_ms);
        for (size_t bit = 0; bit < WD_COUNT(change_names); bit++)
            if (e->decision.changes & 1u << bit) {
                (void)wd_buf_printf(r->q->out, "%s%s", comma, change_names[bit]);
                comma = ", ";
            }
    }
    (void)wd_buf_append_char(r->q->out, '\n');
}

static void say_cluster(const report *r)
{
    uint32_t size = r->root.known ? r->root.row.cluster_size : 1;
    if (size < 2)
        return;
    say_line(r, "cluster");
    (void)wd_buf_printf(r->q->out, "%u items", size);
    if (r->root.agency.len != 0)
        (void)wd_buf_printf(r->q->out, ", credited to %.*s", WD_SPAN_ARG(r->root.agency));
    (void)wd_buf_append_char(r->q->out, '\n');
    for (size_t i = 0; i < r->n_members; i++) {
        (void)wd_buf_printf(r->q->out, "  %s ",
                            r->members[i].row.item == r->self.row.item ? "*" : "-");
        say_item(r, &r->members[i]);
    }
    if (size > r->n_members)
        (void)wd_buf_printf(r->q->out, "  - and %u more\n", size - (uint32_t)r->n_members);
}

/* ---- as JSON ---- */

static void put_item(wd_json *j, const entry *e)
{
    char uri[sizeof(URI_PREFIX) + sizeof(e->row.uri_hex)];
    snprintf(uri, sizeof(uri), URI_PREFIX "%s", e->row.uri_hex);
    wd_json_put_text(j, "id", uri);
    wd_json_put_opt(j, "feed", e->feed);
    wd_json_put_time_opt(j, "firstSeen", e->row.first_seen_ms, true);
    if (e->has_decision)
        wd_json_put_opt(j, "headline", e->decision.title);
}

static void put_items(wd_json *j, const char *key, const entry *items, size_t n)
{
    wd_json_key(j, key);
    wd_json_begin_array(j);
    for (size_t i = 0; i < n; i++) {
        if (!items[i].known)
            continue;
        wd_json_begin_object(j);
        put_item(j, &items[i]);
        wd_json_end_object(j);
    }
    wd_json_end_array(j);
}

static void put_share(wd_json *j, const char *key, uint32_t thousandths)
{
    wd_json_key(j, key);
    wd_json_double(j, thousandths / 1000.0, 3);
}

static void put_decision(wd_json *j, const report *r)
{
    const wd_ledger_decision *d = &r->self.decision;
    wd_json_key(j, "decision");
    wd_json_begin_object(j);
    wd_json_put(j, "verdict", d->verdict);
    wd_json_put_time_opt(j, "at", d->at_ms, true);
    wd_json_put(j, "rule", d->rule);
    wd_json_put_opt(j, "note", d->note);
    if (d->matched != 0) {
        put_share(j, "coverThis", d->cover_this);
        put_share(j, "coverOther", d->cover_other);
        wd_json_put_int(j, "longestRun", d->longest_run);
        wd_json_put_int(j, "numbers", d->numbers);
        wd_json_put_int(j, "numbersAgreed", d->numbers_agreed);
    }
    wd_json_end_object(j);
    if (r->other.known) {
        wd_json_key(j, "with");
        wd_json_begin_object(j);
        put_item(j, &r->other);
        wd_json_end_object(j);
    }
}

static void put_update(wd_json *j, const entry *e)
{
    wd_json_put_int(j, "revision", e->row.revision);
    if (!e->has_decision || e->decision.updated_ms == WD_TIME_NONE)
        return;
    wd_json_put_time_opt(j, "updated", e->decision.updated_ms, true);
    wd_json_key(j, "changes");
    wd_json_begin_array(j);
    for (size_t bit = 0; bit < WD_COUNT(change_names); bit++)
        if (e->decision.changes & 1u << bit)
            wd_json_text(j, change_names[bit]);
    wd_json_end_array(j);
}

static void answer_in_json(const report *r)
{
    wd_json j = wd_json_onto(r->q->out);
    wd_json_begin_object(&j);
    put_item(&j, &r->self);
    put_update(&j, &r->self);
    if (r->self.has_decision)
        put_decision(&j, r);
    wd_json_key(&j, "cluster");
    wd_json_begin_object(&j);
    wd_json_put_int(&j, "size", r->root.known ? r->root.row.cluster_size : 1);
    wd_json_put_opt(&j, "agency", r->root.agency);
    put_items(&j, "items", r->members, r->n_members);
    wd_json_end_object(&j);
    wd_json_end_object(&j);
    (void)wd_buf_append_char(r->q->out, '\n');
}

static void answer_in_words(const report *r)
{
    say_line(r, "item");
    say_item(r, &r->self);
    say_verdict(r);
    say_update(r);
    say_cluster(r);
}

int wd_explain_item(const wd_explain_question *q)
{
    report *r = wd_arena_zalloc(q->arena, sizeof(*r));
    if (r == NULL)
        return WD_EXIT_FAILED;
    r->q = q;
    if (!find_asked(q, &r->self)) {
        wd_verb_fail(q->verb, NULL, "no item %s in the ledger", q->which);
        return WD_EXIT_FAILED;
    }
    if (r->self.has_decision)
        look_up(q, r->self.decision.matched, &r->other);
    look_up(q, r->self.row.cluster, &r->root);
    find_members(r);
    if (q->verb->json)
        answer_in_json(r);
    else
        answer_in_words(r);
    return WD_EXIT_OK;
}
