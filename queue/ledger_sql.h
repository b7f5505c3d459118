/*
 * queue/ledger_sql.h - every statement the ledger runs often, in one list, and the few
 * calls that run them.  Private to queue/ledger*.c and queue/outbox*.c.
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

struct sqlite3;
struct sqlite3_stmt;

/* clang-format off */
#define WD_SQL_LIST(X)                                                                             \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(PUT_META, "INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")                          \
    X(PUT_LANE, "UPDATE lane SET next_seq=?2, last_ms=?3, acked_seq=?4, waiting_bytes=?5,"         \
                " kept_bytes=?6 WHERE lane=?1")                                                    \
    X(FEED_BY_SLUG, "SELECT feed, url FROM feed WHERE slug=?1")                                    \
    X(ADD_FEED, "INSERT INTO feed(slug, url) VALUES(?1, ?2)")                                      \
    X(MOVE_FEED, "UPDATE feed SET url=?2, etag=NULL, last_modified=NULL WHERE feed=?1")            \
    X(PUT_STATE, "UPDATE feed SET state=?2 WHERE feed=?1")                                         \
    X(PUT_VALIDATORS, "UPDATE feed SET etag=?2, last_modified=?3 WHERE feed=?1")                   \
    X(EACH_FEED, "SELECT feed, slug, url, etag, last_modified, state FROM feed ORDER BY feed")     \
    X(ADD_IDENTITY, "INSERT INTO identity(feed, id_key, item, day, cluster, first_ms, content,"    \
                    " text, fields, link_key, revision, uri)"                                      \
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")                  \
    X(SET_IDENTITY, "UPDATE identity SET content=?4, text=?5, fields=?6, link_key=?7,"             \
                    " revision=?8 WHERE feed=?1 AND id_key=?2 AND item=?3")                        \
    X(FIND_IDENTITY, "SELECT item, day, cluster, first_ms, content, text, fields, link_key,"       \
                     " revision, uri, feed, id_key FROM identity"                                  \
                     " WHERE feed=?1 AND id_key=?2 ORDER BY item DESC LIMIT 1")                    \
    X(FIND_ITEM, "SELECT i.item, d.day, d.cluster, d.first_ms, d.content, d.text, d.fields,"       \
                 " d.link_key, d.revision, d.uri, d.feed, d.id_key, i.agency, i.size"              \
                 " FROM item i JOIN identity d ON d.feed=i.feed AND d.id_key=i.id_key"             \
                 " AND d.item=i.item WHERE i.item=?1")                                             \
    X(FIND_URI, "SELECT item FROM identity WHERE uri=?1 LIMIT 1")                                  \
    X(FIND_LINK, "SELECT item FROM link WHERE link_key=?1")                                        \
    X(TOUCH_IDENTITY, "UPDATE identity SET day=?3 WHERE feed=?1 AND id_key=?2 AND day<?3")         \
    X(ADD_ITEM, "INSERT INTO item(item, feed, id_key, agency, size) VALUES(?1, ?2, ?3, ?4, 1)")    \
    X(GROW_CLUSTER, "UPDATE item SET size=size+1 WHERE item=?1")                                   \
    X(SET_AGENCY, "UPDATE item SET agency=?2 WHERE item=?1")                                       \
    X(ADD_LINK, "INSERT OR IGNORE INTO link(link_key, item) VALUES(?1, ?2)")                       \
    X(PUT_TEXT, "INSERT OR REPLACE INTO text(item, first_ms, packed) VALUES(?1, ?2, ?3)")          \
    X(DROP_TEXT, "DELETE FROM text WHERE item=?1")                                                 \
    X(EACH_TEXT, "SELECT i.item, d.day, d.cluster, d.first_ms, d.content, d.text, d.fields,"       \
                 " d.link_key, d.revision, d.uri, d.feed, d.id_key, i.agency, i.size, t.packed"    \
                 " FROM text t JOIN item i ON i.item=t.item JOIN identity d ON d.feed=i.feed"      \
                 " AND d.id_key=i.id_key AND d.item=i.item"                                        \
                 " WHERE t.first_ms>=?1 ORDER BY t.item")                                          \
    X(EXPIRE_TEXT, "DELETE FROM text WHERE item IN"                                                \
                   " (SELECT item FROM text ORDER BY item LIMIT ?2) AND first_ms<?1")              \
    X(SWEEP_IDENTITY, "SELECT feed, id_key, item, day, link_key FROM identity"                     \
                      " WHERE (feed, id_key, item) > (?1, ?2, ?3)"                                 \
                      " ORDER BY feed, id_key, item LIMIT ?4")                                     \
    X(DROP_IDENTITY, "DELETE FROM identity WHERE feed=?1 AND id_key=?2 AND item=?3")               \
    X(DROP_ITEM, "DELETE FROM item WHERE item=?1")                                                 \
    X(DROP_LINK, "DELETE FROM link WHERE link_key=?1 AND item=?2")                                 \
    X(ADD_EVENT, "INSERT INTO outbox(id, ms, type, language, cluster, feed, body)"                 \
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                            \
    X(EACH_EVENT, "SELECT id, ms, type, language, cluster, feed, body FROM outbox"                 \
                  " WHERE id>?1 AND id<=?2 ORDER BY id LIMIT ?3")                                  \
    X(EVENTS_DOWN, "SELECT id, ms, type, language, cluster, feed, body FROM outbox"                \
                   " WHERE id>?1 AND id<=?2 ORDER BY id DESC LIMIT 1")                             \
    X(MOVE_EVENT, "UPDATE outbox SET id=?2, ms=?3, body=?4 WHERE id=?1")                           \
    X(EVENT_MS, "SELECT ms FROM outbox WHERE id=?1")                                               \
    X(FIRST_EVENT, "SELECT id FROM outbox WHERE id>?1 AND id<=?2 ORDER BY id LIMIT 1")             \
    X(EVENT_BYTES, "SELECT total(length(body)) FROM outbox WHERE id>?1 AND id<=?2")                \
    X(DROP_EVENTS, "DELETE FROM outbox WHERE id>?1 AND id<=?2")                                    \
    X(PUT_ACK, "INSERT OR REPLACE INTO ack(lane, second, seq) VALUES(?1, ?2, ?3)")                 \
    X(ACKED_BEFORE, "SELECT max(seq) FROM ack WHERE lane=?1 AND second<?2")                        \
    X(DROP_ACKS_FROM, "DELETE FROM ack WHERE lane=?1 AND seq>?2")                                  \
    X(DROP_ACKS_UPTO, "DELETE FROM ack WHERE lane=?1 AND seq<=?2")
/* clang-format on */

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
