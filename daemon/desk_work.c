/* daemon/desk_work.c - group commit: everything that waits goes into one transaction.
 *
 * While one commit waits for the disk the next batch gathers, so the more there is
 * to do the less an item costs.  A batch that cannot be stored waits again and is tried
 * again; questions about the outbox are answered meanwhile. */
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "daemon/desk_thread_impl.h"
#include "daemon/outbox_clerk.h"
#include "daemon/reading.h"
#include "feeds/feed_state.h"
#include "queue/ledger_feeds.h"

#define STATE_BYTES   4096u        /* of one feed; about 200 */
#define IDLE_WAIT_MS  1000u        /* wakes to see whether tidying is due */
#define RETRY_MS      1000         /* between attempts while storage fails */
#define TIDY_AGAIN_MS WD_SECOND_MS /* while there is more to forget */

static void answer(wd_desk_thread *t, wd_desk_job *job)
{
    wd_mailbox_put(&t->answers, &job->link);
    uv_async_send(&t->answered);
}

/* --- storing ------------------------------------------------------------- */

static int64_t now_of(const wd_desk_thread *t)
{
    return wd_wall_ms(t->spec.clock);
}

static void storage_failed(wd_desk_thread *t, wd_status s)
{
    t->retry_at_ms = wd_boot_ms(t->spec.clock) + RETRY_MS;
    if (!t->storage_ok)
        return;
    t->storage_ok = false;
    bool moved = wd_ledger_moved(wd_storer_ledger(t->spec.storer));
    const char *why = moved ? "its file was moved or deleted" : wd_status_text(s);
    wd_error_event(t->spec.log, "storage.failed", WD_FIELDS({ "REASON", why }),
                   "the ledger cannot be written (%s); nothing is lost, storing is tried again "
                   "every second and polling waits",
                   why);
}

/* The disk is well: Redis has not taken what was there before. */
static void store_failed(wd_desk_thread *t, wd_status s)
{
    t->refused = wd_ledger_outbox_refused(wd_storer_ledger(t->spec.storer));
    if (t->refused)
        t->retry_at_ms = wd_boot_ms(t->spec.clock) + RETRY_MS;
    else
        storage_failed(t, s);
}

static void storage_works(wd_desk_thread *t)
{
    t->refused = false;
    if (t->storage_ok)
        return;
    t->storage_ok = true;
    wd_notice(t->spec.log, "storage.restored", WD_NO_FIELDS, "the ledger can be written again");
}

static wd_status store_all(wd_desk_thread *t, wd_link *batch)
{
    uint64_t chance = wd_random64(); /* a system call a batch, not a poll */
    for (wd_link *l = batch->next; l != batch; l = l->next) {
        wd_desk_job *job = wd_owner(l, wd_desk_job, link);
        chance = wd_hash_mix(chance, job->poll->state.feed);
        wd_status s =
            wd_storer_store(t->spec.storer, job->poll, &t->spec.policy, now_of(t), chance);
        if (s != WD_OK)
            return s;
    }
    return WD_OK;
}

static wd_status transaction(wd_desk_thread *t, wd_link *batch, wd_row_copies *told)
{
    wd_ledger *ledger = wd_storer_ledger(t->spec.storer);
    wd_status s = wd_ledger_begin(ledger);
    if (s != WD_OK)
        return s;
    s = store_all(t, batch);
    if (s == WD_OK)
        s = wd_ledger_commit(ledger);
    if (s == WD_OK) {
        *told = wd_storer_committed(t->spec.storer);
        return WD_OK;
    }
    wd_ledger_rollback(ledger);
    wd_storer_rolled_back(t->spec.storer);
    return s;
}

static void say_committed(wd_desk_thread *t, wd_row_copies *told)
{
    wd_storer_counts c;
    wd_storer_get_counts(t->spec.storer, &c);
    if (memcmp(c.top_seq, t->told_top, sizeof(t->told_top)) == 0)
        return;
    wd_desk_job *job = calloc(1, sizeof(*job));
    if (job == NULL) { /* the next commit says it */
        wd_row_copies_done(told);
        return;
    }
    job->kind = WD_JOB_COMMITTED;
    job->rows = *told;
    memcpy(job->top_seq, c.top_seq, sizeof(job->top_seq));
    memcpy(t->told_top, c.top_seq, sizeof(t->told_top));
    answer(t, job);
}

static void answer_all(wd_desk_thread *t, wd_link *batch, bool dropped)
{
    while (!wd_list_empty(batch)) {
        wd_desk_job *job = wd_owner(wd_list_pop(batch), wd_desk_job, link);
        job->dropped = dropped;
        answer(t, job);
    }
}

static void drop_all(wd_desk_thread *t)
{
    wd_link all;
    wd_list_init(&all);
    wd_desk_waiting_give_up(&t->waiting, &all);
    answer_all(t, &all, true);
}

static size_t most_new(const wd_link *batch)
{
    size_t most = 0;
    for (const wd_link *l = batch->next; l != batch; l = l->next) {
        size_t n = wd_owner(l, const wd_desk_job, link)->poll->reading.items_new;
        most = n > most ? n : most;
    }
    return most;
}

/* Before the answers: the last of them may end a pass, whose summary counts what they brought. */
static void report_batch(wd_desk_thread *t)
{
    wd_storer_counts counts;
    wd_storer_get_counts(t->spec.storer, &counts);
    uv_mutex_lock(&t->report_lock);
    t->report.commits++;
    t->report.counts = counts;
    uv_mutex_unlock(&t->report_lock);
}

static void store_batch(wd_desk_thread *t)
{
    wd_link batch;
    wd_row_copies told = { 0 };
    wd_list_init(&batch);
    wd_desk_waiting_take(&t->waiting, &batch);
    if (wd_list_empty(&batch))
        return;
    wd_status s = transaction(t, &batch, &told);
    if (s != WD_OK) {
        wd_desk_waiting_put_back(&t->waiting, &batch);
        store_failed(t, s);
        if (t->hurry)
            drop_all(t);
        return;
    }
    storage_works(t);
    wd_desk_waiting_stored(&t->waiting, most_new(&batch));
    report_batch(t);
    say_committed(t, &told);
    answer_all(t, &batch, false);
}

/* --- other jobs ---------------------------------------------------------- */

static void ask_clerk(wd_desk_thread *t, wd_desk_job *job)
{
    wd_outbox_clerk clerk = { wd_storer_ledger(t->spec.storer), now_of(t),
                              wd_storer_source(t->spec.storer) };
    wd_outbox_clerk_serve(&clerk, job);
    if (job->status != WD_OK)
        storage_failed(t, job->status);
}

/* Many come while one transaction is under way, and the last says it all. */
static void write_acks(wd_desk_thread *t)
{
    for (int lane = 0; lane < WD_LANE_COUNT; lane++) {
        wd_desk_job job = { .kind = WD_JOB_ACK, .lane = lane, .seq = t->acked[lane] };
        t->acked[lane] = 0;
        if (job.seq > 0)
            ask_clerk(t, &job);
    }
}

static void serve_outbox(wd_desk_thread *t, wd_desk_job *job)
{
    write_acks(t); /* what follows is asked of a lane as it is */
    ask_clerk(t, job);
    if (job->kind == WD_JOB_GAP && job->status == WD_OK)
        job->kind = WD_JOB_COMMITTED; /* the gap itself is an event that wants out */
    if (job->kind == WD_JOB_GAP)
        wd_list_push(&t->untold, &job->link);
    else if (job->kind == WD_JOB_SAFE)
        free(job);
    else
        answer(t, job);
}

static void tell_gaps(wd_desk_thread *t)
{
    wd_link again;
    wd_list_init(&again);
    while (!wd_list_empty(&t->untold))
        wd_list_push(&again, wd_list_pop(&t->untold));
    while (!wd_list_empty(&again))
        serve_outbox(t, wd_owner(wd_list_pop(&again), wd_desk_job, link));
}

static void make_roster(wd_desk_thread *t, wd_desk_job *job)
{
    job->status = wd_roster_make(&job->roster, job->config, wd_storer_ledger(t->spec.storer));
    if (job->status == WD_OK)
        job->status = wd_storer_set_feeds(t->spec.storer, job->roster);
    if (job->status == WD_OK)
        t->spec.policy = job->policy;
    answer(t, job);
}

static void note(wd_desk_thread *t, wd_desk_job *job)
{
    wd_ledger *ledger = wd_storer_ledger(t->spec.storer);
    wd_buf bytes = WD_BUF_INIT(STATE_BYTES);
    wd_feed_state_pack(&job->feed, &bytes);
    job->status = wd_buf_status(&bytes);
    if (job->status == WD_OK)
        job->status = wd_ledger_begin(ledger);
    if (job->status == WD_OK)
        job->status = wd_ledger_put_feed_state(ledger, job->feed.feed, wd_buf_span(&bytes));
    if (job->status == WD_OK)
        job->status = wd_ledger_commit(ledger);
    if (job->status != WD_OK)
        wd_ledger_rollback(ledger);
    wd_buf_done(&bytes);
    answer(t, job);
}

/* One that cannot be kept now is kept when it changes next; lost, it is subscribed anew. */
static void keep_subscription(wd_desk_thread *t, wd_desk_job *job)
{
    wd_ledger *ledger = wd_storer_ledger(t->spec.storer);
    wd_status s = job->websub->slug.len > 0 ? wd_ledger_put_websub(ledger, job->websub)
                                            : wd_ledger_drop_websub(ledger, job->websub->token);
    if (s != WD_OK)
        storage_failed(t, s);
    wd_arena_free(job->websub_arena);
    free(job);
}

/* --- the thread ---------------------------------------------------------- */

static void handle(wd_desk_thread *t, wd_desk_job *job)
{
    switch (job->kind) {
    case WD_JOB_STORE:
        wd_desk_waiting_add(&t->waiting, job, uv_hrtime());
        break;
    case WD_JOB_ACK:
        t->acked[job->lane] = job->seq;
        free(job);
        break;
    case WD_JOB_STAT:
    case WD_JOB_ROWS:
    case WD_JOB_UNACK:
    case WD_JOB_RENUMBER:
    case WD_JOB_GAP:
    case WD_JOB_SAFE:
        serve_outbox(t, job);
        break;
    case WD_JOB_ROSTER:
        make_roster(t, job);
        break;
    case WD_JOB_NOTE:
        note(t, job);
        break;
    case WD_JOB_WEBSUB:
        keep_subscription(t, job);
        break;
    case WD_JOB_HURRY:
        t->hurry = true;
        t->retry_at_ms = 0;
        free(job);
        break;
    case WD_JOB_STOP:
        t->stopping = true;
        free(job);
        break;
    case WD_JOB_COMMITTED:
        break;
    }
}

static void report(wd_desk_thread *t)
{
    wd_desk_report r;
    wd_storer_get_counts(t->spec.storer, &r.counts);
    wd_storer_get_desk(t->spec.storer, &r.desk);
    for (int lane = 0; lane < WD_LANE_COUNT; lane++)
        if (wd_ledger_outbox_stat(wd_storer_ledger(t->spec.storer), lane, &r.outbox[lane]) != WD_OK)
            r.outbox[lane] = (wd_outbox_stat){ 0 };
    uv_mutex_lock(&t->report_lock);
    r.commits = t->report.commits;
    r.storage_ok = t->storage_ok;
    r.refused = t->refused;
    t->report = r;
    uv_mutex_unlock(&t->report_lock);
}

static void tidy(wd_desk_thread *t)
{
    int64_t now = wd_boot_ms(t->spec.clock);
    if (now < t->tidy_at_ms)
        return;
    t->tidy_at_ms = now + WD_DESK_TIDY_EVERY_MS;
    bool more = false;
    wd_status s = wd_storer_tidy(t->spec.storer, now_of(t), &more);
    if (more)
        t->tidy_at_ms = now + TIDY_AGAIN_MS;
    if (s != WD_OK)
        storage_failed(t, s);
}

static uint64_t hold_left_ms(const wd_desk_thread *t)
{
    return t->stopping || t->hurry ? 0 : wd_desk_waiting_left_ms(&t->waiting, uv_hrtime());
}

static bool can_store(const wd_desk_thread *t)
{
    return t->storage_ok && !t->refused;
}

static bool may_store(const wd_desk_thread *t)
{
    return can_store(t) || t->stopping || wd_boot_ms(t->spec.clock) >= t->retry_at_ms;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void wd_desk_work(void *thread)
{
    wd_desk_thread *t = thread;
    uint64_t keep_ms = 0; /* until the memory's keeper wants a turn */
    while (!t->stopping || (can_store(t) && t->waiting.n > 0)) {
        wd_link letters;
        bool busy = can_store(t) && t->waiting.n > 0;
        wd_list_init(&letters);
        if (busy)
            wd_mailbox_rest(&t->jobs, &letters, least(hold_left_ms(t), keep_ms));
        else
            wd_mailbox_take(&t->jobs, &letters, least(IDLE_WAIT_MS, keep_ms));
        while (!wd_list_empty(&letters))
            handle(t, wd_owner(wd_list_pop(&letters), wd_desk_job, link));
        write_acks(t);
        keep_ms = wd_storer_keep(t->spec.storer);
        if (hold_left_ms(t) > 0)
            continue;
        if (may_store(t)) {
            tell_gaps(t);
            store_batch(t);
        }
        tidy(t);
        report(t);
    }
    drop_all(t);
    while (!wd_list_empty(&t->untold)) /* found out again, and told, by the next life */
        free(wd_owner(wd_list_pop(&t->untold), wd_desk_job, link));
    wd_desk_job *bye = calloc(1, sizeof(*bye));
    if (bye == NULL)
        abort(); /* without this letter the loop would wait for ever */
    bye->kind = WD_JOB_STOP;
    answer(t, bye);
}
