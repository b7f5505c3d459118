/* daemon/image_writer.c - two slices of memory: one is filled while the other is written. */
#include "daemon/image_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <uv.h>

#include "dedup/image.h"

/* Between two syncs.  A file that is written faster than the disk takes it would stand in the way
 * of the ledger's own syncs; so it is never far ahead. */
#define SYNC_BYTES ((size_t)8 << 20)

enum { SLOTS = 2 };

typedef struct slot {
    char *bytes;
    size_t n; /* 0: free */
} slot;

struct wd_image_writer {
    char dir[PATH_MAX], path[PATH_MAX + 32], final[PATH_MAX + 32];
    int fd;
    uv_thread_t thread;

    uv_mutex_t lock; /* everything below */
    uv_cond_t changed;
    slot slots[SLOTS];
    unsigned fill, write; /* the next to be filled, to be written */
    bool finishing, closing, done;
    int words_file;
    wd_status status;
};

static wd_status status_of(int error)
{
    return error == ENOSPC || error == EDQUOT ? WD_NOSPACE : WD_IO;
}

static wd_status write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return status_of(errno);
        bytes += done;
        n -= (size_t)done;
    }
    return WD_OK;
}

/* The slot that is to be written, or NULL: there will be no more. */
static slot *await_slot(wd_image_writer *w)
{
    uv_mutex_lock(&w->lock);
    slot *next = &w->slots[w->write];
    while (next->n == 0 && !w->finishing && !w->closing)
        uv_cond_wait(&w->changed, &w->lock);
    bool more = next->n != 0 && !w->closing;
    uv_mutex_unlock(&w->lock);
    return more ? next : NULL;
}

static void free_slot(wd_image_writer *w)
{
    uv_mutex_lock(&w->lock);
    w->slots[w->write].n = 0;
    w->write = (w->write + 1) % SLOTS;
    uv_cond_broadcast(&w->changed);
    uv_mutex_unlock(&w->lock);
}

/* After a failure the rest is taken and thrown away, so that nobody waits for room. */
static wd_status write_slices(wd_image_writer *w)
{
    wd_status s = WD_OK;
    size_t unsynced = 0;
    for (slot *next = await_slot(w); next != NULL; next = await_slot(w)) {
        if (s == WD_OK) {
            wd_image_seal(next->bytes, next->n);
            s = write_all(w->fd, next->bytes, next->n);
            unsynced += next->n;
        }
        if (s == WD_OK && unsynced >= SYNC_BYTES) {
            s = fdatasync(w->fd) == 0 ? WD_OK : status_of(errno);
            unsynced = 0;
        }
        free_slot(w);
    }
    return s;
}

static wd_status put_in_place(wd_image_writer *w)
{
    if (fdatasync(w->fd) != 0 || (w->words_file >= 0 && fdatasync(w->words_file) != 0) ||
        rename(w->path, w->final) != 0)
        return status_of(errno);
    int dir = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return WD_IO;
    wd_status s = fsync(dir) == 0 ? WD_OK : status_of(errno);
    (void)close(dir);
    return s;
}

static void run(void *arg)
{
    wd_image_writer *w = arg;
    wd_status s = write_slices(w);
    uv_mutex_lock(&w->lock);
    bool whole = w->finishing && !w->closing;
    uv_mutex_unlock(&w->lock);
    if (s == WD_OK)
        s = whole ? put_in_place(w) : WD_CANCELED;
    if (s != WD_OK)
        (void)unlink(w->path);
    uv_mutex_lock(&w->lock);
    w->status = s;
    w->done = true;
    uv_cond_broadcast(&w->changed);
    uv_mutex_unlock(&w->lock);
}

static void free_all(wd_image_writer *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    for (size_t i = 0; i < SLOTS; i++)
        free(w->slots[i].bytes);
    free(w);
}

void wd_image_writer_sweep(const char *dir)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s/" WD_IMAGE_NAME ".new", dir) < (int)sizeof(path))
        (void)unlink(path);
}

static wd_status prepare(wd_image_writer *w, const char *dir)
{
    if (snprintf(w->dir, sizeof(w->dir), "%s", dir) >= (int)sizeof(w->dir))
        return WD_LIMIT;
    snprintf(w->final, sizeof(w->final), "%s/" WD_IMAGE_NAME, w->dir);
    snprintf(w->path, sizeof(w->path), "%s/" WD_IMAGE_NAME ".new", w->dir);
    for (size_t i = 0; i < SLOTS; i++)
        if ((w->slots[i].bytes = malloc(WD_IMAGE_ROOM_BYTES)) == NULL)
            return WD_NOMEM;
    w->fd = open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return w->fd >= 0 ? WD_OK : status_of(errno);
}

wd_status wd_image_writer_open(wd_image_writer **out, const char *dir)
{
    wd_image_writer *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return WD_NOMEM;
    w->fd = w->words_file = -1;
    wd_status s = prepare(w, dir);
    if (s != WD_OK) {
        free_all(w);
        return s;
    }
    uv_mutex_init(&w->lock);
    uv_cond_init(&w->changed);
    if (uv_thread_create(&w->thread, run, w) != 0) {
        (void)unlink(w->path);
        uv_cond_destroy(&w->changed);
        uv_mutex_destroy(&w->lock);
        free_all(w);
        return WD_NOMEM;
    }
    *out = w;
    return WD_OK;
}

char *wd_image_writer_room(wd_image_writer *w, bool wait)
{
    uv_mutex_lock(&w->lock);
    slot *next = &w->slots[w->fill];
    while (next->n != 0 && wait)
        uv_cond_wait(&w->changed, &w->lock);
    char *room = next->n == 0 ? next->bytes : NULL;
    uv_mutex_unlock(&w->lock);
    return room;
}

void wd_image_writer_put(wd_image_writer *w, size_t bytes)
{
    uv_mutex_lock(&w->lock);
    w->slots[w->fill].n = bytes;
    w->fill = (w->fill + 1) % SLOTS;
    uv_cond_broadcast(&w->changed);
    uv_mutex_unlock(&w->lock);
}

void wd_image_writer_finish(wd_image_writer *w, int words_file)
{
    uv_mutex_lock(&w->lock);
    w->words_file = words_file;
    w->finishing = true;
    uv_cond_broadcast(&w->changed);
    uv_mutex_unlock(&w->lock);
}

bool wd_image_writer_done(wd_image_writer *w, wd_status *out, bool wait)
{
    uv_mutex_lock(&w->lock);
    while (!w->done && wait)
        uv_cond_wait(&w->changed, &w->lock);
    bool done = w->done;
    *out = w->status;
    uv_mutex_unlock(&w->lock);
    return done;
}

void wd_image_writer_close(wd_image_writer **writer)
{
    wd_image_writer *w = *writer;
    *writer = NULL;
    if (w == NULL)
        return;
    uv_mutex_lock(&w->lock);
    w->closing = !w->finishing;
    uv_cond_broadcast(&w->changed);
    uv_mutex_unlock(&w->lock);
    uv_thread_join(&w->thread);
    uv_cond_destroy(&w->changed);
    uv_mutex_destroy(&w->lock);
    free_all(w);
}
