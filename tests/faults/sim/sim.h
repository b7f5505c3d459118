/*
 * tests/faults/sim/sim.h - simulated time: an ordered list of what will happen, and dice.
 *
 * libuv's timers are replaced by those of this file (sim.c), so that the publisher lives in
 * simulated time without knowing it.  Everything that a seed decides comes from sim_roll().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "core/arena.h"
#include "core/clock.h"

#define SIM_MS     ((int64_t)1000) /* simulated time is in microseconds */
#define SIM_SECOND (1000 * SIM_MS)

typedef struct sim_event {
    int64_t at;
    uint64_t order; /* of those at one moment, first come first served */
    void (*run)(void *ctx);
    void *ctx;
    const void *owner; /* NULL: forgotten */
} sim_event;

typedef struct sim {
    int64_t now;
    uint64_t dice, orders;
    sim_event *heap;
    size_t n, room;
    int64_t wall_step; /* how far the wall clock was set off, in ms */
    uv_loop_t loop;    /* its data is the sim; nothing else of it is used */
    wd_clock clock;
    wd_arena *arena; /* what lives until the end of the seed */
    bool trace;
} sim;

void sim_init(sim *s, uint64_t seed);
void sim_done(sim *s);

uint64_t sim_roll(sim *s, uint64_t below);             /* 0 .. below - 1 */
int64_t sim_between(sim *s, int64_t from, int64_t to); /* both included */
bool sim_chance(sim *s, unsigned percent);

/* run(ctx) in so many microseconds; sim_forget() takes back everything of an owner. */
void sim_after(sim *s, int64_t us, const void *owner, void (*run)(void *ctx), void *ctx);
void sim_forget(sim *s, const void *owner);
/* Runs what comes next; false: nothing does. */
bool sim_step(sim *s);

/* Cleared; until the end of the seed. */
void *sim_alloc(sim *s, size_t n);
wd_span sim_copy(sim *s, wd_span text);

#define SIM_TRACE(s, ...)                                                                          \
    do {                                                                                           \
        if ((s)->trace) {                                                                          \
            fprintf(stderr, "%9.3f ms  ", (double)(s)->now / 1000.0);                              \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fputc('\n', stderr);                                                                   \
        }                                                                                          \
    } while (0)
