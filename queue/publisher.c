/*
 * queue/publisher.c - both lanes together: settings, statistics, what the log is told,
 * draining and the end.
 */
#include "queue/publisher.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "queue/publisher_impl.h"

/* --- told by the lanes ---------------------------------------------------------- */

static bool all_healthy(const wd_publisher *p)
{
    for (int i = 0; i < WD_LANE_COUNT; i++)
        if (!p->courier[i].healthy)
            return false;
    return true;
}

static uint64_t behind(const wd_publisher *p)
{
    uint64_t rows = 0;
    for (int i = 0; i < WD_LANE_COUNT; i++)
        if (p->courier[i].known > p->courier[i].acked)
            rows += p->courier[i].known - p->courier[i].acked;
    return rows;
}

/* Both lanes go through one trouble, and a restart through several reasons. */
static bool is_said(const wd_publisher *p, wd_redis_reason reason)
{
    return p->said_down && (p->said_reason == reason || (wd_redis_reason_is_away(p->said_reason) &&
                                                         wd_redis_reason_is_away(reason)));
}

/* Said once: when it breaks, and when it becomes another trouble. */
void wd_publisher_lane_down(wd_courier *l, const char *why)
{
    wd_publisher *p = l->p;
    char where[WD_REDIS_SHOW_BYTES];
    bool fenced = l->state == WD_COURIER_FENCED;
    if (l->healthy || p->down_since_ms == 0)
        p->down_since_ms = wd_wall_ms(p->spec.clock);
    l->healthy = false;
    p->stats.up = false;
    snprintf(p->stats.last_error, sizeof(p->stats.last_error), "%s", why);
    if (is_said(p, l->reason) && !fenced)
        return;
    p->said_down = true;
    p->said_reason = l->reason;
    bool person = fenced || wd_redis_reason_remedy(l->reason) == WD_REDIS_OPERATOR;
    const char *reason = fenced ? "FENCED" : wd_redis_reason_name(l->reason);
    wd_log_event(p->spec.log, person ? WD_LOG_ERROR : WD_LOG_WARNING,
                 fenced ? "redis.fenced" : "redis.lost",
                 WD_FIELDS({ "STREAM", p->stream[l->lane] }, { "REASON", reason }),
                 "%s: %s; events wait in the outbox%s", wd_redis_url_show(&p->url, where), why,
                 fenced ? ", this daemon must stop" : "");
}

void wd_publisher_lane_up(wd_courier *l)
{
    wd_publisher *p = l->p;
    char where[WD_REDIS_SHOW_BYTES], took[WD_TIME_TEXT_BYTES], left[40] = "nothing waits";
    l->healthy = true;
    if (!all_healthy(p))
        return;
    p->stats.up = true;
    p->stats.last_error[0] = '\0';
    uint64_t rows = behind(p); /* a lane that was back earlier may have sent all that it had */
    if (rows > 0)
        snprintf(left, sizeof(left), "%" PRIu64 " event%s to send", rows, rows == 1 ? "" : "s");
    if (p->said_down)
        wd_notice(p->spec.log, "redis.restored", WD_NO_FIELDS, "%s is back after %s, %s",
                  wd_redis_url_show(&p->url, where),
                  wd_duration_text(wd_wall_ms(p->spec.clock) - p->down_since_ms, took), left);
    else
        wd_info(p->spec.log, "redis.ready", WD_NO_FIELDS, "connected to %s, %s",
                wd_redis_url_show(&p->url, where), left);
    p->said_down = false;
    p->down_since_ms = 0;
    wd_publisher_progress(p);
}

void wd_publisher_led_to(wd_publisher *p, const wd_redis_host *host)
{
    bool known = p->master.host[0] != '\0';
    bool same = strcmp(p->master.host, host->host) == 0 && p->master.port == host->port;
    char to[sizeof(host->host) + 8];
    p->master = *host;
    if (!known || same)
        return;
    snprintf(to, sizeof(to), "%s:%u", host->host, host->port);
    wd_notice(p->spec.log, "redis.failover", WD_FIELDS({ "TO", to }),
              "the stream's master is now %s", to);
}

/* --- draining --------------------------------------------------------------------- */

static void say_drained(wd_publisher *p, bool drained)
{
    void (*done)(void *, bool) = p->drained;
    p->drained = NULL;
    uv_timer_stop(&p->drain);
    if (done != NULL)
        done(p->drained_ctx, drained);
}

static bool is_drained(const wd_publisher *p)
{
    for (int i = 0; i < WD_LANE_COUNT; i++)
        if (p->courier[i].state != WD_COURIER_RUNNING || p->courier[i].known > p->courier[i].acked)
            return false;
    return p->ringing == 0;
}

void wd_publisher_progress(wd_publisher *p)
{
    if (p->drained == NULL || p->closing || !is_drained(p))
        return;
    for (int i = 0; i < WD_LANE_COUNT; i++)
        wd_courier_report(&p->courier[i]);
    say_drained(p, true);
}

static void drain_late(uv_timer_t *timer)
{
    wd_publisher *p = wd_owner(timer, wd_publisher, drain);
    say_drained(p, is_drained(p));
}

static void drain_soon(uv_timer_t *timer)
{
    wd_publisher *p = wd_owner(timer, wd_publisher, drain);
    uv_timer_start(timer, drain_late, p->drain_ms, 0);
    wd_publisher_progress(p);
}

void wd_publisher_drain(wd_publisher *p,
                        int64_t wait_ms,
                        void (*done)(void *ctx, bool drained),
                        void *ctx)
{
    p->drained = done;
    p->drained_ctx = ctx;
    p->drain_ms = wait_ms > 0 ? (uint64_t)wait_ms : 0;
    uv_timer_start(&p->drain, drain_soon, 0, 0); /* nothing is called inside this call */
}

/* --- open, ask, close ----------------------------------------------------------------- */

/* What decides a key's cluster slot: its hash tag, or its whole name. */
static wd_span slot_part(const char *key)
{
    const char *open = strchr(key, '{');
    const char *close = open != NULL ? strchr(open, '}') : NULL;
    bool tagged = close != NULL && close > open + 1;
    return tagged ? (wd_span){ open + 1, (size_t)(close - open - 1) } : wd_span_of(key);
}

/* A key beside the stream in the same cluster slot. */
static void name_fence(const char *stream, char *out, size_t size)
{
    bool tagged = slot_part(stream).ptr != stream;
    snprintf(out, size, tagged ? "%s:fence" : "{%s}:fence", stream);
}

static void set_names(wd_publisher *p)
{
    static const char *const names[] = {
        [WD_LANE_ITEMS] = "wiredesk:items", [WD_LANE_COPIES] = "wiredesk:copies"
    };
    const wd_publisher_config *c = &p->spec.config;
    for (int i = 0; i < WD_LANE_COUNT; i++) {
        const char *stream = c->stream[i] != NULL ? c->stream[i] : names[i];
        const char *channel = c->channel[i] != NULL ? c->channel[i] : stream;
        snprintf(p->stream[i], sizeof(p->stream[i]), "%s", stream);
        snprintf(p->channel[i], sizeof(p->channel[i]), "%s", channel);
        p->spec.config.stream[i] = p->stream[i];
        p->spec.config.channel[i] = p->channel[i];
    }
    snprintf(p->list, sizeof(p->list), "%s", c->list != NULL ? c->list : "");
    p->spec.config.list = p->list;
}

static wd_status read_address(const char *text, wd_redis_url *url, wd_error *err)
{
    wd_status s = wd_redis_url_parse(wd_span_of(text), url, err);
    if (s == WD_OK && url->tls && !wd_redis_has_tls())
        s = wd_fail(err, WD_CONFIG,
                    "this build has no TLS to Redis (hiredis_ssl was not found): use a unix "
                    "socket, or a local TLS proxy");
    return s;
}

wd_status wd_publisher_check(const char *text, wd_error *err)
{
    wd_redis_url url;
    return read_address(text, &url, err);
}

static wd_status set_address(wd_publisher *p, wd_error *err)
{
    wd_publisher_config *c = &p->spec.config;
    wd_status s = read_address(c->url, &p->url, err);
    if (s != WD_OK)
        return s;
    if (c->username != NULL)
        snprintf(p->url.username, sizeof(p->url.username), "%s", c->username);
    if (c->password != NULL)
        snprintf(p->url.password, sizeof(p->url.password), "%s", c->password);
    wd_redis_url_set_files(&p->url, c->ca_file, c->cert_file, c->key_file);
    c->url = c->username = c->password = NULL; /* p->url has them */
    c->ca_file = c->cert_file = c->key_file = NULL;
    if (strcmp(p->stream[0], p->stream[1]) == 0)
        return wd_fail(err, WD_CONFIG, "items and copies need streams of their own");
    bool one_slot = wd_span_eq(slot_part(p->list), slot_part(p->stream[WD_LANE_ITEMS]));
    if (p->list[0] != '\0' && p->url.kind == WD_REDIS_CLUSTER && !one_slot)
        return wd_fail(
            err, WD_CONFIG,
            "in a Redis Cluster the list must share the stream's slot: call it {%s}:list",
            p->stream[WD_LANE_ITEMS]);
    return WD_OK;
}

wd_status wd_publisher_open(wd_publisher **out, const wd_publisher_spec *spec, wd_error *err)
{
    wd_publisher *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return wd_fail(err, WD_NOMEM, "out of memory");
    p->spec = *spec;
    p->generation = spec->generation;
    set_names(p);
    wd_status s = set_address(p, err);
    if (s != WD_OK) {
        free(p);
        return s;
    }
    if (p->spec.config.maxlen == 0)
        p->spec.config.maxlen = INT64_MAX;
    snprintf(p->nonce, sizeof(p->nonce), "%016" PRIx64, wd_random64());
    uv_timer_init(spec->loop, &p->drain);
    p->handles = 1;
    for (int i = 0; i < WD_LANE_COUNT; i++) {
        wd_courier *l = &p->courier[i];
        l->p = p;
        l->lane = (wd_lane)i;
        name_fence(p->stream[i], l->fence, sizeof(l->fence));
        uv_timer_init(spec->loop, &l->timer);
        uv_timer_init(spec->loop, &l->kick);
        p->handles += 2;
        wd_courier_start(l);
    }
    *out = p;
    return WD_OK;
}

void wd_publisher_wake(wd_publisher *p, wd_lane lane, uint64_t top_seq)
{
    wd_courier *l = &p->courier[lane];
    if (top_seq > l->known)
        l->known = top_seq;
    if (l->state == WD_COURIER_RUNNING)
        wd_courier_kick(l);
}

void wd_publisher_offer(wd_publisher *p, const wd_outbox_row *row)
{
    wd_courier_offer(&p->courier[row->slot.lane], row);
}

void wd_publisher_on_stat(wd_publisher *p,
                          wd_lane lane,
                          const wd_outbox_stat *stat,
                          uint64_t generation)
{
    wd_courier *l = &p->courier[lane];
    l->stat = *stat;
    l->stat_fresh = true;
    if (l->stats_due > 0)
        l->stats_due--;
    p->generation = generation;
    wd_courier_kick(l);
}

void wd_publisher_on_row(wd_publisher *p, const wd_outbox_row *row)
{
    wd_courier_row(&p->courier[row->slot.lane], row);
}

void wd_publisher_on_rows_end(wd_publisher *p, wd_lane lane)
{
    wd_courier_rows_end(&p->courier[lane]);
}

void wd_publisher_get_stats(const wd_publisher *p, wd_publisher_stats *out)
{
    *out = p->stats;
    out->behind = behind(p);
}

void wd_publisher_released(wd_publisher *p)
{
    if (--p->handles > 0)
        return;
    void (*closed)(void *) = p->spec.closed;
    void *ctx = p->spec.closed_ctx;
    for (int i = 0; i < WD_LANE_COUNT; i++) {
        wd_parcel_line_clear(&p->courier[i].ready);
        for (size_t at = 0; at < WD_WINDOW_CALLS; at++)
            free(p->courier[i].window[at].parcel);
    }
    free(p);
    closed(ctx);
}

static void drain_closed(uv_handle_t *handle)
{
    wd_publisher_released(wd_owner(handle, wd_publisher, drain));
}

static void timer_closed(uv_handle_t *handle)
{
    wd_publisher_released(wd_owner(handle, wd_courier, timer)->p);
}

static void kick_closed(uv_handle_t *handle)
{
    wd_publisher_released(wd_owner(handle, wd_courier, kick)->p);
}

void wd_publisher_close(wd_publisher **publisher)
{
    wd_publisher *p = *publisher;
    *publisher = NULL;
    if (p == NULL)
        return;
    p->closing = true;
    for (int i = 0; i < WD_LANE_COUNT; i++) {
        wd_courier *l = &p->courier[i];
        wd_courier_report(l);
        wd_courier_stop(l);
        uv_close((uv_handle_t *)&l->timer, timer_closed);
        uv_close((uv_handle_t *)&l->kick, kick_closed);
    }
    uv_close((uv_handle_t *)&p->drain, drain_closed);
}
