/* queue/ledger_desk.c - texts read from end to end, and two numbers that say which image fits.
 *
 * A kill between an image's last byte and the word of it here leaves the mark it was begun
 * with; a ledger that was restored from an older copy has neither.
 */
#include "queue/ledger_desk.h"

#include <sqlite3.h>

#include "queue/ledger_impl.h"
#include "queue/ledger_items.h"

static const char finished[] = "desk_mark", begun[] = "desk_mark_begun";

/* A row of an older wiredesk does not say whose it is. */
static bool look_up(wd_ledger *l, wd_ledger_text *text)
{
    wd_ledger_item item;
    if (!wd_ledger_find_item(l, text->item, &item))
        return false;
    text->feed = item.feed;
    text->cluster = item.cluster;
    return true;
}

static wd_status each(wd_ledger *l, sqlite3_stmt *st, wd_ledger_text_fn fn, void *ctx)
{
    while (wd_sql_next(l, st)) {
        wd_ledger_text text = { .item = (uint64_t)wd_sql_column_int(st, 0),
                                .first_seen_ms = wd_sql_column_int(st, 1),
                                .feed = (uint32_t)wd_sql_column_int(st, 2),
                                .cluster = (uint64_t)wd_sql_column_int(st, 3),
                                .packed = wd_sql_column(st, 4) };
        if (text.cluster != 0 || look_up(l, &text))
            fn(ctx, &text);
    }
    return l->failed;
}

wd_status wd_ledger_each_text(
    wd_ledger *l, uint64_t from, int64_t since_ms, wd_ledger_text_fn fn, void *ctx)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_EACH_TEXT);
    wd_sql_int(st, 1, (int64_t)from);
    wd_sql_int(st, 2, since_ms);
    return each(l, st, fn, ctx);
}

wd_status wd_ledger_each_retold(wd_ledger *l, wd_ledger_text_fn fn, void *ctx)
{
    return each(l, wd_sql_get(l, WD_SQL_EACH_RETOLD), fn, ctx);
}

wd_status wd_ledger_note_retold(wd_ledger *l, uint64_t item)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_ADD_RETOLD);
    wd_sql_int(st, 1, (int64_t)item);
    return wd_ledger_leave(l, mine, wd_sql_run(l, st));
}

void wd_ledger_image_marks(wd_ledger *l, uint64_t out[2])
{
    out[0] = (uint64_t)wd_ledger_meta(l, finished, 0);
    out[1] = (uint64_t)wd_ledger_meta(l, begun, 0);
}

wd_status wd_ledger_begin_image(wd_ledger *l, uint64_t mark, uint64_t *retold)
{
    bool mine;
    *retold = (uint64_t)wd_sql_value(l, wd_sql_get(l, WD_SQL_LAST_RETOLD), 0);
    wd_status s = wd_ledger_join(l, false, &mine);
    return s != WD_OK ? s : wd_ledger_leave(l, mine, wd_ledger_put_meta(l, begun, (int64_t)mark));
}

static wd_status drop_retold(wd_ledger *l, uint64_t upto)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_DROP_RETOLD);
    wd_sql_int(st, 1, upto > INT64_MAX ? INT64_MAX : (int64_t)upto);
    return wd_sql_run(l, st);
}

wd_status wd_ledger_finish_image(wd_ledger *l, uint64_t mark, uint64_t retold)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    s = wd_ledger_put_meta(l, finished, (int64_t)mark);
    if (s == WD_OK)
        s = wd_ledger_put_meta(l, begun, 0);
    if (s == WD_OK)
        s = drop_retold(l, mark != 0 ? retold : UINT64_MAX);
    return wd_ledger_leave(l, mine, s);
}
