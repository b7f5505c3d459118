/* daemon/verbs/dedup.c - the verb `dedup`: the desk without the network. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/text.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/dedup_compare.h"
#include "daemon/verbs/progress_line.h"
#include "daemon/verbs/verb.h"
#include "dedup/desk.h"
#include "dedup/rules.h"
#include "parsers/html.h"

/* Answers must not depend on the installation: a fixed key, and the desk's own default. */
#define FIXED_KEY 0x77697265646573ULL

/* Items held when nothing is said: more than a file one would read by hand. */
#define DEFAULT_MAX_ITEMS 2000000u

#define LINE_BYTES       (16u * 1024u * 1024u)
#define ITEM_ARENA_BYTES (64u * 1024u * 1024u)

/* One identity or link met so far; chained by hash. */
typedef struct met {
    struct met *next;
    uint64_t key;
    wd_seen seen;
} met;

enum { SLOTS = 1 << 16 };

typedef struct met_table {
    met *slots[SLOTS];
} met_table;

typedef struct options {
    bool explain;
    wd_desk_config desk;
    wd_rules rules;
} options;

/* Rules that --without turns off, to see what each is worth. */
static const struct {
    const char *name;
    size_t offset; /* of a bool in wd_rules */
} rule_switches[] = {
    { "boilerplate", offsetof(wd_rules, use_boilerplate) },
    { "facts", offsetof(wd_rules, use_facts) },
    { "titles", offsetof(wd_rules, use_titles) },
    { "digest", offsetof(wd_rules, use_digest) },
    { "root", offsetof(wd_rules, use_root) },
    { "lead", offsetof(wd_rules, use_lead) },
    { "swap", offsetof(wd_rules, use_swap) },
    { "verbatim", offsetof(wd_rules, use_raw) },
    { "partial", offsetof(wd_rules, use_partial) },
    { "text-run", offsetof(wd_rules, use_text_run) },
    { "elsewhere", offsetof(wd_rules, use_elsewhere) },
    { "editions", offsetof(wd_rules, use_editions) },
    { "join", offsetof(wd_rules, use_join) },
};

typedef struct session {
    wd_verb verb;
    options opt;
    wd_progress_line progress;
    off_t input_bytes; /* 0: not known */
    wd_desk *desk;
    wd_arena *arena;
    wd_html *html;
    met_table ids, links;
    char **names; /* id of item number i */
    size_t n_names, room;
    int64_t now_ms;
    size_t line;
    wd_buf out;
} session;

static const met *find_met(const met_table *t, uint64_t key)
{
    const met *m = t->slots[key % SLOTS];
    while (m != NULL && m->key != key)
        m = m->next;
    return m;
}

static bool find_in(const met_table *t, uint64_t key, wd_seen *out)
{
    const met *m = find_met(t, key);
    if (m != NULL)
        *out = m->seen;
    return m != NULL;
}

static bool find_id(void *ctx, uint32_t feed, uint64_t id_key, wd_seen *out)
{
    return find_in(&((session *)ctx)->ids, wd_hash_mix(feed, id_key), out);
}

static bool find_link(void *ctx, uint64_t link_key, wd_seen *out)
{
    return find_in(&((session *)ctx)->links, link_key, out);
}

static bool put_met(met_table *t, uint64_t key, const wd_seen *seen, bool replace)
{
    met *m = (met *)find_met(t, key);
    if (m != NULL) {
        if (replace)
            m->seen = *seen;
        return true;
    }
    m = malloc(sizeof(*m));
    if (m == NULL)
        return false;
    *m = (met){ .next = t->slots[key % SLOTS], .key = key, .seen = *seen };
    t->slots[key % SLOTS] = m;
    return true;
}

static void free_met(met_table *t)
{
    for (size_t i = 0; i < SLOTS; i++)
        for (met *m = t->slots[i], *next; m != NULL; m = next) {
            next = m->next;
            free(m);
        }
}

/* ---- one line of JSON to an item ---- */

static wd_span field(const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (wd_span){ json_string_value(v), json_string_length(v) }
                             : WD_SPAN_NONE;
}

/* "2026-03-10T09:02:11Z" and the like; WD_TIME_NONE when it is none. */
static int64_t parse_time(wd_span text)
{
    int y, mo, d, h, mi, s;
    char copy[WD_TIME_TEXT_BYTES];
    snprintf(copy, sizeof(copy), "%.*s", WD_SPAN_ARG(text));
    if (sscanf(copy, "%4d-%2d-%2dT%2d:%2d:%2d", &y, &mo, &d, &h, &mi, &s) != 6)
        return WD_TIME_NONE;
    return (wd_days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + s) * WD_SECOND_MS;
}

/* Text of a field that may hold markup, copied out of the workspace. */
static wd_span text_of(session *s, wd_span html)
{
    if (html.len == 0)
        return html;
    wd_span cleaned = wd_html_clean(s->html, html, WD_SPAN_NONE).html;
    return wd_arena_copy(s->arena, wd_html_plain(s->html, cleaned));
}

static void read_item(session *s, const json_t *object, wd_item *out)
{
    *out = (wd_item){ .id = field(object, "id"),
                      .link = field(object, "url"),
                      .title_text = field(object, "title"),
                      .summary_text = text_of(s, field(object, "summary")),
                      .content_text = field(object, "content_text"),
                      .published_ms = parse_time(field(object, "published")),
                      .updated_ms = WD_TIME_NONE,
                      .language = field(object, "lang") };
    if (out->content_text.len == 0)
        out->content_text = text_of(s, field(object, "content_html"));
}

/* ---- answers ---- */

static const char *name_of(const session *s, uint64_t item)
{
    return item < s->n_names && s->names[item] != NULL ? s->names[item] : "-";
}

static bool keep_name(session *s, uint64_t item, wd_span id)
{
    if (item >= s->room) {
        size_t room = s->room ? s->room * 2 : 4096;
        char **names = realloc(s->names, room * sizeof(*names));
        if (names == NULL)
            return false;
        s->names = names;
        s->room = room;
    }
    while (s->n_names <= item)
        s->names[s->n_names++] = NULL;
    s->names[item] = strndup(id.ptr, id.len);
    return s->names[item] != NULL;
}

static void write_line(session *s, wd_span id, const wd_verdict *v)
{
    const wd_evidence *e = &v->evidence;
    uint64_t with = v->matched ? v->matched : v->related;
    wd_text_escape_log(&s->out, id);
    (void)wd_buf_printf(&s->out, "\t%s", name_of(s, v->cluster));
    if (s->opt.explain)
        (void)wd_buf_printf(&s->out, "\t%s\t%s\t%.3f\t%.3f\t%u\t%u/%u\t%s\t%s\t%s",
                            wd_verdict_text(v->kind), wd_rule_text(e->rule), (double)e->cover_this,
                            (double)e->cover_other, e->longest_run, e->numbers_agreed, e->numbers,
                            with ? name_of(s, with) : "-", e->note != NULL ? e->note : "-",
                            v->credit.agency != NULL ? v->credit.agency : "-");
}

static void put_share(wd_json *j, const char *key, double value)
{
    wd_json_key(j, key);
    wd_json_double(j, value, 3);
}

/* The evidence has the names that it has in events. */
static void write_json(session *s, wd_span id, const wd_verdict *v)
{
    const wd_evidence *e = &v->evidence;
    uint64_t with = v->matched ? v->matched : v->related;
    wd_json j = wd_json_onto(&s->out);
    wd_json_begin_object(&j);
    wd_json_put(&j, "id", id);
    wd_json_put_text(&j, "first", name_of(s, v->cluster));
    wd_json_put_text(&j, "verdict", wd_verdict_text(v->kind));
    wd_json_put_text(&j, "rule", wd_rule_text(e->rule));
    if (with != 0) {
        wd_json_put_text(&j, "with", name_of(s, with));
        put_share(&j, "coverThis", (double)e->cover_this);
        put_share(&j, "coverOther", (double)e->cover_other);
        wd_json_put_int(&j, "longestRun", e->longest_run);
        wd_json_put_int(&j, "numbers", e->numbers);
        wd_json_put_int(&j, "numbersAgreed", e->numbers_agreed);
    }
    wd_json_put_opt(&j, "note", wd_span_of(e->note));
    wd_json_put_opt(&j, "agency", wd_span_of(v->credit.agency));
    wd_json_end_object(&j);
}

static bool print_verdict(session *s, wd_span id, const wd_verdict *v)
{
    wd_buf_reset(&s->out);
    if (s->verb.json)
        write_json(s, id, v);
    else
        write_line(s, id, v);
    return wd_buf_append_char(&s->out, '\n') == WD_OK &&
           fwrite(s->out.ptr, 1, s->out.len, stdout) == s->out.len;
}

static bool store_verdict(session *s, uint32_t feed, const wd_fingerprint *fp, const wd_verdict *v)
{
    wd_seen seen = { .item = v->item,
                     .cluster = v->cluster,
                     .feed = feed,
                     .content_hash = fp->content_hash,
                     .text_hash = fp->text_hash };
    memcpy(seen.field_hash, fp->field_hash, sizeof(seen.field_hash));
    return put_met(&s->ids, wd_hash_mix(feed, fp->id_key), &seen, true) &&
           (fp->link_key == 0 || put_met(&s->links, fp->link_key, &seen, false));
}

static bool complain(session *s, const char *why)
{
    char where[32];
    wd_progress_line_end(&s->progress);
    snprintf(where, sizeof(where), "line %zu", s->line);
    wd_verb_fail(&s->verb, where, "%s", why);
    return false;
}

static bool handle_item(session *s, const json_t *object)
{
    wd_item item;
    wd_fingerprint fp;
    wd_verdict v;
    wd_arena_reset(s->arena);
    read_item(s, object, &item);
    if (item.id.len == 0) {
        return complain(s, "no \"id\"");
    }
    if (!wd_fingerprint_make(&item, FIXED_KEY, s->arena, &fp)) {
        return complain(s, "too large");
    }
    uint32_t feed = (uint32_t)wd_hash64(field(object, "feed"), FIXED_KEY);
    if (item.published_ms != WD_TIME_NONE && item.published_ms > s->now_ms)
        s->now_ms = item.published_ms;
    wd_desk_question q = { .feed = feed, .trust = WD_TRUST_NORMAL, .now_ms = s->now_ms, .fp = &fp };
    wd_desk_ask(s->desk, &q, &v);
    if (v.kind != WD_SEEN && v.kind != WD_UPDATED && !keep_name(s, v.item, item.id))
        return false;
    return store_verdict(s, feed, &fp, &v) && print_verdict(s, item.id, &v);
}

static int read_lines(session *s)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n, read_bytes = 0;
    int result = WD_EXIT_OK;
    struct stat input;
    if (fstat(STDIN_FILENO, &input) == 0 && S_ISREG(input.st_mode))
        s->input_bytes = input.st_size;
    wd_progress_line_begin(&s->progress, s->verb.name, "items");
    while (result == WD_EXIT_OK && (n = getline(&line, &room, stdin)) > 0) {
        json_error_t why;
        s->line++;
        json_t *object = json_loadb(line, (size_t)n, 0, &why);
        if (!json_is_object(object)) {
            (void)complain(s, object ? "no object" : why.text);
            result = WD_EXIT_FAILED;
        } else if (!handle_item(s, object)) {
            result = WD_EXIT_FAILED;
        }
        json_decref(object);
        read_bytes += n;
        wd_progress_at(&s->progress.progress, s->line,
                       s->input_bytes > 0 ? (double)read_bytes / (double)s->input_bytes : -1);
    }
    free(line);
    wd_progress_line_end(&s->progress);
    return fflush(stdout) == 0 ? result : WD_EXIT_FAILED;
}

static bool refuse(const wd_verb *v, const char *option, const char *value)
{
    wd_verb_fail(v, NULL, "%s cannot be '%s'; see wiredesk dedup --help", option, value);
    return false;
}

static bool switch_off(const wd_verb *v, const char *rule, wd_rules *rules)
{
    for (size_t i = 0; i < WD_COUNT(rule_switches); i++)
        if (strcmp(rule, rule_switches[i].name) == 0) {
            *(bool *)((char *)rules + rule_switches[i].offset) = false;
            return true;
        }
    return refuse(v, "--without", rule);
}

static bool parse_options(wd_verb *v, int argc, char **argv, options *o)
{
    const char *window = NULL, *most = NULL, *without[WD_OPTION_REPEATS];
    unsigned long long n = DEFAULT_MAX_ITEMS;
    size_t n_without = 0;
    *o = (options){ .desk = { .window_ms = INT64_MAX / 4, .near_duplicates = true },
                    .rules = wd_rules_default };
    o->desk.rules = &o->rules;
    const wd_option own[] = { { .name = "--explain", .flag = &o->explain },
                              { .name = "--window", .value = &window },
                              { .name = "--max-items", .value = &most },
                              { .name = "--without", .value = without, .count = &n_without },
                              { .name = NULL } };
    if (!wd_verb_begin(v, argc, argv, own, NULL))
        return false;
    for (size_t i = 0; i < n_without; i++)
        if (!switch_off(v, without[i], &o->rules))
            return false;
    if (window != NULL &&
        (!wd_duration_parse(wd_span_of(window), &o->desk.window_ms) || o->desk.window_ms <= 0))
        return refuse(v, "--window", window);
    if (most != NULL && (!wd_span_u64(wd_span_of(most), &n) || n < 1 || n > WD_DESK_MAX_ITEMS))
        return refuse(v, "--max-items", most);
    o->desk.max_items = (uint32_t)n;
    return true;
}

static void end_session(session *s)
{
    for (size_t i = 0; i < s->n_names; i++)
        free(s->names[i]);
    free(s->names);
    free_met(&s->ids);
    free_met(&s->links);
    wd_desk_free(s->desk);
    wd_arena_free(s->arena);
    wd_html_free(s->html);
    wd_buf_done(&s->out);
    free(s);
}

static int run(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "compare") == 0) {
        argv[1] = (char *)(uintptr_t) "dedup compare";
        return wd_dedup_compare(argc - 1, argv + 1);
    }
    session *s = calloc(1, sizeof(*s));
    int result = WD_EXIT_FAILED;
    if (s == NULL)
        return result;
    s->out = WD_BUF_INIT(LINE_BYTES);
    if (!parse_options(&s->verb, argc, argv, &s->opt)) {
        end_session(s);
        return WD_EXIT_USAGE;
    }
    wd_desk_store store = { .find_id = find_id, .find_link = find_link, .ctx = s };
    s->arena = wd_arena_new(ITEM_ARENA_BYTES);
    s->html = wd_html_new();
    if (s->arena != NULL && s->html != NULL && wd_desk_new(&s->desk, &s->opt.desk, &store) == WD_OK)
        result = read_lines(s);
    else
        wd_verb_fail(&s->verb, NULL, "out of memory");
    end_session(s);
    return result;
}

const wd_command wd_command_dedup = {
    .name = "dedup",
    .arguments = "[--explain] [--window 7d] [--max-items N] [--without RULE] [--json]\n"
                 "                      < ITEMS.jsonl\n"
                 "       wiredesk dedup compare [--json] A B",
    .summary = "say which items of a list are copies",
    .help = "Reads one JSON object a line (id, feed, url, title, summary, content_text or\n"
            "content_html, published) in order of arrival and prints, for each, its id and the\n"
            "id of the first item with the same text, parted by a tab.  Every item is judged by\n"
            "those before it alone.\n\n"
            "  --explain      further columns: verdict, rule, share of this text found in the\n"
            "                 other, share of the other found in this, longest common run of\n"
            "                 words, numbers agreed/compared, the item compared with, why not\n"
            "                 (or -), agency credited\n"
            "  --json         an object a line, with all of that\n"
            "  --window D     forget texts older than D by \"published\" (default: never)\n"
            "  --max-items N  and the oldest beyond N (default 2000000)\n"
            "  --without R    without a rule, to see what it is worth: boilerplate, facts,\n"
            "                 titles, digest, root, lead, swap, verbatim, partial,\n"
            "                 text-run, elsewhere, editions, join (repeatable)\n\n"
            "`dedup compare` says what the desk sees in two texts, and its verdict in either\n"
            "order.  A and B are files (plain text, HTML, or one JSON object as above), - for\n"
            "standard input, or the texts themselves; a first line with an empty one behind it\n"
            "is the title.\n",
    .run = run
};
