/* dedup/texts.c - an append-only log in chunks that are counted and reused. */
#include "dedup/texts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Three hundred texts of usual length; small beside an idle daemon. */
#define CHUNK_BYTES (256u * 1024u)

/* 256 GB of words: more than the most items can have. */
#define MOST_CHUNKS (1u << 20)

#define RECORD_TOKENS (2 + WD_TITLE_WORDS + WD_FINGERPRINT_WORDS)

/* A record's first number: title words, and above them a few bits by which it is known again. */
#define TITLE_BITS 7u

_Static_assert(WD_TITLE_WORDS < 1u << TITLE_BITS, "the two share sixteen bits");
_Static_assert(WD_TEXT_CHECKS == 1u << (16 - TITLE_BITS), "the two share sixteen bits");

/* In front of the first chunk: whose image the file belongs to. */
typedef struct file_head {
    char magic[8];
    uint64_t id;
} file_head;

static const char magic[8] = "WDTEXTS";

typedef struct chunk {
    char *memory;  /* NULL: in the file, or free */
    uint32_t live; /* texts not dropped */
} chunk;

struct wd_texts {
    int fd; /* -1: in memory */
    chunk *chunks;
    uint32_t n, room;
    uint32_t *free; /* numbers of free chunks; as many as `room` */
    uint32_t n_free;
    uint32_t open; /* the chunk being written; always in memory */
    uint32_t used; /* bytes of it */
    uint64_t id;   /* 0: the file has no name yet */
    size_t in_memory;
    uint16_t record[RECORD_TOKENS];
};

static int open_unlinked(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char name[4096];
    size_t n = strlen(dir);
    static const char tail[] = "/texts-XXXXXX";
    if (n + sizeof(tail) > sizeof(name))
        return -1;
    memcpy(name, dir, n);
    memcpy(name + n, tail, sizeof(tail));
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(name);
    return fd;
}

static bool grow_table(wd_texts *t)
{
    uint32_t room = t->room ? t->room * 2 : 16;
    chunk *chunks = realloc(t->chunks, room * sizeof(*chunks));
    if (chunks == NULL)
        return false;
    t->chunks = chunks;
    uint32_t *list = realloc(t->free, room * sizeof(*list));
    if (list == NULL)
        return false;
    t->free = list;
    t->room = room;
    return true;
}

/* Room for it in the first chunk, whose memory is there. */
static void put_head(wd_texts *t)
{
    file_head h = { .id = t->id };
    memcpy(h.magic, magic, sizeof(h.magic));
    memcpy(t->chunks[0].memory, &h, sizeof(h));
    t->used = sizeof(h);
}

static bool open_chunk(wd_texts *t)
{
    char *memory = malloc(CHUNK_BYTES);
    if (memory == NULL)
        return false;
    if (t->n_free == 0 && t->n == t->room && !grow_table(t)) {
        free(memory);
        return false;
    }
    t->open = t->n_free ? t->free[--t->n_free] : t->n++;
    t->chunks[t->open] = (chunk){ .memory = memory };
    t->used = 0;
    if (t->open == 0)
        put_head(t);
    t->in_memory += CHUNK_BYTES;
    return true;
}

static void release_memory(wd_texts *t, chunk *c)
{
    if (c->memory == NULL)
        return;
    free(c->memory);
    c->memory = NULL;
    t->in_memory -= CHUNK_BYTES;
}

/* A chunk that the disk does not take stays in memory. */
static void close_chunk(wd_texts *t)
{
    chunk *c = &t->chunks[t->open];
    if (c->live == 0) {
        release_memory(t, c);
        t->free[t->n_free++] = t->open;
        return;
    }
    if (t->fd < 0)
        return;
    off_t at = (off_t)t->open * CHUNK_BYTES;
    if (pwrite(t->fd, c->memory, t->used, at) == (ssize_t)t->used)
        release_memory(t, c);
}

wd_status wd_texts_new(wd_texts **out, const char *dir)
{
    wd_texts *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return WD_NOMEM;
    t->fd = dir != NULL ? open_unlinked(dir) : -1;
    if (dir != NULL && t->fd < 0) {
        free(t);
        return WD_IO;
    }
    if (!open_chunk(t)) {
        wd_texts_free(t);
        return WD_NOMEM;
    }
    *out = t;
    return WD_OK;
}

void wd_texts_free(wd_texts *t)
{
    if (t == NULL)
        return;
    for (uint32_t i = 0; i < t->n; i++)
        free(t->chunks[i].memory);
    if (t->fd >= 0)
        (void)close(t->fd);
    free(t->chunks);
    free(t->free);
    free(t);
}

/* A record: two counts, the title, the text. */
uint64_t wd_texts_put(wd_texts *t, const wd_stored_text *text)
{
    uint16_t counts[2] = {
        (uint16_t)(text->n_title < WD_TITLE_WORDS ? text->n_title : WD_TITLE_WORDS),
        (uint16_t)(text->n < WD_FINGERPRINT_WORDS ? text->n : WD_FINGERPRINT_WORDS)
    };
    uint32_t bytes = (uint32_t)(sizeof(counts) + (counts[0] + counts[1]) * sizeof(wd_token));
    if (t->used + bytes > CHUNK_BYTES) {
        close_chunk(t);
        if (!open_chunk(t)) {
            t->used = CHUNK_BYTES; /* tried again with the next text */
            return WD_TEXT_NOWHERE;
        }
    }
    char *to = t->chunks[t->open].memory + t->used;
    const uint16_t head[2] = { (uint16_t)(counts[0] | (text->check << TITLE_BITS)), counts[1] };
    memcpy(to, head, sizeof(head));
    to += sizeof(counts);
    if (counts[0] != 0)
        memcpy(to, text->title, counts[0] * sizeof(wd_token));
    if (counts[1] != 0)
        memcpy(to + counts[0] * sizeof(wd_token), text->tokens, counts[1] * sizeof(wd_token));
    uint64_t at = (uint64_t)t->open * CHUNK_BYTES + t->used;
    t->used += bytes;
    t->chunks[t->open].live++;
    return at;
}

bool wd_texts_get(wd_texts *t, uint64_t at, wd_stored_text *out)
{
    if (at / CHUNK_BYTES >= t->n)
        return false;
    const chunk *c = &t->chunks[at / CHUNK_BYTES];
    const uint16_t *record = t->record;
    size_t got = CHUNK_BYTES - (size_t)(at % CHUNK_BYTES);
    if (c->memory != NULL) {
        record = (const uint16_t *)(const void *)(c->memory + at % CHUNK_BYTES);
    } else {
        ssize_t n = pread(t->fd, t->record, sizeof(t->record), (off_t)at);
        got = n > 0 ? (size_t)n : 0;
    }
    if (got < 2 * sizeof(uint16_t))
        return false;
    *out = (wd_stored_text){ .n_title = record[0] & ((1u << TITLE_BITS) - 1),
                             .n = record[1],
                             .check = (uint16_t)(record[0] >> TITLE_BITS) };
    if (out->n_title > WD_TITLE_WORDS || out->n > WD_FINGERPRINT_WORDS ||
        got < (2 + out->n_title + out->n) * sizeof(uint16_t))
        return false;
    out->title = (const wd_token *)(const void *)(record + 2);
    out->tokens = out->title + out->n_title;
    return true;
}

void wd_texts_drop(wd_texts *t, uint64_t at)
{
    if (at / CHUNK_BYTES >= t->n)
        return;
    uint32_t number = (uint32_t)(at / CHUNK_BYTES);
    chunk *c = &t->chunks[number];
    if (--c->live != 0 || number == t->open)
        return;
    release_memory(t, c);
    t->free[t->n_free++] = number;
}

size_t wd_texts_bytes(const wd_texts *t)
{
    return t->in_memory + sizeof(*t) + t->room * (sizeof(chunk) + sizeof(uint32_t));
}

/* ---- from one life to the next ---- */

static const char left_name[] = "desk.texts";

static bool left_path(char out[PATH_MAX], const char *dir)
{
    int n = snprintf(out, PATH_MAX, "%s/%s", dir, left_name);
    return n > 0 && n < PATH_MAX;
}

void wd_texts_forsake(const char *dir)
{
    char path[PATH_MAX];
    if (left_path(path, dir))
        (void)unlink(path);
}

/* What is still in memory goes to its place in the file. */
static bool flush_all(wd_texts *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        const chunk *c = &t->chunks[i];
        size_t bytes = i == t->open ? t->used : CHUNK_BYTES;
        if (c->memory != NULL &&
            pwrite(t->fd, c->memory, bytes, (off_t)i * CHUNK_BYTES) != (ssize_t)bytes)
            return false;
    }
    return true;
}

/* A file without a name gets one through its descriptor, under which another may still lie. */
static bool give_name(wd_texts *t, const char *dir, uint64_t id)
{
    char path[PATH_MAX], self[64];
    file_head h = { .id = id };
    memcpy(h.magic, magic, sizeof(h.magic));
    wd_texts_forsake(dir);
    snprintf(self, sizeof(self), "/proc/self/fd/%d", t->fd);
    if (pwrite(t->fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h) || !left_path(path, dir) ||
        linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0)
        return false;
    t->id = id;
    if (t->chunks[0].memory != NULL)
        memcpy(t->chunks[0].memory, &h, sizeof(h));
    return true;
}

wd_status wd_texts_keep(wd_texts *t, const char *dir, uint64_t *id)
{
    if (t->fd < 0)
        return WD_UNSUPPORTED;
    if (!flush_all(t) || (t->id == 0 && !give_name(t, dir, *id)))
        return WD_IO;
    *id = t->id;
    return WD_OK;
}

int wd_texts_file(const wd_texts *t)
{
    return t->fd;
}

static int open_left(const char *dir, uint64_t id)
{
    char path[PATH_MAX];
    file_head h = { .id = 0 };
    int fd = left_path(path, dir) ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0 || (pread(fd, &h, sizeof(h), 0) == (ssize_t)sizeof(h) && h.id == id &&
                   memcmp(h.magic, magic, sizeof(h.magic)) == 0))
        return fd;
    (void)close(fd);
    return -1;
}

wd_status wd_texts_take_up(wd_texts *t, const char *dir, uint64_t id)
{
    struct stat st;
    int fd = t->fd >= 0 && t->n == 1 ? open_left(dir, id) : -1;
    if (fd < 0)
        return WD_NOTFOUND;
    (void)close(t->fd);
    t->fd = fd;
    t->id = id;
    uint64_t n = fstat(fd, &st) == 0 ? ((uint64_t)st.st_size + CHUNK_BYTES - 1) / CHUNK_BYTES : 0;
    if (n == 0 || n > MOST_CHUNKS)
        return WD_MALFORMED;
    while (t->room < n)
        if (!grow_table(t))
            return WD_NOMEM;
    release_memory(t, &t->chunks[0]);
    memset(t->chunks, 0, n * sizeof(*t->chunks));
    t->n = (uint32_t)n;
    t->used = CHUNK_BYTES; /* until wd_texts_resume() */
    return WD_OK;
}

bool wd_texts_own(wd_texts *t, uint64_t at)
{
    if (at / CHUNK_BYTES >= t->n)
        return false;
    t->chunks[at / CHUNK_BYTES].live++;
    return true;
}

/* The chunk that was open goes on as it is: what lies behind its last text is unknown. */
wd_status wd_texts_resume(wd_texts *t)
{
    for (uint32_t i = t->n; i-- > 0;)
        if (t->chunks[i].live == 0)
            t->free[t->n_free++] = i;
    return open_chunk(t) ? WD_OK : WD_NOMEM;
}
