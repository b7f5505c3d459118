/* daemon/service.c - one struct with every stage, and the order in which they come and go.
 *
 * Stop: polls stop going out; what is inside the pipeline comes home; the poller
 * closes; the outbox drains; then publisher, desk thread, embedded Redis and the
 * rest close, each asynchronously.  `open_parts` counts what is still there; when
 * it is zero the loop runs out and wd_service_run() returns. */
#include "daemon/service.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/exit.h"
#include "daemon/notify.h"
#include "daemon/service_impl.h"
#include "daemon/service_log.h"
#include "daemon/version.h"

#define TICK_MS          1000
#define DRAIN_MS         (8 * WD_SECOND_MS)  /* below the 10 s after which a stop is killed */
#define DRAIN_ONCE_MS    (60 * WD_SECOND_MS) /* nobody waits to kill it */
#define CONNECT_ONCE_MS  (8 * WD_SECOND_MS)  /* a short pass ends before Redis has answered */
#define DRAIN_AWAY_MS    (2 * WD_SECOND_MS)
#define SUMMARY_EVERY_MS WD_HOUR_MS
#define MAX_IN_FLIGHT    512u /* polling.md rule 6 */
#define FILL_LOG_MS      (10 * WD_SECOND_MS)
#define FILL_PATIENCE_MS (60u * 1000u) /* a fill that says nothing for so long hangs */

/* --- parts closing ------------------------------------------------------- */

void wd_service_part_closed(void *ctx)
{
    wd_service *s = ctx;
    s->open_parts--;
}

static void handle_closed(uv_handle_t *h)
{
    wd_service_part_closed(h->loop->data);
}

static void close_handle(void *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, handle_closed);
}

/* --- how it is ----------------------------------------------------------- */

void wd_service_refresh(wd_service *s)
{
    s->snap.now_ms = wd_wall_ms(s->clock);
    s->snap.stopping = s->stopping;
    if (s->poller != NULL)
        wd_poller_get_stats(s->poller, &s->snap.polls);
    s->snap.timings = s->pipeline ? wd_pipeline_timings(s->pipeline) : NULL;
    if (s->pipeline != NULL)
        wd_pipeline_get_report(s->pipeline, &s->snap.desk);
    if (s->publisher != NULL)
        wd_publisher_get_stats(s->publisher, &s->snap.redis);
}

/* --- the tick ------------------------------------------------------------ */

/* Back-pressure (queue.md 11).  Down to 80 % before polling goes on, lest it stop and go. */
static void hold_back(wd_service *s)
{
    uint64_t waiting = wd_snapshot_waiting_bytes(&s->snap), limit = s->config->redis.outbox_max;
    wd_outbox_pressure pressure = wd_outbox_pressure_of(waiting, limit);
    char bytes[24];
    snprintf(bytes, sizeof(bytes), "%" PRIu64, waiting);
    const wd_log_field *fields = WD_FIELDS({ "BYTES", bytes });
    if (s->snap.desk.refused) /* a batch found no room, below the mark though it may be */
        pressure = WD_PRESSURE_STOP;
    if (!s->snap.held_back && pressure == WD_PRESSURE_STOP) {
        s->snap.held_back = true;
        wd_poller_pause(s->poller);
        wd_warn(s->log, "redis.backpressure", fields,
                "the outbox holds %" PRIu64 " MB that Redis has not taken, of %" PRIu64
                " it may; polling waits, feeds keep their items",
                waiting >> 20, limit >> 20);
    } else if (s->snap.held_back && waiting < limit / 10 * 8 && !s->snap.desk.refused) {
        s->snap.held_back = false;
        wd_poller_resume(s->poller);
        wd_notice(s->log, "redis.backpressure", fields,
                  "Redis takes events again; polling goes on");
    }
    if (!s->snap.high_water && pressure != WD_PRESSURE_NONE)
        wd_warn(s->log, "outbox.high_water", fields,
                "the outbox holds %" PRIu64 " MB that Redis has not taken, more than half of "
                "what it may; feeds are asked half as often",
                waiting >> 20);
    else if (s->snap.high_water && pressure == WD_PRESSURE_NONE)
        wd_notice(s->log, "outbox.high_water", fields, "the outbox is less than half full again");
    s->snap.high_water = pressure != WD_PRESSURE_NONE;
}

static void on_tick(uv_timer_t *timer)
{
    wd_service *s = wd_owner(timer, wd_service, tick);
    int64_t now = wd_boot_ms(s->clock), late = now - s->last_tick_ms - TICK_MS;
    s->snap.loop_lag_ms = late > 0 ? (uint64_t)late : 0;
    wd_histogram_observe(&s->snap.loop_lag, &wd_scale_work, (double)late / 1e3, 1);
    s->last_tick_ms = now;
    wd_notify_watchdog();
    if (s->stopping && s->once == NULL)
        return;
    wd_service_refresh(s);
    if (s->once != NULL)
        wd_service_once_tick(s);
    if (s->stopping)
        return;
    wd_service_page_tick(s);
    hold_back(s);
    wd_config_shelf_sweep(s->shelf);
    wd_service_lists_tick(s);
    (void)wd_heap_tick(&s->heap, &s->loop, s->snap.polls.tally.decoded_bytes, now);
    wd_service_log_status(&s->snap);
    if (s->snap.redis.fenced) {
        wd_error_event(
            s->log, "redis.fenced", WD_NO_FIELDS,
            "another wiredesk writes to this stream; two must not fight, so this one stops");
        wd_service_stop(s, WD_EXIT_FENCED);
    } else if (now - s->last_summary_ms >= SUMMARY_EVERY_MS) {
        s->last_summary_ms = now;
        wd_service_log_summary(s->log, &s->snap, &s->hour);
    }
}

/* --- stopping ------------------------------------------------------------ */

static void close_handles(wd_service *s)
{
    close_handle(&s->term);
    close_handle(&s->interrupt);
    close_handle(&s->hangup);
    close_handle(&s->tick);
}

static void close_rest(wd_service *s)
{
    if (s->pipeline != NULL)
        wd_pipeline_set_publisher(s->pipeline, NULL);
    wd_publisher_close(&s->publisher);
    wd_pipeline_close(&s->pipeline);
    wd_list_keeper_close(&s->lists);
    wd_http_close(&s->http);
    wd_service_close_control(s);
    wd_control_socket_close(&s->socket);
    wd_embedded_redis_close(&s->redis);
    close_handles(s);
}

static void drained(void *ctx, bool all)
{
    wd_service *s = ctx;
    wd_service_refresh(s);
    if (s->once != NULL)
        wd_service_once_end(s, all);
    wd_service_log_stop(s->log, &s->snap, all || wd_snapshot_waiting(&s->snap) == 0);
    close_rest(s);
}

/* While Redis is away there is little to wait for: the outbox keeps what it has. */
static int64_t drain_ms(wd_service *s)
{
    wd_service_refresh(s);
    if (s->once != NULL && s->exit_code == WD_EXIT_OK)
        return s->snap.redis.up ? DRAIN_ONCE_MS : CONNECT_ONCE_MS;
    if (s->snap.redis.up)
        return DRAIN_MS;
    return wd_snapshot_waiting(&s->snap) > 0 ? DRAIN_AWAY_MS : 0;
}

static void poller_closed(void *ctx)
{
    wd_service *s = ctx;
    wd_service_part_closed(s);
    wd_pipeline_set_poller(s->pipeline, NULL);
    if (s->publisher != NULL)
        wd_publisher_drain(s->publisher, drain_ms(s), drained, s);
    else
        drained(s, false);
}

static void pipeline_idle(void *ctx)
{
    wd_service *s = ctx;
    wd_service_refresh(s);
    if (s->once != NULL)
        wd_service_once_count(s);
    wd_poller_close(&s->poller);
}

void wd_service_stop(wd_service *s, int exit_code)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->exit_code = exit_code;
    wd_notify_stopping();
    wd_notify_status("stopping: the outbox is being drained");
    wd_websub_keeper_close(&s->websub);
    if (s->poller == NULL) { /* it never came so far */
        close_rest(s);
        return;
    }
    wd_poller_pause(s->poller);
    wd_pipeline_stop(s->pipeline);
}

static void on_stop_signal(uv_signal_t *signal, int number)
{
    wd_service *s = signal->loop->data;
    if (!s->stopping)
        wd_notice(s->log, "daemon.stop", WD_NO_FIELDS, "%s: no new polls, the outbox is drained",
                  number == SIGTERM ? "SIGTERM" : "SIGINT");
    wd_service_stop(s, s->once != NULL ? WD_EXIT_FAILED : WD_EXIT_OK);
}

/* --- starting ------------------------------------------------------------ */

static void on_poll(void *ctx, wd_poll *poll)
{
    wd_service *s = ctx;
    wd_pipeline_on_poll(s->pipeline, poll);
}

static wd_status open_stages(wd_service *s)
{
    wd_pipeline_spec pipeline = { .loop = &s->loop,
                                  .clock = s->clock,
                                  .log = s->log,
                                  .storer = s->storer,
                                  .policy = wd_fetcher_policy(s->config),
                                  .backfill = s->config->schedule.backfill,
                                  .rostered = wd_service_on_roster,
                                  .noted = wd_service_on_noted,
                                  .stored = wd_service_stored,
                                  .dropped = wd_service_dropped,
                                  .idle = pipeline_idle,
                                  .closed = wd_service_part_closed,
                                  .ctx = s };
    wd_status status = wd_pipeline_open(&s->pipeline, &pipeline);
    if (status != WD_OK)
        return status;
    s->open_parts++;
    wd_poller_spec poller = { .loop = &s->loop,
                              .http = s->http,
                              .clock = s->clock,
                              .log = s->log,
                              .policy = wd_fetcher_policy(s->config),
                              .max_in_flight = MAX_IN_FLIGHT,
                              .on_poll = on_poll,
                              .closed = poller_closed,
                              .release = wd_service_on_release,
                              .changed = wd_service_on_changed,
                              .ctx = s };
    status = wd_poller_open(&s->poller, &poller);
    s->open_parts += status == WD_OK;
    wd_pipeline_set_poller(s->pipeline, s->poller);
    return status;
}

/* Before anything that takes its time: a SIGTERM while the index is being filled is
 * heard as soon as the loop runs, and ends in order. */
static void open_handles(wd_service *s)
{
    uv_signal_init(&s->loop, &s->term);
    uv_signal_init(&s->loop, &s->interrupt);
    uv_signal_init(&s->loop, &s->hangup);
    uv_timer_init(&s->loop, &s->tick);
    s->open_parts += 4;
    uv_signal_start(&s->term, on_stop_signal, SIGTERM);
    uv_signal_start(&s->interrupt, on_stop_signal, SIGINT);
    uv_signal_start(&s->hangup, wd_service_on_hangup, SIGHUP);
    s->last_tick_ms = s->last_summary_ms = wd_boot_ms(s->clock);
    uv_timer_start(&s->tick, on_tick, TICK_MS, TICK_MS);
}

static wd_status make_state_dir(const char *dir, wd_error *err)
{
    struct stat st;
    if (mkdir(dir, 0750) == 0)
        return WD_OK;
    if (errno == EEXIST && stat(dir, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return WD_OK;
        errno = ENOTDIR;
    }
    return wd_fail(err, WD_IO, "the state directory %s cannot be made: %s", dir, strerror(errno));
}

/* From here on a failure stops what was started, in order. */
static void start(wd_service *s, wd_roster *roster)
{
    wd_error err = { 0 };
    wd_status status = wd_service_read_websub(s, &err);
    if (status == WD_OK)
        status = open_stages(s);
    if (status == WD_OK)
        status = wd_service_set_rules(s, s->config);
    if (status == WD_OK)
        status = wd_poller_set_feeds(s->poller, roster->feeds, s->config->n_feeds);
    if (status != WD_OK)
        (void)wd_fail(&err, status, "%s", wd_status_text(status));
    if (status == WD_OK && s->once == NULL)
        status = wd_service_open_lists(s, &err);
    if (status == WD_OK && s->once == NULL)
        status = wd_service_open_websub(s, &err);
    if (status == WD_OK && s->once == NULL)
        status = wd_service_open_control(s, &err);
    if (status == WD_OK && s->once == NULL)
        status = wd_service_open_socket(s, &err);
    if (status == WD_OK)
        status = wd_service_open_redis(s, &err);
    wd_roster_free(roster);
    if (status != WD_OK) {
        wd_error_event(s->log, "daemon.start_failed", WD_NO_FIELDS, "%s", err.text);
        wd_service_stop(s, WD_EXIT_FAILED);
        return;
    }
    if (s->once != NULL) {
        s->once->ran = true;
        wd_service_once_start(s);
    } else if (!s->stopping) {
        wd_service_log_ready(s->log, s->config);
        wd_notify_ready();
    }
}

/* A first fill of millions of texts takes minutes, and nothing can be asked meanwhile. */
static void still_filling(void *ctx, const char *text)
{
    wd_service *s = ctx;
    wd_notify_still_starting(FILL_PATIENCE_MS);
    wd_notify_status("filling the memory of texts from the ledger: %s", text);
    int64_t now = wd_boot_ms(s->clock);
    if (now - s->fill_told_ms < FILL_LOG_MS)
        return;
    s->fill_told_ms = now;
    wd_info(s->log, "daemon.filling", WD_NO_FIELDS,
            "the memory of texts is being filled from the ledger: %s", text);
}

static wd_status open_storer(wd_service *s, wd_roster **roster, wd_error *err)
{
    wd_progress progress = { .clock = s->clock,
                             .unit = "texts",
                             .quiet_ms = TICK_MS,
                             .every_ms = TICK_MS,
                             .tell = still_filling,
                             .ctx = s };
    wd_notify_status("reading the ledger, and filling the memory of texts from it");
    wd_progress_begin(&progress);
    s->fill_told_ms = progress.began_ms;
    const wd_storer_ears ears = { .progress = &progress, .log = s->log };
    return wd_storer_open(&s->storer, roster, s->config, &ears, err);
}

static int run(wd_service *s)
{
    wd_error err = { 0 };
    wd_roster *roster = NULL;
    open_handles(s);
    wd_status status = make_state_dir(s->config->state, &err);
    if (status == WD_OK)
        status = open_storer(s, &roster, &err);
    if (status == WD_OK) {
        status = wd_fetcher_open(&s->http, &s->loop, s->config, s->user_agent);
        if (status != WD_OK)
            (void)wd_fail(&err, status, "libcurl could not be started");
    }
    if (status != WD_OK) {
        wd_error_event(s->log, "daemon.start_failed", WD_NO_FIELDS, "%s", err.text);
        wd_roster_free(roster);
        s->exit_code = WD_EXIT_FAILED;
        close_rest(s);
    } else {
        start(s, roster);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
    return s->exit_code;
}

static int serve(wd_config *config, wd_log *log, wd_once *once)
{
    wd_service *s = calloc(1, sizeof(*s));
    if (s == NULL || wd_config_shelf_new(&s->shelf, config) != WD_OK) {
        free(s);
        wd_config_free(config);
        return WD_EXIT_FAILED;
    }
    if (uv_loop_init(&s->loop) != 0) {
        wd_config_shelf_free(s->shelf);
        free(s);
        return WD_EXIT_FAILED;
    }
    s->config = config;
    s->log = log;
    s->once = once;
    s->clock = wd_clock_system();
    s->loop.data = s;
    s->snap.started_ms = wd_wall_ms(s->clock);
    s->snap.desk.storage_ok = true;
    wd_service_log_start(log, config);
    int code = run(s);
    if (uv_loop_close(&s->loop) != 0 || s->open_parts != 0) {
        wd_error_event(log, "daemon.stop", WD_NO_FIELDS,
                       "a part did not close: this is a bug in wiredesk");
        code = WD_EXIT_FAILED;
    }
    wd_storer_close(&s->storer);
    wd_arena_free(s->websub_arena);
    wd_wire_free(s->wire);
    free(s->trend);
    wd_config_free(s->coming);
    wd_config_shelf_free(s->shelf);
    free(s);
    return code;
}

int wd_service_run(wd_config *config, wd_log *log)
{
    wd_heap_set_up();
    return serve(config, log, NULL);
}

int wd_service_once(wd_config *config, wd_log *log, wd_once *once)
{
    return serve(config, log, once);
}
