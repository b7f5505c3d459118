/*
 * queue/publisher_impl.h - the publisher's inside: one lane is one stream, one connection,
 * one window of calls in flight.  Shared by queue/publisher*.c.
 */
#pragma once

#include "queue/publisher.h"
#include "queue/redis.h"
#include "queue/redis_reason.h"

/* What may be in flight: enough to hide a round trip, little enough to repeat. */
#define WD_WINDOW_CALLS 64u
#define WD_WINDOW_BYTES (1024u * 1024u)

#define WD_BACKOFF_FIRST_MS  50
#define WD_BACKOFF_LAST_MS   5000
#define WD_OPERATOR_RETRY_MS 30000 /* only a person can mend it */
#define WD_LOOK_EVERY_MS     5000  /* queue.md rule 7 */
#define WD_ANSWER_MS         10000 /* a DEBUG SLEEP or an AOF rewrite's fork fits */
#define WD_FRUITLESS_HELLOS  3     /* then hellos back off as well */

enum wd_link_state {
    WD_LINK_WAITING,    /* no connection; the timer opens one */
    WD_LINK_CONNECTING, /* until up */
    WD_LINK_GREETING,   /* ROLE, SCRIPT LOAD, hello: one command at a time */
    WD_LINK_COMPARING,  /* what Redis has, with what the outbox has */
    WD_LINK_RUNNING,
    WD_LINK_SETTLING, /* an error came: until every call in flight has its answer */
    WD_LINK_PAUSING,  /* connected; the timer greets again */
    WD_LINK_FENCED,   /* another daemon owns the stream: the end */
    WD_LINK_STOPPED,  /* the publisher is closing */
};

enum wd_link_probe { WD_PROBE_NONE, WD_PROBE_ASKED, WD_PROBE_ANSWERED };

/* What follows when the last call in flight is answered. */
enum wd_link_next { WD_NEXT_HELLO, WD_NEXT_LOAD, WD_NEXT_PAUSE, WD_NEXT_RECONNECT };

/* One push: the body is kept for the channel, which is told after the stream. */
typedef struct wd_push {
    wd_redis_call call;
    struct wd_link *link;
    uint64_t seq;
    size_t len;
    char *body;
} wd_push;

typedef struct wd_link {
    wd_publisher *p;
    wd_lane lane;
    enum wd_link_state state;
    enum wd_link_next next;
    wd_redis *redis;
    wd_redis_call ask;  /* the one command of a greeting */
    wd_redis_call look; /* rule 7's, which may still be under way when a greeting begins */
    bool looking;
    uint64_t seen;    /* cursor when it was sent */
    uv_timer_t timer; /* back-off; when running, the next look */
    uv_timer_t kick;  /* work that must not happen inside the caller's call */
    unsigned failures, fruitless;
    wd_redis_reason reason; /* of the last trouble */

    char fence[300]; /* key of the fence hash */
    char sha[48];    /* of the push script */
    uint64_t epoch;  /* 0: never greeted */
    char owner[64];  /* "<epoch>:<nonce>" */
    uint64_t hello_generation;

    uint64_t top; /* what the stream had at the last hello */
    int64_t top_ms;
    unsigned stats_due; /* answers of the source still to come */
    bool stat_fresh;
    wd_outbox_stat stat;
    enum wd_link_probe probe; /* for the row that Redis calls its top */
    int64_t probe_ms;
    bool want_renumber; /* the stream's last id is later than the row behind it */

    uint64_t known;    /* the lane's last row, as far as we were told */
    uint64_t cursor;   /* last row pushed */
    uint64_t base;     /* rows up to here will never come; for the next push */
    uint64_t gap_said; /* the last base told of, until a push succeeds behind it */
    uint64_t acked, reported;
    bool rows_due, rows_unwanted;
    bool rows_none;      /* none came yet of those asked for */
    uint64_t rows_known; /* `known` when they were asked for */
    bool healthy;        /* in step, and the last push was answered */
    wd_push window[WD_WINDOW_CALLS];
    unsigned oldest, in_flight;
    size_t in_flight_bytes;
} wd_link;

struct wd_publisher {
    wd_publisher_spec spec;
    wd_redis_url url;
    char stream[WD_LANE_COUNT][256], channel[WD_LANE_COUNT][256];
    char nonce[20];
    uint64_t generation;
    wd_link link[WD_LANE_COUNT];
    wd_publisher_stats stats;
    bool said_down; /* the trouble has been logged */
    wd_redis_reason said_reason;
    int64_t down_since_ms;
    wd_redis_call ring; /* PUBLISH: nobody waits for it */
    uv_timer_t drain;
    uint64_t drain_ms;
    void (*drained)(void *ctx, bool drained);
    void *drained_ctx;
    bool closing;
    unsigned handles;
};

/* publisher_lane.c: from no connection to running, and back. */
void wd_link_start(wd_link *l);
void wd_link_stop(wd_link *l);
void wd_link_greet(wd_link *l);
void wd_link_kick(wd_link *l); /* wd_link_work(), soon */
void wd_link_work(wd_link *l);
/* Trouble with `error` (Redis' own words or a sentence); acts when nothing is in flight. */
void wd_link_trouble(wd_link *l, wd_redis_reason reason, wd_span error);
void wd_link_settle(wd_link *l, enum wd_link_next next);
void wd_link_settled(wd_link *l);
void wd_link_fenced(wd_link *l);

/* publisher_push.c: the window. */
void wd_link_fill(wd_link *l);
void wd_link_row(wd_link *l, const wd_outbox_row *row);
void wd_link_rows_end(wd_link *l);
void wd_link_report(wd_link *l);
void wd_link_fruitful(wd_link *l); /* it works: back-off starts anew */

/* publisher.c: what concerns both lanes. */
void wd_publisher_lane_down(wd_link *l, const char *why);
void wd_publisher_lane_up(wd_link *l);
void wd_publisher_progress(wd_publisher *p);
void wd_publisher_released(wd_publisher *p);
