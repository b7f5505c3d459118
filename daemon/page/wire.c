/* daemon/page/wire.c - entries lie one behind the other in a ring of bytes, none is split; an
 * index says where.  Both turn, and a put pushes out whatever lies in its way. */
#include "daemon/page/wire.h"

#include <stdlib.h>

struct slot {
    uint32_t at, json_len, words_len;
    int64_t told_ms;
};

struct wd_wire {
    char *bytes;
    size_t head;          /* where the next entry goes */
    uint64_t first, next; /* kept: first to next - 1 */
    struct slot slots[WD_WIRE_ITEMS];
};

static struct slot *slot_of(const wd_wire *w, uint64_t seq)
{
    return (struct slot *)&w->slots[seq % WD_WIRE_ITEMS];
}

static bool in_the_way(const struct slot *s, size_t at, size_t n)
{
    return s->at < at + n && at < s->at + (size_t)s->json_len + s->words_len;
}

/* Behind the newest entry, or at the beginning where it would not fit; what was skipped at
 * the end is pushed out too, since it is older than what lies at the beginning. */
static size_t make_room(wd_wire *w, size_t n)
{
    size_t at = w->head;
    if (at + n > WD_WIRE_BYTES) {
        while (w->first < w->next && slot_of(w, w->first)->at >= at)
            w->first++;
        at = 0;
    }
    while (w->first < w->next &&
           (w->next - w->first == WD_WIRE_ITEMS || in_the_way(slot_of(w, w->first), at, n)))
        w->first++;
    return at;
}

void wd_wire_put(wd_wire *w, int64_t told_ms, wd_span json, wd_span words)
{
    size_t n = json.len + words.len;
    if (n > WD_WIRE_ENTRY_BYTES || json.len == 0)
        return;
    size_t at = make_room(w, n);
    memcpy(w->bytes + at, json.ptr, json.len);
    if (words.len > 0)
        memcpy(w->bytes + at + json.len, words.ptr, words.len);
    *slot_of(w, w->next) = (struct slot){ .at = (uint32_t)at,
                                          .json_len = (uint32_t)json.len,
                                          .words_len = (uint32_t)words.len,
                                          .told_ms = told_ms };
    w->head = at + n;
    w->next++;
}

uint64_t wd_wire_first(const wd_wire *w)
{
    return w->first;
}

uint64_t wd_wire_next(const wd_wire *w)
{
    return w->next;
}

bool wd_wire_get(const wd_wire *w, uint64_t seq, wd_wire_entry *out)
{
    if (seq < w->first || seq >= w->next)
        return false;
    const struct slot *s = slot_of(w, seq);
    *out = (wd_wire_entry){ .seq = seq,
                            .told_ms = s->told_ms,
                            .json = { w->bytes + s->at, s->json_len },
                            .words = { w->bytes + s->at + s->json_len, s->words_len } };
    return true;
}

wd_status wd_wire_new(wd_wire **out)
{
    wd_wire *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return WD_NOMEM;
    w->bytes = malloc(WD_WIRE_BYTES); /* the kernel gives pages when they are written to */
    if (w->bytes == NULL) {
        free(w);
        return WD_NOMEM;
    }
    w->first = w->next = 1;
    *out = w;
    return WD_OK;
}

void wd_wire_free(wd_wire *w)
{
    if (w != NULL)
        free(w->bytes);
    free(w);
}
