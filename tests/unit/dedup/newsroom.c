/* tests/unit/dedup/newsroom.c - storage in arrays: small, and easy to look at. */
#include "tests/unit/dedup/newsroom.h"

#include "core/arena.h"
#include "core/clock.h"
#include "core/hash.h"

enum { ROWS = 40000, KEY = 7, PROSE = 64 * 1024 };

typedef struct row {
    wd_seen seen;
    uint64_t id_key, link_key;
    uint32_t group;
    wd_trust trust;
    int64_t at_ms;
    char *packed;
    size_t packed_len;
} row;

struct newsroom {
    wd_desk *desk;
    wd_desk_config config;
    wd_arena *arena;
    row *rows;
    size_t n;
    int64_t now_ms;
    unsigned fresh;
};

static bool find_id(void *ctx, uint32_t feed, uint64_t id_key, wd_seen *out)
{
    newsroom *n = ctx;
    for (size_t i = n->n; i-- > 0;)
        if (n->rows[i].id_key == id_key && n->rows[i].seen.feed == feed) {
            *out = n->rows[i].seen;
            return true;
        }
    return false;
}

static bool find_link(void *ctx, uint64_t link_key, wd_seen *out)
{
    newsroom *n = ctx;
    for (size_t i = 0; i < n->n; i++)
        if (n->rows[i].link_key == link_key) {
            *out = n->rows[i].seen;
            return true;
        }
    return false;
}

static void open_desk(newsroom *n)
{
    wd_desk_store store = { .find_id = find_id, .find_link = find_link, .ctx = n };
    assert_ok(wd_desk_new(&n->desk, &n->config, &store));
}

newsroom *newsroom_open(const wd_desk_config *config)
{
    newsroom *n = calloc(1, sizeof(*n));
    n->config = config != NULL ? *config : (wd_desk_config){ .near_duplicates = true };
    if (n->config.window_ms == 0)
        n->config.window_ms = 7 * WD_DAY_MS;
    if (n->config.max_items == 0)
        n->config.max_items = 10000;
    n->rows = calloc(ROWS, sizeof(*n->rows));
    n->arena = wd_arena_new(8u << 20);
    n->now_ms = 1700000000000;
    open_desk(n);
    return n;
}

void newsroom_close(newsroom *n)
{
    for (size_t i = 0; i < n->n; i++)
        free(n->rows[i].packed);
    free(n->rows);
    wd_desk_free(n->desk);
    wd_arena_free(n->arena);
    free(n);
}

wd_desk *newsroom_desk(newsroom *n)
{
    return n->desk;
}

static void store_row(newsroom *n, const wd_desk_question *q, const wd_verdict *v)
{
    row *r = NULL;
    for (size_t i = 0; i < n->n && r == NULL; i++)
        if (n->rows[i].seen.item == v->item)
            r = &n->rows[i];
    if (r == NULL) {
        assert_true(n->n < ROWS);
        r = &n->rows[n->n++];
        r->at_ms = q->now_ms;
    }
    free(r->packed);
    wd_fingerprint fp = *q->fp;
    fp.digest = v->digest;
    fp.joined = v->joined;
    wd_span packed = wd_fingerprint_pack(&fp, n->arena);
    assert_true(packed.len > 0);
    r->seen = (wd_seen){ .item = v->item,
                         .cluster = v->cluster,
                         .feed = q->feed,
                         .content_hash = q->fp->content_hash,
                         .text_hash = q->fp->text_hash };
    memcpy(r->seen.field_hash, q->fp->field_hash, sizeof(r->seen.field_hash));
    r->id_key = q->fp->id_key;
    r->link_key = q->fp->link_key;
    r->group = q->group;
    r->trust = q->trust;
    r->packed = malloc(packed.len + 1);
    r->packed_len = packed.len;
    memcpy(r->packed, packed.ptr, packed.len);
}

wd_verdict newsroom_ask(newsroom *n, const story *s)
{
    char id[32];
    wd_fingerprint fp;
    wd_verdict v;
    snprintf(id, sizeof(id), "fresh-%u", n->fresh++);
    wd_item item = { .id = wd_span_of(s->id != NULL ? s->id : id),
                     .title_text = wd_span_of(s->title),
                     .content_text = wd_span_of(s->body),
                     .link = wd_span_of(s->link),
                     .published_ms = s->published_ms != 0 ? s->published_ms : WD_TIME_NONE,
                     .updated_ms = WD_TIME_NONE };
    n->now_ms = s->at_ms != 0 ? s->at_ms : n->now_ms + WD_SECOND_MS;
    wd_arena_reset(n->arena);
    assert_true(wd_fingerprint_make(&item, KEY, n->arena, &fp));
    wd_desk_question q = { .feed = s->feed,
                           .group = s->group,
                           .trust = s->untrusted ? WD_TRUST_LOW : WD_TRUST_NORMAL,
                           .now_ms = n->now_ms,
                           .fp = &fp };
    wd_desk_ask(n->desk, &q, &v);
    if (v.kind != WD_SEEN)
        store_row(n, &q, &v);
    return v;
}

void newsroom_reopen(newsroom *n)
{
    wd_desk_free(n->desk);
    n->config.first_item = n->n + 1;
    open_desk(n);
}

static wd_desk_memory memory_of(const row *r)
{
    return (wd_desk_memory){ .item = r->seen.item,
                             .cluster = r->seen.cluster,
                             .feed = r->seen.feed,
                             .group = r->group,
                             .trust = r->trust,
                             .first_seen_ms = r->at_ms,
                             .packed = { r->packed, r->packed_len } };
}

void newsroom_restore(newsroom *n, uint64_t from)
{
    for (size_t i = 0; i < n->n; i++) {
        wd_desk_memory m = memory_of(&n->rows[i]);
        if (m.item >= from)
            assert_ok(wd_desk_restore(n->desk, &m));
    }
}

void newsroom_retell(newsroom *n, uint64_t item)
{
    for (size_t i = 0; i < n->n; i++) {
        wd_desk_memory m = memory_of(&n->rows[i]);
        if (m.item == item)
            assert_ok(wd_desk_retell(n->desk, &m));
    }
}

void newsroom_restart(newsroom *n)
{
    newsroom_reopen(n);
    newsroom_restore(n, 0);
}

const char *newsroom_prose(unsigned slot, uint64_t seed, unsigned words)
{
    static char prose[8][PROSE];
    static const char *const syllables[] = { "bar", "cal",  "den", "fos", "gri", "hum", "jol",
                                             "kel", "lun",  "mor", "nep", "ost", "pra", "quil",
                                             "ros", "sten", "tur", "vel", "win", "zor" };
    size_t at = 0;
    uint64_t h = seed;
    for (unsigned i = 0; i < words && at + 32 < PROSE; i++) {
        h = wd_hash_mix(h, i);
        unsigned n = 1 + (unsigned)(h >> 60) % 3;
        for (unsigned s = 0; s < n; s++)
            at += (size_t)snprintf(prose[slot] + at, PROSE - at, "%s",
                                   syllables[(h >> (8 * s)) % 20]);
        prose[slot][at++] = ' ';
    }
    prose[slot][at] = '\0';
    return prose[slot];
}
