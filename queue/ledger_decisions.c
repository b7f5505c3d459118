/* queue/ledger_decisions.c - a row an item beside the ones that matter. */
#include "queue/ledger_decisions.h"

#include <sqlite3.h>

#include "core/clock.h"
#include "core/text.h"
#include "queue/ledger_impl.h"

static wd_status add(wd_ledger *l, const wd_ledger_decision *d)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_ADD_DECISION);
    wd_sql_int(st, 1, (int64_t)d->item);
    wd_sql_int(st, 2, (int64_t)d->cluster);
    wd_sql_int(st, 3, (int64_t)d->matched);
    wd_sql_int(st, 4, d->at_ms);
    wd_sql_text(st, 5, d->verdict);
    wd_sql_text(st, 6, d->rule);
    wd_sql_text(st, 7, d->note);
    wd_sql_int(st, 8, d->cover_this);
    wd_sql_int(st, 9, d->cover_other);
    wd_sql_int(st, 10, d->longest_run);
    wd_sql_int(st, 11, d->numbers);
    wd_sql_int(st, 12, d->numbers_agreed);
    wd_sql_text(st, 13, wd_utf8_head(d->title, WD_DECISION_TITLE_BYTES));
    return wd_sql_run(l, st);
}

wd_status wd_ledger_add_decision(wd_ledger *l, const wd_ledger_decision *d)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    return s != WD_OK ? s : wd_ledger_leave(l, mine, add(l, d));
}

wd_status wd_ledger_note_update(
    wd_ledger *l, uint64_t item, int64_t at_ms, uint32_t changes, wd_span title)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_NOTE_UPDATE);
    wd_sql_int(st, 1, (int64_t)item);
    wd_sql_int(st, 2, at_ms);
    wd_sql_int(st, 3, changes);
    wd_sql_text(st, 4, wd_utf8_head(title, WD_DECISION_TITLE_BYTES));
    return wd_ledger_leave(l, mine, wd_sql_run(l, st));
}

static wd_span text_column(sqlite3_stmt *st, int at, wd_arena *arena)
{
    return wd_arena_copy(arena, wd_sql_column(st, at));
}

bool wd_ledger_find_decision(wd_ledger *l, uint64_t item, wd_arena *arena, wd_ledger_decision *out)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_FIND_DECISION);
    wd_sql_int(st, 1, (int64_t)item);
    if (!wd_sql_next(l, st))
        return false;
    *out = (wd_ledger_decision){ .item = item,
                                 .cluster = (uint64_t)wd_sql_column_int(st, 0),
                                 .matched = (uint64_t)wd_sql_column_int(st, 1),
                                 .at_ms = wd_sql_column_int(st, 2),
                                 .verdict = text_column(st, 3, arena),
                                 .rule = text_column(st, 4, arena),
                                 .note = text_column(st, 5, arena),
                                 .cover_this = (uint32_t)wd_sql_column_int(st, 6),
                                 .cover_other = (uint32_t)wd_sql_column_int(st, 7),
                                 .longest_run = (uint32_t)wd_sql_column_int(st, 8),
                                 .numbers = (uint32_t)wd_sql_column_int(st, 9),
                                 .numbers_agreed = (uint32_t)wd_sql_column_int(st, 10),
                                 .title = text_column(st, 11, arena),
                                 .updated_ms = WD_TIME_NONE,
                                 .changes = (uint32_t)wd_sql_column_int(st, 13) };
    if (wd_sql_column(st, 12).ptr != NULL)
        out->updated_ms = wd_sql_column_int(st, 12);
    wd_sql_end(st);
    return true;
}

size_t wd_ledger_cluster_items(
    wd_ledger *l, uint64_t cluster, uint32_t size, uint64_t *items, size_t max)
{
    size_t n = 0;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_CLUSTER_ITEMS);
    wd_sql_int(st, 1, (int64_t)cluster);
    wd_sql_int(st, 2, size < max ? (int64_t)size : (int64_t)max);
    while (wd_sql_next(l, st))
        if (n < max)
            items[n++] = (uint64_t)wd_sql_column_int(st, 0);
    return n;
}
