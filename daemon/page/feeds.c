/* daemon/page/feeds.c - one pass chooses and counts, one sort orders, and only what is shown is
 * written. */
#include "daemon/page/feeds.h"

#include <stdlib.h>
#include <string.h>

#include "core/url.h"
#include "daemon/feed_json.h"
#include "feeds/explain.h"

static const char *const states[] = { "ok", "failing", "dormant", "gone", "new", "paused" };

typedef struct row {
    const wd_feed_config *config;
    const wd_feed_state *state;
} row;

struct list {
    const wd_page_feeds_query *q;
    row *rows;
    size_t n, all;
    uint64_t counts[WD_COUNT(states)];
};

static bool is_trouble(const char *state)
{
    return strcmp(state, "failing") == 0 || strcmp(state, "dormant") == 0 ||
           strcmp(state, "gone") == 0;
}

static bool contains(wd_span s, const char *needle)
{
    return wd_span_find_nocase(s, needle) < s.len;
}

/* Of the address only host and path: a secret in it could be guessed letter by letter. */
static bool named(const wd_feed_config *c, const char *text)
{
    wd_url_parts url;
    if (text[0] == '\0' || contains(wd_span_of(c->slug), text) ||
        contains(wd_span_of(c->group), text))
        return true;
    wd_url_split(wd_span_of(c->url), &url);
    return contains(url.host, text) || contains(url.path, text);
}

static void count_feed(void *ctx, const wd_feed_config *c, const wd_feed_state *s)
{
    (void)c;
    (void)s;
    ++*(size_t *)ctx;
}

static void choose(void *ctx, const wd_feed_config *c, const wd_feed_state *s)
{
    struct list *l = ctx;
    const char *state = wd_explain_state(c, s), *wanted = l->q->state;
    if (!named(c, l->q->text))
        return;
    for (size_t i = 0; i < WD_COUNT(states); i++)
        l->counts[i] += strcmp(states[i], state) == 0;
    if (wanted[0] == '\0' || strcmp(wanted, state) == 0 ||
        (strcmp(wanted, "trouble") == 0 && is_trouble(state)))
        l->rows[l->n++] = (row){ c, s };
}

/* --- orders: the same feeds always stand alike, so ties go by name ------------- */

static int by_name(const row *a, const row *b)
{
    return strcmp(a->config->slug, b->config->slug);
}

static int by_moment(int64_t a, int64_t b, const row *x, const row *y)
{
    return a != b ? (a > b) - (a < b) : by_name(x, y);
}

static int by_due(const void *a, const void *b)
{
    const row *x = a, *y = b;
    if (x->config->paused != y->config->paused)
        return x->config->paused ? 1 : -1;
    return by_moment(x->state->next_due_ms, y->state->next_due_ms, x, y);
}

static int by_new(const void *a, const void *b)
{
    const row *x = a, *y = b;
    return by_moment(y->state->last_new_ms, x->state->last_new_ms, x, y);
}

/* Those that work have no beginning of their trouble: last. */
static int by_failing(const void *a, const void *b)
{
    const row *x = a, *y = b;
    int64_t p = x->state->failing_since_ms, q = y->state->failing_since_ms;
    return by_moment(p == WD_TIME_NONE ? INT64_MAX : p, q == WD_TIME_NONE ? INT64_MAX : q, x, y);
}

static void sort(struct list *l)
{
    static const struct {
        const char *name;
        int (*compare)(const void *, const void *);
    } orders[] = { { "due", by_due }, { "new", by_new }, { "failing", by_failing } };
    for (size_t i = 0; i < WD_COUNT(orders); i++) /* by name they stand already */
        if (strcmp(orders[i].name, l->q->order) == 0)
            qsort(l->rows, l->n, sizeof(row), orders[i].compare);
}

/* --- writing --------------------------------------------------------------------- */

static void write_feed(const wd_page_feeds_source *from, const row *r, int64_t now_ms, wd_json *j)
{
    wd_websub_facts facts;
    bool pushed = from->websub != NULL && from->websub(from->hubs, r->config->slug, &facts);
    wd_json_begin_object(j);
    wd_feed_put_members(j, r->config, r->state, wd_url_redact, now_ms);
    wd_websub_facts_put(pushed ? &facts : NULL, wd_url_redact, j);
    wd_json_end_object(j);
}

static void write_list(const struct list *l,
                       const wd_page_feeds_source *source,
                       int64_t now_ms,
                       wd_buf *out)
{
    wd_json j = wd_json_onto(out);
    size_t from = l->q->from < l->n ? (size_t)l->q->from : l->n;
    size_t limit = l->q->limit < WD_PAGE_FEEDS_MAX ? (size_t)l->q->limit : WD_PAGE_FEEDS_MAX;
    wd_json_begin_object(&j);
    wd_json_put_int(&j, "now", now_ms);
    wd_json_put_int(&j, "all", (int64_t)l->all);
    wd_json_key(&j, "states");
    wd_json_begin_object(&j);
    for (size_t i = 0; i < WD_COUNT(states); i++)
        wd_json_put_int(&j, states[i], (int64_t)l->counts[i]);
    wd_json_end_object(&j);
    wd_json_put_int(&j, "total", (int64_t)l->n);
    wd_json_put_int(&j, "from", (int64_t)from);
    wd_json_key(&j, "feeds");
    wd_json_begin_array(&j);
    for (size_t i = from; i < l->n && i - from < limit; i++)
        write_feed(source, &l->rows[i], now_ms, &j);
    wd_json_end_array(&j);
    wd_json_end_object(&j);
}

wd_status wd_page_feeds_write(const wd_page_feeds_source *source,
                              const wd_page_feeds_query *query,
                              int64_t now_ms,
                              wd_buf *out)
{
    wd_page_feeds_query q = *query;
    struct list l = { .q = &q };
    q.text = q.text ? q.text : "";
    q.state = q.state ? q.state : "";
    q.order = q.order ? q.order : "name";
    if (source->feeds != NULL)
        source->each(source->feeds, count_feed, &l.all);
    l.rows = calloc(l.all + 1, sizeof(*l.rows));
    if (l.rows == NULL)
        return WD_NOMEM;
    if (source->feeds != NULL)
        source->each(source->feeds, choose, &l);
    sort(&l);
    write_list(&l, source, now_ms, out);
    free(l.rows);
    return wd_buf_status(out);
}
