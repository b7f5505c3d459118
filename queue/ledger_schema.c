/*
 * queue/ledger_schema.c - the file's shape, step by step, and how a connection treats it.
 *
 * A step, once released, is never edited: the next one changes what it made.  Shapes:
 *
 * - identity is the item's main row, clustered by feed: the look-ups of one poll share
 *   a page or two, and an unchanged item costs one look-up.  item maps a number to it.
 * - text (packed fingerprints) stands alone, because it expires after days while
 *   identities live for weeks.  Feed and cluster are in it too (NULL in rows of before), so
 *   that a start reads it from end to end and looks nothing up.
 * - retold has the items whose text was replaced since the desk's last image.
 * - outbox.id is the lane in the top byte and the sequence below, so that both lanes
 *   append to the one B-tree of bodies and need no second index.
 * - decision stands apart from text: a start reads every text, people read a decision.
 * - ack remembers once a second how far Redis had come: a row may go when its
 *   *acknowledgement* is old, not when the row is.
 */
#include <sqlite3.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/url.h"
#include "queue/ledger_impl.h"

static const char *const steps[] = {
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE feed(feed INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, url TEXT NOT NULL,"
    " etag TEXT, last_modified TEXT, state BLOB);"
    "CREATE TABLE identity(feed INT, id_key INT, item INT, day INT, cluster INT, first_ms INT,"
    " content INT, text INT, fields BLOB, link_key INT, revision INT, uri BLOB,"
    " PRIMARY KEY(feed, id_key, item)) WITHOUT ROWID;"
    "CREATE TABLE item(item INTEGER PRIMARY KEY, feed INT, id_key INT, agency TEXT, size INT);"
    "CREATE TABLE link(link_key INTEGER PRIMARY KEY, item INT);"
    "CREATE TABLE text(item INTEGER PRIMARY KEY, first_ms INT, packed BLOB);"
    "CREATE TABLE outbox(id INTEGER PRIMARY KEY, ms INT, type TEXT, language TEXT, cluster TEXT,"
    " feed TEXT, body BLOB);"
    "CREATE TABLE lane(lane INTEGER PRIMARY KEY, next_seq INT, last_ms INT, acked_seq INT,"
    " waiting_bytes INT, kept_bytes INT);"
    "CREATE TABLE ack(lane INT, second INT, seq INT, PRIMARY KEY(lane, second)) WITHOUT ROWID;"
    "INSERT INTO lane VALUES(0, 1, 0, 0, 0, 0), (1, 1, 0, 0, 0, 0);",

    "CREATE TABLE decision(item INTEGER PRIMARY KEY, cluster INT, matched INT, ms INT, verdict "
    "TEXT,"
    " rule TEXT, note TEXT, cover_this INT, cover_other INT, run INT, numbers INT, agreed INT,"
    " title TEXT, updated_ms INT, changes INT);",

    "CREATE TABLE websub(token TEXT PRIMARY KEY, slug TEXT, hub TEXT, topic TEXT, secret TEXT,"
    " phase INT, failures INT, lease_ms INT, next_ms INT, pushed_ms INT, self INT, delivers INT)"
    " WITHOUT ROWID;",

    /* Passwords stand in the configuration, and nowhere else. */
    "UPDATE feed SET url=bare_url(url) WHERE instr(url, '@')>0;",

    "ALTER TABLE text ADD COLUMN feed INT; ALTER TABLE text ADD COLUMN cluster INT;"
    "CREATE TABLE retold(n INTEGER PRIMARY KEY, item INT);",
};

/* "WDSK": tells our file from any other SQLite file that lies at its place. */
#define APPLICATION_ID 0x5744534b

static wd_status sql_error(wd_ledger *l, int code, const char *doing, wd_error *err)
{
    return wd_fail(err, wd_sql_status(l->db, code), "ledger.db: %s: %s", doing,
                   l->db != NULL ? sqlite3_errmsg(l->db) : sqlite3_errstr(code));
}

static wd_status exec(wd_ledger *l, const char *sql, const char *doing, wd_error *err)
{
    int code = sqlite3_exec(l->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? WD_OK : sql_error(l, code, doing, err);
}

/* For the few statements that run once in a life and are not worth keeping. */
static wd_status ask(wd_ledger *l, const char *sql, int64_t *out)
{
    sqlite3_stmt *st = NULL;
    int code = sqlite3_prepare_v2(l->db, sql, -1, &st, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return wd_sql_status(l->db, code);
}

wd_status wd_ledger_set_up(wd_ledger *l, bool read_only, wd_error *err)
{
    /* A reader (outbox stat, a backup) may hold a lock for a moment; the desk waits. */
    sqlite3_busy_timeout(l->db, 5000);
    sqlite3_db_config(l->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    if (read_only)
        return WD_OK;
    /* page_size, of a new file: two events a page instead of one and a rest on the next; above
     * that a commit of one story writes more than it saves.  cache_size: 8 MB hold the hot pages
     * of some 10,000 feeds.  wal_autocheckpoint: 64 MB, so that a page changed by many commits is
     * copied back once. */
    return exec(l,
                "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                "PRAGMA cache_size=-8192; PRAGMA wal_autocheckpoint=8000;"
                "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"
                "PRAGMA secure_delete=OFF;",
                "cannot be opened for writing", err);
}

wd_status wd_ledger_check(wd_ledger *l, wd_error *err)
{
    sqlite3_stmt *st = NULL;
    char found[128] = "";
    int code = sqlite3_prepare_v2(l->db, "PRAGMA quick_check(1)", -1, &st, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(st);
    const char *said =
        code == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : sqlite3_errmsg(l->db);
    bool whole = code == SQLITE_ROW && said != NULL && sqlite3_stricmp(said, "ok") == 0;
    sqlite3_snprintf(sizeof(found), found, "%s", said != NULL ? said : "no answer");
    sqlite3_finalize(st);
    if (whole)
        return WD_OK;
    wd_status s = code == SQLITE_ROW ? WD_CORRUPT : wd_sql_status(l->db, code);
    if (s != WD_CORRUPT)
        return wd_fail(err, s, "ledger.db cannot be read: %s", found);
    return wd_fail(err, s,
                   "ledger.db is damaged (%s): it is left untouched; copy its directory, then "
                   "repair it with `sqlite3 ledger.db .recover | sqlite3 new.db`, put a backup in "
                   "its place, or move it away to start empty (the feeds' present items then count "
                   "as new)",
                   found);
}

/* For the steps: a URL without its userinfo. */
static void bare_url(sqlite3_context *call, int n, sqlite3_value **values)
{
    (void)n;
    wd_arena *scratch = wd_arena_new(2 * WD_URL_BYTES);
    const char *url = (const char *)sqlite3_value_text(values[0]);
    wd_span bare = scratch && url ? wd_url_bare(scratch, wd_span_of(url)) : WD_SPAN_NONE;
    if (bare.ptr != NULL)
        sqlite3_result_text(call, bare.ptr, (int)bare.len, SQLITE_TRANSIENT);
    else
        sqlite3_result_error_nomem(call);
    wd_arena_free(scratch);
}

/* Step by step, from `version` on. */
static wd_status take_steps(wd_ledger *l, int64_t version, wd_error *err)
{
    wd_status s = WD_OK;
    sqlite3_create_function_v2(l->db, "bare_url", 1, SQLITE_UTF8, NULL, bare_url, NULL, NULL, NULL);
    for (int64_t i = version; s == WD_OK && i < (int64_t)WD_COUNT(steps); i++) {
        char *sql = sqlite3_mprintf("BEGIN IMMEDIATE; PRAGMA secure_delete=ON; %s "
                                    "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;",
                                    steps[i], APPLICATION_ID, (int)(i + 1));
        s = sql == NULL ? WD_NOMEM : exec(l, sql, "its schema cannot be made", err);
        sqlite3_free(sql);
        if (s != WD_OK && !sqlite3_get_autocommit(l->db))
            sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
    }
    if (s == WD_OK) /* what was there before does not linger in the log */
        s = exec(l, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA secure_delete=OFF;",
                 "its log cannot be emptied", err);
    return s;
}

wd_status wd_ledger_migrate(wd_ledger *l, wd_error *err)
{
    int64_t version = 0, id = 0;
    wd_status s = ask(l, "PRAGMA user_version", &version);
    if (s == WD_OK)
        s = ask(l, "PRAGMA application_id", &id);
    if (s != WD_OK)
        return wd_fail(err, s, "ledger.db cannot be read: %s", sqlite3_errmsg(l->db));
    int64_t tables = 0;
    if (ask(l, "SELECT count(*) FROM sqlite_master", &tables) == WD_OK && tables > 0 &&
        id != APPLICATION_ID)
        return wd_fail(err, WD_UNSUPPORTED, "ledger.db is not a ledger of wiredesk");
    if (version > (int64_t)WD_COUNT(steps))
        return wd_fail(err, WD_UNSUPPORTED,
                       "ledger.db was written by a newer wiredesk (schema %d, this one knows %d)",
                       (int)version, (int)WD_COUNT(steps));
    if (version < (int64_t)WD_COUNT(steps) && sqlite3_db_readonly(l->db, "main") == 1)
        return wd_fail(err, WD_UNSUPPORTED,
                       "ledger.db is of an older wiredesk: it is brought up to date when the "
                       "daemon starts");
    return version < (int64_t)WD_COUNT(steps) ? take_steps(l, version, err) : WD_OK;
}
