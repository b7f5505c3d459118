/*
 * tests/faults/sim/life.h - a daemon in simulated time: the real ledger, clerk and publisher,
 * and a desk thread that takes its time.
 */
#pragma once

#include "core/list.h"
#include "core/log.h"
#include "queue/publisher.h"
#include "tests/faults/sim/judge.h"

#define LIFE_BATCH 6u

typedef struct life {
    sim *s;
    judge *judge;
    unsigned number;
    const char *dir;
    const char *url;
    wd_ledger *ledger; /* NULL: not alive */
    wd_publisher *publisher;
    wd_log log;
    bool fenced;
    bool replaced;                     /* another was started: a dead one stays dead */
    int64_t desk_free_at, answered_at; /* the desk does one thing after the other */
    wd_link jobs;                      /* under way */
    struct {
        uint64_t story[LIFE_BATCH];
        wd_lane lane[LIFE_BATCH];
        unsigned n, found; /* found: in the outbox of the next life */
        bool unsure;       /* the power went while it was committed */
    } batch;
    unsigned closing; /* publishers of earlier lives */
} life;

void life_init(life *f, sim *s, judge *j, unsigned number);
/* Tries again by itself while the disk fails; false: it can never work (the judge knows). */
bool life_start(life *f);
/* SIGKILL, or with the power: what was not synced may be gone or torn. */
void life_end(life *f, bool power);
/* A batch of stories wants to be committed. */
void life_store(life *f);
/* Everything that it has committed is on the stream. */
bool life_is_done(life *f);
/* Acknowledged rows go early; or only those that Redis cannot lose. */
void life_trim(life *f, int64_t kept_ms, bool safe_only);
