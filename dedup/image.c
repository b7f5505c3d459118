/* dedup/image.c - a head with every number that must agree, then the tables as they lie. */
#include "dedup/image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/hash.h"
#include "dedup/desk_impl.h"

/* Changes with any table's layout, and with what is put into them. */
#define VERSION 1u

#define NAME "desk.image"

/* Pieces that are hashed and written at once: large, and small beside what they are part of. */
#define PIECE_BYTES ((size_t)8 << 20)

/* The table of chunks: 4 bytes for 256 KB of words. */
#define TABLE_BYTES ((size_t)64 << 20)

typedef struct table_head {
    uint64_t entries;
    uint32_t base, level, split, max_level;
} table_head;

typedef struct head {
    char magic[8];
    uint32_t version, remembered_bytes;
    uint64_t mark, rules; /* the rules' bytes, hashed: they decide what is indexed */
    uint64_t oldest, next;
    uint32_t room, held;
    table_head index, frequency;
    uint64_t texts_bytes; /* of the table of chunks */
} head;

typedef struct image {
    FILE *f;
    uint64_t hash; /* of all pieces so far */
    bool failed;
} image;

/* Where a table lies in memory; `at` is written or filled. */
typedef struct region {
    void *at;
    size_t bytes;
} region;

enum { REGIONS = 4 };

static bool path_in(char out[PATH_MAX], const char *dir, const char *name)
{
    int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < PATH_MAX;
}

static table_head table_head_of(const wd_buckets *b)
{
    return (table_head){ .entries = b->entries,
                         .base = b->base,
                         .level = b->level,
                         .split = b->split,
                         .max_level = b->max_level };
}

static head head_of(const wd_desk *d, uint64_t mark)
{
    const wd_memory *m = &d->memory;
    head h = { .magic = "WDDESK",
               .version = VERSION,
               .remembered_bytes = sizeof(wd_remembered),
               .mark = mark,
               .rules = wd_hash64((wd_span){ (const char *)d->rules, sizeof(*d->rules) }, VERSION),
               .oldest = m->oldest,
               .next = m->next,
               .room = m->room,
               .held = m->held,
               .index = table_head_of(&m->index),
               .frequency = table_head_of(&m->frequency.table) };
    return h;
}

/* The ring from its oldest to its newest (two pieces when it has come round), and both
 * tables. */
static void regions_of(const wd_memory *m, region out[REGIONS])
{
    uint64_t held = m->next - m->oldest, from = m->oldest % m->room;
    uint64_t first = held < m->room - from ? held : m->room - from;
    out[0] = (region){ m->items + from, (size_t)first * sizeof(*m->items) };
    out[1] = (region){ m->items, (size_t)(held - first) * sizeof(*m->items) };
    out[2] = (region){ m->index.at, wd_buckets_bytes(&m->index) };
    out[3] = (region){ m->frequency.table.at, wd_buckets_bytes(&m->frequency.table) };
}

/* ---- writing ---- */

static void put(image *i, const void *bytes, size_t n)
{
    for (size_t at = 0; at < n && !i->failed; at += PIECE_BYTES) {
        size_t piece = n - at < PIECE_BYTES ? n - at : PIECE_BYTES;
        const char *from = (const char *)bytes + at;
        i->hash = wd_hash64((wd_span){ from, piece }, i->hash);
        i->failed = fwrite(from, 1, piece, i->f) != piece;
    }
}

static bool write_image(const wd_desk *d, FILE *f, uint64_t mark, wd_span texts)
{
    image i = { .f = f };
    region parts[REGIONS];
    head h = head_of(d, mark);
    h.texts_bytes = texts.len;
    regions_of(&d->memory, parts);
    put(&i, &h, sizeof(h));
    put(&i, texts.ptr, texts.len);
    for (size_t r = 0; r < REGIONS; r++)
        put(&i, parts[r].at, parts[r].bytes);
    return !i.failed && fwrite(&i.hash, 1, sizeof(i.hash), f) == sizeof(i.hash);
}

wd_status wd_desk_save(wd_desk *d, const char *dir, uint64_t mark)
{
    char path[PATH_MAX];
    wd_buf texts = WD_BUF_INIT(TABLE_BYTES);
    if (!path_in(path, dir, NAME))
        return WD_LIMIT;
    wd_status s = wd_texts_leave(d->memory.texts, dir, &texts);
    int fd = s == WD_OK ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (fd >= 0 && f == NULL)
        (void)close(fd);
    if (s == WD_OK && f == NULL)
        s = WD_IO;
    if (f != NULL) {
        bool ok = write_image(d, f, mark, wd_buf_span(&texts));
        if (fclose(f) != 0 || !ok) {
            s = errno == ENOSPC ? WD_NOSPACE : WD_IO;
            (void)unlink(path);
        }
    }
    if (s != WD_OK)
        wd_texts_forsake(dir);
    wd_buf_done(&texts);
    return s;
}

/* ---- reading ---- */

static void get(image *i, void *bytes, size_t n)
{
    for (size_t at = 0; at < n && !i->failed; at += PIECE_BYTES) {
        size_t piece = n - at < PIECE_BYTES ? n - at : PIECE_BYTES;
        char *to = (char *)bytes + at;
        i->failed = fread(to, 1, piece, i->f) != piece;
        if (!i->failed)
            i->hash = wd_hash64((wd_span){ to, piece }, i->hash);
    }
}

/* Could this table have grown to that? */
static bool table_fits(const wd_buckets *b, const table_head *h)
{
    uint64_t buckets = h->level > 31 ? UINT64_MAX : ((uint64_t)h->base << h->level) + h->split;
    return h->base == b->base && h->max_level == b->max_level && h->level <= h->max_level &&
           h->split <= ((uint64_t)h->base << h->level) &&
           buckets * sizeof(wd_bucket) <= b->reserved_bytes;
}

static bool fits(const wd_desk *d, const head *h, uint64_t mark)
{
    head own = head_of(d, mark);
    return memcmp(h->magic, own.magic, sizeof(own.magic)) == 0 && h->version == own.version &&
           h->remembered_bytes == own.remembered_bytes && h->mark == mark &&
           h->rules == own.rules && h->room == own.room && h->held <= h->room &&
           h->next == own.next && h->oldest <= h->next && h->next - h->oldest <= h->room &&
           h->texts_bytes <= TABLE_BYTES && table_fits(&d->memory.index, &h->index) &&
           table_fits(&d->memory.frequency.table, &h->frequency);
}

static bool read_image(wd_desk *d, image *i, const char *dir, uint64_t mark)
{
    head h;
    uint64_t wanted = 0;
    region parts[REGIONS];
    wd_memory *m = &d->memory;
    get(i, &h, sizeof(h));
    if (i->failed || !fits(d, &h, mark))
        return false;
    char *texts = malloc(h.texts_bytes + 1);
    if (texts == NULL)
        return false;
    get(i, texts, h.texts_bytes);
    m->oldest = h.oldest;
    m->held = h.held;
    wd_buckets_resume(&m->index, h.index.level, h.index.split, h.index.entries);
    wd_buckets_resume(&m->frequency.table, h.frequency.level, h.frequency.split,
                      h.frequency.entries);
    regions_of(m, parts);
    for (size_t r = 0; r < REGIONS; r++)
        get(i, parts[r].at, parts[r].bytes);
    bool ok = !i->failed && fread(&wanted, 1, sizeof(wanted), i->f) == sizeof(wanted) &&
              wanted == i->hash &&
              wd_texts_take_up(m->texts, dir, (wd_span){ texts, h.texts_bytes }) == WD_OK;
    free(texts);
    return ok;
}

wd_status wd_desk_load(wd_desk *d, const char *dir, uint64_t mark)
{
    char path[PATH_MAX];
    bool ok = false;
    image i = { .f = path_in(path, dir, NAME) ? fopen(path, "rbe") : NULL };
    if (i.f != NULL) {
        (void)unlink(path);
        (void)setvbuf(i.f, NULL, _IONBF, 0);
        ok = read_image(d, &i, dir, mark);
        (void)fclose(i.f);
    }
    wd_texts_forsake(dir);
    if (ok)
        return WD_OK;
    uint64_t next = d->memory.next; /* as new: half of an image may lie in the tables */
    wd_memory_done(&d->memory);
    wd_status s = wd_memory_init(&d->memory, d->config.max_items, d->config.scratch_dir);
    d->memory.next = d->memory.oldest = next;
    return s == WD_OK ? WD_NOTFOUND : WD_NOMEM;
}
