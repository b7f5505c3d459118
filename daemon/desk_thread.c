/* daemon/desk_thread.c - the loop's side: letters to the thread, and its answers handed on. */
#include "daemon/desk_thread.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/desk_thread_impl.h"

#define WEBSUB_BYTES (64u * 1024u) /* two URLs, and little beside them */

/* --- answers, from the desk thread to the loop --------------------------- */

static void give_rows(wd_desk_thread *t, wd_desk_job *job)
{
    const wd_desk_sink *sink = &t->spec.sink;
    for (size_t i = 0; i < job->rows.n; i++)
        sink->row(sink->ctx, &job->rows.row[i]);
    sink->rows_end(sink->ctx, job->lane);
    wd_row_copies_done(&job->rows);
}

static void give_committed(wd_desk_thread *t, wd_desk_job *job)
{
    const wd_desk_sink *sink = &t->spec.sink;
    for (size_t i = 0; i < job->rows.n; i++)
        sink->offered(sink->ctx, &job->rows.row[i]);
    sink->committed(sink->ctx, job->top_seq);
    wd_row_copies_done(&job->rows);
}

static void thread_closed(uv_handle_t *h)
{
    wd_desk_thread *t = wd_owner(h, wd_desk_thread, answered);
    wd_desk_sink sink = t->spec.sink;
    wd_mailbox_done(&t->jobs);
    wd_mailbox_done(&t->answers);
    uv_mutex_destroy(&t->report_lock);
    free(t);
    sink.closed(sink.ctx);
}

static void give(wd_desk_thread *t, wd_desk_job *job)
{
    const wd_desk_sink *sink = &t->spec.sink;
    switch (job->kind) {
    case WD_JOB_STORE:
        if (job->dropped)
            sink->dropped(sink->ctx, job->poll);
        else
            sink->stored(sink->ctx, job->poll);
        break;
    case WD_JOB_COMMITTED:
        give_committed(t, job);
        break;
    case WD_JOB_STAT:
    case WD_JOB_UNACK:
    case WD_JOB_RENUMBER:
        sink->stat(sink->ctx, job->lane, &job->stat, job->generation);
        break;
    case WD_JOB_ROWS:
        give_rows(t, job);
        break;
    case WD_JOB_ROSTER:
        sink->roster(sink->ctx, job->status, job->roster);
        break;
    case WD_JOB_NOTE:
        sink->noted(sink->ctx, job->status, job->tag);
        break;
    case WD_JOB_ACK:
    case WD_JOB_SAFE:
    case WD_JOB_GAP:
    case WD_JOB_HURRY:
    case WD_JOB_WEBSUB:
        break;
    case WD_JOB_STOP:
        uv_thread_join(&t->thread);
        uv_close((uv_handle_t *)&t->answered, thread_closed);
        break;
    }
}

static void on_answered(uv_async_t *async)
{
    wd_desk_thread *t = wd_owner(async, wd_desk_thread, answered);
    wd_link letters;
    wd_list_init(&letters);
    wd_mailbox_take(&t->answers, &letters, 0);
    while (!wd_list_empty(&letters)) {
        wd_desk_job *job = wd_owner(wd_list_pop(&letters), wd_desk_job, link);
        give(t, job);
        free(job);
    }
}

/* --- interface ----------------------------------------------------------- */

wd_status wd_desk_thread_open(wd_desk_thread **out, const wd_desk_spec *spec)
{
    wd_desk_thread *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return WD_NOMEM;
    t->spec = *spec;
    t->storage_ok = true;
    t->tidy_at_ms = wd_boot_ms(spec->clock) + WD_DESK_TIDY_EVERY_MS;
    wd_mailbox_init(&t->jobs);
    wd_mailbox_init(&t->answers);
    uv_mutex_init(&t->report_lock);
    wd_desk_waiting_init(&t->waiting);
    wd_list_init(&t->untold);
    uv_async_init(spec->loop, &t->answered, on_answered);
    if (uv_thread_create(&t->thread, wd_desk_work, t) != 0) {
        uv_close((uv_handle_t *)&t->answered, thread_closed);
        return WD_NOMEM;
    }
    *out = t;
    return WD_OK;
}

/* Out of memory here would lose a letter: there is nothing better than to stop and
 * start again from the ledger. */
static wd_link *letter_of(const wd_desk_job *letter)
{
    wd_desk_job *job = malloc(sizeof(*job));
    if (job == NULL)
        abort();
    *job = *letter;
    wd_list_init(&job->link);
    return &job->link;
}

static void post(wd_desk_thread *t, const wd_desk_job *letter)
{
    wd_mailbox_put(&t->jobs, letter_of(letter));
}

void wd_desk_thread_store(wd_desk_thread *t, wd_poll *poll)
{
    wd_link *letter = letter_of(&(wd_desk_job){ .kind = WD_JOB_STORE, .poll = poll });
    if (poll->payload != NULL)
        wd_mailbox_put(&t->jobs, letter);
    else
        wd_mailbox_leave(&t->jobs, letter); /* nobody waits for a 304 */
}

void wd_desk_thread_want_stat(wd_desk_thread *t, wd_lane lane)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_STAT, .lane = lane });
}

void wd_desk_thread_want_rows(
    wd_desk_thread *t, wd_lane lane, uint64_t after_seq, uint32_t max_rows, size_t max_bytes)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_ROWS,
                            .lane = lane,
                            .seq = after_seq,
                            .max_rows = max_rows,
                            .max_bytes = max_bytes });
}

void wd_desk_thread_ack(wd_desk_thread *t, wd_lane lane, uint64_t seq)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_ACK, .lane = lane, .seq = seq });
}

void wd_desk_thread_unack(wd_desk_thread *t, wd_lane lane, uint64_t seq)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_UNACK, .lane = lane, .seq = seq });
}

void wd_desk_thread_renumber(wd_desk_thread *t, wd_lane lane, uint64_t top, int64_t top_ms)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_RENUMBER, .lane = lane, .seq = top, .ms = top_ms });
}

void wd_desk_thread_gap(wd_desk_thread *t, wd_lane lane, uint64_t from, uint64_t to)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_GAP, .lane = lane, .seq = from, .to_seq = to });
}

void wd_desk_thread_safe(wd_desk_thread *t, wd_lane lane, uint64_t seq)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_SAFE, .lane = lane, .seq = seq });
}

void wd_desk_thread_want_roster(wd_desk_thread *t,
                                const wd_config *config,
                                const wd_schedule_policy *policy)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_ROSTER, .config = config, .policy = *policy });
}

void wd_desk_thread_note(wd_desk_thread *t, const wd_feed_state *state, uint64_t tag)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_NOTE, .feed = *state, .tag = tag });
}

static wd_ledger_websub *copy_row(wd_arena *arena, const wd_ledger_websub *row)
{
    wd_ledger_websub *copy = wd_arena_alloc(arena, sizeof(*copy));
    if (copy == NULL)
        return NULL;
    *copy = *row;
    copy->token = wd_arena_copy(arena, row->token);
    copy->slug = wd_arena_copy(arena, row->slug);
    copy->hub = wd_arena_copy(arena, row->hub);
    copy->topic = wd_arena_copy(arena, row->topic);
    copy->secret = wd_arena_copy(arena, row->secret);
    return wd_arena_status(arena) == WD_OK ? copy : NULL;
}

void wd_desk_thread_keep_websub(wd_desk_thread *t, const wd_ledger_websub *row)
{
    wd_arena *arena = wd_arena_new(WEBSUB_BYTES);
    wd_ledger_websub *copy = arena ? copy_row(arena, row) : NULL;
    if (copy != NULL)
        post(t, &(wd_desk_job){ .kind = WD_JOB_WEBSUB, .websub = copy, .websub_arena = arena });
    else
        wd_arena_free(arena); /* as if the disk had been full */
}

void wd_desk_thread_hurry(wd_desk_thread *t)
{
    post(t, &(wd_desk_job){ .kind = WD_JOB_HURRY });
}

void wd_desk_thread_get_report(wd_desk_thread *t, wd_desk_report *out)
{
    uv_mutex_lock(&t->report_lock);
    *out = t->report;
    uv_mutex_unlock(&t->report_lock);
}

void wd_desk_thread_close(wd_desk_thread **thread)
{
    wd_desk_thread *t = *thread;
    *thread = NULL;
    if (t != NULL)
        post(t, &(wd_desk_job){ .kind = WD_JOB_STOP });
}
