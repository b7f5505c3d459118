/*
 * daemon/pipeline.h - joins the stages: poll -> read (worker) -> decide and commit (desk
 * thread) -> hand off (publisher), and back to the poller.
 *
 * Thread: loop thread; the stages own their threads.
 * Bound:  the poller lets at most max_in_flight polls out, so nothing here grows:
 *         a slow stage slows polling, it never drops.
 */
#pragma once

#include <uv.h>

#include "daemon/config/config.h"
#include "daemon/desk_thread.h"
#include "daemon/timings.h"
#include "feeds/poller.h"
#include "queue/publisher.h"

typedef struct wd_pipeline wd_pipeline;

typedef struct wd_pipeline_spec {
    uv_loop_t *loop;
    const wd_clock *clock;
    const wd_log *log;
    wd_storer *storer; /* lent until closed */
    wd_schedule_policy policy;
    wd_backfill backfill;
    void (*rostered)(void *ctx, wd_status s, wd_roster *roster); /* answer to a reload */
    void (*noted)(void *ctx, wd_status s, uint64_t tag);         /* answer to a note */
    void (*stored)(void *ctx, const wd_poll *poll);              /* on disk, before it goes home */
    void (*dropped)(void *ctx, const wd_poll *poll);             /* not stored, and goes home */
    void (*idle)(void *ctx); /* after stop: nothing is in here any more */
    void (*closed)(void *ctx);
    void *ctx;
} wd_pipeline_spec;

WD_MUST_USE wd_status wd_pipeline_open(wd_pipeline **out, const wd_pipeline_spec *spec);

/* The neighbours; polls come only after the poller is known.  NULL parts with one. */
void wd_pipeline_set_poller(wd_pipeline *p, wd_poller *poller);
void wd_pipeline_set_publisher(wd_pipeline *p, wd_publisher *publisher);

/* For wd_poller_spec.on_poll, with the pipeline as ctx. */
void wd_pipeline_on_poll(void *pipeline, wd_poll *poll);

/* For wd_publisher_spec.source. */
wd_outbox_source wd_pipeline_source(wd_pipeline *p);

void wd_pipeline_reload(wd_pipeline *p, const wd_config *config, const wd_schedule_policy *policy);

/* Stores a feed's state that an order changed; answered by noted, with the tag. */
void wd_pipeline_note(wd_pipeline *p, const wd_feed_state *state, uint64_t tag);

/* As wd_desk_thread_keep_websub(). */
void wd_pipeline_keep_websub(wd_pipeline *p, const wd_ledger_websub *row);

/* From now on polls are given back unread; idle is called once all are back. */
void wd_pipeline_stop(wd_pipeline *p);

void wd_pipeline_get_report(wd_pipeline *p, wd_desk_report *out);
const wd_timings *wd_pipeline_timings(const wd_pipeline *p);

/* After idle only.  Sets *p to NULL; NULL is accepted. */
void wd_pipeline_close(wd_pipeline **p);
