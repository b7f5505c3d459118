/*
 * tests/faults/sim/judge.h - what was promised, what a live reader saw, and the verdict.
 *
 * A story is a number in the body of an event.  It is owed from the moment its commit
 * returned; what was never committed is owed to nobody.
 */
#pragma once

#include "tests/faults/sim/model.h"

typedef struct judge_story {
    wd_lane lane;
    unsigned life; /* whose outbox it came from */
    bool owed;
    uint64_t seq; /* its newest number */
    unsigned on_stream, read;
} judge_story;

typedef struct judge {
    model_net *net;
    judge_story *story;
    size_t n, room;
    int64_t last_ms[WD_LANE_COUNT]; /* the reader's cursor */
    uint64_t last_seq[WD_LANE_COUNT];
    bool may_gap;  /* rows went that Redis could still lose, or Redis was emptied by hand */
    char why[256]; /* "": nothing is wrong */
} judge;

void judge_init(judge *j, model_net *net);
void judge_done(judge *j);

/* Numbers of stories, from 1. */
uint64_t judge_new_story(judge *j, wd_lane lane, unsigned life);
void judge_write_body(uint64_t story, const wd_outbox_slot *slot, wd_buf *out);
uint64_t judge_story_of(wd_span body); /* 0: none (a gap) */

void judge_fail(judge *j, const char *fmt, ...) WD_PRINTF(2, 3);

/* What the live reader finds on the master just now. */
void judge_read(judge *j);
/* At the end: is everything there, once, in order?  `fenced`: the lives whose rest is not owed. */
void judge_all(judge *j, const bool fenced[]);
