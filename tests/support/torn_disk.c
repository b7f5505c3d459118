/* tests/support/torn_disk.c - a VFS over the real one; see the header. */
#include "tests/support/torn_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#define SECTOR    512
#define MAX_FILES 4

typedef struct pending { /* one write, or a truncation (bytes NULL) */
    sqlite3_int64 at;
    int n;
    unsigned char *bytes;
} pending;

typedef struct image {
    char path[1024];
    unsigned char *durable;
    sqlite3_int64 size, capacity;
    pending *since; /* the last sync */
    size_t n_since, room;
} image;

typedef struct file {
    sqlite3_file base;
    image *image; /* NULL: a file that does not matter */
    sqlite3_file *real;
} file;

/* One disk a process: SQLite's VFS is global, too. */
static struct {
    sqlite3_vfs vfs, *real;
    image images[MAX_FILES];
    uint64_t dice;
    unsigned fail_after, fail_times, cut_after;
    bool full, dead;
} disk;

static uint64_t roll(uint64_t n)
{
    disk.dice ^= disk.dice << 13;
    disk.dice ^= disk.dice >> 7;
    disk.dice ^= disk.dice << 17;
    return disk.dice % n;
}

static void apply(image *i, sqlite3_int64 at, const unsigned char *bytes, int n)
{
    sqlite3_int64 end = at + n;
    if (bytes == NULL) {
        i->size = at < i->size ? at : i->size;
        return;
    }
    if (end > i->capacity) {
        i->capacity = 2 * end;
        i->durable = realloc(i->durable, (size_t)i->capacity);
    }
    if (end > i->size) {
        memset(i->durable + i->size, 0, (size_t)(end - i->size));
        i->size = end;
    }
    memcpy(i->durable + at, bytes, (size_t)n);
}

static void forget_pending(image *i)
{
    for (size_t p = 0; p < i->n_since; p++)
        free(i->since[p].bytes);
    i->n_since = 0;
}

static void settle(image *i)
{
    for (size_t p = 0; p < i->n_since; p++)
        apply(i, i->since[p].at, i->since[p].bytes, i->since[p].n);
    forget_pending(i);
}

static void remember(image *i, sqlite3_int64 at, const void *bytes, int n)
{
    if (i->n_since == i->room) {
        i->room = i->room ? 2 * i->room : 64;
        i->since = realloc(i->since, i->room * sizeof(*i->since));
    }
    pending *p = &i->since[i->n_since++];
    *p = (pending){ .at = at, .n = n };
    if (bytes != NULL) {
        p->bytes = malloc((size_t)n + 1);
        memcpy(p->bytes, bytes, (size_t)n);
    }
}

/* SQLITE_OK: go on.  Otherwise the operation fails, or the power is gone. */
static int step(void)
{
    if (disk.dead)
        return SQLITE_IOERR_WRITE;
    if (disk.cut_after > 0 && --disk.cut_after == 0) {
        disk.dead = true;
        return SQLITE_IOERR_WRITE;
    }
    if (disk.fail_after > 0) {
        disk.fail_after--;
        return SQLITE_OK;
    }
    if (disk.fail_times == 0)
        return SQLITE_OK;
    disk.fail_times--;
    return disk.full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((file *)f)->real;
}

static int do_close(sqlite3_file *f)
{
    int code = real_of(f)->pMethods->xClose(real_of(f));
    free(real_of(f));
    return code;
}

static int do_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int do_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    int code = step();
    if (code != SQLITE_OK)
        return code;
    if (((file *)f)->image != NULL)
        remember(((file *)f)->image, at, from, n);
    return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
}

static int do_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    int code = step();
    if (code != SQLITE_OK)
        return code;
    if (((file *)f)->image != NULL)
        remember(((file *)f)->image, size, NULL, 0);
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int do_sync(sqlite3_file *f, int flags)
{
    int code = step();
    (void)flags;
    if (code != SQLITE_OK)
        return code;
    if (((file *)f)->image != NULL)
        settle(((file *)f)->image);
    return SQLITE_OK; /* the real disk is not the one under test */
}

static int do_size(sqlite3_file *f, sqlite3_int64 *out)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), out);
}

static int do_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int do_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int do_reserved(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int do_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int do_sector(sqlite3_file *f)
{
    (void)f;
    return SECTOR;
}

static int do_traits(sqlite3_file *f)
{
    (void)f;
    return 0; /* nothing is promised: no safe append, no atomic write, no order */
}

static int do_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}

static int do_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}

static void do_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int do_shm_unmap(sqlite3_file *f, int delete)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_size,
    .xLock = do_lock,
    .xUnlock = do_unlock,
    .xCheckReservedLock = do_reserved,
    .xFileControl = do_control,
    .xSectorSize = do_sector,
    .xDeviceCharacteristics = do_traits,
    .xShmMap = do_shm_map,
    .xShmLock = do_shm_lock,
    .xShmBarrier = do_shm_barrier,
    .xShmUnmap = do_shm_unmap,
};

static void load(image *i)
{
    FILE *f = fopen(i->path, "rb");
    forget_pending(i);
    i->size = 0;
    if (f == NULL)
        return;
    fseek(f, 0, SEEK_END);
    i->size = ftell(f);
    rewind(f);
    i->capacity = i->size + 1;
    i->durable = realloc(i->durable, (size_t)i->capacity);
    if (fread(i->durable, 1, (size_t)i->size, f) != (size_t)i->size)
        abort();
    fclose(f);
}

static image *image_of(const char *path)
{
    for (size_t i = 0; i < MAX_FILES; i++) {
        image *at = &disk.images[i];
        if (at->path[0] != '\0' && strcmp(at->path, path) != 0)
            continue;
        snprintf(at->path, sizeof(at->path), "%s", path);
        load(at);
        return at;
    }
    abort();
}

static int do_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *out)
{
    file *of = (file *)f;
    (void)v;
    bool matters = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
    of->real = calloc(1, (size_t)disk.real->szOsFile);
    of->image = NULL;
    int code = disk.real->xOpen(disk.real, path, of->real, flags, out);
    if (code != SQLITE_OK) {
        free(of->real);
        f->pMethods = NULL;
        return code;
    }
    if (matters)
        of->image = image_of(path);
    f->pMethods = &methods;
    return SQLITE_OK;
}

static int do_delete(sqlite3_vfs *v, const char *path, int sync)
{
    (void)v;
    return disk.dead ? SQLITE_IOERR_DELETE : disk.real->xDelete(disk.real, path, sync);
}

void torn_disk_install(uint64_t seed)
{
    if (disk.real == NULL) {
        disk.real = sqlite3_vfs_find(NULL);
        disk.vfs = *disk.real;
        disk.vfs.pNext = NULL;
        disk.vfs.zName = "torn";
        disk.vfs.szOsFile = sizeof(file);
        disk.vfs.xOpen = do_open;
        disk.vfs.xDelete = do_delete;
        sqlite3_vfs_register(&disk.vfs, 1);
    }
    disk.dice = seed * 0x9e3779b97f4a7c15ULL + 1;
    disk.fail_after = disk.fail_times = disk.cut_after = 0;
    disk.dead = false;
    for (size_t i = 0; i < MAX_FILES; i++)
        disk.images[i].path[0] = '\0';
}

void torn_disk_fail(unsigned after, unsigned times, bool full)
{
    disk.fail_after = after;
    disk.fail_times = times;
    disk.full = full;
}

void torn_disk_cut(unsigned after)
{
    disk.cut_after = after + 1;
}

bool torn_disk_is_dead(void)
{
    return disk.dead;
}

/* Any part of what was not synced, sector by sector, in any order. */
static void tear(image *i)
{
    for (size_t p = i->n_since; p > 1; p--) {
        size_t other = roll(p);
        pending swap = i->since[other];
        i->since[other] = i->since[p - 1];
        i->since[p - 1] = swap;
    }
    for (size_t p = 0; p < i->n_since; p++) {
        const pending *w = &i->since[p];
        if (w->bytes == NULL) {
            if (roll(2) == 0)
                apply(i, w->at, NULL, 0);
            continue;
        }
        uint64_t how = roll(3); /* nothing, everything, some sectors */
        for (int at = 0; at < w->n && how > 0; at += SECTOR) {
            int n = w->n - at < SECTOR ? w->n - at : SECTOR;
            if (how == 1 || roll(2) == 0)
                apply(i, w->at + at, w->bytes + at, n);
        }
    }
    forget_pending(i);
}

void torn_disk_restore(void)
{
    for (size_t n = 0; n < MAX_FILES; n++) {
        image *i = &disk.images[n];
        char shm[1100];
        if (i->path[0] == '\0')
            continue;
        tear(i);
        FILE *f = fopen(i->path, "wb");
        if (f == NULL || fwrite(i->durable, 1, (size_t)i->size, f) != (size_t)i->size)
            abort();
        fclose(f);
        snprintf(shm, sizeof(shm), "%s-shm", i->path);
        remove(shm);
        i->path[0] = '\0';
    }
    disk.dead = false;
    disk.cut_after = disk.fail_times = disk.fail_after = 0;
}
