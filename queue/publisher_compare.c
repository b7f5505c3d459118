/*
 * queue/publisher_compare.c - what Redis has against what the outbox has: which rows go next
 * (queue.md 4).  Nothing is ever assumed.
 */
#include <inttypes.h>
#include <stdio.h>

#include "queue/publisher_impl.h"

void wd_courier_want_stat(wd_courier *l)
{
    l->state = WD_COURIER_COMPARING;
    l->stats_due++;
    l->stat_fresh = false;
    l->p->spec.source.want_stat(l->p->spec.source.ctx, l->lane);
}

static void say_gap(wd_courier *l, uint64_t from, uint64_t to)
{
    wd_publisher *p = l->p;
    char first[24], last[24];
    snprintf(first, sizeof(first), "%" PRIu64, from);
    snprintf(last, sizeof(last), "%" PRIu64, to);
    wd_error_event(p->spec.log, "outbox.gap",
                   WD_FIELDS({ "STREAM", p->stream[l->lane] }, { "FROM", first }, { "TO", last }),
                   "Redis lost events %s to %s of %s, and the outbox no longer keeps them", first,
                   last, p->stream[l->lane]);
    if (p->spec.source.gap != NULL)
        p->spec.source.gap(p->spec.source.ctx, l->lane, from, to);
}

static void in_step(wd_courier *l)
{
    uint64_t kept_from = l->stat.first_kept_seq;
    l->acked = l->reported = l->top;
    l->base = 0;
    if (kept_from > l->top + 1) {
        l->base = kept_from - 1;
        if (l->gap_said < l->base || l->gap_from > l->top + 1) /* it may have lost more since */
            say_gap(l, l->top + 1, l->base);
        l->gap_said = l->base;
        l->gap_from = l->top + 1;
        l->acked = l->reported = l->base;
        l->p->spec.source.acked(l->p->spec.source.ctx, l->lane, l->base);
    }
    l->cursor = l->fetched = l->acked;
    if (l->known < l->stat.next_seq - 1)
        l->known = l->stat.next_seq - 1;
    wd_courier_run(l);
}

void wd_courier_go_on_behind(wd_courier *l)
{
    wd_publisher *p = l->p;
    wd_warn(p->spec.log, "outbox.renumbered", WD_FIELDS({ "STREAM", p->stream[l->lane] }),
            "%s is further (%" PRIu64 ") than this outbox knows: the outbox was restored from an "
            "older copy, or the stream belonged to another state directory; going on behind it",
            p->stream[l->lane], l->top);
    l->state = WD_COURIER_COMPARING;
    l->stats_due++;
    l->stat_fresh = false;
    l->want_renumber = false;
    l->known = l->safe = 0; /* the numbers told so far are of the old count */
    p->spec.source.renumber(p->spec.source.ctx, l->lane, l->top, l->top_ms);
}

static void probe(wd_courier *l)
{
    l->probe = WD_PROBE_ASKED;
    l->probe_ms = INT64_MIN;
    l->rows_due = true;
    l->rows_unwanted = false;
    l->p->spec.source.want_rows(l->p->spec.source.ctx, l->lane, l->top - 1, 1, 1);
}

/* Redis has more than we know to be acknowledged: were only answers lost, or is this
 * another history?  The same number with the same time and body is the same row. */
static void probe_answered(wd_courier *l)
{
    l->probe = WD_PROBE_NONE;
    if (l->probe_ms != l->top_ms) {
        wd_courier_go_on_behind(l);
        return;
    }
    l->p->spec.source.acked(l->p->spec.source.ctx, l->lane, l->top);
    in_step(l);
}

static void judge(wd_courier *l)
{
    uint64_t acked = l->stat.acked_seq;
    l->stat_fresh = false;
    if (l->p->generation != l->hello_generation) {
        wd_courier_greet(l); /* the other lane was renumbered meanwhile */
    } else if (l->top < acked) {
        wd_notice(l->p->spec.log, "redis.replay", WD_FIELDS({ "STREAM", l->p->stream[l->lane] }),
                  "Redis lost %" PRIu64 " acknowledged event%s of %s: sending again",
                  acked - l->top, acked - l->top == 1 ? "" : "s", l->p->stream[l->lane]);
        l->stats_due++;
        l->safe = 0;
        l->p->spec.source.unacked(l->p->spec.source.ctx, l->lane, l->top);
    } else if (l->top == acked) {
        in_step(l);
    } else if (l->top < l->stat.next_seq) {
        probe(l);
    } else {
        wd_courier_go_on_behind(l);
    }
}

void wd_courier_compare(wd_courier *l)
{
    if (l->probe == WD_PROBE_ANSWERED)
        probe_answered(l);
    else if (l->stat_fresh && l->stats_due == 0 && !l->rows_due)
        judge(l);
}
