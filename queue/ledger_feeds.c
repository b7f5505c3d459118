/* queue/ledger_feeds.c - a feed's number, validators and state. */
#include "queue/ledger_feeds.h"

#include <sqlite3.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/url.h"
#include "queue/ledger_impl.h"

static wd_status add_feed(wd_ledger *l, wd_span slug, wd_span url, uint32_t *out)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_ADD_FEED);
    wd_sql_text(st, 1, slug);
    wd_sql_text(st, 2, url);
    wd_status s = wd_sql_run(l, st);
    if (s == WD_OK)
        *out = (uint32_t)sqlite3_last_insert_rowid(l->db);
    return s;
}

/* What another URL's server said of its documents says nothing about this one's. */
static wd_status move_feed(wd_ledger *l, uint32_t feed, wd_span url)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_MOVE_FEED);
    wd_sql_int(st, 1, feed);
    wd_sql_text(st, 2, url);
    return wd_sql_run(l, st);
}

static wd_status number_of(wd_ledger *l, wd_span slug, wd_span url, uint32_t *out)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_FEED_BY_SLUG);
    wd_sql_text(st, 1, slug);
    if (!wd_sql_next(l, st))
        return l->failed != WD_OK ? l->failed : add_feed(l, slug, url, out);
    uint32_t feed = (uint32_t)wd_sql_column_int(st, 0);
    bool same = wd_span_eq(wd_sql_column(st, 1), url);
    wd_sql_end(st);
    wd_status s = same ? WD_OK : move_feed(l, feed, url);
    if (s == WD_OK)
        *out = feed;
    return s;
}

static wd_status join_and_number(wd_ledger *l, wd_span slug, wd_span url, uint32_t *out)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    return s != WD_OK ? s : wd_ledger_leave(l, mine, number_of(l, slug, url, out));
}

wd_status wd_ledger_feed_number(wd_ledger *l, wd_span slug, wd_span url, uint32_t *out)
{
    wd_url_parts p;
    wd_url_split(url, &p);
    if (p.userinfo.ptr == NULL)
        return join_and_number(l, slug, url, out);
    wd_arena *scratch = wd_arena_new(2 * WD_URL_BYTES);
    wd_span bare = scratch ? wd_url_bare(scratch, url) : WD_SPAN_NONE;
    wd_status s = bare.ptr ? join_and_number(l, slug, bare, out) : WD_NOMEM;
    wd_arena_free(scratch);
    return s;
}

wd_status wd_ledger_put_feed_state(wd_ledger *l, uint32_t feed, wd_span state)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_PUT_STATE);
    wd_sql_int(st, 1, feed);
    wd_sql_blob(st, 2, state);
    return wd_ledger_leave(l, mine, wd_sql_run(l, st));
}

wd_status wd_ledger_put_validators(wd_ledger *l, uint32_t feed, wd_span etag, wd_span last_modified)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_PUT_VALIDATORS);
    wd_sql_int(st, 1, feed);
    wd_sql_text(st, 2, etag);
    wd_sql_text(st, 3, last_modified);
    return wd_ledger_leave(l, mine, wd_sql_run(l, st));
}

wd_status wd_ledger_each_feed(wd_ledger *l,
                              void (*each)(void *ctx, const wd_ledger_feed *feed),
                              void *ctx)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_EACH_FEED);
    while (wd_sql_next(l, st)) {
        wd_ledger_feed feed = { .feed = (uint32_t)wd_sql_column_int(st, 0),
                                .slug = wd_sql_column(st, 1),
                                .url = wd_sql_column(st, 2),
                                .etag = wd_sql_column(st, 3),
                                .last_modified = wd_sql_column(st, 4),
                                .state = wd_sql_column(st, 5) };
        each(ctx, &feed);
    }
    return l->failed;
}
