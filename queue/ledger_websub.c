/* queue/ledger_websub.c - a row a subscription. */
#include "queue/ledger_websub.h"

#include <sqlite3.h>

#include "queue/ledger_impl.h"

static wd_status put(wd_ledger *l, const wd_ledger_websub *row)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_PUT_WEBSUB);
    wd_sql_text(st, 1, row->token);
    wd_sql_text(st, 2, row->slug);
    wd_sql_text(st, 3, row->hub);
    wd_sql_text(st, 4, row->topic);
    wd_sql_text(st, 5, row->secret);
    wd_sql_int(st, 6, row->phase);
    wd_sql_int(st, 7, row->failures);
    wd_sql_int(st, 8, row->lease_ms);
    wd_sql_int(st, 9, row->next_ms);
    wd_sql_int(st, 10, row->pushed_ms);
    wd_sql_int(st, 11, (int64_t)row->self_hash);
    wd_sql_int(st, 12, row->delivers);
    return wd_sql_run(l, st);
}

wd_status wd_ledger_put_websub(wd_ledger *l, const wd_ledger_websub *row)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    return s != WD_OK ? s : wd_ledger_leave(l, mine, put(l, row));
}

wd_status wd_ledger_drop_websub(wd_ledger *l, wd_span token)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_DROP_WEBSUB);
    wd_sql_text(st, 1, token);
    return wd_ledger_leave(l, mine, wd_sql_run(l, st));
}

wd_status wd_ledger_each_websub(wd_ledger *l,
                                void (*each)(void *ctx, const wd_ledger_websub *row),
                                void *ctx)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_EACH_WEBSUB);
    while (wd_sql_next(l, st)) {
        wd_ledger_websub row = { .token = wd_sql_column(st, 0),
                                 .slug = wd_sql_column(st, 1),
                                 .hub = wd_sql_column(st, 2),
                                 .topic = wd_sql_column(st, 3),
                                 .secret = wd_sql_column(st, 4),
                                 .phase = (uint32_t)wd_sql_column_int(st, 5),
                                 .failures = (uint32_t)wd_sql_column_int(st, 6),
                                 .lease_ms = wd_sql_column_int(st, 7),
                                 .next_ms = wd_sql_column_int(st, 8),
                                 .pushed_ms = wd_sql_column_int(st, 9),
                                 .self_hash = (uint64_t)wd_sql_column_int(st, 10),
                                 .delivers = wd_sql_column_int(st, 11) != 0 };
        each(ctx, &row);
    }
    return l->failed;
}
