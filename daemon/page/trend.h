/*
 * daemon/page/trend.h - the last hour in samples of ten seconds: what the status page draws.
 *
 * Thread: loop thread.  Memory: 360 samples, always.
 */
#pragma once

#include "core/json.h"
#include "daemon/snapshot.h"

#define WD_TREND_SAMPLE_MS (10 * WD_SECOND_MS)
#define WD_TREND_SAMPLES   360u /* an hour */

typedef struct wd_trend_sample {
    int64_t at_ms;                              /* its end */
    uint32_t fresh, copies, revisions, updated; /* told in it */
    uint32_t polls, unchanged;                  /* unchanged: 304, or the same body */
    uint32_t lag_ms;                            /* worst */
    uint64_t outbox;                            /* at its end */
} wd_trend_sample;

typedef struct wd_trend {
    wd_trend_sample samples[WD_TREND_SAMPLES];
    uint64_t n; /* made so far; the newest is n - 1 */
    uint32_t lag_ms;
    bool begun;
    int64_t began_ms; /* of the sample under way, by the clock that never steps */
    wd_storer_counts counts;
    wd_poller_stats polls;
} wd_trend;

/* Call it every second or so. */
void wd_trend_tick(wd_trend *t, const wd_snapshot *s, int64_t boot_ms);

/* Samples `from` and later as arrays of numbers, oldest first, under the key "samples", with
 * "sample" (the newest's number) and "sample_ms". */
void wd_trend_write(const wd_trend *t, uint64_t from, wd_json *j);
