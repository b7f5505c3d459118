/* daemon/process_stats.h - what the kernel says of this process, under Prometheus' usual names. */
#pragma once

#include <stdint.h>

typedef struct wd_process_stats {
    double cpu_seconds;
    uint64_t resident_bytes, open_files, max_files;
} wd_process_stats;

/* Zeros for what cannot be read. */
void wd_process_stats_get(wd_process_stats *out);
