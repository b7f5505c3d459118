/*
 * queue/courier.h - one lane's way to its stream: a connection and its window of calls in
 * flight.  Private to queue/publisher*.c.
 */
#pragma once

#include "queue/parcel.h"
#include "queue/publisher.h"
#include "queue/redis.h"
#include "queue/redis_reason.h"

/* What may be in flight: enough to hide a round trip, little enough to repeat. */
#define WD_WINDOW_CALLS 64u
#define WD_WINDOW_BYTES (1024u * 1024u)
/* What may wait for room in it: enough that a source which is busy with a transaction is not
 * waited for, little enough to throw away when something breaks. */
#define WD_READY_ROWS  256u
#define WD_READY_BYTES (1024u * 1024u)

#define WD_BACKOFF_FIRST_MS  50
#define WD_BACKOFF_LAST_MS   5000
#define WD_OPERATOR_RETRY_MS 30000 /* only a person can mend it */
#define WD_LOOK_EVERY_MS     5000  /* queue.md rule 7 */
#define WD_ANSWER_MS         10000 /* a DEBUG SLEEP or an AOF rewrite's fork fits */
#define WD_FRUITLESS_HELLOS  3     /* then hellos back off as well */

enum wd_courier_state {
    WD_COURIER_WAITING,    /* no connection; the timer opens one */
    WD_COURIER_CONNECTING, /* until up */
    WD_COURIER_GREETING,   /* ROLE, SCRIPT LOAD, hello: one command at a time */
    WD_COURIER_COMPARING,  /* what Redis has, with what the outbox has */
    WD_COURIER_RUNNING,
    WD_COURIER_SETTLING, /* an error came: until every call in flight has its answer */
    WD_COURIER_PAUSING,  /* connected; the timer greets again */
    WD_COURIER_FENCED,   /* another daemon owns the stream: the end */
    WD_COURIER_STOPPED,  /* the publisher is closing */
};

enum wd_courier_probe { WD_PROBE_NONE, WD_PROBE_ASKED, WD_PROBE_ANSWERED };

/* What follows when the last call in flight is answered. */
enum wd_courier_next { WD_NEXT_HELLO, WD_NEXT_LOAD, WD_NEXT_PAUSE, WD_NEXT_RECONNECT };

/* One push: the row is kept for the channel, which is told after the stream. */
typedef struct wd_push {
    wd_redis_call call;
    struct wd_courier *courier;
    uint64_t sent_ns;
    wd_parcel *parcel; /* NULL: none */
} wd_push;

typedef struct wd_courier {
    wd_publisher *p;
    wd_lane lane;
    enum wd_courier_state state;
    enum wd_courier_next next;
    wd_redis *redis;
    wd_redis *finder;    /* asks a sentinel where the master is */
    wd_redis_host where; /* as a sentinel or MOVED said; host "": the URL's */
    unsigned host_at;    /* of the URL's hosts, the one to ask next */
    unsigned unanswered; /* sentinels tried in vain in this round */
    bool named;          /* a sentinel answered, and does not know the name */
    wd_redis_call ask;   /* the one command of a greeting */
    wd_redis_call look;  /* rule 7's, which may still be under way when a greeting begins */
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
    unsigned hellos, items_hellos; /* that were answered with OK; items': when ... */
    bool follows;                  /* ... this lane was fenced, and waits for their next one */

    uint64_t top; /* what the stream had at the last hello */
    int64_t top_ms;
    uint64_t top_hash;  /* of its body; 0: not known */
    unsigned stats_due; /* answers of the source still to come */
    bool stat_fresh;
    wd_outbox_stat stat;
    enum wd_courier_probe probe; /* for the row that Redis calls its top */
    int64_t probe_ms;
    bool want_renumber; /* the stream's last id is later than the row behind it */

    uint64_t known;              /* the lane's last row, as far as we were told */
    uint64_t cursor;             /* last row pushed */
    uint64_t fetched;            /* and last one in `ready`, or the same */
    uint64_t base;               /* rows up to here will never come; for the next push */
    uint64_t gap_from, gap_said; /* the last gap told of, until a push succeeds behind it */
    uint64_t acked, reported;
    bool rows_due, rows_unwanted, rows_none; /* none: none came yet of those asked for */
    uint64_t rows_known;                     /* `known` when they were asked for */
    bool healthy;                            /* in step, and the last push was answered */
    wd_redis_call chore;                     /* publisher_upkeep.c */
    bool at_chores, said_refused, said_behind, said_long;
    unsigned safe_how;
    uint64_t safe, safe_asked; /* Redis cannot lose what came up to here */
    int64_t swept_ms;

    wd_parcel_line ready; /* rows fetched and not pushed; only while running */
    wd_push window[WD_WINDOW_CALLS];
    unsigned oldest, in_flight;
    size_t in_flight_bytes;
} wd_courier;
