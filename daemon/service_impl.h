/*
 * daemon/service_impl.h - every stage of the daemon, shared by daemon/service*.c only.
 */
#pragma once

#include "daemon/config/shelf.h"
#include "daemon/control.h"
#include "daemon/control_socket.h"
#include "daemon/fetcher.h"
#include "daemon/heap.h"
#include "daemon/list_keeper.h"
#include "daemon/page/readers.h"
#include "daemon/page/trend.h"
#include "daemon/pipeline.h"
#include "daemon/service.h"
#include "daemon/service_log.h"
#include "daemon/snapshot.h"
#include "daemon/websub/keeper.h"
#include "queue/embedded_redis.h"

/* An order whose answer waits for the disk; caller 0: a free place. */
struct wd_pending_order {
    uint64_t caller;
    char text[256];
};

typedef struct wd_service {
    uv_loop_t loop;
    wd_log *log;
    const wd_clock *clock;
    wd_config_shelf *shelf;
    wd_config *config; /* the one in force */
    wd_config *coming; /* loaded, its roster not yet there */
    wd_storer *storer;
    wd_http *http;
    wd_poller *poller;
    wd_pipeline *pipeline;
    wd_publisher *publisher;
    wd_websub_keeper *websub;          /* NULL: hubs may not push */
    struct wd_websub_row *websub_rows; /* of the ledger, until the keeper has them */
    wd_arena *websub_arena;
    wd_list_keeper *lists;
    bool list_changed; /* a reload takes it over */
    wd_embedded_redis *redis;
    wd_control *control;
    wd_control_socket *socket;
    struct wd_pending_order pending[WD_CONTROL_CLIENTS];
    uint64_t reloads[WD_CONTROL_CLIENTS]; /* who ordered one: the one under way, then the next */
    unsigned n_reloads, n_reloads_now;
    wd_wire *wire;       /* these three are there when control is */
    wd_readers *readers; /* of the status page */
    wd_trend *trend;
    uv_signal_t term, interrupt, hangup;
    uv_timer_t tick;
    wd_heap heap;
    int64_t fill_told_ms; /* the first fill of the desk was last logged */
    unsigned open_parts;
    wd_once *once; /* NULL: until somebody stops it */
    bool stopping, draining, announced, reload_again;
    int exit_code;
    int64_t last_tick_ms, last_summary_ms;
    wd_summary_base hour; /* the counts an hour ago */
    wd_snapshot snap;
    char user_agent[WD_USER_AGENT_BYTES];
} wd_service;

/* Begins an orderly stop; the first exit code given counts. */
void wd_service_stop(wd_service *s, int exit_code);

void wd_service_refresh(wd_service *s); /* moves s->snap to this moment */
void wd_service_part_closed(void *ctx); /* every part's closed callback; ctx: the service */

/* service_lists.c: subscription lists at an address. */
wd_status wd_service_open_lists(wd_service *s, wd_error *err);
void wd_service_lists_tick(wd_service *s);

/* service_websub.c: hubs that push.  What the ledger has is read before the pipeline has it. */
wd_status wd_service_read_websub(wd_service *s, wd_error *err);
wd_status wd_service_open_websub(wd_service *s, wd_error *err);
void wd_service_stored(void *service, const wd_poll *poll);
void wd_service_dropped(void *service, const wd_poll *poll);

/* service_once.c: what is different when there is an end. */
void wd_service_once_start(wd_service *s);
void wd_service_once_tick(wd_service *s);
void wd_service_once_count(wd_service *s); /* while the poller is still there */
void wd_service_once_end(wd_service *s, bool drained);

/* service_control.c: the listener and what it answers; WD_OK without one when it is off. */
wd_status wd_service_open_control(wd_service *s, wd_error *err);
void wd_service_close_control(wd_service *s);

/* service_page.c: the status page's routes, and what the daemon tells it. */
wd_status wd_service_open_page(wd_service *s);
void wd_service_page_stored(void *service, const wd_poll *poll);
void wd_service_page_tick(wd_service *s);
void wd_service_on_page(wd_service *s, const wd_control_request *r, wd_control_answer *out);
void wd_service_on_events(wd_service *s, const wd_control_request *r, wd_control_answer *out);
void wd_service_on_state(wd_service *s, const wd_control_request *r, wd_control_answer *out);
void wd_service_on_feeds(wd_service *s, const wd_control_request *r, wd_control_answer *out);
void wd_service_on_items(wd_service *s, const wd_control_request *r, wd_control_answer *out);

/* service_reload.c: the first makes the poller go by this configuration. */
WD_MUST_USE wd_status wd_service_set_rules(wd_service *s, const wd_config *config);
void wd_service_on_hangup(uv_signal_t *signal, int number);
void wd_service_on_roster(void *ctx, wd_status status, wd_roster *roster);
void wd_service_on_release(void *ctx, const wd_feed_config *feed);
void wd_service_reload(wd_service *s); /* one at a time: this one now, or after it another */

/* service_orders.c */
wd_status wd_service_open_socket(wd_service *s, wd_error *err);
void wd_service_on_order(void *ctx, const wd_control_order *order);
void wd_service_on_noted(void *ctx, wd_status status, uint64_t caller);
void wd_service_on_changed(void *ctx, const wd_feed_state *state);
void wd_service_reload_done(wd_service *s, bool ok, const char *text);

/* service_redis.c: the embedded server when asked for, then the publisher. */
wd_status wd_service_open_redis(wd_service *s, wd_error *err);
