/* daemon/page/readers.c - each reader pulls from the one wire when its socket has room, so a slow
 * one costs what a fast one costs.  What comes in quick succession wakes them once. */
#include "daemon/page/readers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

#define WAKE_MS     200u          /* five times a second is as live as an eye can follow */
#define REFILL_AT   (16u * 1024u) /* frames made at once: what a socket takes */
#define STATE_BYTES (16u * 1024u)
#define FRAME_ROOM  256u /* id, event, data and line ends around an object */
#define FRAME_BYTES (REFILL_AT + STATE_BYTES + WD_WIRE_ENTRY_BYTES + 2 * FRAME_ROOM)

struct wd_readers {
    wd_readers_spec spec;
    uv_timer_t timer;
    uint64_t run; /* this process: numbers of another mean nothing here */
    wd_buf state;
    uint64_t state_version;
    size_t n;
    bool closing;
};

typedef struct reader {
    wd_readers *owner;
    uint64_t next;
    uint64_t state_version;
    wd_buf frames;
    size_t sent;
} reader;

/* --- one reader ----------------------------------------------------------- */

static void put_frame(reader *r, const char *event, wd_span data)
{
    wd_buf_printf(&r->frames, "event: %s\ndata: ", event);
    wd_buf_append_span(&r->frames, data);
    wd_buf_append(&r->frames, "\n\n", 2);
}

static void put_lost(reader *r)
{
    char text[64];
    uint64_t first = wd_wire_first(r->owner->spec.wire);
    if (r->next >= first)
        return;
    snprintf(text, sizeof(text), "{\"lost\":%" PRIu64 "}", first - r->next);
    put_frame(r, "lost", wd_span_of(text));
    r->next = first;
}

static void refill(reader *r)
{
    const wd_readers *owner = r->owner;
    wd_wire_entry e;
    wd_buf_reset(&r->frames);
    r->sent = 0;
    if (r->state_version != owner->state_version) {
        r->state_version = owner->state_version;
        put_frame(r, "state", wd_buf_span(&owner->state));
    }
    put_lost(r);
    while (r->frames.len < REFILL_AT && wd_wire_get(owner->spec.wire, r->next, &e)) {
        wd_buf_printf(&r->frames, "id: %016" PRIx64 "-%" PRIu64 "\n", owner->run, e.seq);
        put_frame(r, "item", e.json);
        r->next++;
    }
}

static size_t fill(void *ctx, char *out, size_t room)
{
    reader *r = ctx;
    if (r->sent == r->frames.len)
        refill(r);
    size_t left = r->frames.len - r->sent;
    size_t n = left < room ? left : room;
    if (n > 0) /* out of memory, frames may be cut short: the reader's next try repeats them */
        memcpy(out, r->frames.ptr + r->sent, n);
    r->sent += n;
    return n;
}

static void reader_ended(void *ctx)
{
    reader *r = ctx;
    r->owner->n--;
    wd_buf_done(&r->frames);
    free(r);
}

/* Where it left off, when that was in this life of the daemon; else a piece of the past. */
static uint64_t place_of(const wd_readers *r, const char *last_id)
{
    uint64_t next = wd_wire_next(r->spec.wire);
    uint64_t past = next > WD_READERS_PAST ? next - WD_READERS_PAST : 1;
    uint64_t first = wd_wire_first(r->spec.wire), run, seq;
    if (last_id != NULL && sscanf(last_id, "%16" SCNx64 "-%" SCNu64, &run, &seq) == 2 &&
        run == r->run && seq < next)
        return seq + 1;
    return past > first ? past : first;
}

bool wd_readers_add(wd_readers *owner, const char *last_id, wd_control_stream *out)
{
    char hello[128];
    if (owner->n >= WD_READERS_MAX || owner->closing)
        return false;
    reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return false;
    *r = (reader){ .owner = owner,
                   .next = place_of(owner, last_id),
                   .frames = WD_BUF_INIT(FRAME_BYTES) };
    owner->n++;
    wd_buf_printf(&r->frames, "retry: 2000\n");
    snprintf(hello, sizeof(hello), "{\"run\":\"%016" PRIx64 "\",\"behind\":%" PRIu64 "}",
             owner->run, wd_wire_next(owner->spec.wire) - r->next);
    put_frame(r, "hello", wd_span_of(hello));
    *out = (wd_control_stream){ .fill = fill, .end = reader_ended, .ctx = r };
    return true;
}

/* --- all of them ------------------------------------------------------------ */

static void on_timer(uv_timer_t *timer)
{
    wd_readers *r = wd_owner(timer, wd_readers, timer);
    r->spec.wake(r->spec.ctx);
}

void wd_readers_notice(wd_readers *r)
{
    if (r->n > 0 && !r->closing && !uv_is_active((uv_handle_t *)&r->timer))
        uv_timer_start(&r->timer, on_timer, WAKE_MS, 0);
}

void wd_readers_set_state(wd_readers *r, wd_span json)
{
    wd_buf_reset(&r->state);
    if (wd_buf_append_span(&r->state, json) != WD_OK)
        return;
    r->state_version++;
    wd_readers_notice(r);
}

size_t wd_readers_count(const wd_readers *r)
{
    return r->n;
}

wd_status wd_readers_open(wd_readers **out, const wd_readers_spec *spec)
{
    wd_readers *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return WD_NOMEM;
    r->spec = *spec;
    r->run = wd_random64();
    r->state = WD_BUF_INIT(STATE_BYTES);
    uv_timer_init(spec->loop, &r->timer);
    *out = r;
    return WD_OK;
}

static void timer_closed(uv_handle_t *h)
{
    wd_readers *r = wd_owner(h, wd_readers, timer);
    wd_readers_spec spec = r->spec;
    wd_buf_done(&r->state);
    free(r);
    spec.closed(spec.ctx);
}

void wd_readers_close(wd_readers **readers)
{
    wd_readers *r = *readers;
    *readers = NULL;
    if (r == NULL)
        return;
    r->closing = true;
    uv_close((uv_handle_t *)&r->timer, timer_closed);
}
