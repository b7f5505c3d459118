/* daemon/verbs/discovery.c - stages, each asked only when the one before found nothing. */
#include "daemon/verbs/discovery.h"

#include <stdio.h>
#include <string.h>

#include "core/url.h"
#include "parsers/page.h"

/* Between two requests, to whomever: a person waits, a server may not mind. */
#define PAUSE_MS 500

/* What is found, and the links of a page. */
#define FOUND_BYTES ((size_t)4 << 20)

/* Of one stage; a page that declares more feeds than this is a directory of them. */
#define MOST_OF_A_STAGE 8u

struct search {
    wd_discovery *d;
    const char *const *allow_private;
    wd_errand errand;
    wd_span asked[WD_DISCOVERY_REQUESTS]; /* cleaned; final ones of what was found too */
    size_t n_asked;
    bool strange; /* the last answer came from a public address: pause before the next */
    wd_page page;
};

/* --- one candidate ------------------------------------------------------------------- */

static bool was_asked(const struct search *s, wd_span url)
{
    for (size_t i = 0; i < s->n_asked; i++)
        if (wd_span_eq(s->asked[i], url))
            return true;
    for (size_t i = 0; i < s->d->n; i++)
        if (wd_span_eq(s->d->feeds[i].url, url))
            return true;
    return false;
}

static void wake(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
}

static void rest_a_moment(struct search *s)
{
    uv_timer_t timer;
    if (!s->strange)
        return;
    uv_timer_init(&s->errand.loop, &timer);
    uv_timer_start(&timer, wake, PAUSE_MS, 0);
    while (uv_loop_alive(&s->errand.loop) && !uv_is_closing((uv_handle_t *)&timer))
        uv_run(&s->errand.loop, UV_RUN_ONCE);
    uv_run(&s->errand.loop, UV_RUN_NOWAIT); /* its close */
}

static int64_t newest_of(const wd_feed_doc *doc)
{
    int64_t newest = WD_TIME_NONE;
    for (size_t i = 0; i < doc->n_items; i++)
        if (doc->items[i].published_ms > newest)
            newest = doc->items[i].published_ms;
    return newest;
}

static void keep(struct search *s, const wd_http_reply *r, const wd_feed_doc *doc, const char *how)
{
    wd_discovery *d = s->d;
    wd_span url = r->hops == 0 || r->permanent_redirect ? r->final_url : s->asked[s->n_asked - 1];
    for (size_t i = 0; i < d->n; i++)
        if (wd_span_eq(d->feeds[i].url, url))
            return;
    d->feeds[d->n++] = (wd_found_feed){ .url = wd_arena_copy(d->arena, url),
                                        .title = wd_arena_copy(d->arena, doc->title_text),
                                        .how = how,
                                        .format = doc->format,
                                        .items = doc->n_items,
                                        .newest_ms = newest_of(doc) };
}

/* Asks and reads.  `page`: where to keep the links of what is no feed, or NULL. */
static void ask(struct search *s, wd_span url, const char *how, wd_page *page)
{
    wd_discovery *d = s->d;
    wd_feed_doc doc;
    wd_http_reply reply;
    if (s->n_asked == WD_DISCOVERY_REQUESTS || was_asked(s, url))
        return;
    wd_arena *arena = wd_arena_new(WD_POLL_ARENA_BYTES);
    if (arena == NULL)
        return;
    rest_a_moment(s);
    s->asked[s->n_asked++] = url;
    wd_http_request request = { .url = url.ptr, .allow_private = s->allow_private, .arena = arena };
    wd_errand_run(&s->errand, &request, &reply);
    s->strange = !reply.private_address;
    if (page != NULL) {
        d->trouble = reply.reason;
        d->status = reply.status;
        memcpy(d->detail, reply.detail, sizeof(d->detail));
    }
    const wd_parse_input in = { .body = reply.body,
                                .url = reply.final_url,
                                .content_type = reply.content_type,
                                .content_location = reply.content_location,
                                .content_language = reply.content_language,
                                .now_ms = request.now_ms };
    if (reply.body.len > 0 && wd_parse(&in, arena, &doc) == WD_PARSE_COMPLETE)
        keep(s, &reply, &doc, how);
    else if (reply.body.len > 0 && page != NULL &&
             wd_page_read(reply.body, reply.content_type, reply.final_url, d->arena, page) != WD_OK)
        page->n = 0;
    wd_arena_free(arena);
}

/* --- the stages ------------------------------------------------------------------------ */

static void ask_links(struct search *s, wd_page_link_kind kind, const char *how)
{
    size_t n = 0;
    for (size_t i = 0; i < s->page.n && n < MOST_OF_A_STAGE; i++) {
        if (s->page.links[i].kind != kind)
            continue;
        ask(s, s->page.links[i].url, how, NULL);
        n++;
    }
}

static void ask_well_known(struct search *s)
{
    static const char *const paths[] = { "/feed", "/rss.xml",   "/atom.xml",  "/feed.xml",
                                         "/rss",  "/index.xml", "/feed.json", "/feeds" };
    for (size_t i = 0; s->d->n == 0 && i < WD_COUNT(paths); i++) {
        wd_span url = wd_url_resolve(s->d->arena, s->asked[0], wd_span_of(paths[i]));
        if (url.ptr != NULL)
            ask(s, url, "well-known", NULL);
    }
}

const char *wd_discovery_address(const char *word, char out[WD_URL_BYTES])
{
    const char *scheme = strstr(word, "://") == NULL ? "https://" : "";
    if (wd_span_starts_nocase(wd_span_of(word), "feed:")) {
        word += strlen("feed:"); /* feed:https://example.org/, feed://example.org/ */
        scheme = strncmp(word, "//", 2) == 0 ? "http:" : "";
    }
    int n = snprintf(out, WD_URL_BYTES, "%s%s", scheme, word);
    return n < (int)WD_URL_BYTES && wd_url_is_fetchable(wd_span_of(out)) ? out : NULL;
}

bool wd_discovery_make(wd_discovery *d,
                       const wd_config *config,
                       const char *url,
                       const char *const *allow_private)
{
    *d = (wd_discovery){ .arena = wd_arena_new(FOUND_BYTES) };
    struct search s = { .d = d, .allow_private = allow_private };
    wd_span first =
        d->arena ? wd_url_resolve(d->arena, WD_SPAN_NONE, wd_span_of(url)) : WD_SPAN_NONE;
    if (first.ptr == NULL || !wd_errand_open(&s.errand, config)) {
        wd_discovery_done(d);
        return false;
    }
    ask(&s, first, "itself", &s.page);
    bool answered = d->trouble == WD_REASON_NONE && d->status == 200;
    if (answered && d->n == 0)
        ask_links(&s, WD_PAGE_DECLARED, "declared");
    if (answered && d->n == 0)
        ask_links(&s, WD_PAGE_ANCHOR, "anchor");
    if (answered && d->n == 0)
        ask_well_known(&s);
    d->requests = s.n_asked;
    wd_errand_close(&s.errand);
    return true;
}

void wd_discovery_done(wd_discovery *d)
{
    wd_arena_free(d->arena);
    d->arena = NULL;
}
