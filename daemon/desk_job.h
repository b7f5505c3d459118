/*
 * daemon/desk_job.h - one letter to or from the desk thread (its two sides only).
 */
#pragma once

#include "core/list.h"
#include "daemon/roster.h"
#include "daemon/row_copies.h"
#include "feeds/poll.h"
#include "queue/ledger_websub.h"
#include "queue/outbox.h"

typedef enum wd_desk_job_kind {
    WD_JOB_STORE,
    WD_JOB_STAT,
    WD_JOB_ROWS,
    WD_JOB_ACK,
    WD_JOB_UNACK,
    WD_JOB_RENUMBER,
    WD_JOB_GAP,
    WD_JOB_SAFE,
    WD_JOB_ROSTER,
    WD_JOB_NOTE,
    WD_JOB_WEBSUB, /* no answer */
    WD_JOB_HURRY,
    WD_JOB_STOP,
    WD_JOB_COMMITTED, /* answers only */
} wd_desk_job_kind;

typedef struct wd_desk_job {
    wd_link link;
    wd_desk_job_kind kind;
    wd_lane lane;
    uint64_t seq;    /* ACK, SAFE, UNACK, RENUMBER's top, ROWS' after, GAP's from */
    uint64_t to_seq; /* GAP */
    int64_t ms;      /* RENUMBER's top_ms */
    uint32_t max_rows;
    size_t max_bytes;
    wd_poll *poll;
    bool dropped;
    const wd_config *config;
    wd_schedule_policy policy;
    wd_roster *roster;
    wd_feed_state feed; /* NOTE */
    uint64_t tag;
    wd_ledger_websub *websub; /* WEBSUB: in websub_arena, as its texts; no slug: the row goes */
    wd_arena *websub_arena;
    wd_status status;
    wd_outbox_stat stat;
    uint64_t generation;
    uint64_t top_seq[WD_LANE_COUNT];
    wd_row_copies rows; /* ROWS; COMMITTED: of those, as many as there is room for */
} wd_desk_job;
