/*
 * core/histogram.h - how often a measured time fell into which range, as Prometheus counts it.
 *
 * Plain data, copied whole; no locks: one thread observes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WD_HISTOGRAM_BUCKETS 14u

/* Upper bounds in seconds, rising. */
typedef struct wd_histogram_scale {
    double bounds[WD_HISTOGRAM_BUCKETS];
} wd_histogram_scale;

extern const wd_histogram_scale wd_scale_work;    /* 50 us to 5 s: what we do ourselves */
extern const wd_histogram_scale wd_scale_network; /* 1 ms to 60 s: what others take */
extern const wd_histogram_scale wd_scale_delay;   /* 0.1 s to 1 h: how late something is */
extern const wd_histogram_scale wd_scale_age;     /* 10 s to 2 d: how old news is when seen */

typedef struct wd_histogram {
    uint64_t counts[WD_HISTOGRAM_BUCKETS + 1]; /* the last is for what is above every bound */
    double sum;
} wd_histogram;

/* `times` observations of one value; a negative one counts as 0. */
void wd_histogram_observe(wd_histogram *h,
                          const wd_histogram_scale *scale,
                          double seconds,
                          uint64_t times);
