/* feeds/outage.c - a short memory of hosts, the oldest overwritten, each counted once. */
#include "feeds/outage.h"

#define WINDOW_MS   60000
#define PROBE_MS    10000
#define PROBES      3
#define LEAST_HOSTS 10 /* fewer hosts than that may well fail together */
#define PART_FAILED 0.8

/* A refusal is not among them: somebody at the other end sent it. */
bool wd_outage_is_network(wd_reason reason)
{
    return reason == WD_REASON_DNS || reason == WD_REASON_UNREACHABLE ||
           reason == WD_REASON_TIMEOUT || reason == WD_REASON_PROXY;
}

/* The host's own row, else a free one, else the one not heard of for longest. */
static size_t row_for(const wd_outage *o, uint64_t host)
{
    size_t oldest = 0;
    for (size_t i = 0; i < o->n; i++) {
        if (o->last[i].host == host)
            return i;
        if (o->last[i].at_ms < o->last[oldest].at_ms)
            oldest = i;
    }
    return o->n < WD_OUTAGE_HOSTS ? o->n : oldest;
}

static bool looks_down(const wd_outage *o, int64_t now_ms)
{
    size_t heard = 0, failed = 0;
    for (size_t i = 0; i < o->n; i++) {
        if (now_ms - o->last[i].at_ms > WINDOW_MS)
            continue;
        heard++;
        failed += o->last[i].failed;
    }
    return heard >= LEAST_HOSTS && (double)failed >= PART_FAILED * (double)heard;
}

wd_outage_change wd_outage_note(wd_outage *o, uint64_t host, wd_reason reason, int64_t now_ms)
{
    bool failed = wd_outage_is_network(reason);
    size_t row = row_for(o, host);
    o->last[row].host = host;
    o->last[row].at_ms = now_ms;
    o->last[row].failed = failed;
    if (row == o->n)
        o->n++;
    if (o->down && !failed) {
        o->down = false;
        o->n = 0; /* what failed before says nothing of now */
        return WD_OUTAGE_ENDS;
    }
    if (o->down || !looks_down(o, now_ms))
        return WD_OUTAGE_SAME;
    o->down = true;
    o->since_ms = now_ms;
    o->probe_ms = now_ms + PROBE_MS;
    return WD_OUTAGE_BEGINS;
}

size_t wd_outage_allows(wd_outage *o, int64_t now_ms)
{
    if (!o->down)
        return SIZE_MAX;
    if (now_ms < o->probe_ms)
        return 0;
    o->probe_ms = now_ms + PROBE_MS;
    return PROBES;
}
