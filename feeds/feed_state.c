/* feeds/feed_state.c - one list of fields walked by two codecs, so that reading and
 * writing cannot come apart.  A new field goes to the end with a new version; older
 * bytes then leave it at its default. */
#include "feeds/feed_state.h"

#include <math.h>
#include <string.h>

#define VERSION 7u

/* Longer than any reason's word will be. */
#define WORD_BYTES 32u

struct codec {
    wd_buf *out; /* NULL while reading */
    wd_span in;
    unsigned version;
    bool ok;
};

static void bytes(struct codec *c, void *value, size_t n)
{
    if (c->out != NULL) {
        wd_buf_append(c->out, value, n);
        return;
    }
    c->ok = c->ok && c->in.len >= n;
    if (!c->ok)
        return;
    memcpy(value, c->in.ptr, n);
    c->in = wd_span_from(c->in, n);
}

static void u64(struct codec *c, uint64_t *v)
{
    unsigned char b[8];
    for (size_t i = 0; i < sizeof(b); i++)
        b[i] = (unsigned char)(*v >> (8 * i));
    bytes(c, b, sizeof(b));
    if (c->out != NULL || !c->ok)
        return;
    *v = 0;
    for (size_t i = 0; i < sizeof(b); i++)
        *v |= (uint64_t)b[i] << (8 * i);
}

static void i64(struct codec *c, int64_t *v)
{
    uint64_t u = (uint64_t)*v;
    u64(c, &u);
    *v = (int64_t)u;
}

static void u32(struct codec *c, uint32_t *v)
{
    uint64_t u = *v;
    u64(c, &u);
    *v = (uint32_t)u;
}

static void i32(struct codec *c, int32_t *v)
{
    int64_t i = *v;
    i64(c, &i);
    *v = (int32_t)i;
}

/* A rate or a weight: finite and not negative, or the bytes are damaged. */
static void amount(struct codec *c, double *v)
{
    uint64_t u;
    memcpy(&u, v, sizeof(u));
    u64(c, &u);
    memcpy(v, &u, sizeof(u));
    c->ok = c->ok && isfinite(*v) && *v >= 0;
}

static void flag(struct codec *c, bool *v)
{
    unsigned char b = *v;
    bytes(c, &b, 1);
    *v = b != 0;
}

/* By its word: the numbers move when a reason is added. */
static void reason(struct codec *c, wd_reason *v)
{
    char word[WORD_BYTES + 1] = "";
    unsigned char n = (unsigned char)strlen(wd_reason_word(*v));
    memcpy(word, wd_reason_word(*v), n);
    bytes(c, &n, 1);
    c->ok = c->ok && n <= WORD_BYTES;
    if (!c->ok)
        return;
    bytes(c, word, n);
    word[n] = '\0';
    *v = wd_reason_from_word(word);
}

static void fields(struct codec *c, wd_feed_state *s)
{
    i64(c, &s->next_due_ms);
    i64(c, &s->last_poll_ms);
    i64(c, &s->last_success_ms);
    i64(c, &s->last_new_ms);
    i64(c, &s->failing_since_ms);
    amount(c, &s->rate_per_day);
    amount(c, &s->failure_weight);
    reason(c, &s->last_reason);
    u32(c, &s->same_reason);
    i32(c, &s->last_http);
    u32(c, &s->polls);
    u32(c, &s->polls_unchanged);
    u32(c, &s->polls_without_304);
    u64(c, &s->body_hash);
    u64(c, &s->url_hash);
    u32(c, &s->document_items);
    i64(c, &s->document_window_ms);
    i32(c, &s->ttl_min);
    u32(c, &s->skip_hours);
    u32(c, &s->skip_days);
    flag(c, &s->contacted);
    if (c->version < 2)
        return;
    i64(c, &s->last_probe_ms);
    u64(c, &s->moved_hash);
    u32(c, &s->moved_seen);
    i64(c, &s->moved_since_ms);
    flag(c, &s->moved_said);
    if (c->version < 3)
        return;
    flag(c, &s->guid_shared);
    if (c->version < 4)
        return;
    u32(c, &s->due_why);
    if (c->version < 5)
        return;
    flag(c, &s->held);
    if (c->version < 6)
        return;
    flag(c, &s->moved_same);
    flag(c, &s->adopted);
    u32(c, &s->moved_failures);
    u64(c, &s->validators_hash);
    if (c->version < 7)
        return;
    u64(c, &s->titled_ids);
}

void wd_feed_state_pack(const wd_feed_state *state, wd_buf *out)
{
    wd_feed_state copy = *state;
    struct codec c = { .out = out, .version = VERSION, .ok = true };
    wd_buf_append_char(out, (char)VERSION);
    fields(&c, &copy);
}

bool wd_feed_state_unpack(wd_span in, wd_feed_state *out)
{
    if (in.len == 0 || (unsigned char)in.ptr[0] == 0 || (unsigned char)in.ptr[0] > VERSION)
        return false;
    wd_feed_state s = wd_feed_state_new(out->feed);
    struct codec c = { .in = wd_span_from(in, 1), .version = (unsigned char)in.ptr[0], .ok = true };
    fields(&c, &s);
    if (c.ok)
        *out = s;
    return c.ok;
}

wd_feed_state wd_feed_state_new(uint32_t feed)
{
    return (wd_feed_state){ .feed = feed,
                            .next_due_ms = WD_TIME_NONE,
                            .last_poll_ms = WD_TIME_NONE,
                            .last_success_ms = WD_TIME_NONE,
                            .last_new_ms = WD_TIME_NONE,
                            .failing_since_ms = WD_TIME_NONE,
                            .last_probe_ms = WD_TIME_NONE,
                            .moved_since_ms = WD_TIME_NONE,
                            .ttl_min = -1 };
}

/* A Bloom filter of three bits an id. */
static uint64_t titled_bits(uint64_t id_key)
{
    return 1ULL << (id_key & 63) | 1ULL << (id_key >> 6 & 63) | 1ULL << (id_key >> 12 & 63);
}

void wd_feed_state_add_titled(wd_feed_state *state, uint64_t id_key)
{
    state->titled_ids |= titled_bits(id_key);
}

bool wd_feed_state_is_titled(const wd_feed_state *state, uint64_t id_key)
{
    return (titled_bits(id_key) & ~state->titled_ids) == 0;
}
