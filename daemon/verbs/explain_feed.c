/* daemon/verbs/explain_feed.c - one feed: what is configured, what was learned, what comes next. */
#include <string.h>

#include "core/url.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/explain.h"
#include "daemon/verbs/feed_book.h"
#include "feeds/explain.h"

static void put_manner(const wd_feed_config *c, wd_buf *out)
{
    char length[WD_TIME_TEXT_BYTES];
    size_t n = 0;
    while (c->headers != NULL && c->headers[n] != NULL)
        n++;
    if (c->interval_ms > 0)
        wd_buf_printf(out, "asked every %s\n", wd_duration_text(c->interval_ms, length));
    if (n > 0)
        wd_buf_printf(out, "sends %zu header%s of its own\n", n, n == 1 ? "" : "s");
    if (c->token != NULL || c->username != NULL)
        wd_buf_printf(out, "signs in with a %s\n", c->token ? "bearer token" : "user name");
    if (c->proxy != NULL)
        wd_buf_printf(out, "goes through a proxy\n");
    if (c->http1 != 0)
        wd_buf_printf(out, "never by HTTP/2\n");
    if (c->timeout_ms > 0)
        wd_buf_printf(out, "given up after %s\n", wd_duration_text(c->timeout_ms, length));
}

static void put_validators(const wd_poller_feed *f, wd_buf *out)
{
    if (f->state->polls == 0)
        return;
    bool etag = f->etag != NULL && f->etag[0] != '\0';
    bool date = f->last_modified != NULL && f->last_modified[0] != '\0';
    wd_buf_printf(out, "%s\n",
                  etag && date ? "its next request carries an ETag and a Last-Modified"
                  : etag       ? "its next request carries an ETag"
                  : date       ? "its next request carries a Last-Modified"
                               : "its next request carries no validator");
}

static void put_text(const wd_explain_question *q, const wd_feed_book *b, const wd_poller_feed *f)
{
    wd_span url = wd_url_show(q->arena, wd_span_of(f->config->url));
    wd_buf_printf(q->out, "%s  %.*s%s%s%s\n", f->config->slug, WD_SPAN_ARG(url),
                  f->config->group[0] ? "  (group " : "", f->config->group,
                  f->config->group[0] ? ")" : "");
    put_manner(f->config, q->out);
    put_validators(f, q->out);
    wd_explain_feed(f->config, f->state, b->now_ms, q->out);
    wd_websub_facts_explain(wd_websub_facts_of(&b->websub, f->config->slug), b->now_ms, q->out);
}

static void put_json(const wd_explain_question *q, const wd_feed_book *b, const wd_poller_feed *f)
{
    wd_json j = wd_json_onto(q->out);
    wd_feed_book_put(&j, b, f);
    wd_buf_append_char(q->out, '\n');
}

int wd_explain_of_feed(const wd_explain_question *q)
{
    wd_feed_book book = { .config = q->config, .now_ms = wd_wall_ms(wd_clock_system()) };
    wd_status s = wd_websub_facts_read(&book.websub, q->ledger, q->arena);
    if (s == WD_OK)
        s = wd_roster_read(&book.roster, q->config, q->ledger);
    if (s != WD_OK) {
        wd_verb_fail(q->verb, NULL, "%s", wd_status_text(s));
        return WD_EXIT_FAILED;
    }
    const wd_poller_feed *f = wd_feed_book_find(&book, q->which);
    if (f == NULL) {
        wd_verb_fail(q->verb, q->config->file,
                     "there is no feed '%s'; wiredesk feeds list names them", q->which);
    } else if (q->verb->json) {
        put_json(q, &book, f);
    } else {
        put_text(q, &book, f);
    }
    wd_roster_free(book.roster);
    return f ? WD_EXIT_OK : WD_EXIT_USAGE;
}
