/* tests/support/ledger_past.h - a ledger's file as an older wiredesk left it. */
#pragma once

#include <limits.h>

#include <sqlite3.h>

#include "tests/support/check.h"

/* Takes away what came after this version of the schema, then runs `rows`. */
static inline void ledger_past_make(const char *dir, int version, const char *rows)
{
    char path[PATH_MAX + 16], sql[1024];
    sqlite3 *db = NULL;
    snprintf(path, sizeof(path), "%s/ledger.db", dir);
    snprintf(sql, sizeof(sql),
             "%sDROP TABLE retold; ALTER TABLE text DROP COLUMN feed;"
             "ALTER TABLE text DROP COLUMN cluster; PRAGMA user_version=%d; %s",
             version < 3 ? "DROP TABLE websub; " : "", version, rows);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
