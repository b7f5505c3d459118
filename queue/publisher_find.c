/*
 * queue/publisher_find.c - who is the master now? (queue.md 12)
 *
 * Sentinel: asked at every reconnect, one host after the other; what it says is checked
 * by ROLE afterwards, since an old master still calls itself one for a moment.
 * Cluster: any node; the one with our slot is named by MOVED.  A lane has one slot
 * (the fence shares its stream's), so one address is all there is to know.
 */
#include <stdio.h>
#include <string.h>

#include "queue/courier.h"
#include "queue/publisher_impl.h"

#define SENTINEL_MS 1000 /* there are others to ask */

static void ask_next(wd_courier *l);

static void finder_closed(void *ctx)
{
    wd_publisher_released(((wd_courier *)ctx)->p);
}

static void finder_down(void *ctx, wd_status s, const char *why)
{
    wd_courier *l = ctx;
    (void)s;
    (void)why; /* said when none answers */
    wd_redis_close(&l->finder);
    ask_next(l);
}

static void master_named(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_courier *l = wd_owner(call, wd_courier, ask);
    wd_span host = wd_redis_reply_text(wd_redis_reply_at(reply, 0));
    int64_t port = wd_redis_reply_int(wd_redis_reply_at(reply, 1));
    if (reply == NULL || l->finder == NULL || l->state != WD_COURIER_CONNECTING)
        return; /* finder_down follows, or the publisher is closing */
    wd_redis_close(&l->finder);
    if (host.len == 0 || host.len >= sizeof(l->where.host) || port <= 0 || port > 65535) {
        l->named = true;
        ask_next(l);
        return;
    }
    snprintf(l->where.host, sizeof(l->where.host), "%.*s", WD_SPAN_ARG(host));
    l->where.port = (uint16_t)port;
    wd_publisher_led_to(l->p, &l->where);
    wd_courier_connect(l);
}

static void finder_up(void *ctx)
{
    wd_courier *l = ctx;
    wd_span argv[] = { WD_SPAN_LIT("SENTINEL"), WD_SPAN_LIT("get-master-addr-by-name"),
                       wd_span_of(l->p->url.master) };
    l->ask.done = master_named;
    wd_status s = wd_redis_command(l->finder, WD_COUNT(argv), argv, &l->ask);
    (void)s; /* it is going down: finder_down follows */
}

static void ask_next(wd_courier *l)
{
    const wd_redis_url *url = &l->p->url;
    if (l->unanswered++ == url->n_hosts) {
        wd_courier_lost(l, l->named ? WD_REDIS_REASON_NOMASTER : WD_REDIS_REASON_NETWORK,
                        l->named ? wd_redis_reason_text(WD_REDIS_REASON_NOMASTER)
                                 : "none of the sentinels answers");
        return;
    }
    wd_redis_spec spec = { .loop = l->p->spec.loop,
                           .url = url,
                           .where = &url->hosts[l->host_at++ % url->n_hosts],
                           .plain = true,
                           .connect_ms = SENTINEL_MS,
                           .answer_ms = SENTINEL_MS,
                           .up = finder_up,
                           .down = finder_down,
                           .closed = finder_closed,
                           .ctx = l };
    if (wd_redis_open(&l->finder, &spec) == WD_OK)
        l->p->handles++;
    else
        wd_courier_lost(l, WD_REDIS_REASON_NETWORK, "out of memory");
}

void wd_courier_find(wd_courier *l)
{
    const wd_redis_url *url = &l->p->url;
    if (url->kind == WD_REDIS_SENTINEL) {
        l->unanswered = 0;
        l->named = false;
        ask_next(l);
        return;
    }
    if (url->kind == WD_REDIS_CLUSTER && l->where.host[0] == '\0')
        l->where = url->hosts[l->host_at++ % url->n_hosts];
    wd_courier_connect(l);
}

void wd_courier_moved(wd_courier *l, wd_span error)
{
    wd_span address = error;
    wd_redis_host host;
    (void)wd_span_cut(&address, ' ');
    (void)wd_span_cut(&address, ' ');
    if (wd_redis_host_parse(address, 0, &host) && host.port != 0)
        l->where = host;
    else if (address.len > 1 && address.ptr[0] == ':') { /* the same host, another port */
        unsigned long long port;
        if (wd_span_u64(wd_span_from(address, 1), &port) && port > 0 && port <= 65535)
            l->where.port = (uint16_t)port;
    }
}

void wd_courier_forget(wd_courier *l)
{
    l->where.host[0] = '\0';
}
