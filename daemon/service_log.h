/*
 * daemon/service_log.h - the daemon's own sentences: start, ready, how it goes, stop.
 */
#pragma once

#include "core/log.h"
#include "daemon/config/config.h"
#include "daemon/snapshot.h"

void wd_service_log_start(const wd_log *log, const wd_config *config);
void wd_service_log_ready(const wd_log *log, const wd_config *config);

/* The counts at the last summary, all zero to begin with. */
typedef struct wd_summary_base {
    wd_storer_counts items;
    uint64_t polls, not_modified, failures, bytes;
} wd_summary_base;

/* What came since the last one, whether that was much or nothing; moves *base. */
void wd_service_log_summary(const wd_log *log, const wd_snapshot *s, wd_summary_base *base);
void wd_service_log_stop(const wd_log *log, const wd_snapshot *s, bool drained);

/* The line of `systemctl status` and `wiredesk ctl status`. */
void wd_service_log_line(const wd_snapshot *s, char *out, size_t size);
void wd_service_log_status(const wd_snapshot *s);
