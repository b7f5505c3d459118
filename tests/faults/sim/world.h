/*
 * tests/faults/sim/world.h - one seed: a daemon or two, a Redis, a reader, and what befalls them.
 */
#pragma once

#include "tests/faults/sim/life.h"

#define WORLD_LIVES 2u

typedef struct world {
    model_net net; /* first: the loop's data leads here */
    judge judge;
    life life[WORLD_LIVES];
    unsigned n_lives;
    bool twins;      /* two daemons may meet */
    unsigned faults; /* still to come */
    uint64_t done;   /* bits of the faults that were, by their row */
    bool healing;    /* nothing breaks any more */
    char dir[WORLD_LIVES][PATH_MAX];
    char url[64];
} world;

typedef struct world_result {
    uint64_t seed, stories, faults;
    int64_t simulated_ms;
    char why[256]; /* "": the promise was kept */
} world_result;

/* `base`: a directory that stands empty between seeds. */
void world_run(uint64_t seed, const char *base, bool trace, world_result *out);

/* trouble.c: one of the things that can go wrong, now; and the end of all of them. */
void world_trouble(world *w);
void world_heal(world *w);
const char *world_trouble_name(unsigned row); /* NULL: no such row */
