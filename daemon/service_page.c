/* daemon/service_page.c - the status page: one document, four questions, one stream. */
#include <stdlib.h>
#include <string.h>

#include "daemon/page/bytes.h"
#include "daemon/page/feeds.h"
#include "daemon/page/state.h"
#include "daemon/page/wire_item.h"
#include "daemon/page/wire_query.h"
#include "daemon/service_impl.h"

#define JSON_TYPE    "application/json"
#define FEEDS_SHOWN  100u /* unless asked otherwise */
#define ITEMS_SHOWN  100u
#define ITEMS_MAX    500u
#define STATE_BYTES  (64u * 1024u)
#define LAST_SAMPLES 2u /* in every state told: a reader who missed one still has no hole */

/* --- what the daemon tells -------------------------------------------------- */

static void write_state(const wd_service *s, uint64_t from, wd_buf *out)
{
    const wd_page_facts facts = { .snap = &s->snap,
                                  .trend = s->trend,
                                  .wire = s->wire,
                                  .start_rate = s->config->schedule.start_rate,
                                  .readers = wd_readers_count(s->readers) };
    wd_page_state_write(&facts, from, out);
}

static void tell_state(wd_service *s)
{
    wd_buf state = WD_BUF_INIT(STATE_BYTES);
    uint64_t n = s->trend->n;
    write_state(s, n > LAST_SAMPLES ? n - LAST_SAMPLES : 0, &state);
    if (wd_buf_status(&state) == WD_OK)
        wd_readers_set_state(s->readers, wd_buf_span(&state));
    wd_buf_done(&state);
}

void wd_service_page_stored(void *service, const wd_poll *poll)
{
    wd_service *s = service;
    if (s->readers != NULL && wd_wire_add_poll(s->wire, poll, wd_wall_ms(s->clock)))
        wd_readers_notice(s->readers);
}

void wd_service_page_tick(wd_service *s)
{
    if (s->readers == NULL)
        return;
    wd_trend_tick(s->trend, &s->snap, wd_boot_ms(s->clock));
    if (wd_readers_count(s->readers) > 0)
        tell_state(s);
}

/* --- what is asked ------------------------------------------------------------- */

static uint64_t number(const wd_control_request *r, const char *key, uint64_t otherwise)
{
    unsigned long long n;
    const char *text = wd_control_query(r, key);
    return text != NULL && wd_span_u64(wd_span_of(text), &n) ? n : otherwise;
}

void wd_service_on_page(wd_service *s, const wd_control_request *r, wd_control_answer *out)
{
    (void)s;
    (void)r;
    out->type = "text/html; charset=utf-8";
    out->fixed = (wd_span){ (const char *)wd_page_bytes, wd_page_len };
    out->etag = wd_page_etag;
    out->policy = wd_page_policy;
}

void wd_service_on_events(wd_service *s, const wd_control_request *r, wd_control_answer *out)
{
    const char *last = wd_control_header(r, "Last-Event-ID");
    tell_state(s); /* the one at hand is of when there was last a reader */
    if (!wd_readers_add(s->readers, last ? last : wd_control_query(r, "after"), &out->stream)) {
        out->status = 503;
        wd_buf_printf(&out->body, "%u readers are connected already\n", WD_READERS_MAX);
        return;
    }
    out->type = "text/event-stream";
}

void wd_service_on_state(wd_service *s, const wd_control_request *r, wd_control_answer *out)
{
    out->type = JSON_TYPE;
    write_state(s, number(r, "from", 0), &out->body);
}

static void each_feed(const void *poller, wd_page_feed_fn each, void *ctx)
{
    wd_poller_each(poller, each, ctx);
}

static bool subscription(const void *keeper, const char *slug, wd_websub_facts *out)
{
    return wd_websub_keeper_find(keeper, slug, out);
}

void wd_service_on_feeds(wd_service *s, const wd_control_request *r, wd_control_answer *out)
{
    const wd_page_feeds_query q = { .text = wd_control_query(r, "q"),
                                    .state = wd_control_query(r, "state"),
                                    .order = wd_control_query(r, "order"),
                                    .from = number(r, "from", 0),
                                    .limit = number(r, "limit", FEEDS_SHOWN) };
    const wd_page_feeds_source source = { .each = each_feed,
                                          .feeds = s->poller,
                                          .websub = s->websub ? subscription : NULL,
                                          .hubs = s->websub };
    out->type = JSON_TYPE;
    if (wd_page_feeds_write(&source, &q, s->snap.now_ms, &out->body) != WD_OK)
        out->status = 500;
}

void wd_service_on_items(wd_service *s, const wd_control_request *r, wd_control_answer *out)
{
    const char *text = wd_control_query(r, "q");
    uint64_t limit = number(r, "limit", ITEMS_SHOWN);
    out->type = JSON_TYPE;
    wd_wire_search(s->wire, text ? text : "", limit < ITEMS_MAX ? (size_t)limit : ITEMS_MAX,
                   &out->body);
}

/* --- opening ---------------------------------------------------------------------- */

static void wake(void *ctx)
{
    wd_service *s = ctx;
    if (s->control != NULL)
        wd_control_wake(s->control);
}

wd_status wd_service_open_page(wd_service *s)
{
    wd_readers_spec spec = {
        .loop = &s->loop, .wake = wake, .closed = wd_service_part_closed, .ctx = s
    };
    wd_status status = wd_wire_new(&s->wire);
    s->trend = status == WD_OK ? calloc(1, sizeof(*s->trend)) : NULL;
    if (s->trend == NULL)
        return WD_NOMEM;
    spec.wire = s->wire;
    status = wd_readers_open(&s->readers, &spec);
    s->open_parts += status == WD_OK;
    return status;
}
