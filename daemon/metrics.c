/* daemon/metrics.c - one row a series; a family's HELP and TYPE stand before its first series. */
#include "daemon/metrics.h"

#include <stdio.h>
#include <string.h>

struct series {
    const char *family; /* without wiredesk_ */
    const char *type, *help;
    const char *labels; /* "" or "{result=\"ok\"}" */
    double value;
};

static void write_series(wd_buf *out, const struct series *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct series *r = &rows[i];
        if (i == 0 || strcmp(r->family, rows[i - 1].family) != 0)
            wd_buf_printf(out, "# HELP wiredesk_%s %s\n# TYPE wiredesk_%s %s\n", r->family, r->help,
                          r->family, r->type);
        wd_buf_printf(out, "wiredesk_%s%s %.15g\n", r->family, r->labels, r->value);
    }
}

static double lane_sum(const wd_snapshot *s, size_t offset)
{
    double sum = 0;
    for (int lane = 0; lane < WD_LANE_COUNT; lane++) {
        uint64_t v;
        memcpy(&v, (const char *)&s->desk.outbox[lane] + offset, sizeof(v));
        sum += (double)v;
    }
    return sum;
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

void wd_metrics_write(const wd_snapshot *s, wd_buf *out)
{
    const wd_poller_stats *p = &s->polls;
    const wd_storer_counts *c = &s->desk.counts;
    const char *polls = "Polls finished, by how they ended.";
    const char *items = "Items read, by verdict.";
    const char *feeds = "Feeds, by state.";
    const char *handoffs = "Events handed to Redis, by result.";
    /* clang-format off */
    const struct series rows[] = {
        { "fetches_total", "counter", polls, "{result=\"document\"}", (double)p->documents },
        { "fetches_total", "counter", polls, "{result=\"not_modified\"}", (double)p->not_modified },
        { "fetches_total", "counter", polls, "{result=\"same_body\"}", (double)p->same_body },
        { "fetches_total", "counter", polls, "{result=\"failed\"}", (double)p->failures },
        { "fetch_bytes_total", "counter", "Bytes read from publishers.", "", (double)p->bytes },
        { "items_total", "counter", items, "{verdict=\"new\"}", (double)c->fresh },
        { "items_total", "counter", items, "{verdict=\"updated\"}", (double)c->updated },
        { "items_total", "counter", items, "{verdict=\"copy\"}", (double)c->copies },
        { "items_total", "counter", items, "{verdict=\"revision\"}", (double)c->revisions },
        { "items_total", "counter", items, "{verdict=\"seen\"}", (double)c->seen },
        { "items_total", "counter", items, "{verdict=\"silent\"}", (double)c->silent },
        { "last_item_timestamp_seconds", "gauge", "When the last item was told.", "", (double)c->last_item_ms / 1e3 },
        { "feeds", "gauge", feeds, "{state=\"working\"}", (double)(p->feeds - p->failing - p->paused) },
        { "feeds", "gauge", feeds, "{state=\"failing\"}", (double)p->failing },
        { "feeds", "gauge", feeds, "{state=\"paused\"}", (double)p->paused },
        { "feeds_due", "gauge", "Feeds whose time has come.", "", (double)p->due },
        { "oldest_due_seconds", "gauge", "How late the most overdue feed is.", "", (double)p->oldest_due_ms / 1e3 },
        { "inflight", "gauge", "Polls under way.", "", (double)p->in_flight },
        { "redis_up", "gauge", "1 while Redis takes events.", "", s->redis.up ? 1 : 0 },
        { "redis_handoffs_total", "counter", handoffs, "{result=\"acked\"}", (double)s->redis.acked },
        { "redis_handoffs_total", "counter", handoffs, "{result=\"duplicate\"}", (double)s->redis.duplicates },
        { "redis_handoffs_total", "counter", handoffs, "{result=\"error\"}", (double)s->redis.errors },
        { "redis_reconnects_total", "counter", "Connections to Redis after the first.", "", (double)s->redis.reconnects },
        { "outbox_items", "gauge", "Events waiting for Redis.", "", lane_sum(s, offsetof(wd_outbox_stat, waiting)) },
        { "outbox_bytes", "gauge", "Their bodies' bytes.", "", lane_sum(s, offsetof(wd_outbox_stat, waiting_bytes)) },
        { "outbox_oldest_seconds", "gauge", "Age of the oldest of them.", "", oldest_waiting_s(s) },
        { "dedupe_index_entries", "gauge", "Texts remembered.", "", (double)s->desk.desk.items },
        { "dedupe_index_bytes", "gauge", "Memory they take.", "", (double)s->desk.desk.bytes },
        { "storage_up", "gauge", "1 while the ledger can be written.", "", s->desk.storage_ok ? 1 : 0 },
        { "ledger_commits_total", "counter", "Transactions written.", "", (double)s->desk.commits },
        { "loop_lag_seconds", "gauge", "Lateness of the loop's newest tick.", "", (double)s->loop_lag_ms / 1e3 },
        { "config_reloads_total", "counter", "Reloads, by result.", "{result=\"ok\"}", (double)s->reloads_ok },
        { "config_reloads_total", "counter", "Reloads, by result.", "{result=\"failed\"}", (double)s->reloads_failed },
        { "start_time_seconds", "gauge", "When this process started.", "", (double)s->started_ms / 1e3 },
    };
    /* clang-format on */
    write_series(out, rows, WD_COUNT(rows));
}
