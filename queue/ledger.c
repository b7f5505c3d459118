/*
 * queue/ledger.c - one file, one writer, one transaction at a time.
 *
 * The lock is a file of its own: SQLite's locks come and go with transactions, and a
 * second daemon must be told at start, not at its first write.
 */
#include "queue/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "core/hash.h"
#include "queue/ledger_impl.h"

/* A file of this size is checked in a tenth of a second: then at every start. */
#define ALWAYS_CHECK_BYTES (64 * 1024 * 1024)

static wd_status path_in(char out[PATH_MAX], const char *dir, const char *name, wd_error *err)
{
    int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);
    if (n < 0 || n >= PATH_MAX)
        return wd_fail(err, WD_CONFIG, "the state directory's path is too long");
    return WD_OK;
}

/* Says who holds the lock, as far as the file tells. */
static wd_status lock_busy(int fd, const char *path, wd_error *err)
{
    char pid[32] = "";
    ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);
    pid[n > 0 ? n : 0] = '\0';
    pid[strcspn(pid, "\n")] = '\0';
    close(fd);
    return wd_fail(err, WD_BUSY, "another wiredesk works in this state directory (pid %s holds %s)",
                   pid[0] != '\0' ? pid : "unknown", path);
}

static wd_status take_lock(wd_ledger *l, const char *dir, wd_error *err)
{
    char path[PATH_MAX];
    wd_status s = path_in(path, dir, "lock", err);
    if (s != WD_OK)
        return s;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return wd_fail(err, WD_IO, "cannot make the directory %s: %s", dir, strerror(errno));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return wd_fail(err, WD_IO, "cannot open %s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return lock_busy(fd, path, err);
    char pid[32];
    int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n) {
        close(fd); /* most likely a full disk: then the ledger could not be written either */
        return wd_fail(err, errno == ENOSPC ? WD_NOSPACE : WD_IO, "cannot write %s: %s", path,
                       strerror(errno));
    }
    l->lock_fd = fd;
    return WD_OK;
}

static wd_status open_file(wd_ledger *l, const char *dir, bool read_only, wd_error *err)
{
    char path[PATH_MAX];
    wd_status s = path_in(path, dir, "ledger.db", err);
    if (s != WD_OK)
        return s;
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (read_only && !there && errno == EACCES)
        return wd_fail(err, WD_DENIED, "%s is for the daemon's user alone: use sudo", path);
    if (read_only && !there)
        return wd_fail(err, WD_NOTFOUND,
                       "there is no ledger at %s: nothing has run with this state", path);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    /* Its count of all memory is a lock at each allocation; refused, where SQLite runs already. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    mode_t before = umask(0077);
    int code = sqlite3_open_v2(path, &l->db, flags, NULL);
    if (code == SQLITE_OK)
        s = wd_ledger_set_up(l, read_only, err);
    umask(before);
    if (code != SQLITE_OK)
        return wd_fail(err, wd_sql_status(l->db, code), "cannot open %s: %s", path,
                       l->db != NULL ? sqlite3_errmsg(l->db) : sqlite3_errstr(code));
    bool small = there && st.st_size <= ALWAYS_CHECK_BYTES;
    /* A damaged file can fail at the first pragma already: the check says it better. */
    if (there && (s == WD_CORRUPT || (s == WD_OK && !read_only && small)))
        s = wd_ledger_check(l, err);
    if (s != WD_OK)
        return s;
    s = wd_ledger_migrate(l, err);
    if (s == WD_OK && there && !small && !read_only && wd_ledger_meta(l, "clean", 1) == 0)
        s = wd_ledger_check(l, err);
    return s;
}

int64_t wd_ledger_meta(wd_ledger *l, const char *key, int64_t otherwise)
{
    sqlite3_stmt *st = NULL;
    int64_t value = otherwise;
    if (sqlite3_prepare_v2(l->db, "SELECT value FROM meta WHERE key=?1", -1, &st, NULL) !=
        SQLITE_OK)
        return otherwise;
    sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
    if (sqlite3_step(st) == SQLITE_ROW)
        value = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return value;
}

wd_status wd_ledger_put_meta(wd_ledger *l, const char *key, int64_t value)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_PUT_META);
    wd_sql_text(st, 1, wd_span_of(key));
    wd_sql_int(st, 2, value);
    return wd_sql_run(l, st);
}

/* The numbers that are made once, with the file. */
static wd_status found(wd_ledger *l)
{
    wd_status s = wd_ledger_put_meta(l, "hash_key", (int64_t)wd_random64());
    if (s == WD_OK)
        s = wd_ledger_put_meta(l, "generation", (int64_t)wd_random64());
    if (s == WD_OK)
        s = wd_ledger_put_meta(l, "last_item", 0);
    return s;
}

static wd_status load_lanes(wd_ledger *l)
{
    sqlite3_stmt *st = NULL;
    int code = sqlite3_prepare_v2(l->db,
                                  "SELECT lane, next_seq, last_ms, acked_seq, waiting_bytes,"
                                  " kept_bytes FROM lane",
                                  -1, &st, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW) {
        int64_t lane = sqlite3_column_int64(st, 0);
        if (lane >= 0 && lane < WD_LANE_COUNT)
            l->now.lane[lane] =
                (wd_ledger_lane){ .next_seq = (uint64_t)sqlite3_column_int64(st, 1),
                                  .last_ms = sqlite3_column_int64(st, 2),
                                  .acked_seq = (uint64_t)sqlite3_column_int64(st, 3),
                                  .waiting_bytes = (uint64_t)sqlite3_column_int64(st, 4),
                                  .kept_bytes = (uint64_t)sqlite3_column_int64(st, 5) };
        code = SQLITE_OK;
    }
    sqlite3_finalize(st);
    return wd_sql_status(l->db, code);
}

static wd_status load(wd_ledger *l)
{
    l->hash_key = (uint64_t)wd_ledger_meta(l, "hash_key", 0);
    l->now.generation = (uint64_t)wd_ledger_meta(l, "generation", 0);
    l->now.last_item = (uint64_t)wd_ledger_meta(l, "last_item", 0);
    return load_lanes(l);
}

/* "clean" is 0 while a writer is at work: after a crash the file is checked. */
static wd_status start_writing(wd_ledger *l)
{
    wd_status s = wd_ledger_begin(l);
    if (s == WD_OK && wd_ledger_meta(l, "hash_key", 0) == 0)
        s = found(l);
    if (s == WD_OK)
        s = wd_ledger_put_meta(l, "clean", 0);
    if (s == WD_OK)
        s = wd_ledger_commit(l);
    if (s != WD_OK)
        wd_ledger_rollback(l);
    return s;
}

static wd_status open_ledger(wd_ledger **out, const char *dir, bool read_only, wd_error *err)
{
    wd_ledger *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return wd_fail(err, WD_NOMEM, "out of memory");
    l->lock_fd = -1;
    l->sweep.id_key = INT64_MIN;
    l->outbox_limit = WD_OUTBOX_WAITING_BYTES;
    if (err != NULL)
        err->status = WD_OK;
    wd_status s = read_only ? WD_OK : take_lock(l, dir, err);
    if (s == WD_OK)
        s = open_file(l, dir, read_only, err);
    if (s == WD_OK)
        s = load(l);
    if (s == WD_OK && !read_only)
        s = start_writing(l);
    if (s == WD_OK && !read_only)
        s = load(l);
    if (s != WD_OK) {
        if (err != NULL && err->status == WD_OK)
            wd_fail(err, s, "ledger.db: %s", l->db != NULL ? sqlite3_errmsg(l->db) : "not open");
        l->failed = s; /* so that closing does not call it clean */
        wd_ledger_close(&l);
        return s;
    }
    *out = l;
    return WD_OK;
}

wd_status wd_ledger_open(wd_ledger **out, const char *dir, wd_error *err)
{
    return open_ledger(out, dir, false, err);
}

wd_status wd_ledger_open_read(wd_ledger **out, const char *dir, wd_error *err)
{
    return open_ledger(out, dir, true, err);
}

static void say_clean(wd_ledger *l)
{
    if (wd_ledger_begin(l) != WD_OK)
        return;
    if (wd_ledger_put_meta(l, "clean", 1) != WD_OK || wd_ledger_commit(l) != WD_OK)
        wd_ledger_rollback(l);
}

void wd_ledger_close(wd_ledger **ledger)
{
    wd_ledger *l = *ledger;
    *ledger = NULL;
    if (l == NULL)
        return;
    if (l->in_transaction)
        wd_ledger_rollback(l);
    if (l->lock_fd >= 0 && l->db != NULL && l->failed == WD_OK)
        say_clean(l);
    for (size_t i = 0; i < WD_COUNT(l->statement); i++)
        sqlite3_finalize(l->statement[i]);
    sqlite3_close(l->db);
    if (l->lock_fd >= 0)
        close(l->lock_fd);
    free(l);
}

uint64_t wd_ledger_hash_key(const wd_ledger *l)
{
    return l->hash_key;
}

uint64_t wd_ledger_generation(const wd_ledger *l)
{
    return l->now.generation;
}

bool wd_ledger_moved(const wd_ledger *l)
{
    int moved = 0;
    return sqlite3_file_control(l->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved != 0;
}

wd_status wd_ledger_begin(wd_ledger *l)
{
    if (l->lock_fd < 0)
        return WD_DENIED;
    if (wd_ledger_moved(l))
        return WD_IO;
    if (l->failed != WD_OK) { /* a look-up failed since: said here, once */
        wd_status s = l->failed;
        l->failed = WD_OK;
        return s;
    }
    wd_status s = wd_sql_run(l, wd_sql_get(l, WD_SQL_BEGIN));
    if (s != WD_OK) {
        l->failed = WD_OK;
        return s;
    }
    l->before = l->now;
    l->refused = false;
    l->in_transaction = true;
    return WD_OK;
}

static wd_status save_lane(wd_ledger *l, int lane)
{
    wd_ledger_lane *now = &l->now.lane[lane];
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_PUT_LANE);
    wd_sql_int(st, 1, lane);
    wd_sql_int(st, 2, (int64_t)now->next_seq);
    wd_sql_int(st, 3, now->last_ms);
    wd_sql_int(st, 4, (int64_t)now->acked_seq);
    wd_sql_int(st, 5, (int64_t)now->waiting_bytes);
    wd_sql_int(st, 6, (int64_t)now->kept_bytes);
    now->dirty = false;
    return wd_sql_run(l, st);
}

wd_status wd_ledger_commit(wd_ledger *l)
{
    if (!l->in_transaction)
        return WD_DENIED;
    wd_status s = l->failed;
    for (int lane = 0; s == WD_OK && lane < WD_LANE_COUNT; lane++)
        if (l->now.lane[lane].dirty)
            s = save_lane(l, lane);
    if (s == WD_OK && l->now.item_dirty)
        s = wd_ledger_put_meta(l, "last_item", (int64_t)l->now.last_item);
    if (s == WD_OK && l->now.generation_dirty)
        s = wd_ledger_put_meta(l, "generation", (int64_t)l->now.generation);
    if (s == WD_OK)
        s = wd_sql_run(l, wd_sql_get(l, WD_SQL_COMMIT));
    if (s != WD_OK)
        return s; /* the caller rolls back */
    l->now.item_dirty = l->now.generation_dirty = false;
    l->in_transaction = false;
    return WD_OK;
}

void wd_ledger_rollback(wd_ledger *l)
{
    if (!l->in_transaction)
        return;
    if (!sqlite3_get_autocommit(l->db)) { /* else SQLite has undone it already */
        l->failed = WD_OK;
        wd_status s = wd_sql_run(l, wd_sql_get(l, WD_SQL_ROLLBACK));
        (void)s; /* fails only when there is nothing left to undo */
    }
    l->failed = WD_OK;
    l->now = l->before;
    l->sweep.feed = 0; /* what it swept may be back */
    l->sweep.id_key = INT64_MIN;
    l->sight = (wd_ledger_sight){ 0 };
    l->in_transaction = false;
}

static void set_sync(wd_ledger *l, const char *pragma)
{
    sqlite3_exec(l->db, pragma, NULL, NULL, NULL);
}

wd_status wd_ledger_join(wd_ledger *l, bool soft, bool *mine)
{
    *mine = !l->in_transaction;
    if (!*mine)
        return l->failed;
    if (soft)
        set_sync(l, "PRAGMA synchronous=NORMAL");
    wd_status s = wd_ledger_begin(l);
    if (s != WD_OK)
        set_sync(l, "PRAGMA synchronous=FULL");
    return s;
}

wd_status wd_ledger_leave(wd_ledger *l, bool mine, wd_status s)
{
    if (!mine)
        return s;
    if (s == WD_OK)
        s = wd_ledger_commit(l);
    if (s != WD_OK)
        wd_ledger_rollback(l);
    set_sync(l, "PRAGMA synchronous=FULL");
    return s;
}
