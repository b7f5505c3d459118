/* tests/faults/sim/judge.c - lost, said twice, missed, repeated, out of order: all must be zero. */
#include "tests/faults/sim/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/event.h"

#define MAX_LIVES 2u
#define MAX_GAPS  64u

void judge_fail(judge *j, const char *fmt, ...)
{
    va_list args;
    if (j->why[0] != '\0')
        return; /* the first one tells most */
    va_start(args, fmt);
    vsnprintf(j->why, sizeof(j->why), fmt, args);
    va_end(args);
}

void judge_init(judge *j, model_net *net)
{
    *j = (judge){ .net = net };
}

void judge_done(judge *j)
{
    free(j->story);
}

uint64_t judge_new_story(judge *j, wd_lane lane, unsigned life)
{
    if (j->n == j->room) {
        j->room = j->room ? 2 * j->room : 256;
        j->story = realloc(j->story, j->room * sizeof(*j->story));
        if (j->story == NULL)
            abort();
    }
    j->story[j->n] = (judge_story){ .lane = lane, .life = life };
    return ++j->n;
}

/* --- bodies: an event that can be renumbered, with the story's number as a name ------- */

void judge_write_body(uint64_t story, const wd_outbox_slot *slot, wd_buf *out)
{
    char name[32];
    snprintf(name, sizeof(name), "story%" PRIu64, story);
    wd_event_gap event = { *slot, slot->ms, "urn:wiredesk:sim", name, 1, 1, "operator-reset" };
    if (wd_event_write_gap(&event, out) != WD_OK)
        abort();
}

static uint64_t number_after(wd_span body, const char *key)
{
    size_t at = wd_span_find_nocase(body, key);
    if (at == body.len)
        return 0;
    return strtoull(body.ptr + at + strlen(key), NULL, 10); /* a body ends with '}' */
}

uint64_t judge_story_of(wd_span body)
{
    return number_after(body, "\"subject\":\"story");
}

/* --- the live reader --------------------------------------------------------- */

static bool later(const model_entry *e, int64_t ms, uint64_t seq)
{
    return e->ms != ms ? e->ms > ms : e->seq > seq;
}

static void read_lane(judge *j, wd_lane lane)
{
    const model_stream *stream = &j->net->server[j->net->master].stream[lane];
    size_t first = stream->n;
    while (first > 0 && later(&stream->entry[first - 1], j->last_ms[lane], j->last_seq[lane]))
        first--;
    for (size_t i = first; i < stream->n; i++) {
        const model_entry *e = &stream->entry[i];
        uint64_t story = judge_story_of(e->body);
        j->last_ms[lane] = e->ms;
        j->last_seq[lane] = e->seq;
        if (story > 0 && story <= j->n && ++j->story[story - 1].read > 1)
            judge_fail(j, "story %" PRIu64 " was repeated to the reader", story);
    }
}

void judge_read(judge *j)
{
    if (j->net->server[j->net->master].down)
        return;
    for (int lane = 0; lane < WD_LANE_COUNT; lane++)
        read_lane(j, (wd_lane)lane);
}

/* --- the verdict ---------------------------------------------------------------- */

typedef struct gaps {
    struct {
        uint64_t from, to;
    } gap[MAX_GAPS];
    size_t n;
} gaps;

static bool is_told(const gaps *g, uint64_t seq)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->gap[i].from <= seq && seq <= g->gap[i].to)
            return true;
    return false;
}

static void find_gaps(const model_stream *stream, gaps *g)
{
    g->n = 0;
    for (size_t i = 0; i < stream->n && g->n < MAX_GAPS; i++) {
        wd_span body = stream->entry[i].body;
        if (judge_story_of(body) > 0)
            continue;
        g->gap[g->n].from = number_after(body, "\"from\":\"");
        g->gap[g->n].to = number_after(body, "\"to\":\"");
        g->n++;
    }
}

static void judge_order(judge *j, const model_stream *stream, const gaps *told)
{
    uint64_t before[MAX_LIVES] = { 0 };
    for (size_t i = 0; i < stream->n; i++) {
        const model_entry *e = &stream->entry[i];
        uint64_t story = judge_story_of(e->body), last = i > 0 ? e[-1].seq : 0;
        for (uint64_t hole = last + 1; hole < e->seq; hole++)
            if (!is_told(told, hole))
                judge_fail(j, "number %" PRIu64 " is missing and nobody said so", hole);
        if (i > 0 && !later(e, e[-1].ms, e[-1].seq))
            judge_fail(j, "ids go back at %" PRIu64, e->seq);
        if (story == 0 || story > j->n)
            continue;
        unsigned life = j->story[story - 1].life;
        if (++j->story[story - 1].on_stream > 1)
            judge_fail(j, "story %" PRIu64 " is on the stream twice", story);
        else if (story < before[life])
            judge_fail(j, "story %" PRIu64 " stands behind %" PRIu64, story, before[life]);
        before[life] = story;
    }
}

void judge_all(judge *j, const bool fenced[])
{
    gaps told[WD_LANE_COUNT];
    for (int lane = 0; lane < WD_LANE_COUNT; lane++) {
        const model_stream *stream = &j->net->server[j->net->master].stream[lane];
        find_gaps(stream, &told[lane]);
        judge_order(j, stream, &told[lane]);
    }
    for (size_t i = 0; i < j->n; i++) {
        const judge_story *s = &j->story[i];
        if (s->on_stream == 0 && s->owed && !fenced[s->life] && !is_told(&told[s->lane], s->seq))
            judge_fail(j, "story %zu (number %" PRIu64 ") is lost", i + 1, s->seq);
        if (s->on_stream > 0 && s->read == 0)
            judge_fail(j, "story %zu was missed by the reader", i + 1);
    }
}
