/* daemon/service_once.c - the daemon's own stages for one pass: polls, hands on, and ends. */
#include "daemon/exit.h"
#include "daemon/service_impl.h"

static void swept(void *ctx)
{
    wd_service *s = ctx;
    wd_service_stop(s, WD_EXIT_OK);
}

void wd_service_once_start(wd_service *s)
{
    wd_poller_sweep(s->poller, s->once->due_only, swept);
}

/* First the feeds, then what Redis has not taken yet. */
static void tell(const wd_service *s, wd_progress *p)
{
    uint32_t all = 0, left_out, left;
    if (s->stopping) {
        p->unit = "events wait for Redis";
        p->of = 0;
        wd_progress_at(p, wd_snapshot_waiting(&s->snap), -1);
        return;
    }
    wd_poller_sweep_counts(s->poller, &all, &left_out);
    left = wd_poller_sweep_left(s->poller);
    p->unit = "feeds";
    p->of = all;
    wd_progress_at(p, all - left, all > 0 ? (double)(all - left) / all : -1);
}

void wd_service_once_tick(wd_service *s)
{
    if (s->once->progress != NULL)
        tell(s, s->once->progress);
    if (s->stopping || !s->snap.polls.net_down)
        return;
    wd_error_event(s->log, "daemon.once_failed", WD_NO_FIELDS,
                   "no host at all can be reached: the pass ends here");
    wd_service_stop(s, WD_EXIT_FAILED);
}

void wd_service_once_count(wd_service *s)
{
    wd_once *o = s->once;
    const wd_storer_counts *c = &s->snap.desk.counts;
    wd_poller_sweep_counts(s->poller, &o->feeds, &o->left_out);
    o->failing = s->snap.polls.failing;
    o->documents = s->snap.polls.documents;
    o->unchanged = s->snap.polls.not_modified + s->snap.polls.same_body;
    o->fresh = c->fresh + c->revisions;
    o->updated = c->updated;
    o->copies = c->copies;
}

void wd_service_once_end(wd_service *s, bool drained)
{
    wd_once *o = s->once;
    o->waiting = drained ? 0 : wd_snapshot_waiting(&s->snap); /* as of the last batch */
    o->took_ms = s->snap.now_ms - s->snap.started_ms;
    if (o->failing > 0 || o->left_out > 0 || o->waiting > 0)
        s->exit_code = s->exit_code == WD_EXIT_OK ? WD_EXIT_FAILED : s->exit_code;
}
