/* daemon/websub/errand.c - one request to a hub: it waits at the same gates as the polls of that
 * host, and outlives its subscription when that goes first. */
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "daemon/websub/keeper_impl.h"

#define ERRAND_BYTES (1024u * 1024u) /* form, hops' URLs and heads; no body is kept */
#define FORM_BYTES   (64u * 1024u)   /* two URLs of 8 KB, each byte encoded in three */

/* However many hubs there are: subscribing is never urgent, polling may be. */
#define MOST_ERRANDS 32u
#define LATER_MS     WD_SECOND_MS

struct wd_websub_errand {
    wd_http_request request;
    wd_websub_keeper *keeper;
    wd_subscriber *subscriber; /* NULL: forgotten */
};

static void woken(wd_gate_seat *seat);

static wd_reason reason_of(const wd_http_reply *r)
{
    if (r->reason != WD_REASON_NONE || r->status / 100 == 2)
        return r->reason;
    return r->status == 429   ? WD_REASON_HTTP_429
           : r->status == 503 ? WD_REASON_HTTP_503
           : r->status >= 500 ? WD_REASON_HTTP_5XX
                              : WD_REASON_HTTP_4XX;
}

/* Its seat is kept while the host wants to be left alone: without any, that is forgotten. */
static void come_back(wd_websub_keeper *k, wd_subscriber *s, const wd_gate_result *result)
{
    wd_poller_gate_done(k->spec.poller, &s->seat, result, s->slug);
    if (wd_host_gate_throttled(&s->seat) == 0)
        wd_poller_gate_leave(k->spec.poller, &s->seat, s->slug);
}

/* --- the answer -------------------------------------------------------------------- */

static void describe(const wd_http_reply *r, char *out, size_t size)
{
    if (r->reason == WD_REASON_NONE)
        snprintf(out, size, "the hub answered %d", (int)r->status);
    else
        snprintf(out, size, "%s%s%s%s", wd_reason_text(r->reason), r->detail[0] ? " (" : "",
                 r->detail, r->detail[0] ? ")" : "");
}

static void take_answer(wd_websub_keeper *k, wd_subscriber *s, const wd_http_reply *r)
{
    const wd_websub_answer a = { .reason = r->reason,
                                 .status = r->status,
                                 .retry_after_ms = r->retry_after_ms };
    char why[256];
    describe(r, why, sizeof(why));
    if (wd_websub_answered(&s->sub, &a, wd_keeper_now(k), wd_random64())) {
        k->stats.requests_taken++;
    } else {
        k->stats.requests_failed++;
        if (s->current)
            wd_websub_say_failed(k, s, why);
        wd_keeper_fell(k, s);
    }
    wd_keeper_store(k, s);
    wd_keeper_arm(k, s);
}

static void answered(wd_http_request *request, const wd_http_reply *r)
{
    struct wd_websub_errand *e = request->ctx;
    wd_websub_keeper *k = e->keeper;
    wd_subscriber *s = e->subscriber;
    if (s != NULL) {
        const wd_gate_result result = { .latency_ms = r->total_us / 1000,
                                        .retry_after_ms = r->retry_after_ms,
                                        .reason = reason_of(r),
                                        .private_address = r->private_address };
        s->errand = NULL;
        come_back(k, s, &result);
        take_answer(k, s, r);
    }
    wd_arena_free(request->arena);
    free(e);
    k->n_errands--;
    wd_keeper_part_closed(k);
}

/* --- the request ------------------------------------------------------------------- */

static const char *form_of(const wd_websub_keeper *k, const wd_subscriber *s, wd_arena *arena)
{
    char callback[WD_URL_BYTES];
    wd_buf out = WD_BUF_INIT(FORM_BYTES);
    snprintf(callback, sizeof(callback), "%s%s", k->url, s->token);
    const wd_websub_form form = { .mode = wd_websub_wish(&s->sub),
                                  .topic = s->topic,
                                  .callback = callback,
                                  .secret = s->secret,
                                  .lease_ms = s->sub.wish_ms };
    wd_websub_form_write(&form, &out);
    const char *text = NULL;
    if (wd_buf_status(&out) == WD_OK)
        text = wd_arena_copy(arena, wd_buf_span(&out)).ptr;
    wd_buf_done(&out);
    return text;
}

/* A reload may free the feed's configuration while the request is out. */
static void borrow_manner(wd_websub_keeper *k, const wd_subscriber *s, wd_http_request *r)
{
    const wd_feed_config *c = NULL;
    size_t n = 0;
    if (wd_poller_find(k->spec.poller, s->slug, &c) == NULL)
        return;
    if (c->proxy != NULL)
        r->proxy = wd_arena_copy(r->arena, wd_span_of(c->proxy)).ptr;
    while (c->allow_private != NULL && c->allow_private[n] != NULL)
        n++;
    const char **list = n ? wd_arena_zalloc(r->arena, (n + 1) * sizeof(*list)) : NULL;
    for (size_t i = 0; list != NULL && i < n; i++)
        list[i] = wd_arena_copy(r->arena, wd_span_of(c->allow_private[i])).ptr;
    r->allow_private = list;
}

static struct wd_websub_errand *errand_new(wd_websub_keeper *k, wd_subscriber *s)
{
    struct wd_websub_errand *e = calloc(1, sizeof(*e));
    wd_arena *arena = wd_arena_new(ERRAND_BYTES);
    if (e == NULL || arena == NULL) {
        wd_arena_free(arena);
        free(e);
        return NULL;
    }
    e->keeper = k;
    e->subscriber = s;
    e->request = (wd_http_request){ .url = wd_arena_copy(arena, wd_span_of(s->hub)).ptr,
                                    .form = form_of(k, s, arena),
                                    .one_off = true,
                                    .arena = arena,
                                    .now_ms = wd_keeper_now(k),
                                    .done = answered,
                                    .ctx = e };
    borrow_manner(k, s, &e->request);
    if (e->request.form != NULL && wd_arena_status(arena) == WD_OK)
        return e;
    wd_arena_free(arena);
    free(e);
    return NULL;
}

static void send_off(wd_websub_keeper *k, wd_subscriber *s)
{
    static const wd_gate_result nothing = { .retry_after_ms = -1, .reason = WD_REASON_INTERNAL };
    struct wd_websub_errand *e = errand_new(k, s);
    wd_websub_ask(&s->sub);
    if (e != NULL && wd_http_get(k->spec.http, &e->request) == WD_OK) {
        s->errand = e;
        k->n_errands++;
        k->open++;
        wd_keeper_arm(k, s);
        return;
    }
    if (e != NULL) {
        wd_arena_free(e->request.arena);
        free(e);
    }
    come_back(k, s, &nothing);
    const wd_http_reply reply = { .reason = WD_REASON_INTERNAL, .retry_after_ms = -1 };
    take_answer(k, s, &reply);
}

static void woken(wd_gate_seat *seat)
{
    wd_subscriber *s = wd_owner(seat, wd_subscriber, seat);
    wd_websub_keeper *k = s->keeper;
    wd_keeper_arm_at(k, s, wd_keeper_now(k));
}

void wd_errand_try(wd_websub_keeper *k, wd_subscriber *s)
{
    wd_host_gate *gate = wd_poller_gate(k->spec.poller);
    int64_t at_ms = 0, now_ms = wd_boot_ms(k->spec.clock);
    if (k->n_errands >= MOST_ERRANDS || s->errand != NULL) {
        wd_keeper_arm_at(k, s, wd_keeper_now(k) + LATER_MS);
        return;
    }
    if (s->seat.host == NULL) {
        s->seat.woken = woken;
        if (wd_host_gate_sit(gate, &s->seat, wd_span_of(s->hub)) != WD_OK) {
            wd_keeper_arm_at(k, s, wd_keeper_now(k) + WD_MINUTE_MS);
            return;
        }
    }
    switch (wd_host_gate_ask(gate, &s->seat, now_ms, &at_ms)) {
    case WD_GATE_GO:
        send_off(k, s);
        break;
    case WD_GATE_AT:
        wd_keeper_arm_at(k, s, wd_keeper_now(k) + (at_ms - now_ms));
        break;
    case WD_GATE_WAIT:
        break;
    }
}

void wd_errand_forget(wd_websub_keeper *k, wd_subscriber *s)
{
    static const wd_gate_result nothing = { .retry_after_ms = -1, .reason = WD_REASON_CANCELED };
    struct wd_websub_errand *e = s->errand;
    if (s->seat.host != NULL && e != NULL)
        wd_poller_gate_done(k->spec.poller, &s->seat, &nothing, s->slug);
    if (s->seat.host != NULL && k->closing) /* the next life knows nothing of it anyway */
        wd_host_gate_leave(wd_poller_gate(k->spec.poller), &s->seat);
    else if (s->seat.host != NULL)
        wd_poller_gate_leave(k->spec.poller, &s->seat, s->slug);
    s->errand = NULL;
    if (e == NULL)
        return;
    e->subscriber = NULL;
    wd_http_cancel(k->spec.http, &e->request);
}
