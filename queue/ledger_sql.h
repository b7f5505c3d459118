/*
 * queue/ledger_sql.h - the few calls that run the ledger's statements.  Private to
 * queue/ledger*.c and queue/outbox*.c.
 *
 * Errors: sticky inside a transaction.  SQLite undoes a transaction by itself on some
 * failures and would then commit what follows piece by piece; after the first failure
 * wd_sql_get() therefore refuses everything until wd_ledger_rollback().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"
#include "core/status.h"
#include "queue/ledger.h"
#include "queue/ledger_statements.h"

struct sqlite3;
struct sqlite3_stmt;

enum wd_sql {
#define X(name, text) WD_SQL_##name,
    WD_SQL_LIST(X)
#undef X
        WD_SQL_COUNT
};

/* Ready for its parameters; NULL after a failure, which the ledger then remembers. */
struct sqlite3_stmt *wd_sql_get(wd_ledger *l, enum wd_sql id);

/* Parameters, from 1.  Spans are borrowed until the statement has run; absent is NULL. */
void wd_sql_int(struct sqlite3_stmt *st, int at, int64_t value);
void wd_sql_text(struct sqlite3_stmt *st, int at, wd_span value);
void wd_sql_blob(struct sqlite3_stmt *st, int at, wd_span value);

/* One step: true while there is a row. After the last row, and on failure, the
 * statement is reset. */
bool wd_sql_next(wd_ledger *l, struct sqlite3_stmt *st);
/* For statements without rows; NULL is accepted and gives the remembered failure. */
WD_MUST_USE wd_status wd_sql_run(wd_ledger *l, struct sqlite3_stmt *st);
/* The first column of the only row, or `otherwise`. */
int64_t wd_sql_value(wd_ledger *l, struct sqlite3_stmt *st, int64_t otherwise);
void wd_sql_end(struct sqlite3_stmt *st);

int64_t wd_sql_column_int(struct sqlite3_stmt *st, int at);
/* Borrowed until the next step; NULL is absent. */
wd_span wd_sql_column(struct sqlite3_stmt *st, int at);

/* SQLite's code as ours. */
wd_status wd_sql_status(struct sqlite3 *db, int code);
