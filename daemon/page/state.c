/* daemon/page/state.c - one object a part of the daemon. */
#include "daemon/page/state.h"

#include "daemon/version.h"

static void begin(wd_json *j, const char *key)
{
    wd_json_key(j, key);
    wd_json_begin_object(j);
}

static void put_feeds(wd_json *j, const wd_page_facts *f)
{
    const wd_poller_stats *p = &f->snap->polls;
    begin(j, "feeds");
    wd_json_put_int(j, "all", p->feeds);
    wd_json_put_int(j, "failing", p->failing);
    wd_json_put_int(j, "paused", p->paused);
    wd_json_put_int(j, "new", p->never_polled);
    wd_json_put_int(j, "due", p->due);
    wd_json_put_int(j, "in_flight", p->in_flight);
    wd_json_put_int(j, "late_ms", p->oldest_due_ms);
    wd_json_key(j, "start_rate");
    wd_json_double(j, f->start_rate, 2);
    wd_json_end_object(j);
}

static void put_items(wd_json *j, const wd_snapshot *s)
{
    const wd_storer_counts *c = &s->desk.counts;
    begin(j, "items");
    wd_json_put_int(j, "new", (int64_t)c->fresh);
    wd_json_put_int(j, "copy", (int64_t)c->copies);
    wd_json_put_int(j, "revision", (int64_t)c->revisions);
    wd_json_put_int(j, "updated", (int64_t)c->updated);
    wd_json_put_int(j, "seen", (int64_t)c->seen);
    wd_json_put_int(j, "silent", (int64_t)c->silent);
    wd_json_end_object(j);
}

static void put_polls(wd_json *j, const wd_snapshot *s)
{
    const wd_poller_stats *p = &s->polls;
    begin(j, "polls");
    wd_json_put_int(j, "all", (int64_t)p->polls);
    wd_json_put_int(j, "not_modified", (int64_t)p->not_modified);
    wd_json_put_int(j, "same_body", (int64_t)p->same_body);
    wd_json_put_int(j, "documents", (int64_t)p->documents);
    wd_json_put_int(j, "failures", (int64_t)p->failures);
    wd_json_put_int(j, "bytes", (int64_t)p->bytes);
    wd_json_end_object(j);
}

static void put_outbox(wd_json *j, const wd_snapshot *s)
{
    begin(j, "outbox");
    wd_json_put_int(j, "items", (int64_t)wd_snapshot_waiting(s));
    wd_json_put_int(j, "bytes", (int64_t)wd_snapshot_waiting_bytes(s));
    wd_json_put_int(j, "acked", (int64_t)s->redis.acked);
    wd_json_key(j, "redis");
    wd_json_bool(j, s->redis.up);
    wd_json_end_object(j);
}

static void put_wire(wd_json *j, const wd_page_facts *f)
{
    wd_wire_entry e;
    begin(j, "wire");
    wd_json_put_int(j, "kept", (int64_t)(wd_wire_next(f->wire) - wd_wire_first(f->wire)));
    if (wd_wire_get(f->wire, wd_wire_first(f->wire), &e))
        wd_json_put_int(j, "since", e.told_ms);
    wd_json_put_int(j, "readers", (int64_t)f->readers);
    wd_json_end_object(j);
}

void wd_page_state_write(const wd_page_facts *f, uint64_t from, wd_buf *out)
{
    const wd_snapshot *s = f->snap;
    const char *trouble = wd_snapshot_trouble(s);
    wd_json j = wd_json_onto(out);
    wd_json_begin_object(&j);
    wd_json_put_text(&j, "version", WD_VERSION);
    wd_json_put_int(&j, "now", s->now_ms);
    wd_json_put_int(&j, "started", s->started_ms);
    if (trouble != NULL)
        wd_json_put_text(&j, "trouble", trouble);
    put_feeds(&j, f);
    put_items(&j, s);
    put_polls(&j, s);
    put_outbox(&j, s);
    put_wire(&j, f);
    wd_json_put_int(&j, "index", s->desk.desk.items);
    wd_json_put_int(&j, "lag_ms", (int64_t)s->loop_lag_ms);
    wd_trend_write(f->trend, from, &j);
    wd_json_end_object(&j);
}
