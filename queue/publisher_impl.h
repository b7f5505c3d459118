/* queue/publisher_impl.h - the publisher's inside, shared by queue/publisher*.c. */
#pragma once

#include "queue/courier.h"

struct wd_publisher {
    wd_publisher_spec spec;
    wd_redis_url url;
    char stream[WD_LANE_COUNT][256], channel[WD_LANE_COUNT][256];
    char nonce[20];
    uint64_t generation;
    wd_courier courier[WD_LANE_COUNT];
    wd_publisher_stats stats;
    bool said_down; /* the trouble has been logged */
    wd_redis_reason said_reason;
    int64_t down_since_ms;
    wd_redis_call ring; /* PUBLISH: only a drain waits for it */
    unsigned ringing;
    uv_timer_t drain;
    uint64_t drain_ms;
    void (*drained)(void *ctx, bool drained);
    void *drained_ctx;
    bool closing;
    unsigned handles;
};

/* publisher.c: what concerns both lanes. */
void wd_publisher_lane_down(wd_courier *l, const char *why);
void wd_publisher_lane_up(wd_courier *l);
void wd_publisher_progress(wd_publisher *p);
void wd_publisher_released(wd_publisher *p);
