/*
 * queue/publisher.h - hands outbox rows to Redis in order, exactly once on the stream
 * (docs/queue.md).
 *
 * Thread:   loop thread only.  Storage is asked through wd_outbox_source, which may
 *           answer later, from another thread's result.
 * Callback: nothing of the source is called inside a call made here, except close.
 * Shutdown: wd_publisher_drain() first, then wd_publisher_close(); closed runs once.
 */
#pragma once

#include <uv.h>

#include "core/clock.h"
#include "core/histogram.h"
#include "core/log.h"
#include "queue/outbox.h"

typedef struct wd_publisher wd_publisher;

/* All calls are requests; answers come through wd_publisher_on_*(). */
typedef struct wd_outbox_source {
    void (*want_stat)(void *ctx, wd_lane lane);
    void (*want_rows)(
        void *ctx, wd_lane lane, uint64_t after_seq, uint32_t max_rows, size_t max_bytes);
    void (*acked)(void *ctx, wd_lane lane, uint64_t seq);   /* no answer needed */
    void (*unacked)(void *ctx, wd_lane lane, uint64_t seq); /* answered by a stat */
    void (*renumber)(void *ctx,
                     wd_lane lane,
                     uint64_t top,
                     int64_t top_ms); /* answered by a stat */
    /* Redis lost from..to and the outbox no longer keeps them: commit a stream.gap
     * event ("outbox-retention").  No answer needed; may be NULL. */
    void (*gap)(void *ctx, wd_lane lane, uint64_t from, uint64_t to);
    /* Redis cannot lose what came up to `seq`.  No answer needed; may be NULL. */
    void (*safe)(void *ctx, wd_lane lane, uint64_t seq);
    void *ctx;
} wd_outbox_source;

typedef struct wd_publisher_config {
    const char
        *url; /* redis://[user:pass@]host:port/db, unix:///path?db=N, rediss://, sentinel:// ... */
    const char *username, *password;            /* override the URL's; NULL: none */
    const char *ca_file, *cert_file, *key_file; /* for rediss://; NULL: none */
    const char *stream[WD_LANE_COUNT];          /* "wiredesk:items", "wiredesk:copies" */
    const char *channel[WD_LANE_COUNT];         /* the same names unless configured */
    const char *list;       /* gets every story as well, for BRPOP; NULL: none */
    uint64_t maxlen;        /* entries a stream keeps, about; 0: all */
    int64_t max_age_ms;     /* and how old they may become; 0: any age */
    unsigned safe_replicas; /* that must have an event before it counts as safe */
} wd_publisher_config;

typedef struct wd_publisher_spec {
    uv_loop_t *loop;
    const wd_clock *clock;
    const wd_log *log;
    wd_publisher_config config; /* strings copied */
    wd_outbox_source source;
    uint64_t generation;
    void (*closed)(void *ctx);
    void *closed_ctx;
} wd_publisher_spec;

/* WD_CONFIG with one sentence: an address that can never work in this build. */
WD_MUST_USE wd_status wd_publisher_check(const char *url, wd_error *err);

/* WD_CONFIG with err: as wd_publisher_check(), or streams that are one. */
WD_MUST_USE wd_status wd_publisher_open(wd_publisher **out,
                                        const wd_publisher_spec *spec,
                                        wd_error *err);

/* The lane has rows up to top_seq: said after every commit that wrote any. */
void wd_publisher_wake(wd_publisher *p, wd_lane lane, uint64_t top_seq);
/* One of those rows, in order, before wake: sent without the source being asked.  What finds no
 * room, or a lane that is not in step, is asked for later.  Borrowed for the call. */
void wd_publisher_offer(wd_publisher *p, const wd_outbox_row *row);

/* Answers of the source.  Rows are borrowed for the call. */
void wd_publisher_on_stat(wd_publisher *p,
                          wd_lane lane,
                          const wd_outbox_stat *stat,
                          uint64_t generation);
void wd_publisher_on_row(wd_publisher *p, const wd_outbox_row *row);
void wd_publisher_on_rows_end(wd_publisher *p, wd_lane lane);

typedef struct wd_publisher_stats {
    bool up;     /* connected, hello answered, every lane in step */
    bool fenced; /* another daemon took the stream: this one must stop */
    uint64_t sent, acked, duplicates, errors, reconnects;
    wd_histogram handoff; /* one event, sent to answered */
    uint64_t behind;      /* rows known and not acknowledged, all lanes */
    int64_t last_ack_ms;
    char last_error[160]; /* "" while up */
} wd_publisher_stats;

void wd_publisher_get_stats(const wd_publisher *p, wd_publisher_stats *out);

/* Calls done once: when every row known is acknowledged, or after wait_ms. */
void wd_publisher_drain(wd_publisher *p,
                        int64_t wait_ms,
                        void (*done)(void *ctx, bool drained),
                        void *ctx);

/* Sets *p to NULL; NULL is accepted. */
void wd_publisher_close(wd_publisher **p);
