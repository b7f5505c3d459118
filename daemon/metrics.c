/* daemon/metrics.c - a family at a time: HELP and TYPE, then its series.
 *
 * Every label's values come from a table of ours, never from a feed or a server, so that the
 * number of series is the same for one feed and for a quarter of a million. */
#include "daemon/metrics.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/process_stats.h"
#include "daemon/version.h"
#include "feeds/standing.h"

struct family {
    wd_buf *out;
    const char *name; /* with its prefix */
};

static struct family begin(wd_buf *out, const char *name, const char *type, const char *help)
{
    wd_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
    return (struct family){ out, name };
}

static void put(const struct family *f, const char *label, const char *word, double value)
{
    if (label == NULL)
        wd_buf_printf(f->out, "%s %.15g\n", f->name, value);
    else
        wd_buf_printf(f->out, "%s{%s=\"%s\"} %.15g\n", f->name, label, word, value);
}

static void one(wd_buf *out, const char *name, const char *type, const char *help, double value)
{
    struct family f = begin(out, name, type, help);
    put(&f, NULL, NULL, value);
}

/* label is "" or `phase="dns"`. */
static void put_histogram(const struct family *f,
                          const char *label,
                          const wd_histogram *h,
                          const wd_histogram_scale *scale)
{
    uint64_t n = 0;
    const char *comma = label[0] ? "," : "";
    const char *open = label[0] ? "{" : "", *close = label[0] ? "}" : "";
    for (size_t i = 0; i < WD_HISTOGRAM_BUCKETS; i++) {
        n += h->counts[i];
        wd_buf_printf(f->out, "%s_bucket{%s%sle=\"%.15g\"} %" PRIu64 "\n", f->name, label, comma,
                      scale->bounds[i], n);
    }
    n += h->counts[WD_HISTOGRAM_BUCKETS];
    wd_buf_printf(f->out, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", f->name, label, comma, n);
    wd_buf_printf(f->out, "%s_sum%s%s%s %.15g\n", f->name, open, label, close, h->sum);
    wd_buf_printf(f->out, "%s_count%s%s%s %" PRIu64 "\n", f->name, open, label, close, n);
}

static void histogram(wd_buf *out,
                      const char *name,
                      const char *help,
                      const wd_histogram *h,
                      const wd_histogram_scale *scale)
{
    struct family f = begin(out, name, "histogram", help);
    put_histogram(&f, "", h, scale);
}

/* --- the families ---------------------------------------------------------- */

static void write_fetches(const wd_poller_stats *p, wd_buf *out)
{
    const wd_tally *t = &p->tally;
    struct family f =
        begin(out, "wiredesk_fetches_total", "counter", "Polls finished, by how they ended.");
    put(&f, "result", "document", (double)p->documents);
    put(&f, "result", "not_modified", (double)p->not_modified);
    put(&f, "result", "same_body", (double)p->same_body);
    put(&f, "result", "failed", (double)p->failures);
    f = begin(out, "wiredesk_fetch_failures_total", "counter", "Polls that failed, by reason.");
    for (int i = WD_REASON_NONE + 1; i < WD_REASON_COUNT; i++)
        put(&f, "reason", wd_reason_word((wd_reason)i), (double)t->failures[i]);
    f = begin(out, "wiredesk_http_responses_total", "counter", "Answers, by HTTP status.");
    for (int i = 0; i < WD_CODE_COUNT; i++)
        put(&f, "code", wd_code_word(i), (double)t->codes[i]);
    f = begin(out, "wiredesk_fetch_bytes_total", "counter",
              "Bytes from publishers: on the wire, and bodies decoded.");
    put(&f, "kind", "wire", (double)t->wire_bytes);
    put(&f, "kind", "decoded", (double)t->decoded_bytes);
}

static void write_durations(const wd_tally *t, wd_buf *out)
{
    static const char *const words[WD_PHASE_COUNT] = {
#define X(name, word) "phase=\"" word "\"",
        WD_PHASE_LIST(X)
#undef X
    };
    struct family f = begin(out, "wiredesk_fetch_duration_seconds", "histogram",
                            "Time of a request, by phase of its last hop, and in total.");
    for (int i = 0; i < WD_PHASE_COUNT; i++)
        put_histogram(&f, words[i], &t->phases[i], &wd_scale_network);
    put_histogram(&f, "phase=\"total\"", &t->total, &wd_scale_network);
    histogram(out, "wiredesk_poll_lateness_seconds", "From due to begun.", &t->lateness,
              &wd_scale_delay);
}

static void write_feeds(const wd_poller_stats *p, wd_buf *out)
{
    struct family f = begin(out, "wiredesk_feeds", "gauge", "Feeds, by state.");
    for (int i = 0; i < WD_STANDING_COUNT; i++)
        put(&f, "state", wd_standing_word((wd_standing)i), p->standings[i]);
    one(out, "wiredesk_feeds_due", "gauge", "Feeds whose time has come.", p->due);
    one(out, "wiredesk_oldest_due_seconds", "gauge", "How late the most overdue feed is.",
        (double)p->oldest_due_ms / 1e3);
    one(out, "wiredesk_inflight", "gauge", "Polls under way.", p->in_flight);
    one(out, "wiredesk_net_up", "gauge", "0 while no host at all can be reached.",
        p->net_down ? 0 : 1);
}

static void write_items(const wd_snapshot *s, wd_buf *out)
{
    const wd_storer_counts *c = &s->desk.counts;
    struct family f = begin(out, "wiredesk_items_total", "counter", "Items read, by verdict.");
    put(&f, "verdict", "new", (double)c->fresh);
    put(&f, "verdict", "updated", (double)c->updated);
    put(&f, "verdict", "copy", (double)c->copies);
    put(&f, "verdict", "revision", (double)c->revisions);
    put(&f, "verdict", "seen", (double)c->seen);
    put(&f, "verdict", "silent", (double)c->silent);
    put(&f, "verdict", "invalid", s->timings ? (double)s->timings->dropped_items : 0);
    one(out, "wiredesk_last_item_timestamp_seconds", "gauge", "When the last item was told.",
        (double)c->last_item_ms / 1e3);
    one(out, "wiredesk_dedupe_index_entries", "gauge", "Texts remembered.", s->desk.desk.items);
    one(out, "wiredesk_dedupe_index_bytes", "gauge", "Memory they take.",
        (double)s->desk.desk.bytes);
    one(out, "wiredesk_storage_up", "gauge", "1 while the ledger can be written.",
        s->desk.storage_ok);
    one(out, "wiredesk_ledger_commits_total", "counter", "Transactions written.",
        (double)s->desk.commits);
}

static void write_stages(const wd_timings *t, wd_buf *out)
{
    if (t == NULL)
        return; /* no pipeline yet */
    histogram(out, "wiredesk_parse_duration_seconds", "Reading one document.", &t->parse,
              &wd_scale_work);
    histogram(out, "wiredesk_dedupe_duration_seconds", "One verdict.", &t->dedupe, &wd_scale_work);
    histogram(out, "wiredesk_item_discovery_delay_seconds",
              "New items, from published to seen; past items of new feeds left out.", &t->discovery,
              &wd_scale_age);
    histogram(out, "wiredesk_item_pipeline_delay_seconds", "Events, from seen to taken by Redis.",
              &t->pipeline, &wd_scale_network);
}

static double oldest_waiting_s(const wd_snapshot *s)
{
    int64_t oldest = 0;
    for (int lane = 0; lane < WD_LANE_COUNT; lane++) {
        int64_t ms = s->desk.outbox[lane].oldest_waiting_ms;
        if (ms > 0 && (oldest == 0 || ms < oldest))
            oldest = ms;
    }
    return oldest ? (double)(s->now_ms - oldest) / 1e3 : 0;
}

static void write_redis(const wd_snapshot *s, wd_buf *out)
{
    const wd_publisher_stats *r = &s->redis;
    one(out, "wiredesk_redis_up", "gauge", "1 while Redis takes events.", r->up);
    struct family f = begin(out, "wiredesk_redis_handoffs_total", "counter",
                            "Events handed to Redis, by result.");
    put(&f, "result", "acked", (double)r->acked);
    put(&f, "result", "duplicate", (double)r->duplicates);
    put(&f, "result", "error", (double)r->errors);
    histogram(out, "wiredesk_handoff_duration_seconds", "One event, from sent to taken by Redis.",
              &r->handoff, &wd_scale_work);
    one(out, "wiredesk_redis_reconnects_total", "counter", "Connections to Redis after the first.",
        (double)r->reconnects);
    one(out, "wiredesk_outbox_items", "gauge", "Events waiting for Redis.",
        (double)wd_snapshot_waiting(s));
    one(out, "wiredesk_outbox_bytes", "gauge", "Their bodies' bytes.",
        (double)wd_snapshot_waiting_bytes(s));
    one(out, "wiredesk_outbox_oldest_seconds", "gauge", "Age of the oldest of them.",
        oldest_waiting_s(s));
    one(out, "wiredesk_polling_held_back", "gauge", "1 while the outbox is too full to poll.",
        s->held_back);
}

static void write_websub(const wd_websub_stats *w, wd_buf *out)
{
    if (w == NULL)
        return;
    struct family f = begin(out, "wiredesk_websub_subscriptions", "gauge",
                            "Subscriptions at hubs, by what becomes of them.");
    put(&f, "state", "wanted", (double)w->subscriptions[WD_WEBSUB_WANTED]);
    put(&f, "state", "active", (double)w->subscriptions[WD_WEBSUB_ACTIVE]);
    put(&f, "state", "leaving", (double)w->subscriptions[WD_WEBSUB_LEAVING]);
    put(&f, "state", "over", (double)w->subscriptions[WD_WEBSUB_OVER]);
    one(out, "wiredesk_websub_delivering", "gauge",
        "Subscriptions that bring what is new, so that polls are a backup.", (double)w->delivering);
    f = begin(out, "wiredesk_websub_deliveries_total", "counter",
              "Deliveries, by what came of them.");
    put(&f, "result", wd_websub_fault_word(WD_WEBSUB_FINE), (double)w->deliveries);
    for (int i = WD_WEBSUB_FINE + 1; i < WD_WEBSUB_FAULTS; i++)
        put(&f, "result", wd_websub_fault_word((wd_websub_fault)i), (double)w->faults[i]);
    put(&f, "result", "turned-away", (double)w->turned_away);
    f = begin(out, "wiredesk_websub_requests_total", "counter", "Requests to hubs, by result.");
    put(&f, "result", "taken", (double)w->requests_taken);
    put(&f, "result", "failed", (double)w->requests_failed);
    f = begin(out, "wiredesk_websub_verifications_total", "counter",
              "What hubs wanted to verify, by our answer.");
    put(&f, "result", "confirmed", (double)w->confirmed);
    put(&f, "result", "refused", (double)w->refused);
    put(&f, "result", "denied", (double)w->denied);
    one(out, "wiredesk_websub_missed_total", "counter",
        "Times that a poll found what a hub that delivers had not brought.", (double)w->missed);
}

static void write_daemon(const wd_snapshot *s, wd_buf *out)
{
    histogram(out, "wiredesk_loop_lag_seconds", "Lateness of the loop's ticks, one a second.",
              &s->loop_lag, &wd_scale_work);
    struct family f = begin(out, "wiredesk_config_reloads_total", "counter", "Reloads, by result.");
    put(&f, "result", "ok", (double)s->reloads_ok);
    put(&f, "result", "failed", (double)s->reloads_failed);
    one(out, "wiredesk_config_last_reload_successful", "gauge",
        "0 after a reload that kept the old configuration.", s->reload_trouble[0] == '\0');
    one(out, "wiredesk_start_time_seconds", "gauge", "When this process started.",
        (double)s->started_ms / 1e3);
    f = begin(out, "wiredesk_build_info", "gauge", "1; the version is the label.");
    put(&f, "version", WD_VERSION, 1);
}

static void write_process(wd_buf *out)
{
    wd_process_stats p;
    wd_process_stats_get(&p);
    one(out, "process_cpu_seconds_total", "counter", "User and system time of this process.",
        p.cpu_seconds);
    one(out, "process_resident_memory_bytes", "gauge", "Memory of this process.",
        (double)p.resident_bytes);
    one(out, "process_open_fds", "gauge", "Open files and sockets.", (double)p.open_files);
    one(out, "process_max_fds", "gauge", "How many there may be.", (double)p.max_files);
}

void wd_metrics_write(const wd_snapshot *s, wd_buf *out)
{
    write_fetches(&s->polls, out);
    write_durations(&s->polls.tally, out);
    write_feeds(&s->polls, out);
    write_items(s, out);
    write_stages(s->timings, out);
    write_redis(s, out);
    write_websub(s->websub, out);
    write_daemon(s, out);
    write_process(out);
}
