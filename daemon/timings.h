/*
 * daemon/timings.h - how long each stage takes, and how old news is on its way: what the
 * pipeline measures.
 *
 * Thread: loop thread.  Plain data, zeroed to begin with.
 */
#pragma once

#include "core/histogram.h"
#include "feeds/poll.h"
#include "queue/outbox.h"

/* Polls with news that Redis has not acknowledged.  More than this: the oldest go unmeasured,
 * for a long outage is seen in outbox_oldest_seconds. */
#define WD_TIMING_MARKS 1024u

typedef struct wd_timing_mark {
    uint64_t seq; /* the last event of a poll in this lane */
    uint32_t events;
    int64_t seen_ms;
} wd_timing_mark;

typedef struct wd_timings {
    wd_histogram parse;     /* a document, on a worker */
    wd_histogram dedupe;    /* a verdict, on the desk thread */
    wd_histogram discovery; /* published to seen; of new items that are no backfill */
    wd_histogram pipeline;  /* seen to acknowledged by Redis */
    uint64_t dropped_items; /* nothing in them, a draft, or beyond a limit */
    wd_timing_mark marks[WD_LANE_COUNT][WD_TIMING_MARKS];
    size_t first[WD_LANE_COUNT], n[WD_LANE_COUNT];
    uint64_t acked[WD_LANE_COUNT];   /* the newest, */
    int64_t acked_ms[WD_LANE_COUNT]; /* and when */
} wd_timings;

/* The poll is on disk, its verdicts and slots known. */
void wd_timings_stored(wd_timings *t, const wd_poll *poll);

/* Redis has everything of the lane up to seq. */
void wd_timings_acked(wd_timings *t, wd_lane lane, uint64_t seq, int64_t now_ms);
