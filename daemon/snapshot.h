/*
 * daemon/snapshot.h - how the daemon is, at one moment: for metrics, health, status line
 * and the last line of the log.
 */
#pragma once

#include "daemon/desk_thread.h"
#include "daemon/timings.h"
#include "daemon/websub/keeper.h"
#include "feeds/poller.h"
#include "queue/publisher.h"

typedef struct wd_snapshot {
    int64_t now_ms, started_ms;
    wd_poller_stats polls;
    wd_desk_report desk;
    wd_publisher_stats redis;
    const wd_timings *timings; /* NULL: no pipeline yet */
    uint64_t loop_lag_ms;      /* the newest tick's lateness */
    wd_histogram loop_lag;     /* of all of them */
    uint64_t reloads_ok, reloads_failed;
    char reload_trouble[256];      /* why the last reload kept the old configuration; "" */
    const wd_websub_stats *websub; /* NULL: hubs may not push; set for metrics alone */
    bool stopping, held_back;      /* held_back: the outbox is too full to poll */
    bool high_water; /* more than half of it is taken: feeds are asked half as often */
} wd_snapshot;

/* Events waiting for Redis, all lanes. */
static inline uint64_t wd_snapshot_waiting(const wd_snapshot *s)
{
    uint64_t n = 0;
    for (int lane = 0; lane < WD_LANE_COUNT; lane++)
        n += s->desk.outbox[lane].waiting;
    return n;
}

static inline uint64_t wd_snapshot_waiting_bytes(const wd_snapshot *s)
{
    uint64_t n = 0;
    for (int lane = 0; lane < WD_LANE_COUNT; lane++)
        n += s->desk.outbox[lane].waiting_bytes;
    return n;
}

/* NULL while work is being done; else half a sentence that says what is not. */
const char *wd_snapshot_trouble(const wd_snapshot *s);
