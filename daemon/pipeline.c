/* daemon/pipeline.c - one direction: each stage hands the poll on, and the last one home. */
#include "daemon/pipeline.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/item_voice.h"
#include "daemon/reading.h"

#define RETRY_MS WD_MINUTE_MS /* memory was short, or we stop: no hurry */

struct wd_pipeline {
    wd_pipeline_spec spec;
    wd_desk_thread *desk;
    wd_poller *poller;
    wd_publisher *publisher;
    wd_timings timings;
    uint64_t hash_key;
    size_t inside; /* polls taken and not given back */
    bool stopping, idle_said;
};

struct reading_job {
    uv_work_t work;
    wd_pipeline *pipeline;
    wd_poll *poll;
    wd_reading_spec spec;
};

/* --- home ---------------------------------------------------------------- */

static void say_idle(wd_pipeline *p)
{
    if (!p->stopping || p->inside > 0 || p->idle_said)
        return;
    p->idle_said = true;
    p->spec.idle(p->spec.ctx);
}

static void send_home(wd_pipeline *p, wd_poll *poll)
{
    assert(p->inside > 0);
    p->inside--;
    wd_poller_finish(p->poller, poll);
    say_idle(p);
}

/* Could not be read or stored here: nothing of it is remembered, so it is due again,
 * though not at once. */
static void send_home_unread(wd_pipeline *p, wd_poll *poll)
{
    poll->state.next_due_ms = wd_wall_ms(p->spec.clock) + RETRY_MS;
    p->spec.dropped(p->spec.ctx, poll);
    send_home(p, poll);
}

/* --- reading, on a worker ------------------------------------------------ */

static void read_poll(uv_work_t *work)
{
    struct reading_job *job = wd_owner(work, struct reading_job, work);
    uint64_t begun_ns = uv_hrtime();
    wd_reading_make(job->poll, &job->spec);
    job->poll->parse_us = (uint32_t)((uv_hrtime() - begun_ns) / 1000);
}

static void poll_read(uv_work_t *work, int status)
{
    struct reading_job *job = wd_owner(work, struct reading_job, work);
    wd_pipeline *p = job->pipeline;
    wd_poll *poll = job->poll;
    free(job);
    if (status != 0)
        send_home_unread(p, poll);
    else
        wd_desk_thread_store(p->desk, poll);
}

static void start_reading(wd_pipeline *p, wd_poll *poll)
{
    struct reading_job *job = malloc(sizeof(*job));
    if (job == NULL) {
        send_home_unread(p, poll);
        return;
    }
    *job = (struct reading_job){ .pipeline = p,
                                 .poll = poll,
                                 .spec = { .hash_key = p->hash_key,
                                           .backfill = p->spec.backfill,
                                           .now_ms = wd_wall_ms(p->spec.clock) } };
    uv_queue_work(p->spec.loop, &job->work, read_poll, poll_read);
}

void wd_pipeline_on_poll(void *pipeline, wd_poll *poll)
{
    wd_pipeline *p = pipeline;
    p->inside++;
    if (p->stopping || poll->reason == WD_REASON_CANCELED)
        send_home_unread(p, poll);
    else if (poll->answer == WD_ANSWER_DOCUMENT)
        start_reading(p, poll);
    else
        wd_desk_thread_store(p->desk, poll);
}

/* --- answers of the desk thread ------------------------------------------ */

static void stored(void *ctx, wd_poll *poll)
{
    wd_pipeline *p = ctx;
    const wd_reading *r = poll->payload;
    wd_timings_stored(&p->timings, poll);
    wd_item_voice_say(p->spec.log, poll);
    if (r != NULL && r->guid_policy_changed)
        wd_notice(p->spec.log, "feed.guid_policy_changed",
                  WD_FIELDS({ "FEED", poll->config->slug }),
                  "%s repeats one id over different stories; from now on their links tell them "
                  "apart, or where these are one their titles",
                  poll->config->slug);
    p->spec.stored(p->spec.ctx, poll);
    send_home(p, poll);
}

static void dropped(void *ctx, wd_poll *poll)
{
    send_home_unread(ctx, poll);
}

static void offered(void *ctx, const wd_outbox_row *row)
{
    wd_pipeline *p = ctx;
    if (p->publisher != NULL)
        wd_publisher_offer(p->publisher, row);
}

static void committed(void *ctx, const uint64_t top_seq[WD_LANE_COUNT])
{
    wd_pipeline *p = ctx;
    for (int lane = 0; p->publisher != NULL && lane < WD_LANE_COUNT; lane++)
        if (top_seq[lane] > 0)
            wd_publisher_wake(p->publisher, (wd_lane)lane, top_seq[lane]);
}

static void on_stat(void *ctx, wd_lane lane, const wd_outbox_stat *stat, uint64_t generation)
{
    wd_pipeline *p = ctx;
    if (p->publisher != NULL)
        wd_publisher_on_stat(p->publisher, lane, stat, generation);
}

static void on_row(void *ctx, const wd_outbox_row *row)
{
    wd_pipeline *p = ctx;
    if (p->publisher != NULL)
        wd_publisher_on_row(p->publisher, row);
}

static void on_rows_end(void *ctx, wd_lane lane)
{
    wd_pipeline *p = ctx;
    if (p->publisher != NULL)
        wd_publisher_on_rows_end(p->publisher, lane);
}

static void on_roster(void *ctx, wd_status s, wd_roster *roster)
{
    wd_pipeline *p = ctx;
    p->spec.rostered(p->spec.ctx, s, roster);
}

static void on_noted(void *ctx, wd_status s, uint64_t tag)
{
    wd_pipeline *p = ctx;
    p->spec.noted(p->spec.ctx, s, tag);
}

static void desk_closed(void *ctx)
{
    wd_pipeline *p = ctx;
    wd_pipeline_spec spec = p->spec;
    free(p);
    spec.closed(spec.ctx);
}

/* --- questions of the publisher ------------------------------------------ */

static void want_stat(void *ctx, wd_lane lane)
{
    wd_desk_thread_want_stat(((wd_pipeline *)ctx)->desk, lane);
}

static void want_rows(void *ctx, wd_lane lane, uint64_t after, uint32_t max_rows, size_t max_bytes)
{
    wd_desk_thread_want_rows(((wd_pipeline *)ctx)->desk, lane, after, max_rows, max_bytes);
}

static void acked(void *ctx, wd_lane lane, uint64_t seq)
{
    wd_pipeline *p = ctx;
    wd_timings_acked(&p->timings, lane, seq, wd_wall_ms(p->spec.clock));
    wd_desk_thread_ack(p->desk, lane, seq);
}

static void unacked(void *ctx, wd_lane lane, uint64_t seq)
{
    wd_desk_thread_unack(((wd_pipeline *)ctx)->desk, lane, seq);
}

static void renumber(void *ctx, wd_lane lane, uint64_t top, int64_t top_ms)
{
    wd_desk_thread_renumber(((wd_pipeline *)ctx)->desk, lane, top, top_ms);
}

static void gap(void *ctx, wd_lane lane, uint64_t from, uint64_t to)
{
    wd_desk_thread_gap(((wd_pipeline *)ctx)->desk, lane, from, to);
}

static void safe(void *ctx, wd_lane lane, uint64_t seq)
{
    wd_desk_thread_safe(((wd_pipeline *)ctx)->desk, lane, seq);
}

wd_outbox_source wd_pipeline_source(wd_pipeline *p)
{
    return (wd_outbox_source){ .want_stat = want_stat,
                               .want_rows = want_rows,
                               .acked = acked,
                               .unacked = unacked,
                               .renumber = renumber,
                               .gap = gap,
                               .safe = safe,
                               .ctx = p };
}

/* --- interface ----------------------------------------------------------- */

wd_status wd_pipeline_open(wd_pipeline **out, const wd_pipeline_spec *spec)
{
    wd_pipeline *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return WD_NOMEM;
    p->spec = *spec;
    p->hash_key = wd_storer_hash_key(spec->storer);
    wd_desk_spec desk = { .loop = spec->loop,
                          .storer = spec->storer,
                          .clock = spec->clock,
                          .log = spec->log,
                          .policy = spec->policy,
                          .sink = { .stored = stored,
                                    .dropped = dropped,
                                    .offered = offered,
                                    .committed = committed,
                                    .stat = on_stat,
                                    .row = on_row,
                                    .rows_end = on_rows_end,
                                    .roster = on_roster,
                                    .noted = on_noted,
                                    .closed = desk_closed,
                                    .ctx = p } };
    wd_status s = wd_desk_thread_open(&p->desk, &desk);
    if (s != WD_OK) {
        free(p);
        return s;
    }
    *out = p;
    return WD_OK;
}

void wd_pipeline_set_poller(wd_pipeline *p, wd_poller *poller)
{
    p->poller = poller;
}

void wd_pipeline_set_publisher(wd_pipeline *p, wd_publisher *publisher)
{
    p->publisher = publisher;
}

void wd_pipeline_reload(wd_pipeline *p, const wd_config *config, const wd_schedule_policy *policy)
{
    p->spec.backfill = config->schedule.backfill;
    wd_desk_thread_want_roster(p->desk, config, policy);
}

void wd_pipeline_note(wd_pipeline *p, const wd_feed_state *state, uint64_t tag)
{
    wd_desk_thread_note(p->desk, state, tag);
}

void wd_pipeline_keep_websub(wd_pipeline *p, const wd_ledger_websub *row)
{
    wd_desk_thread_keep_websub(p->desk, row);
}

void wd_pipeline_stop(wd_pipeline *p)
{
    p->stopping = true;
    wd_desk_thread_hurry(p->desk);
    say_idle(p);
}

void wd_pipeline_get_report(wd_pipeline *p, wd_desk_report *out)
{
    wd_desk_thread_get_report(p->desk, out);
}

const wd_timings *wd_pipeline_timings(const wd_pipeline *p)
{
    return &p->timings;
}

void wd_pipeline_close(wd_pipeline **pipeline)
{
    wd_pipeline *p = *pipeline;
    *pipeline = NULL;
    if (p != NULL)
        wd_desk_thread_close(&p->desk);
}
