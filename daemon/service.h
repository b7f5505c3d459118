/*
 * daemon/service.h - the daemon as a whole: starts every stage in order, keeps watch, and
 * stops them in the reverse order with nothing lost.
 */
#pragma once

#include "core/log.h"
#include "daemon/config/config.h"
#include "daemon/progress.h"

/* One pass over all feeds: what it is to do, and what came of it. */
typedef struct wd_once {
    bool due_only;         /* only those that are due by their own rhythm */
    wd_progress *progress; /* is told how far it is, once a second; NULL: nobody is */
    bool ran;              /* the pass began; else the log has said why not */
    uint32_t feeds, failing, left_out;
    uint64_t documents, unchanged, fresh, updated, copies;
    uint64_t waiting; /* events that Redis has not taken */
    int64_t took_ms;
} wd_once;

/* Runs until SIGTERM, SIGINT or a failure that cannot be waited out.  Takes the
 * configuration.  Returns an enum wd_exit (daemon/exit.h). */
int wd_service_run(wd_config *config, wd_log *log);

/* The same stages for one pass, without control listener and socket.  WD_EXIT_OK: every
 * feed works, nothing waits. */
int wd_service_once(wd_config *config, wd_log *log, wd_once *once);
