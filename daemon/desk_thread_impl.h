/*
 * daemon/desk_thread_impl.h - what both sides of the desk thread share: desk_thread.c is the
 * loop's, desk_work.c the thread's own.
 */
#pragma once

#include <uv.h>

#include "daemon/desk_job.h"
#include "daemon/desk_thread.h"
#include "daemon/desk_waiting.h"
#include "daemon/mailbox.h"

#define WD_DESK_TIDY_EVERY_MS (60 * WD_SECOND_MS)

struct wd_desk_thread {
    wd_desk_spec spec;
    uv_thread_t thread;
    uv_async_t answered;
    wd_mailbox jobs, answers;

    /* desk thread only */
    wd_desk_waiting waiting;
    bool storage_ok, hurry, stopping;
    bool refused;   /* the outbox was full */
    wd_link untold; /* GAP jobs that could not be written */
    int64_t retry_at_ms, tidy_at_ms;
    uint64_t told_top[WD_LANE_COUNT];
    uint64_t acked[WD_LANE_COUNT]; /* and not yet written down; 0: nothing new */

    uv_mutex_t report_lock;
    wd_desk_report report;
};

/* The thread: until a letter says WD_JOB_STOP; its last answer is one of that kind. */
void wd_desk_work(void *thread);
