/* tests/faults/sim/life.c - one process: it starts, stores, answers the publisher, and dies. */
#include "tests/faults/sim/life.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "daemon/outbox_clerk.h"
#include "tests/support/torn_disk.h"

#define RETRY_US SIM_SECOND /* as daemon/desk_work.c, after a failed transaction */

typedef struct task {
    wd_link link;
    life *life;
    wd_desk_job job;
} task;

/* --- the desk thread ---------------------------------------------------------- */

static void drop_task(task *t)
{
    wd_list_remove(&t->link);
    wd_row_copies_done(&t->job.rows);
    free(t);
}

static void give_rows(life *f, const wd_desk_job *job)
{
    for (size_t i = 0; i < job->rows.n; i++)
        wd_publisher_on_row(f->publisher, &job->rows.row[i]);
    wd_publisher_on_rows_end(f->publisher, job->lane);
}

static void give(void *ctx)
{
    task *t = ctx;
    life *f = t->life;
    const wd_desk_job *job = &t->job;
    switch (job->kind) {
    case WD_JOB_COMMITTED:
        for (size_t i = 0; i < job->rows.n; i++)
            wd_publisher_offer(f->publisher, &job->rows.row[i]);
        for (int lane = 0; lane < WD_LANE_COUNT; lane++)
            if (job->top_seq[lane] > 0)
                wd_publisher_wake(f->publisher, (wd_lane)lane, job->top_seq[lane]);
        break;
    case WD_JOB_ROWS:
        give_rows(f, job);
        break;
    case WD_JOB_STAT:
    case WD_JOB_UNACK:
    case WD_JOB_RENUMBER:
        wd_publisher_on_stat(f->publisher, job->lane, &job->stat, job->generation);
        break;
    default:
        break;
    }
    drop_task(t);
}

static void answer_later(task *t)
{
    life *f = t->life;
    int64_t at = f->s->now + sim_between(f->s, 5, 400);
    f->answered_at = at > f->answered_at ? at : f->answered_at;
    sim_after(f->s, f->answered_at - f->s->now, f, give, t);
}

static void died_at_work(void *ctx)
{
    life *f = ctx;
    SIM_TRACE(f->s, "life %u: dies while it writes", f->number);
    life_end(f, true);
}

/* The disk went away in the middle of a call. */
static bool is_dying(life *f)
{
    if (!torn_disk_is_dead())
        return false;
    sim_forget(f->s, f);
    sim_after(f->s, 0, f, died_at_work, f);
    return true;
}

static void note_number(void *ctx, const wd_outbox_row *row)
{
    judge *j = ctx;
    uint64_t story = judge_story_of(row->body);
    if (story > 0 && story <= j->n)
        j->story[story - 1].seq = row->slot.seq;
}

static void note_numbers(life *f, wd_lane lane)
{
    wd_outbox_range all = { .lane = lane, .max_rows = UINT32_MAX, .max_bytes = SIZE_MAX };
    if (wd_ledger_each_event(f->ledger, &all, note_number, f->judge) != WD_OK)
        judge_fail(f->judge, "the outbox cannot be read");
}

static void serve(void *ctx)
{
    task *t = ctx;
    life *f = t->life;
    wd_outbox_clerk clerk = { f->ledger, wd_wall_ms(&f->s->clock), "urn:wiredesk:sim" };
    wd_outbox_clerk_serve(&clerk, &t->job);
    if (is_dying(f))
        return;
    if (t->job.kind == WD_JOB_RENUMBER)
        note_numbers(f, t->job.lane);
    if (t->job.kind == WD_JOB_GAP && t->job.status == WD_OK)
        t->job.kind = WD_JOB_COMMITTED;
    answer_later(t);
}

static void post(life *f, const wd_desk_job *job)
{
    if (f->ledger == NULL)
        return; /* what a dead process asked for */
    task *t = calloc(1, sizeof(*t));
    if (t == NULL)
        abort();
    *t = (task){ .life = f, .job = *job };
    wd_list_push(&f->jobs, &t->link);
    int64_t start = f->desk_free_at > f->s->now ? f->desk_free_at : f->s->now;
    f->desk_free_at = start + sim_between(f->s, 20, 3000);
    sim_after(f->s, f->desk_free_at - f->s->now, f, serve, t);
}

/* --- what the publisher asks ----------------------------------------------------- */

static void want_stat(void *ctx, wd_lane lane)
{
    post(ctx, &(wd_desk_job){ .kind = WD_JOB_STAT, .lane = lane });
}

static void want_rows(
    void *ctx, wd_lane lane, uint64_t after_seq, uint32_t max_rows, size_t max_bytes)
{
    post(ctx, &(wd_desk_job){ .kind = WD_JOB_ROWS,
                              .lane = lane,
                              .seq = after_seq,
                              .max_rows = max_rows,
                              .max_bytes = max_bytes });
}

static void acked(void *ctx, wd_lane lane, uint64_t seq)
{
    post(ctx, &(wd_desk_job){ .kind = WD_JOB_ACK, .lane = lane, .seq = seq });
}

static void unacked(void *ctx, wd_lane lane, uint64_t seq)
{
    post(ctx, &(wd_desk_job){ .kind = WD_JOB_UNACK, .lane = lane, .seq = seq });
}

static void renumber(void *ctx, wd_lane lane, uint64_t top, int64_t top_ms)
{
    post(ctx, &(wd_desk_job){ .kind = WD_JOB_RENUMBER, .lane = lane, .seq = top, .ms = top_ms });
}

static void safe(void *ctx, wd_lane lane, uint64_t seq)
{
    post(ctx, &(wd_desk_job){ .kind = WD_JOB_SAFE, .lane = lane, .seq = seq });
}

static void gap(void *ctx, wd_lane lane, uint64_t from, uint64_t to)
{
    const life *f = ctx;
    if (!f->judge->may_gap)
        judge_fail(f->judge, "rows that were safe went, and Redis lost them");
    post(ctx, &(wd_desk_job){ .kind = WD_JOB_GAP, .lane = lane, .seq = from, .to_seq = to });
}

/* --- storing ------------------------------------------------------------------------ */

static wd_status add_story(life *f, unsigned i, wd_row_copies *told)
{
    wd_buf body = WD_BUF_INIT(WD_EVENT_BYTES);
    wd_outbox_row row = {
        .type = "item.new", .language = "en", .cluster = WD_SPAN_LIT("c"), .feed = WD_SPAN_LIT("f")
    };
    wd_status s =
        wd_ledger_next_slot(f->ledger, f->batch.lane[i], wd_wall_ms(&f->s->clock), &row.slot);
    if (s == WD_OK) {
        judge_write_body(f->batch.story[i], &row.slot, &body);
        row.body = wd_buf_span(&body);
        s = wd_ledger_add_event(f->ledger, &row);
        f->judge->story[f->batch.story[i] - 1].seq = row.slot.seq;
    }
    if (s == WD_OK && told->arena != NULL)
        wd_row_copies_add(told, &row);
    wd_buf_done(&body);
    return s;
}

static wd_status commit_batch(life *f, wd_row_copies *told)
{
    wd_status s = wd_ledger_begin(f->ledger);
    for (unsigned i = 0; s == WD_OK && i < f->batch.n; i++)
        s = add_story(f, i, told);
    if (s == WD_OK)
        s = wd_ledger_commit(f->ledger);
    if (s != WD_OK) {
        wd_ledger_rollback(f->ledger);
        wd_row_copies_done(told);
    }
    return s;
}

static void owe(life *f)
{
    for (unsigned i = 0; i < f->batch.n; i++)
        f->judge->story[f->batch.story[i] - 1].owed = true;
    f->batch.n = 0;
}

static uint64_t next_seq(life *f, wd_lane lane)
{
    wd_outbox_stat stat = { 0 };
    if (wd_ledger_outbox_stat(f->ledger, lane, &stat) != WD_OK)
        return 0;
    return stat.next_seq;
}

static void store(void *ctx)
{
    life *f = ctx;
    wd_desk_job told = { .kind = WD_JOB_COMMITTED };
    /* Nearly always the rows are offered, sometimes not all of them. */
    if (sim_chance(f->s, 80) &&
        wd_row_copies_init(&told.rows, 1 + (uint32_t)sim_roll(f->s, LIFE_BATCH), SIZE_MAX / 2) !=
            WD_OK)
        abort();
    wd_status s = commit_batch(f, &told.rows);
    f->batch.unsure = s != WD_OK;
    if (is_dying(f)) {
        wd_row_copies_done(&told.rows);
        return;
    }
    if (s != WD_OK) {
        SIM_TRACE(f->s, "life %u: %s", f->number, wd_status_text(s));
        sim_after(f->s, RETRY_US, f, store, f);
        return;
    }
    owe(f);
    for (int lane = 0; lane < WD_LANE_COUNT; lane++)
        told.top_seq[lane] = next_seq(f, (wd_lane)lane) - 1;
    task *t = calloc(1, sizeof(*t));
    if (t == NULL)
        abort();
    *t = (task){ .life = f, .job = told };
    wd_list_push(&f->jobs, &t->link);
    answer_later(t);
}

void life_store(life *f)
{
    if (f->ledger == NULL || f->fenced || f->batch.n > 0)
        return; /* the one before is still being tried */
    f->batch.n = 1 + (unsigned)sim_roll(f->s, LIFE_BATCH);
    f->batch.unsure = false;
    for (unsigned i = 0; i < f->batch.n; i++) {
        f->batch.lane[i] = sim_chance(f->s, 25) ? WD_LANE_COPIES : WD_LANE_ITEMS;
        f->batch.story[i] = judge_new_story(f->judge, f->batch.lane[i], f->number);
    }
    sim_after(f->s, sim_between(f->s, 20, 3000), f, store, f);
}

/* --- birth and death ------------------------------------------------------------------ */

static void count_of_batch(void *ctx, const wd_outbox_row *row)
{
    life *f = ctx;
    uint64_t story = judge_story_of(row->body);
    for (unsigned i = 0; i < f->batch.n; i++)
        f->batch.found += f->batch.story[i] == story;
}

/* Was the batch committed, whose commit nobody heard of?  Its rows say so, for nobody can have
 * sent them: numbers may have moved since, by a gap that was told or by renumbering. */
static void settle_batch(life *f)
{
    f->batch.found = 0;
    for (int lane = 0; lane < WD_LANE_COUNT && f->batch.unsure; lane++) {
        wd_outbox_range all = { .lane = lane, .max_rows = UINT32_MAX, .max_bytes = SIZE_MAX };
        if (wd_ledger_each_event(f->ledger, &all, count_of_batch, f) != WD_OK)
            judge_fail(f->judge, "the outbox cannot be read");
        note_numbers(f, (wd_lane)lane);
    }
    if (f->batch.found != 0 && f->batch.found != f->batch.n)
        judge_fail(f->judge, "a transaction was committed in part");
    if (f->batch.found > 0)
        owe(f);
    f->batch.n = 0;
    f->batch.unsure = false;
}

static void publisher_closed(void *ctx)
{
    ((life *)ctx)->closing--;
}

static void say(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    life *f = ctx;
    (void)level;
    (void)fields;
    SIM_TRACE(f->s, "life %u: %s: %s", f->number, event, text);
}

void life_init(life *f, sim *s, judge *j, unsigned number)
{
    *f = (life){ .s = s, .judge = j, .number = number };
    f->log = (wd_log){ .sink = say, .ctx = f, .level = s->trace ? WD_LOG_DEBUG : WD_LOG_ERROR };
    wd_list_init(&f->jobs);
}

static void start_again(void *ctx)
{
    (void)life_start(ctx);
}

bool life_start(life *f)
{
    wd_error err = { 0 };
    if (f->ledger != NULL || f->fenced || f->replaced)
        return true;
    wd_status s = wd_ledger_open(&f->ledger, f->dir, &err);
    if (s != WD_OK && torn_disk_is_dead()) {
        torn_disk_restore();
        torn_disk_install(sim_roll(f->s, UINT32_MAX));
        s = WD_IO;
    }
    if (s == WD_NOSPACE || s == WD_IO) { /* tried again, as systemd does */
        sim_forget(f->s, f);
        sim_after(f->s, RETRY_US, f, start_again, f);
        return true;
    }
    if (s != WD_OK) {
        judge_fail(f->judge, "the ledger does not open: %.200s", err.text);
        return false;
    }
    settle_batch(f);
    f->desk_free_at = f->answered_at = f->s->now;
    wd_publisher_spec spec = { .loop = &f->s->loop,
                               .clock = &f->s->clock,
                               .log = &f->log,
                               .config = { .url = f->url, .safe_replicas = 1 },
                               .source = { .want_stat = want_stat,
                                           .want_rows = want_rows,
                                           .acked = acked,
                                           .unacked = unacked,
                                           .renumber = renumber,
                                           .gap = gap,
                                           .safe = safe,
                                           .ctx = f },
                               .generation = wd_ledger_generation(f->ledger),
                               .closed = publisher_closed,
                               .closed_ctx = f };
    if (wd_publisher_open(&f->publisher, &spec, &err) != WD_OK) {
        judge_fail(f->judge, "the publisher does not open: %.200s", err.text);
        return false;
    }
    SIM_TRACE(f->s, "life %u: starts", f->number);
    return true;
}

void life_end(life *f, bool power)
{
    if (f->ledger == NULL)
        return;
    wd_ledger *ledger = f->ledger;
    f->ledger = NULL; /* nothing that is asked for from here on is done */
    sim_forget(f->s, f);
    while (!wd_list_empty(&f->jobs))
        drop_task(wd_owner(wd_list_pop(&f->jobs), task, link));
    f->closing++;
    wd_publisher_close(&f->publisher);
    if (!torn_disk_is_dead())
        torn_disk_cut(0);
    wd_ledger_close(&ledger);
    if (power)
        torn_disk_restore();
    torn_disk_install(sim_roll(f->s, UINT32_MAX));
}

bool life_is_done(life *f)
{
    wd_publisher_stats stats;
    if (f->fenced || (f->replaced && f->ledger == NULL))
        return true;
    if (f->ledger == NULL || f->batch.n > 0)
        return false;
    wd_publisher_get_stats(f->publisher, &stats);
    if (!stats.up || stats.behind > 0)
        return false;
    const model_server *m = &f->judge->net->server[f->judge->net->master];
    for (int lane = 0; lane < WD_LANE_COUNT; lane++)
        if (m->stream[lane].last_seq + 1 != next_seq(f, (wd_lane)lane))
            return false;
    return true;
}

void life_trim(life *f, int64_t kept_ms, bool safe_only)
{
    if (f->ledger == NULL)
        return;
    bool more;
    wd_outbox_keep keep = { .now_ms = wd_wall_ms(&f->s->clock),
                            .unsafe_ms = safe_only ? WD_DAY_MS * 100 : kept_ms,
                            .safe_ms = kept_ms,
                            .max_rows = 50 };
    wd_status s = wd_ledger_trim_outbox(f->ledger, &keep, &more);
    if (!is_dying(f) && s != WD_OK)
        SIM_TRACE(f->s, "life %u: trim: %s", f->number, wd_status_text(s));
}
