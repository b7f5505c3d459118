/* queue/publisher_impl.h - the publisher's inside, shared by queue/publisher*.c. */
#pragma once

#include "queue/courier.h"

struct wd_publisher {
    wd_publisher_spec spec;
    wd_redis_url url;
    char stream[WD_LANE_COUNT][256], channel[WD_LANE_COUNT][256];
    char list[256]; /* "": none */
    char nonce[20];
    uint64_t generation;
    wd_courier courier[WD_LANE_COUNT];
    wd_publisher_stats stats;
    wd_redis_host master; /* as a sentinel or MOVED last said; host "": nobody did */
    bool said_down;       /* the trouble has been logged */
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
void wd_publisher_led_to(wd_publisher *p, const wd_redis_host *host); /* says a change */
void wd_publisher_progress(wd_publisher *p);
void wd_publisher_released(wd_publisher *p);

/* publisher_lane.c: from no connection to running, and back. */
void wd_courier_start(wd_courier *l);
void wd_courier_stop(wd_courier *l);
void wd_courier_run(wd_courier *l);                               /* in step */
void wd_courier_wait(wd_courier *l, enum wd_courier_state state); /* until the timer says more */
void wd_courier_kick(wd_courier *l);                              /* wd_courier_work(), soon */
void wd_courier_work(wd_courier *l);
/* Trouble with `error` (Redis' own words or a sentence); acts when nothing is in flight. */
void wd_courier_trouble(wd_courier *l, wd_redis_reason reason, wd_span error);
void wd_courier_settle(wd_courier *l, enum wd_courier_next next);
void wd_courier_settled(wd_courier *l);
void wd_courier_fenced(wd_courier *l);

/* publisher_greet.c: ends in _want_stat(), or in trouble. */
void wd_courier_greet(wd_courier *l);
bool wd_courier_read_id(wd_span id, int64_t *ms, uint64_t *seq); /* "<ms>-<seq>" */

/* publisher_compare.c: ends in _run(), or greets again. */
void wd_courier_want_stat(wd_courier *l);
void wd_courier_compare(wd_courier *l);
void wd_courier_go_on_behind(wd_courier *l); /* the stream is of another history */

/* publisher_find.c: where the master is; ends in _connect() with `where` set, or in _lost(). */
void wd_courier_find(wd_courier *l);
void wd_courier_moved(wd_courier *l, wd_span error); /* "MOVED 3999 127.0.0.1:6381" */
void wd_courier_forget(wd_courier *l);               /* that address was of no use */
void wd_courier_connect(wd_courier *l);
void wd_courier_lost(wd_courier *l, wd_redis_reason reason, const char *why);

/* publisher_push.c: the window, and the rows that wait for room in it. */
void wd_courier_fill(wd_courier *l);
void wd_courier_row(wd_courier *l, const wd_outbox_row *row); /* one that was asked for */
void wd_courier_offer(wd_courier *l, const wd_outbox_row *row);
void wd_courier_rows_end(wd_courier *l);
void wd_courier_report(wd_courier *l);
void wd_courier_fruitful(wd_courier *l); /* it works: back-off starts anew */

/* publisher_upkeep.c: every few seconds while running; after a connection was made. */
void wd_courier_upkeep(wd_courier *l);
void wd_courier_upkeep_anew(wd_courier *l);
