/* queue/ledger_sql.c - prepared statements, kept for the life of the ledger. */
#include "queue/ledger_sql.h"

#include <errno.h>

#include <sqlite3.h>

#include "queue/ledger_impl.h"

static const char *const text_of[] = {
#define X(name, text) [WD_SQL_##name] = text,
    WD_SQL_LIST(X)
#undef X
};

wd_status wd_sql_status(struct sqlite3 *db, int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return WD_OK;
    case SQLITE_FULL:
        return WD_NOSPACE;
    case SQLITE_IOERR:
        return db != NULL && sqlite3_system_errno(db) == ENOSPC ? WD_NOSPACE : WD_IO;
    case SQLITE_NOMEM:
        return WD_NOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return WD_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return WD_BUSY;
    case SQLITE_TOOBIG:
        return WD_LIMIT;
    default:
        return WD_IO;
    }
}

static void note(wd_ledger *l, int code)
{
    if (l->failed == WD_OK)
        l->failed = wd_sql_status(l->db, code);
}

struct sqlite3_stmt *wd_sql_get(wd_ledger *l, enum wd_sql id)
{
    if (l->failed != WD_OK && id != WD_SQL_ROLLBACK)
        return NULL;
    if (l->statement[id] == NULL) {
        int code = sqlite3_prepare_v3(l->db, text_of[id], -1, SQLITE_PREPARE_PERSISTENT,
                                      &l->statement[id], NULL);
        if (code != SQLITE_OK) {
            note(l, code);
            return NULL;
        }
    }
    return l->statement[id];
}

void wd_sql_int(struct sqlite3_stmt *st, int at, int64_t value)
{
    if (st != NULL)
        sqlite3_bind_int64(st, at, value);
}

void wd_sql_text(struct sqlite3_stmt *st, int at, wd_span value)
{
    if (st != NULL)
        sqlite3_bind_text64(st, at, value.ptr, value.len, SQLITE_STATIC, SQLITE_UTF8);
}

void wd_sql_blob(struct sqlite3_stmt *st, int at, wd_span value)
{
    if (st != NULL)
        sqlite3_bind_blob64(st, at, value.ptr, value.len, SQLITE_STATIC);
}

bool wd_sql_next(wd_ledger *l, struct sqlite3_stmt *st)
{
    if (st == NULL)
        return false;
    int code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        note(l, code);
    wd_sql_end(st);
    return false;
}

wd_status wd_sql_run(wd_ledger *l, struct sqlite3_stmt *st)
{
    while (wd_sql_next(l, st))
        ;
    return l->failed;
}

int64_t wd_sql_value(wd_ledger *l, struct sqlite3_stmt *st, int64_t otherwise)
{
    if (!wd_sql_next(l, st))
        return otherwise;
    int64_t value =
        sqlite3_column_type(st, 0) == SQLITE_NULL ? otherwise : sqlite3_column_int64(st, 0);
    wd_sql_end(st);
    return value;
}

void wd_sql_end(struct sqlite3_stmt *st)
{
    if (st == NULL)
        return;
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
}

int64_t wd_sql_column_int(struct sqlite3_stmt *st, int at)
{
    return sqlite3_column_int64(st, at);
}

wd_span wd_sql_column(struct sqlite3_stmt *st, int at)
{
    if (sqlite3_column_type(st, at) == SQLITE_NULL)
        return WD_SPAN_NONE;
    const void *bytes = sqlite3_column_blob(st, at);
    return (wd_span){ bytes != NULL ? bytes : "", (size_t)sqlite3_column_bytes(st, at) };
}
