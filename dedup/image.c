/* dedup/image.c - a head that must agree, slices of the tables as they lie, an end.
 *
 * Counts come first, then the index, then the items: what an item leaves in a table after its
 * slice was taken is left there again when it is restored, and for an entry of the index that
 * costs nothing to find out.  Tables grow behind their end while they are taken from their
 * beginning, and a bucket that is split moves its entries there, so none is missed.
 */
#include "dedup/image.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/hash.h"
#include "dedup/desk_impl.h"

/* Changes with any table's layout, and with what is put into them. */
#define VERSION 2u

enum kind { HEAD, FREQUENCY, INDEX, ITEMS, END, DONE };

typedef struct slice {
    uint32_t kind, bytes; /* of what follows */
    uint64_t first, n;    /* places of buckets, or numbers of items */
    uint64_t knows;       /* it has the items before this number */
    uint64_t hash;        /* of all this, 0 here, and what follows */
} slice;

typedef struct head {
    char magic[8];
    uint32_t version, remembered_bytes;
    uint64_t mark, rules; /* the rules' bytes, hashed: they decide what is indexed */
    uint64_t from;
    uint32_t room, spare;
    wd_image_table index, frequency; /* when the image was begun */
} head;

typedef struct end {
    uint64_t oldest, next, words_id;
    wd_image_table index, frequency;
} end;

_Static_assert(sizeof(slice) + WD_IMAGE_SLICE_BYTES <= WD_IMAGE_ROOM_BYTES, "room for a slice");

static wd_image_table table_of(const wd_buckets *b)
{
    return (wd_image_table){ .entries = b->entries,
                             .base = b->base,
                             .level = b->level,
                             .split = b->split,
                             .max_level = b->max_level };
}

static head head_of(const wd_desk *d, uint64_t mark)
{
    return (head){ .magic = "WDDESK",
                   .version = VERSION,
                   .remembered_bytes = sizeof(wd_remembered),
                   .mark = mark,
                   .rules = wd_hash64((wd_span){ (const char *)d->rules, sizeof(*d->rules) }, 1),
                   .from = d->memory.next,
                   .room = d->memory.room,
                   .index = table_of(&d->memory.index),
                   .frequency = table_of(&d->memory.frequency.table) };
}

/* ---- taking ---- */

void wd_image_start(wd_image_taking *t, wd_desk *desk, const char *dir, uint64_t mark)
{
    *t = (wd_image_taking){ .desk = desk,
                            .dir = dir,
                            .mark = mark,
                            .slice_bytes = WD_IMAGE_SLICE_BYTES,
                            .kind = HEAD,
                            .from = desk->memory.next };
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void next_kind(wd_image_taking *t, enum kind kind, uint64_t at)
{
    t->kind = kind;
    t->at = at;
}

static void take_head(wd_image_taking *t, slice *s, char *to)
{
    head h = head_of(t->desk, t->mark);
    h.from = t->from;
    memcpy(to, &h, sizeof(h));
    s->bytes = sizeof(h);
    next_kind(t, FREQUENCY, 0);
}

/* True: the table is at its end, whose size is then noted. */
static bool take_buckets(
    wd_image_taking *t, const wd_buckets *b, slice *s, char *to, wd_image_table *out)
{
    uint64_t all = wd_buckets_bytes(b) / sizeof(wd_bucket);
    s->first = t->at;
    s->n = least(all - t->at, t->slice_bytes / sizeof(wd_bucket));
    s->bytes = (uint32_t)(s->n * sizeof(wd_bucket));
    memcpy(to, b->at + t->at, s->bytes);
    t->at += s->n;
    *out = table_of(b);
    return t->at == all;
}

/* The ring from its oldest to its newest; a slice may lie over its end. */
static void take_items(wd_image_taking *t, slice *s, char *to)
{
    const wd_memory *m = &t->desk->memory;
    s->first = t->at > m->oldest ? t->at : m->oldest;
    s->n = least(m->next - s->first, t->slice_bytes / sizeof(wd_remembered));
    s->bytes = (uint32_t)(s->n * sizeof(wd_remembered));
    uint64_t at = s->first % m->room, straight = least(s->n, m->room - at);
    memcpy(to, m->items + at, straight * sizeof(wd_remembered));
    memcpy(to + straight * sizeof(wd_remembered), m->items,
           (s->n - straight) * sizeof(wd_remembered));
    t->at = s->first + s->n;
    if (t->at == m->next) /* who comes before the end is taken is put back */
        t->kind = END;
}

static wd_status take_end(wd_image_taking *t, slice *s, char *to)
{
    const wd_memory *m = &t->desk->memory;
    end e = { .oldest = least(m->oldest, t->at),
              .next = t->at,
              .words_id = t->mark,
              .index = t->index,
              .frequency = t->frequency };
    wd_status status = wd_texts_keep(m->texts, t->dir, &e.words_id);
    memcpy(to, &e, sizeof(e));
    s->bytes = sizeof(e);
    next_kind(t, DONE, 0);
    return status;
}

wd_status wd_image_next(wd_image_taking *t, char *out, size_t *bytes)
{
    const wd_memory *m = &t->desk->memory;
    wd_status status = WD_OK;
    *bytes = 0;
    if (t->kind == DONE)
        return WD_OK;
    slice s = { .kind = t->kind, .knows = m->next };
    switch ((enum kind)t->kind) {
    case HEAD:
        take_head(t, &s, out + sizeof(s));
        break;
    case FREQUENCY:
        if (take_buckets(t, &m->frequency.table, &s, out + sizeof(s), &t->frequency))
            next_kind(t, INDEX, 0);
        break;
    case INDEX:
        if (take_buckets(t, &m->index, &s, out + sizeof(s), &t->index))
            next_kind(t, ITEMS, 0);
        break;
    case ITEMS:
        take_items(t, &s, out + sizeof(s));
        break;
    case END:
    case DONE:
        status = take_end(t, &s, out + sizeof(s));
        break;
    }
    memcpy(out, &s, sizeof(s));
    *bytes = sizeof(s) + s.bytes;
    return status;
}

static uint64_t hash_of(slice s, const char *what)
{
    s.hash = 0;
    uint64_t key = wd_hash64((wd_span){ (const char *)&s, sizeof(s) }, VERSION);
    return wd_hash64((wd_span){ what, s.bytes }, key);
}

void wd_image_seal(char *out, size_t bytes)
{
    slice s;
    memcpy(&s, out, sizeof(s));
    s.hash = bytes >= sizeof(s) ? hash_of(s, out + sizeof(s)) : 0;
    memcpy(out, &s, sizeof(s));
}

int wd_image_words_file(const wd_image_taking *t)
{
    return wd_texts_file(t->desk->memory.texts);
}

/* ---- loading ---- */

typedef struct loading {
    wd_desk *desk;
    FILE *file;
    char *piece;
    wd_redo *redo;
    const uint64_t *marks;
    uint64_t from;
    uint64_t frequency_at, index_at, items_at; /* where the next slice must begin */
    uint64_t items_from;
    end end;
} loading;

static bool read_slice(loading *l, slice *out)
{
    return fread(out, 1, sizeof(*out), l->file) == sizeof(*out) &&
           out->bytes <= WD_IMAGE_SLICE_BYTES &&
           fread(l->piece, 1, out->bytes, l->file) == out->bytes &&
           out->hash == hash_of(*out, l->piece);
}

/* Could this table have grown to that? */
static bool table_fits(const wd_buckets *b, const wd_image_table *t)
{
    uint64_t buckets = t->level > 31 ? UINT64_MAX : ((uint64_t)t->base << t->level) + t->split;
    return t->base == b->base && t->max_level == b->max_level && t->level <= t->max_level &&
           t->split <= ((uint64_t)t->base << t->level) &&
           buckets * sizeof(wd_bucket) <= b->reserved_bytes;
}

static void resume(wd_buckets *b, const wd_image_table *t)
{
    wd_buckets_resume(b, t->level, t->split, t->entries);
}

static bool load_head(loading *l, const slice *s)
{
    head h, own = head_of(l->desk, 0);
    wd_memory *m = &l->desk->memory;
    if (s->bytes != sizeof(h))
        return false;
    memcpy(&h, l->piece, sizeof(h));
    bool fits = memcmp(h.magic, own.magic, sizeof(own.magic)) == 0 && h.version == own.version &&
                h.remembered_bytes == own.remembered_bytes && h.mark != 0 &&
                (h.mark == l->marks[0] || h.mark == l->marks[1]) && h.rules == own.rules &&
                h.room == own.room && table_fits(&m->index, &h.index) &&
                table_fits(&m->frequency.table, &h.frequency);
    if (!fits)
        return false;
    l->from = h.from;
    resume(&m->index, &h.index);
    resume(&m->frequency.table, &h.frequency);
    return true;
}

static bool load_buckets(loading *l, const slice *s, wd_buckets *b, uint64_t *at)
{
    if (s->first != *at || s->bytes != s->n * sizeof(wd_bucket) ||
        s->first + s->n > b->reserved_bytes / sizeof(wd_bucket))
        return false;
    memcpy(b->at + s->first, l->piece, s->bytes);
    *at += s->n;
    return true;
}

static bool load_items(loading *l, const slice *s)
{
    wd_memory *m = &l->desk->memory;
    if (s->first < l->items_at || s->n > m->room || s->bytes != s->n * sizeof(wd_remembered) ||
        s->first > UINT64_MAX / 2)
        return false;
    uint64_t at = s->first % m->room, straight = least(s->n, m->room - at);
    memcpy(m->items + at, l->piece, straight * sizeof(wd_remembered));
    memcpy(m->items, l->piece + straight * sizeof(wd_remembered),
           (s->n - straight) * sizeof(wd_remembered));
    if (l->items_at == 0)
        l->items_from = s->first;
    l->items_at = s->first + s->n;
    return wd_redo_note(&l->redo->items, s->first, s->knows);
}

static bool load_slice(loading *l, const slice *s)
{
    wd_memory *m = &l->desk->memory;
    switch (s->kind) {
    case HEAD:
        return load_head(l, s);
    case FREQUENCY:
        return load_buckets(l, s, &m->frequency.table, &l->frequency_at) &&
               wd_redo_note(&l->redo->frequency, s->first, s->knows);
    case INDEX:
        return load_buckets(l, s, &m->index, &l->index_at);
    case ITEMS:
        return load_items(l, s);
    case END:
        memcpy(&l->end, l->piece, s->bytes < sizeof(end) ? s->bytes : sizeof(end));
        return s->bytes == sizeof(end);
    default:
        return false;
    }
}

static bool is_whole(const wd_buckets *b, const wd_image_table *t, uint64_t loaded)
{
    return table_fits(b, t) && loaded == ((uint64_t)t->base << t->level) + t->split;
}

/* Who is still held, and where the words are that somebody wants. */
static bool own_words(loading *l, const char *dir)
{
    wd_memory *m = &l->desk->memory;
    if (wd_texts_take_up(m->texts, dir, l->end.words_id) != WD_OK)
        return false;
    for (uint64_t item = m->oldest; item < m->next; item++) {
        wd_remembered *r = &m->items[item % m->room];
        if (!(r->flags & WD_REMEMBERED))
            continue;
        m->held++;
        if (r->text != WD_TEXT_NOWHERE && !wd_texts_own(m->texts, r->text))
            return false;
    }
    return wd_texts_resume(m->texts) == WD_OK;
}

/* Items that left while the image was taken lie where none is, or where newer ones have come. */
static void forget_the_left(loading *l)
{
    wd_memory *m = &l->desk->memory;
    for (uint64_t item = l->items_from; item < m->oldest; item++)
        if (item + m->room >= m->next)
            m->items[item % m->room] = (wd_remembered){ 0 };
}

static bool finish(loading *l, const char *dir)
{
    wd_memory *m = &l->desk->memory;
    const end *e = &l->end;
    bool fits = is_whole(&m->index, &e->index, l->index_at) &&
                is_whole(&m->frequency.table, &e->frequency, l->frequency_at) &&
                e->next <= l->desk->config.first_item && e->oldest <= e->next &&
                e->next - e->oldest <= m->room && l->items_at <= e->next &&
                (l->items_at == e->next || e->oldest == e->next);
    if (!fits)
        return false;
    m->oldest = e->oldest;
    m->next = l->redo->next = e->next;
    resume(&m->index, &e->index);
    resume(&m->frequency.table, &e->frequency);
    forget_the_left(l);
    return own_words(l, dir);
}

static bool load(loading *l, const char *dir)
{
    slice s = { .kind = DONE };
    for (enum kind last = DONE; s.kind != END; last = (enum kind)s.kind)
        if (!read_slice(l, &s) || (last == DONE) != (s.kind == HEAD) || !load_slice(l, &s))
            return false;
    return finish(l, dir);
}

static void forsake(const char *dir)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s/" WD_IMAGE_NAME, dir) < (int)sizeof(path))
        (void)unlink(path);
    wd_texts_forsake(dir);
}

wd_status wd_desk_load(wd_desk *d, const char *dir, const uint64_t marks[2], uint64_t *from)
{
    char path[PATH_MAX];
    loading l = { .desk = d, .marks = marks };
    bool named = snprintf(path, sizeof(path), "%s/" WD_IMAGE_NAME, dir) < (int)sizeof(path);
    l.file = named ? fopen(path, "rbe") : NULL;
    if (l.file == NULL) {
        forsake(dir);
        return WD_NOTFOUND;
    }
    (void)setvbuf(l.file, NULL, _IONBF, 0);
    l.piece = malloc(WD_IMAGE_SLICE_BYTES);
    l.redo = calloc(1, sizeof(*l.redo));
    bool ok = l.piece != NULL && l.redo != NULL && load(&l, dir);
    free(l.piece);
    (void)fclose(l.file);
    if (ok) {
        *from = l.from;
        d->redo = l.redo;
        d->memory.frequency.redo = l.redo;
        return WD_OK;
    }
    wd_redo_free(l.redo);
    forsake(dir);
    wd_memory_done(&d->memory); /* half of an image may lie in the tables */
    wd_status s = wd_memory_init(&d->memory, d->config.max_items, d->config.scratch_dir);
    d->memory.next = d->memory.oldest = d->config.first_item != 0 ? d->config.first_item : 1;
    return s == WD_OK ? WD_CORRUPT : WD_NOMEM;
}
