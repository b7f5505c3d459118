/* daemon/verbs/feeds_show.c - `feeds list`, `status` and `due`: one choice of feeds, three
 * ways to print it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/url.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/feed_book.h"
#include "daemon/verbs/feeds.h"
#include "daemon/verbs/table.h"
#include "feeds/explain.h"

#define LINE_BYTES (64u * 1024u) /* one feed as JSON: its URL and a dozen small values */
#define CELL_BYTES 1024u

struct show {
    wd_feed_book book;
    const wd_poller_feed **feeds; /* the chosen ones, in the order to print */
    size_t n;
    wd_verb verb;
    const char *group, *state, *count;
    size_t most;
    bool hubs; /* there is such a feed among them, and a column for it */
};

typedef struct show_form {
    const char *heads[WD_TABLE_COLUMNS];
    const char *hub_heads[WD_TABLE_COLUMNS]; /* one more, when a hub pushes one of them, or shall */
    size_t n_heads;
    void (*row)(wd_table *t, const struct show *s, const wd_poller_feed *f);
    bool by_due; /* the next poll first; paused feeds have none */
} show_form;

/* --- choosing ---------------------------------------------------------------- */

static bool is_state(const wd_verb *v, const char *word)
{
    static const char *const words[] = { "new", "ok", "failing", "dormant", "gone", "paused" };
    for (size_t i = 0; i < WD_COUNT(words); i++)
        if (strcmp(words[i], word) == 0)
            return true;
    wd_verb_fail(v, NULL, "there is no state '%s'; it is new, ok, failing, dormant, gone or paused",
                 word);
    return false;
}

static bool wanted(const struct show *s, const show_form *form, const wd_poller_feed *f)
{
    if (s->group != NULL && strcmp(f->config->group, s->group) != 0)
        return false;
    if (s->state != NULL && strcmp(wd_explain_state(f->config, f->state), s->state) != 0)
        return false;
    return !form->by_due || (!f->config->paused && !f->state->held);
}

static int due_order(const void *a, const void *b)
{
    const wd_poller_feed *x = *(const wd_poller_feed *const *)a,
                         *y = *(const wd_poller_feed *const *)b;
    int64_t p = x->state->next_due_ms, q = y->state->next_due_ms; /* never polled: the smallest */
    return p != q ? (p > q) - (p < q) : strcmp(x->config->slug, y->config->slug);
}

static bool choose_named(struct show *s, const show_form *form, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const wd_poller_feed *f = wd_feed_book_find(&s->book, argv[i]);
        if (f == NULL) {
            wd_verb_fail(&s->verb, s->book.config->file,
                         "there is no feed '%s'; wiredesk feeds list names them", argv[i]);
            return false;
        }
        if (wanted(s, form, f))
            s->feeds[s->n++] = f;
    }
    return true;
}

static bool choose(struct show *s, const show_form *form, int argc, char **argv)
{
    size_t all = s->book.config->n_feeds;
    s->feeds = calloc(all + (size_t)argc + 1, sizeof(wd_poller_feed *));
    if (s->feeds == NULL)
        return false;
    if (argc > 0 && !choose_named(s, form, argc, argv))
        return false;
    for (size_t i = 0; argc == 0 && i < all; i++)
        if (wanted(s, form, &s->book.roster->feeds[i]))
            s->feeds[s->n++] = &s->book.roster->feeds[i];
    if (form->by_due)
        qsort(s->feeds, s->n, sizeof(wd_poller_feed *), due_order);
    if (s->most < s->n)
        s->n = s->most;
    return true;
}

/* --- printing ---------------------------------------------------------------- */

static bool print_json(const struct show *s)
{
    wd_buf line = WD_BUF_INIT(LINE_BYTES);
    for (size_t i = 0; i < s->n && !ferror(stdout); i++) {
        wd_json j = wd_json_onto(&line);
        wd_buf_reset(&line);
        wd_feed_book_put(&j, &s->book, s->feeds[i]);
        wd_buf_append_char(&line, '\n');
        fwrite(wd_buf_span(&line).ptr, 1, line.len, stdout);
    }
    bool ok = wd_buf_status(&line) == WD_OK && fflush(stdout) == 0;
    wd_buf_done(&line);
    return ok;
}

static bool print_table(struct show *s, const show_form *form)
{
    wd_table t;
    for (size_t i = 0; i < s->n && form->hub_heads[0] != NULL; i++)
        s->hubs |= wd_websub_facts_of(&s->book.websub, s->feeds[i]->config->slug) != NULL;
    wd_table_init(&t, s->hubs ? form->hub_heads : form->heads, form->n_heads + s->hubs);
    for (size_t i = 0; i < s->n; i++)
        form->row(&t, s, s->feeds[i]);
    bool ok = wd_table_print(&t, stdout);
    if (s->book.config->n_feeds == 0)
        wd_verb_next(&s->verb, "feeds add https://news.example/");
    ok = fflush(stdout) == 0 && ok;
    wd_table_done(&t);
    return ok;
}

static bool read_arguments(struct show *s, int argc, char **argv, int *rest)
{
    unsigned long long most = SIZE_MAX;
    const wd_option options[] = { { .name = "--group", .value = &s->group },
                                  { .name = "--state", .value = &s->state },
                                  { .name = "--count", .value = &s->count },
                                  { .name = NULL } };
    if (!wd_verb_begin(&s->verb, argc, argv, options, rest) ||
        (s->state != NULL && !is_state(&s->verb, s->state)))
        return false;
    if (s->count != NULL && !wd_span_u64(wd_span_of(s->count), &most)) {
        wd_verb_fail(&s->verb, NULL, "--count is a whole number, not '%s'", s->count);
        return false;
    }
    s->most = (size_t)most;
    return true;
}

static int show(int argc, char **argv, const show_form *form)
{
    struct show s = { .n = 0 };
    int rest, code;
    if (!read_arguments(&s, argc, argv, &rest))
        return WD_EXIT_USAGE;
    if (!wd_feed_book_open(&s.book, &s.verb, &code))
        return code;
    code = WD_EXIT_USAGE;
    if (choose(&s, form, argc - rest, argv + rest)) {
        bool ok = s.verb.json ? print_json(&s) : print_table(&s, form);
        code = ok ? WD_EXIT_OK : WD_EXIT_FAILED;
    }
    free((void *)s.feeds);
    wd_feed_book_close(&s.book);
    return code;
}

/* --- the three forms ----------------------------------------------------------- */

static void add_url(wd_table *t, const char *url)
{
    wd_arena *scratch = wd_arena_new(4 * WD_URL_BYTES);
    wd_span shown = scratch ? wd_url_show(scratch, wd_span_of(url)) : WD_SPAN_NONE;
    wd_table_add(t, shown.ptr ? shown.ptr : "");
    wd_arena_free(scratch);
}

/* "3 min ago", "in 12 min", "-" for never. */
static void add_moment(wd_table *t, int64_t at_ms, int64_t now_ms)
{
    char text[CELL_BYTES], length[WD_TIME_TEXT_BYTES];
    if (at_ms == WD_TIME_NONE)
        snprintf(text, sizeof(text), "-");
    else if (at_ms <= now_ms)
        snprintf(text, sizeof(text), "%s ago", wd_duration_text(now_ms - at_ms, length));
    else
        snprintf(text, sizeof(text), "in %s", wd_duration_text(at_ms - now_ms, length));
    wd_table_add(t, text);
}

static void add_hub(wd_table *t, const struct show *s, const wd_poller_feed *f)
{
    wd_buf text = WD_BUF_INIT(CELL_BYTES);
    wd_websub_facts_brief(wd_websub_facts_of(&s->book.websub, f->config->slug), s->book.now_ms,
                          &text);
    wd_table_add(t, text.len > 0 && wd_buf_status(&text) == WD_OK ? text.ptr : "-");
    wd_buf_done(&text);
}

static void list_row(wd_table *t, const struct show *s, const wd_poller_feed *f)
{
    char every[WD_TIME_TEXT_BYTES];
    wd_table_add(t, f->config->slug);
    wd_table_add(t, f->config->group[0] ? f->config->group : "-");
    wd_table_add(t, f->config->paused            ? "paused"
                    : f->config->interval_ms > 0 ? wd_duration_text(f->config->interval_ms, every)
                                                 : "adaptive");
    if (s->hubs)
        add_hub(t, s, f);
    add_url(t, f->config->url);
}

int wd_feeds_list(int argc, char **argv)
{
    static const show_form form = { .heads = { "FEED", "GROUP", "EVERY", "ADDRESS" },
                                    .hub_heads = { "FEED", "GROUP", "EVERY", "HUB", "ADDRESS" },
                                    .n_heads = 4,
                                    .row = list_row };
    return show(argc, argv, &form);
}

static void add_due(wd_table *t, const struct show *s, const wd_poller_feed *f)
{
    wd_buf text = WD_BUF_INIT(CELL_BYTES);
    wd_explain_due(f->config, f->state, s->book.now_ms, &text);
    wd_table_add(t, wd_buf_status(&text) == WD_OK ? text.ptr : "");
    wd_buf_done(&text);
}

/* "failing: no answer in time, 3 times; next poll in 20 min, because ..." */
static void add_story(wd_table *t, const struct show *s, const wd_poller_feed *f)
{
    wd_buf text = WD_BUF_INIT(CELL_BYTES);
    if (f->state->last_reason != WD_REASON_NONE)
        wd_buf_printf(&text, "%s (%u in a row); ", wd_reason_text(f->state->last_reason),
                      f->state->same_reason);
    wd_explain_due(f->config, f->state, s->book.now_ms, &text);
    wd_table_add(t, wd_buf_status(&text) == WD_OK ? text.ptr : "");
    wd_buf_done(&text);
}

static void status_row(wd_table *t, const struct show *s, const wd_poller_feed *f)
{
    char rate[WD_TIME_TEXT_BYTES] = "-";
    if (f->state->contacted)
        snprintf(rate, sizeof(rate), "%.1f", f->state->rate_per_day);
    wd_table_add(t, f->config->slug);
    wd_table_add(t, wd_explain_state(f->config, f->state));
    add_moment(t, f->state->last_success_ms, s->book.now_ms);
    add_moment(t, f->state->last_new_ms, s->book.now_ms);
    wd_table_add(t, rate);
    add_story(t, s, f);
}

int wd_feeds_status(int argc, char **argv)
{
    static const show_form form = { .heads = { "FEED", "STATE", "LAST SUCCESS", "LAST NEW ITEM",
                                               "ITEMS/DAY", "NOW" },
                                    .n_heads = 6,
                                    .row = status_row };
    return show(argc, argv, &form);
}

static void due_row(wd_table *t, const struct show *s, const wd_poller_feed *f)
{
    char when[WD_TIME_TEXT_BYTES];
    int64_t due_ms = f->state->next_due_ms;
    wd_table_add(t, due_ms == WD_TIME_NONE ? "soon" : wd_time_text(due_ms, 0, when));
    wd_table_add(t, f->config->slug);
    add_due(t, s, f);
}

int wd_feeds_due(int argc, char **argv)
{
    static const show_form form = {
        .heads = { "WHEN", "FEED", "WHY" }, .n_heads = 3, .row = due_row, .by_due = true
    };
    return show(argc, argv, &form);
}
