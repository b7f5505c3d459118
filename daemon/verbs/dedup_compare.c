/*
 * daemon/verbs/dedup_compare.c - two texts through two desks, one for either order, and the
 * figures that the rules looked at.
 *
 * Alone with one another the two have no boilerplate: what a desk has learnt of its feeds is
 * not known here, and the answer says so.
 */
#include "daemon/verbs/dedup_compare.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/evidence_words.h"
#include "daemon/verbs/verb.h"
#include "dedup/desk.h"
#include "dedup/overlap.h"
#include "parsers/html.h"

/* One feed's document at most, and what is made of it. */
#define FILE_BYTES   (32u * 1024u * 1024u)
#define ARENA_BYTES  (128u * 1024u * 1024u)
#define ANSWER_BYTES (64u * 1024u)

#define FIXED_KEY 0x77697265646573ULL /* as `wiredesk dedup` */

/* A first line of more bytes is no title but the text. */
#define TITLE_BYTES 300u

typedef struct side {
    wd_item item;
    wd_fingerprint fp;
    wd_verdict verdict; /* when it comes second */
} side;

typedef struct comparison {
    wd_verb verb;
    wd_arena *arena;
    wd_html *html;
    side a, b;
    wd_overlap overlap; /* `this` is B */
} comparison;

/* ---- reading ---- */

static wd_span read_file(wd_arena *arena, FILE *f)
{
    wd_buf buf = WD_BUF_INIT(FILE_BYTES);
    char piece[16384];
    size_t n;
    while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
        if (wd_buf_append(&buf, piece, n) != WD_OK)
            break;
    wd_span out = ferror(f) || wd_buf_status(&buf) != WD_OK
                      ? WD_SPAN_NONE
                      : wd_arena_copy(arena, wd_buf_span(&buf));
    wd_buf_done(&buf);
    return out;
}

/* A file, "-" for standard input, or else the word itself is the text. */
static wd_span read_word(wd_arena *arena, const char *word)
{
    if (strcmp(word, "-") == 0)
        return read_file(arena, stdin);
    FILE *f = fopen(word, "rb");
    if (f == NULL)
        return wd_arena_copy(arena, wd_span_of(word));
    wd_span out = read_file(arena, f);
    (void)fclose(f);
    return out;
}

static wd_span text_of(comparison *c, wd_span html)
{
    wd_span cleaned = wd_html_clean(c->html, html, WD_SPAN_NONE).html;
    return wd_arena_copy(c->arena, wd_html_plain(c->html, cleaned));
}

static wd_span field(comparison *c, const json_t *object, const char *name, bool html)
{
    const json_t *v = json_object_get(object, name);
    if (!json_is_string(v))
        return WD_SPAN_NONE;
    wd_span text = { json_string_value(v), json_string_length(v) };
    return html ? text_of(c, text) : wd_arena_copy(c->arena, text);
}

/* An item as `wiredesk dedup` and JSON feeds have it. */
static bool read_json(comparison *c, wd_span text, wd_item *out)
{
    json_t *object = json_loadb(text.ptr, text.len, 0, NULL);
    bool ok = json_is_object(object);
    if (ok) {
        out->title_text = field(c, object, "title", false);
        out->link = field(c, object, "url", false);
        out->summary_text = field(c, object, "summary", true);
        out->content_text = field(c, object, "content_text", false);
        if (out->content_text.len == 0)
            out->content_text = field(c, object, "content_html", true);
    }
    json_decref(object);
    return ok;
}

/* Plain text or HTML; a short first line with an empty one behind it is the title. */
static void read_text(comparison *c, wd_span text, wd_item *out)
{
    if (text.len > 0 && text.ptr[0] == '<')
        text = text_of(c, text);
    size_t line = wd_span_find(text, '\n');
    if (line < TITLE_BYTES && line + 1 < text.len && text.ptr[line + 1] == '\n') {
        out->title_text = wd_span_head(text, line);
        text = wd_span_from(text, line + 2);
    }
    out->content_text = text;
}

static bool read_side(comparison *c, const char *word, const char *id, side *out)
{
    wd_span text = wd_span_trim(read_word(c->arena, word));
    if (text.len == 0 || !wd_utf8_valid(text)) {
        wd_verb_fail(&c->verb, word, "%s", text.len == 0 ? "no text" : "not UTF-8");
        return false;
    }
    out->item =
        (wd_item){ .id = wd_span_of(id), .published_ms = WD_TIME_NONE, .updated_ms = WD_TIME_NONE };
    if (text.ptr[0] != '{' || !read_json(c, text, &out->item))
        read_text(c, text, &out->item);
    return wd_fingerprint_make(&out->item, FIXED_KEY, c->arena, &out->fp);
}

/* ---- asking ---- */

typedef struct memory_of_one {
    const wd_fingerprint *fp;
} memory_of_one;

static bool find_id(void *ctx, uint32_t feed, uint64_t key, wd_seen *out)
{
    (void)ctx, (void)feed, (void)key, (void)out;
    return false; /* two feeds: an id is never shared */
}

static bool find_link(void *ctx, uint64_t key, wd_seen *out)
{
    const wd_fingerprint *first = ((memory_of_one *)ctx)->fp;
    if (first == NULL || first->link_key != key)
        return false;
    *out = (wd_seen){ .item = 1, .cluster = 1, .feed = 1, .text_hash = first->text_hash };
    return true;
}

/* The verdict about `second` after `first`. */
static bool ask(const side *first, side *second)
{
    memory_of_one memory = { NULL };
    wd_desk_store store = { .find_id = find_id, .find_link = find_link, .ctx = &memory };
    wd_desk_config config = { .window_ms = WD_DAY_MS, .max_items = 16, .near_duplicates = true };
    wd_desk *desk = NULL;
    if (wd_desk_new(&desk, &config, &store) != WD_OK)
        return false;
    wd_desk_question q = { .feed = 1, .trust = WD_TRUST_NORMAL, .fp = &first->fp };
    wd_desk_ask(desk, &q, &second->verdict);
    memory.fp = &first->fp;
    q.feed = 2;
    q.fp = &second->fp;
    wd_desk_ask(desk, &q, &second->verdict);
    wd_desk_free(desk);
    return true;
}

static bool measure(comparison *c)
{
    wd_matcher *matcher = NULL;
    uint8_t *mask = wd_arena_zalloc(c->arena, WD_FINGERPRINT_WORDS);
    if (mask == NULL || wd_matcher_new(&matcher) != WD_OK)
        return false;
    wd_text a = { .tokens = c->a.fp.tokens, .mask = mask, .n = c->a.fp.n_tokens };
    wd_text b = { .tokens = c->b.fp.tokens, .mask = mask, .n = c->b.fp.n_tokens };
    wd_matcher_set(matcher, &b);
    wd_matcher_compare(matcher, &a, &c->overlap, NULL);
    wd_matcher_free(matcher);
    return ask(&c->a, &c->b) && ask(&c->b, &c->a);
}

/* ---- answering ---- */

static void say_side(wd_buf *out, const char *name, const side *s)
{
    (void)wd_buf_printf(out, "%-10s %u words", name, s->fp.n_tokens);
    if (s->fp.with_title)
        (void)wd_buf_printf(out, " (its title among them: the body has hardly any)");
    if (s->item.title_text.len != 0) {
        (void)wd_buf_printf(out, ", \"");
        wd_text_escape_log(out, s->item.title_text);
        (void)wd_buf_append_char(out, '"');
    }
    if (s->fp.credit.agency != NULL)
        (void)wd_buf_printf(out, ", credited to %s by its %s", s->fp.credit.agency,
                            wd_credit_place_text(s->fp.credit.place));
    (void)wd_buf_append_char(out, '\n');
}

static void say_verdict(wd_buf *out, const char *order, const wd_verdict *v)
{
    const wd_evidence *e = &v->evidence;
    const char *why = wd_rule_words(wd_span_of(wd_rule_text(e->rule)));
    (void)wd_buf_printf(out, "%-10s %s: %s", order, wd_verdict_text(v->kind), why ? why : "");
    if (e->note != NULL) {
        const char *note = wd_note_words(wd_span_of(e->note));
        (void)wd_buf_printf(out, ", but %s (%s)", note ? note : "", e->note);
    }
    (void)wd_buf_append_char(out, '\n');
}

static void say(const comparison *c, wd_buf *out)
{
    const wd_overlap *o = &c->overlap;
    say_side(out, "A", &c->a);
    say_side(out, "B", &c->b);
    (void)wd_buf_printf(out, "%-10s %.0f %% of A, %.0f %% of B; %u words in a row\n", "in common",
                        100 * wd_side_cover(o, &o->other), 100 * wd_side_cover(o, &o->this),
                        o->longest_run);
    (void)wd_buf_printf(out,
                        "%-10s %u of %u numbers and %u of %u names agree; %u changed in place\n",
                        "facts", o->numbers_agreed, o->numbers, o->names_agreed, o->names,
                        o->swapped_numbers + o->swapped_names);
    (void)wd_buf_printf(out, "%-10s %s titles, %s links, %s words\n", "identity",
                        c->a.fp.title_hash == c->b.fp.title_hash ? "equal" : "different",
                        c->a.fp.link_key == 0 && c->b.fp.link_key == 0 ? "no"
                        : c->a.fp.link_key == c->b.fp.link_key         ? "equal"
                                                                       : "different",
                        c->a.fp.text_hash == c->b.fp.text_hash ? "equal" : "different");
    say_verdict(out, "B after A", &c->b.verdict);
    say_verdict(out, "A after B", &c->a.verdict);
    (void)wd_buf_printf(out,
                        "%-10s from two feeds; what a running desk knows of their boilerplate is "
                        "not known here\n",
                        "judged");
}

static void put_share(wd_json *j, const char *key, double value)
{
    wd_json_key(j, key);
    wd_json_double(j, value, 3);
}

static void put_side(wd_json *j, const char *key, const side *s, double cover)
{
    const wd_evidence *e = &s->verdict.evidence;
    wd_json_key(j, key);
    wd_json_begin_object(j);
    wd_json_put_opt(j, "title", s->item.title_text);
    wd_json_put_int(j, "words", s->fp.n_tokens);
    put_share(j, "cover", cover);
    if (s->fp.credit.agency != NULL)
        wd_json_put_text(j, "agency", s->fp.credit.agency);
    wd_json_put_text(j, "verdictAfterOther", wd_verdict_text(s->verdict.kind));
    wd_json_put_text(j, "rule", wd_rule_text(e->rule));
    wd_json_put_opt(j, "note", wd_span_of(e->note));
    wd_json_end_object(j);
}

static void put_all(const comparison *c, wd_buf *out)
{
    const wd_overlap *o = &c->overlap;
    wd_json j = wd_json_onto(out);
    wd_json_begin_object(&j);
    put_side(&j, "a", &c->a, wd_side_cover(o, &o->other));
    put_side(&j, "b", &c->b, wd_side_cover(o, &o->this));
    wd_json_put_int(&j, "longestRun", o->longest_run);
    wd_json_put_int(&j, "numbers", o->numbers);
    wd_json_put_int(&j, "numbersAgreed", o->numbers_agreed);
    wd_json_put_int(&j, "names", o->names);
    wd_json_put_int(&j, "namesAgreed", o->names_agreed);
    wd_json_put_int(&j, "changedInPlace", o->swapped_numbers + o->swapped_names);
    wd_json_key(&j, "sameTitle");
    wd_json_bool(&j, c->a.fp.title_hash == c->b.fp.title_hash);
    wd_json_key(&j, "sameLink");
    wd_json_bool(&j, c->a.fp.link_key != 0 && c->a.fp.link_key == c->b.fp.link_key);
    wd_json_key(&j, "sameWords");
    wd_json_bool(&j, c->a.fp.text_hash == c->b.fp.text_hash);
    wd_json_end_object(&j);
    (void)wd_buf_append_char(out, '\n');
}

static int answer(comparison *c, char **words)
{
    if (!read_side(c, words[0], "a", &c->a) || !read_side(c, words[1], "b", &c->b))
        return WD_EXIT_FAILED;
    wd_buf out = WD_BUF_INIT(ANSWER_BYTES);
    bool ok = measure(c);
    if (ok && c->verb.json)
        put_all(c, &out);
    else if (ok)
        say(c, &out);
    ok = ok && wd_buf_status(&out) == WD_OK && fwrite(out.ptr, 1, out.len, stdout) == out.len;
    wd_buf_done(&out);
    return ok ? WD_EXIT_OK : WD_EXIT_FAILED;
}

int wd_dedup_compare(int argc, char **argv)
{
    comparison c = { .arena = NULL };
    int rest = 0, result = WD_EXIT_FAILED;
    if (!wd_verb_begin(&c.verb, argc, argv, NULL, &rest))
        return WD_EXIT_USAGE;
    if (argc - rest != 2) {
        wd_verb_fail(&c.verb, NULL, "two texts or files are compared");
        return WD_EXIT_USAGE;
    }
    c.arena = wd_arena_new(ARENA_BYTES);
    c.html = wd_html_new();
    if (c.arena != NULL && c.html != NULL)
        result = answer(&c, argv + rest);
    wd_arena_free(c.arena);
    wd_html_free(c.html);
    return result;
}
