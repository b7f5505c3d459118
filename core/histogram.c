/* core/histogram.c - fixed scales, three steps a decade or so: cheap, and sums over machines. */
#include "core/histogram.h"

const wd_histogram_scale wd_scale_work = { { 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                             0.01, 0.025, 0.05, 0.1, 0.5, 1, 5 } };
const wd_histogram_scale wd_scale_network = { { 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                0.5, 1, 2.5, 5, 15, 60 } };
const wd_histogram_scale wd_scale_delay = { { 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900,
                                              1800, 3600 } };
const wd_histogram_scale wd_scale_age = { { 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400,
                                            43200, 86400, 172800 } };

void wd_histogram_observe(wd_histogram *h,
                          const wd_histogram_scale *scale,
                          double seconds,
                          uint64_t times)
{
    size_t i = 0;
    if (seconds < 0)
        seconds = 0;
    while (i < WD_HISTOGRAM_BUCKETS && seconds > scale->bounds[i])
        i++;
    h->counts[i] += times;
    h->sum += seconds * (double)times;
}
