/* daemon/page/trend.c - counters only grow; a sample is the difference between two looks. */
#include "daemon/page/trend.h"

static void begin(wd_trend *t, const wd_snapshot *s, int64_t boot_ms)
{
    t->counts = s->desk.counts;
    t->polls = s->polls;
    t->lag_ms = 0;
    t->began_ms = boot_ms;
    t->begun = true;
}

static void finish(wd_trend *t, const wd_snapshot *s)
{
    const wd_storer_counts *now = &s->desk.counts, *then = &t->counts;
    const wd_poller_stats *p = &s->polls, *q = &t->polls;
    t->samples[t->n++ % WD_TREND_SAMPLES] = (wd_trend_sample){
        .at_ms = s->now_ms,
        .fresh = (uint32_t)(now->fresh - then->fresh),
        .copies = (uint32_t)(now->copies - then->copies),
        .revisions = (uint32_t)(now->revisions - then->revisions),
        .updated = (uint32_t)(now->updated - then->updated),
        .polls = (uint32_t)(p->polls - q->polls),
        .unchanged = (uint32_t)(p->not_modified - q->not_modified + p->same_body - q->same_body),
        .lag_ms = t->lag_ms,
        .outbox = wd_snapshot_waiting(s),
    };
}

void wd_trend_tick(wd_trend *t, const wd_snapshot *s, int64_t boot_ms)
{
    if (!t->begun)
        begin(t, s, boot_ms);
    if (s->loop_lag_ms > t->lag_ms)
        t->lag_ms = (uint32_t)s->loop_lag_ms;
    if (boot_ms - t->began_ms < WD_TREND_SAMPLE_MS)
        return;
    finish(t, s);
    begin(t, s, boot_ms);
}

static void write_sample(wd_json *j, const wd_trend_sample *s)
{
    const int64_t numbers[] = { s->at_ms, s->fresh,     s->copies, s->revisions,      s->updated,
                                s->polls, s->unchanged, s->lag_ms, (int64_t)s->outbox };
    wd_json_begin_array(j);
    for (size_t i = 0; i < WD_COUNT(numbers); i++)
        wd_json_int(j, numbers[i]);
    wd_json_end_array(j);
}

void wd_trend_write(const wd_trend *t, uint64_t from, wd_json *j)
{
    uint64_t oldest = t->n > WD_TREND_SAMPLES ? t->n - WD_TREND_SAMPLES : 0;
    wd_json_put_int(j, "sample_ms", WD_TREND_SAMPLE_MS);
    wd_json_put_int(j, "sample", (int64_t)t->n);
    wd_json_key(j, "samples");
    wd_json_begin_array(j);
    for (uint64_t i = from > oldest ? from : oldest; i < t->n; i++)
        write_sample(j, &t->samples[i % WD_TREND_SAMPLES]);
    wd_json_end_array(j);
}
