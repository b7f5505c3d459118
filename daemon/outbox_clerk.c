/* daemon/outbox_clerk.c - one job, one call of the ledger; a gap is a transaction of its own. */
#include "daemon/outbox_clerk.h"

#include "core/limits.h"
#include "queue/event.h"

/* One row is given whatever max_bytes says, so that the largest event fits too. */
static wd_status read_rows(const wd_outbox_clerk *c, wd_desk_job *job)
{
    wd_status s = wd_row_copies_init(&job->rows, job->max_rows, job->max_bytes);
    wd_outbox_range range = { .lane = job->lane,
                              .after_seq = job->seq,
                              .max_rows = job->max_rows,
                              .max_bytes = job->max_bytes };
    return s != WD_OK ? s : wd_ledger_each_event(c->ledger, &range, wd_row_copies_add, &job->rows);
}

static wd_status read_stat(const wd_outbox_clerk *c, wd_desk_job *job)
{
    job->generation = wd_ledger_generation(c->ledger);
    return wd_ledger_outbox_stat(c->ledger, job->lane, &job->stat);
}

static wd_status then_stat(const wd_outbox_clerk *c, wd_desk_job *job, wd_status s)
{
    wd_status read = read_stat(c, job);
    return s != WD_OK ? s : read;
}

static wd_status write_gap(const wd_outbox_clerk *c, wd_desk_job *job)
{
    wd_outbox_slot slot;
    wd_buf body = WD_BUF_INIT(WD_EVENT_BYTES);
    wd_status s = wd_ledger_next_slot(c->ledger, job->lane, c->now_ms, &slot);
    wd_event_gap gap = { .slot = slot,
                         .now_ms = c->now_ms,
                         .source = c->source,
                         .stream = wd_lane_text(job->lane),
                         .from = job->seq,
                         .to = job->to_seq,
                         .reason = "outbox-retention" };
    if (s == WD_OK)
        s = wd_event_write_gap(&gap, &body);
    wd_outbox_row row = {
        .slot = slot, .type = "stream.gap", .language = "", .body = wd_buf_span(&body), .owed = true
    };
    if (s == WD_OK)
        s = wd_ledger_add_event(c->ledger, &row);
    wd_buf_done(&body);
    job->top_seq[job->lane] = slot.seq;
    return s;
}

static wd_status commit_gap(const wd_outbox_clerk *c, wd_desk_job *job)
{
    wd_status s = wd_ledger_begin(c->ledger);
    if (s == WD_OK)
        s = write_gap(c, job);
    if (s == WD_OK)
        s = wd_ledger_commit(c->ledger);
    if (s != WD_OK)
        wd_ledger_rollback(c->ledger);
    return s;
}

void wd_outbox_clerk_serve(const wd_outbox_clerk *c, wd_desk_job *job)
{
    switch (job->kind) {
    case WD_JOB_STAT:
        job->status = read_stat(c, job);
        break;
    case WD_JOB_ROWS:
        job->status = read_rows(c, job);
        break;
    case WD_JOB_ACK:
        job->status = wd_ledger_ack(c->ledger, job->lane, job->seq, c->now_ms);
        break;
    case WD_JOB_SAFE:
        wd_ledger_set_safe(c->ledger, job->lane, job->seq);
        job->status = WD_OK;
        break;
    case WD_JOB_UNACK:
        job->status = then_stat(c, job, wd_ledger_unack(c->ledger, job->lane, job->seq));
        break;
    case WD_JOB_RENUMBER:
        job->status =
            then_stat(c, job, wd_ledger_renumber(c->ledger, job->lane, job->seq, job->ms));
        break;
    case WD_JOB_GAP:
        job->status = commit_gap(c, job);
        break;
    default:
        break;
    }
}
