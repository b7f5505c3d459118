/*
 * daemon/progress.h - how far long work has come, said now and then.
 *
 * Work that is over soon says nothing.  wd_progress_at() costs the reading of a clock, so it may
 * be called with every item.
 */
#pragma once

#include <stdint.h>

#include "core/clock.h"

typedef struct wd_progress {
    const wd_clock *clock;
    const char *unit;                          /* "texts" */
    uint64_t of;                               /* "12 of 300 feeds"; 0: not said */
    int64_t quiet_ms, every_ms;                /* before the first word, and between two */
    int64_t began_ms, told_ms;                 /* its own */
    void (*tell)(void *ctx, const char *text); /* "340000 texts, 34 %, about 6 s left" */
    void *ctx;
} wd_progress;

/* The work begins now; the caller has set the rest. */
void wd_progress_begin(wd_progress *p);

/* `share` of the whole is done, 0 to 1; below 0: nobody knows. */
void wd_progress_at(wd_progress *p, uint64_t done, double share);
