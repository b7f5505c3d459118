/* daemon/timings.c - a ring of marks a lane joins what was seen with what was acknowledged. */
#include "daemon/timings.h"

#include "core/clock.h"
#include "daemon/reading.h"

static void mark(wd_timings *t, wd_lane lane, const wd_timing_mark *m)
{
    if (t->n[lane] == WD_TIMING_MARKS) {
        t->first[lane] = (t->first[lane] + 1) % WD_TIMING_MARKS;
        t->n[lane]--;
    }
    t->marks[lane][(t->first[lane] + t->n[lane]++) % WD_TIMING_MARKS] = *m;
}

static void note_age(wd_timings *t, const wd_poll *poll, const wd_story *story)
{
    int64_t published = story->item->published_ms;
    if (story->verdict.kind != WD_NEW || story->backfill || published == WD_TIME_NONE)
        return;
    wd_histogram_observe(&t->discovery, &wd_scale_age, (double)(poll->fetched_ms - published) / 1e3,
                         1);
}

static void pass(wd_timings *t, wd_lane lane, uint64_t seq, int64_t now_ms)
{
    while (t->n[lane] > 0 && t->marks[lane][t->first[lane]].seq <= seq) {
        const wd_timing_mark *m = &t->marks[lane][t->first[lane]];
        wd_histogram_observe(&t->pipeline, &wd_scale_network, (double)(now_ms - m->seen_ms) / 1e3,
                             m->events);
        t->first[lane] = (t->first[lane] + 1) % WD_TIMING_MARKS;
        t->n[lane]--;
    }
}

void wd_timings_stored(wd_timings *t, const wd_poll *poll)
{
    const wd_reading *r = poll->payload;
    wd_timing_mark told[WD_LANE_COUNT] = { { 0 } };
    if (poll->answer == WD_ANSWER_DOCUMENT)
        wd_histogram_observe(&t->parse, &wd_scale_work, (double)poll->parse_us / 1e6, 1);
    if (r == NULL)
        return;
    t->dropped_items += r->doc.dropped_items;
    if (r->n_stories > 0)
        wd_histogram_observe(&t->dedupe, &wd_scale_work,
                             (double)poll->verdicts_us / 1e6 / (double)r->n_stories, r->n_stories);
    for (size_t i = 0; i < r->n_stories; i++) {
        const wd_outbox_slot *slot = &r->stories[i].slot;
        note_age(t, poll, &r->stories[i]);
        if (slot->seq == 0)
            continue; /* not told */
        told[slot->lane].seq = slot->seq;
        told[slot->lane].events++;
        told[slot->lane].seen_ms = poll->fetched_ms;
    }
    for (int lane = 0; lane < WD_LANE_COUNT; lane++)
        if (told[lane].events > 0) {
            mark(t, (wd_lane)lane, &told[lane]);
            pass(t, (wd_lane)lane, t->acked[lane], t->acked_ms[lane]); /* it may be back already */
        }
}

void wd_timings_acked(wd_timings *t, wd_lane lane, uint64_t seq, int64_t now_ms)
{
    if (seq > t->acked[lane]) {
        t->acked[lane] = seq;
        t->acked_ms[lane] = now_ms;
    }
    pass(t, lane, seq, now_ms);
}
