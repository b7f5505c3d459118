/* feeds/feed_state.c - one list of fields serves writing and reading. */
#include "feeds/feed_state.h"

#include <math.h>
#include <string.h>

#define STATE_VERSION 1

/* The reason is stored as its word: its number may move with the table. */
#define REASON_BYTES 16

static void put64(wd_buf *out, uint64_t v)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(v >> (8 * i));
    wd_buf_append(out, bytes, sizeof(bytes));
}

static void put_double(wd_buf *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    put64(out, bits);
}

void wd_feed_state_pack(const wd_feed_state *s, wd_buf *out)
{
    char reason[REASON_BYTES] = { 0 };
    strncpy(reason, wd_reason_word(s->last_reason), sizeof(reason) - 1);
    put64(out, STATE_VERSION);
    put64(out, (uint64_t)s->next_due_ms);
    put64(out, (uint64_t)s->last_poll_ms);
    put64(out, (uint64_t)s->last_success_ms);
    put64(out, (uint64_t)s->last_new_ms);
    put_double(out, s->rate_per_day);
    put_double(out, s->failure_weight);
    wd_buf_append(out, reason, sizeof(reason));
    put64(out, (uint64_t)(int64_t)s->last_http);
    put64(out, s->polls);
    put64(out, s->polls_unchanged);
    put64(out, s->polls_without_304);
    put64(out, s->body_hash);
    put64(out, s->document_items);
    put64(out, (uint64_t)s->document_window_ms);
    put64(out, s->contacted);
}

static uint64_t get64(wd_span *in)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8 && in->len >= 8; i++)
        v |= (uint64_t)(unsigned char)in->ptr[i] << (8 * i);
    *in = in->len >= 8 ? wd_span_from(*in, 8) : WD_SPAN_NONE;
    return v;
}

static double get_double(wd_span *in)
{
    uint64_t bits = get64(in);
    double v;
    memcpy(&v, &bits, sizeof(v));
    return isfinite(v) && v >= 0 ? v : 0;
}

static wd_reason get_reason(wd_span *in)
{
    char word[REASON_BYTES] = { 0 };
    if (in->len >= sizeof(word))
        memcpy(word, in->ptr, sizeof(word) - 1);
    *in = in->len >= sizeof(word) ? wd_span_from(*in, sizeof(word)) : WD_SPAN_NONE;
    return wd_reason_from_word(word);
}

bool wd_feed_state_unpack(wd_span in, wd_feed_state *out)
{
    wd_feed_state s = { 0 };
    if (in.len < 16 || get64(&in) == 0)
        return false;
    s.next_due_ms = (int64_t)get64(&in);
    s.last_poll_ms = (int64_t)get64(&in);
    s.last_success_ms = (int64_t)get64(&in);
    s.last_new_ms = (int64_t)get64(&in);
    s.rate_per_day = get_double(&in);
    s.failure_weight = get_double(&in);
    s.last_reason = get_reason(&in);
    s.last_http = (int32_t)get64(&in);
    s.polls = (uint32_t)get64(&in);
    s.polls_unchanged = (uint32_t)get64(&in);
    s.polls_without_304 = (uint32_t)get64(&in);
    s.body_hash = get64(&in);
    s.document_items = (uint32_t)get64(&in);
    s.document_window_ms = (int64_t)get64(&in);
    s.contacted = get64(&in) != 0;
    *out = s;
    return true;
}
