/* daemon/verbs/feed_book.c - configuration and ledger, opened for a look. */
#include "daemon/verbs/feed_book.h"

#include <stdlib.h>
#include <string.h>

#include "core/url.h"
#include "daemon/exit.h"
#include "daemon/feed_json.h"

/* A quarter of a million subscriptions. */
#define WEBSUB_BYTES ((size_t)256 << 20)

static wd_status read_states(wd_feed_book *b, wd_error *err)
{
    wd_ledger *ledger = NULL;
    wd_status s = wd_ledger_open_read(&ledger, b->config->state, err);
    if (s == WD_NOTFOUND) /* it never ran: there is nothing to remember */
        s = WD_OK;
    if (s == WD_OK)
        s = wd_roster_read(&b->roster, b->config, ledger);
    b->arena = s == WD_OK ? wd_arena_new(WEBSUB_BYTES) : NULL;
    if (b->arena != NULL)
        s = wd_websub_facts_read(&b->websub, ledger, b->arena);
    else if (s == WD_OK)
        s = WD_NOMEM;
    wd_ledger_close(&ledger);
    if (s != WD_OK && err->text[0] == '\0')
        (void)wd_fail(err, s, "%s", wd_status_text(s));
    return s;
}

bool wd_feed_book_open(wd_feed_book *book, const wd_verb *v, int *exit_code)
{
    wd_error err = { 0 };
    *book = (wd_feed_book){ .own = wd_verb_config(v), .now_ms = wd_wall_ms(wd_clock_system()) };
    book->config = book->own;
    *exit_code = WD_EXIT_USAGE;
    if (book->config == NULL)
        return false;
    if (read_states(book, &err) == WD_OK)
        return true;
    wd_verb_fail(v, book->config->state, "%s", err.text);
    *exit_code = WD_EXIT_FAILED;
    wd_feed_book_close(book);
    return false;
}

void wd_feed_book_close(wd_feed_book *book)
{
    wd_roster_free(book->roster);
    wd_arena_free(book->arena);
    wd_config_free(book->own);
    *book = (wd_feed_book){ 0 };
}

static int slug_order(const void *slug, const void *feed)
{
    return strcmp(slug, ((const wd_poller_feed *)feed)->config->slug);
}

const wd_poller_feed *wd_feed_book_find(const wd_feed_book *book, const char *slug)
{
    return bsearch(slug, book->roster->feeds, book->config->n_feeds, sizeof(*book->roster->feeds),
                   slug_order);
}

void wd_feed_book_put(wd_json *j, const wd_feed_book *book, const wd_poller_feed *feed)
{
    wd_json_begin_object(j);
    wd_feed_put_members(j, feed->config, feed->state, wd_url_show, book->now_ms);
    wd_websub_facts_put(wd_websub_facts_of(&book->websub, feed->config->slug), wd_url_show, j);
    wd_json_end_object(j);
}
