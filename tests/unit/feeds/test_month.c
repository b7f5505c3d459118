/* Thirty days of 200 feeds in some seconds: the real poller, schedule and gates, on a clock of
 * the test's own, before servers that are played here, with restarts and a clock that is set.
 * The client is played too (its own tests have real sockets); what it is asked to send is
 * held against what each server gave. */
#include <math.h>

#include "core/hash.h"
#include "feeds/feed_state.h"
#include "feeds/poller_impl.h"
#include "tests/support/check.h"

#define FEEDS      200
#define DAYS       30
#define SHARED     20 /* feeds of one host */
#define START_WALL 1773133331384
#define START_BOOT 5000000
#define STEP_MS    (30 * WD_SECOND_MS) /* the poller never sleeps longer than a minute */
#define BURST      40                  /* in a second; the start's rate is 20 */
#define ITEMS      20

static const wd_schedule_policy policy = { .max_fetch_rate = 500, .start_rate = 20 };

enum kind { STEADY, BARE, DATED, FRESH, BUSY, FLAKY, BROKEN, ROTATING, MOVED, THROTTLING, KINDS };

struct server {
    wd_feed_config config;
    char slug[16], url[64], moved_to[64];
    enum kind kind;
    double per_day;
    int64_t next_item_ms; /* boot time, as all here */
    uint32_t version, seen, answers;
    /* What the client must send, and when it may. */
    wd_validators given;
    uint64_t given_by;
    int64_t given_ms, asked_ms, free_ms, due_ms, new_ms, probe_ms;
    /* The ledger. */
    char packed[512];
    size_t packed_len;
    wd_validators stored;
};

struct request {
    wd_http_request *req; /* NULL: free */
    struct server *server;
    int64_t at_ms;
    bool canceled;
};

struct world {
    uv_loop_t loop;
    wd_clock clock;
    int64_t boot_ms, wall_off_ms, started_ms;
    uint64_t random;
    wd_poller *poller;
    struct server servers[FEEDS];
    struct request out[FEEDS];
    int64_t last[BURST];
    size_t n_requests, inside_shared;
    int64_t shared_ms;
    unsigned needless, invented, early, bursts, crowded, closed, probes;
    unsigned by_answer[4], starts;
};

static uint64_t dice(struct world *w)
{
    return w->random = wd_hash_mix(w->random, 0x5eed);
}

static double part(struct world *w)
{
    return (double)(dice(w) >> 11) * 0x1p-53;
}

static int64_t wall(void *ctx)
{
    struct world *w = ctx;
    return START_WALL + (w->boot_ms - START_BOOT) + w->wall_off_ms;
}

static int64_t boot(void *ctx)
{
    return ((struct world *)ctx)->boot_ms;
}

/* --- what a polite client would not do --------------------------------------------- */

static bool same(const wd_validators *a, const wd_validators *b)
{
    return strcmp(a->etag, b->etag) == 0 && strcmp(a->last_modified, b->last_modified) == 0;
}

static void judge_validators(struct world *w, struct server *s, const wd_http_request *req)
{
    static const wd_validators none = { .etag = "" };
    bool has = s->given.etag[0] != '\0' || s->given.last_modified[0] != '\0';
    if (!same(req->validators, &none)) {
        w->invented += !same(req->validators, &s->given) || req->validators_for != s->given_by;
        return;
    }
    if (!has || w->boot_ms - s->given_ms > 8 * WD_DAY_MS)
        return;
    /* Three days of silence and a week, as a clock that was set in between may count them. */
    bool probe = w->boot_ms - s->new_ms >= 3 * WD_DAY_MS - WD_HOUR_MS &&
                 w->boot_ms - s->probe_ms >= 7 * WD_DAY_MS - WD_HOUR_MS;
    w->probes += probe;
    w->needless += !probe;
    s->probe_ms = w->boot_ms;
}

static void judge_time(struct world *w, struct server *s)
{
    bool early = w->boot_ms < s->due_ms || w->boot_ms < s->free_ms ||
                 (s->answers > 0 && w->boot_ms - s->asked_ms < 10 * WD_MINUTE_MS);
    w->early += early;
    int64_t *slot = &w->last[w->n_requests++ % BURST];
    w->bursts += w->n_requests > BURST && w->boot_ms - *slot < WD_SECOND_MS;
    *slot = w->boot_ms;
    if (s - w->servers >= SHARED)
        return;
    w->crowded += w->inside_shared > 0 || w->boot_ms - w->shared_ms < 2 * WD_SECOND_MS;
    w->inside_shared++;
}

/* --- the client, played ---------------------------------------------------------------- */

wd_http_request wd_http_request_of(const wd_feed_config *config)
{
    return (wd_http_request){ .url = config->url };
}

wd_status wd_http_get(wd_http *http, wd_http_request *req)
{
    struct world *w = (struct world *)(void *)http;
    size_t i = (size_t)strtoul(strchr(req->url, '#') + 1, NULL, 10);
    struct request *r = &w->out[i];
    assert_null(r->req); /* never asked twice at once */
    *r = (struct request){ .req = req, .server = &w->servers[i], .at_ms = w->boot_ms + 50 };
    judge_time(w, r->server);
    judge_validators(w, r->server, req);
    r->server->asked_ms = w->boot_ms;
    req->priv = r;
    return WD_OK;
}

void wd_http_cancel(wd_http *http, wd_http_request *req)
{
    (void)http;
    ((struct request *)req->priv)->canceled = true;
}

/* --- the servers ------------------------------------------------------------------------- */

static void publish(struct world *w, struct server *s)
{
    while (s->next_item_ms <= w->boot_ms) {
        s->version++;
        s->next_item_ms += (int64_t)(-log(1 - part(w)) / s->per_day * (double)WD_DAY_MS) + 1;
    }
}

static void wait_for(struct world *w, struct server *s, int64_t ms)
{
    s->free_ms = w->boot_ms + ms;
}

/* True: no document this time. */
static bool refuses(struct world *w, struct server *s, wd_http_reply *reply)
{
    double p = part(w);
    if (s->kind == FLAKY && p < 0.3) {
        reply->reason = p < 0.1 ? WD_REASON_DNS : p < 0.2 ? WD_REASON_TIMEOUT : WD_REASON_REFUSED;
        return true;
    }
    if (s->kind == BUSY && p < 0.1) {
        reply->status = 503;
        reply->retry_after_ms = 45 * WD_MINUTE_MS;
    } else if (s->kind == THROTTLING && p < 0.1) {
        reply->status = 429;
        reply->retry_after_ms = p < 0.05 ? -1 : 2 * WD_HOUR_MS;
    } else if (s->kind == FLAKY && p < 0.35) {
        reply->status = 500;
    } else {
        return false;
    }
    wait_for(w, s, reply->retry_after_ms > 0 ? reply->retry_after_ms : 10 * WD_MINUTE_MS);
    return true;
}

static void give_validators(const struct server *s, wd_validators *v)
{
    if (s->kind != BARE && s->kind != DATED)
        snprintf(v->etag, sizeof(v->etag), "\"%s-%u.%u\"", s->slug, s->version,
                 s->kind == ROTATING ? s->answers : 0);
    if (s->kind != BARE)
        snprintf(v->last_modified, sizeof(v->last_modified), "Tue, 10 Mar 2026 %02u:%02u:%02u GMT",
                 s->version / 3600 % 24, s->version / 60 % 60, s->version % 60);
}

static wd_http_reply answer(struct world *w, struct server *s, wd_http_request *req)
{
    wd_http_reply r = { .status = 200,
                        .max_age_s = -1,
                        .expires_ms = WD_TIME_NONE,
                        .retry_after_ms = -1,
                        .total_us = 50000 };
    publish(w, s);
    s->answers++;
    r.permanent_redirect = s->kind == MOVED && strcmp(req->url, s->url) == 0;
    r.final_url = wd_span_of(r.permanent_redirect ? s->moved_to : req->url);
    bool reaches = req->validators_for == 0 || req->validators_for == wd_hash64(r.final_url, 0);
    r.conditional = reaches && (req->validators->etag[0] || req->validators->last_modified[0]);
    if (refuses(w, s, &r))
        return r;
    if (s->kind == FRESH) {
        r.max_age_s = 7200;
        wait_for(w, s, 2 * WD_HOUR_MS);
    }
    give_validators(s, &r.validators);
    if (r.conditional && same(&r.validators, req->validators)) {
        r.status = 304;
        return r;
    }
    char *text = wd_arena_alloc(req->arena, 48);
    int n = snprintf(text, 48, "%s %u", s->slug, s->version);
    r.body = (wd_span){ text, (size_t)n };
    return r;
}

/* --- the pipeline and the ledger ---------------------------------------------------------- */

static void read_document(struct world *w, struct server *s, wd_poll *poll)
{
    uint32_t fresh = s->version - s->seen < ITEMS ? s->version - s->seen : ITEMS;
    bool broken = s->kind == BROKEN && part(w) < 0.3;
    poll->reading = (wd_poll_reading){ .accepted = !broken,
                                       .reason = broken ? WD_REASON_TRUNCATED : WD_REASON_NONE,
                                       .items = ITEMS,
                                       .items_new = fresh,
                                       .newest_ms = WD_TIME_NONE,
                                       .oldest_ms = WD_TIME_NONE,
                                       .ttl_min = -1 };
    if (broken)
        return;
    s->seen = s->version;
    if (fresh > 0)
        s->new_ms = w->boot_ms;
}

static void store(struct world *w, struct server *s, const wd_poll *poll)
{
    wd_buf out = WD_BUF_INIT(sizeof(s->packed));
    wd_feed_state_pack(&poll->state, &out);
    assert_ok(wd_buf_status(&out));
    memcpy(s->packed, out.ptr, s->packed_len = out.len);
    wd_buf_done(&out);
    s->due_ms = w->boot_ms + (poll->state.next_due_ms - wall(w));
    if (!wd_poll_keeps_validators(poll))
        return;
    s->stored = s->given = poll->validators;
    s->given_by = wd_hash64(poll->final_url, 0);
    s->given_ms = w->boot_ms;
}

static void on_poll(void *ctx, wd_poll *poll)
{
    struct world *w = ctx;
    struct server *s = wd_owner(poll->config, struct server, config);
    if (poll->answer == WD_ANSWER_DOCUMENT)
        read_document(w, s, poll);
    wd_schedule_after(&policy, poll, wall(w), dice(w));
    w->by_answer[poll->answer]++;
    store(w, s, poll);
    wd_poller_finish(w->poller, poll);
}

static void on_closed(void *ctx)
{
    ((struct world *)ctx)->closed++;
}

/* --- time goes by -------------------------------------------------------------------------- */

static void deliver(struct world *w)
{
    for (struct request *r = w->out; r < w->out + FEEDS; r++) {
        if (r->req == NULL || (r->at_ms > w->boot_ms && !r->canceled))
            continue;
        wd_http_request *req = r->req;
        struct server *s = r->server;
        wd_http_reply reply = { .reason = WD_REASON_CANCELED };
        if (!r->canceled)
            reply = answer(w, s, req);
        r->req = NULL;
        if (s - w->servers < SHARED) {
            w->inside_shared--;
            w->shared_ms = w->boot_ms;
        }
        req->done(req, &reply);
    }
}

static int64_t next_event(const struct world *w)
{
    int64_t at = w->boot_ms + STEP_MS;
    const wd_due *first = wd_due_heap_first(&w->poller->heap);
    if (first != NULL && first->at_ms < at)
        at = first->at_ms;
    for (const struct request *r = w->out; w->poller->stats.in_flight > 0 && r < w->out + FEEDS;
         r++)
        if (r->req != NULL && r->at_ms < at)
            at = r->at_ms;
    return at > w->boot_ms ? at : w->boot_ms + 1;
}

static void run_until(struct world *w, int64_t until_ms)
{
    while (w->boot_ms < until_ms) {
        w->boot_ms = next_event(w);
        if (w->poller->stats.in_flight > 0)
            deliver(w);
        wd_poller_kick(w->poller);
        uv_run(&w->loop, UV_RUN_NOWAIT);
    }
}

static void start(struct world *w)
{
    static wd_feed_state states[FEEDS];
    wd_poller_feed rows[FEEDS];
    const wd_poller_spec spec = { .loop = &w->loop,
                                  .http = (wd_http *)(void *)w,
                                  .clock = &w->clock,
                                  .log = wd_log_silent(),
                                  .policy = policy,
                                  .on_poll = on_poll,
                                  .closed = on_closed,
                                  .ctx = w };
    assert_ok(wd_poller_open(&w->poller, &spec));
    for (size_t i = 0; i < FEEDS; i++) {
        struct server *s = &w->servers[i];
        states[i] = wd_feed_state_new((uint32_t)i);
        if (s->packed_len > 0)
            assert_true(wd_feed_state_unpack((wd_span){ s->packed, s->packed_len }, &states[i]));
        rows[i] =
            (wd_poller_feed){ &s->config, &states[i], s->stored.etag, s->stored.last_modified };
    }
    assert_ok(wd_poller_set_feeds(w->poller, rows, FEEDS));
    w->starts++;
}

static void stop(struct world *w)
{
    unsigned before = w->closed;
    wd_poller_pause(w->poller); /* what is out may finish, as the service lets it */
    while (w->poller->stats.in_flight > 0)
        run_until(w, w->boot_ms + 1);
    wd_poller_close(&w->poller);
    while (w->closed == before)
        uv_run(&w->loop, UV_RUN_NOWAIT);
}

static void make_server(struct world *w, size_t i)
{
    struct server *s = &w->servers[i];
    s->kind = i < SHARED ? STEADY : (enum kind)(i % KINDS);
    s->per_day = exp(part(w) * 9 - 4); /* one in two months to 150 a day */
    s->next_item_ms = s->new_ms = START_BOOT;
    s->probe_ms = START_BOOT - 7 * WD_DAY_MS;
    snprintf(s->slug, sizeof(s->slug), "f%zu", i);
    if (i < SHARED)
        snprintf(s->url, sizeof(s->url), "https://shared.example/#%zu", i);
    else
        snprintf(s->url, sizeof(s->url), "https://h%zu.d%zu.example/#%zu", i, i / 3, i);
    snprintf(s->moved_to, sizeof(s->moved_to), "https://new%zu.example/#%zu", i, i);
    s->config = (wd_feed_config){ .slug = s->slug, .url = s->url, .weight = 1 };
}

/* A month with a restart every few days, some with hours between, and a clock that is set an
 * hour ahead and back: long enough before a restart that every stored time has seen it. */
static void live(struct world *w)
{
    int64_t end = START_BOOT + DAYS * WD_DAY_MS;
    start(w);
    while (w->boot_ms < end) {
        run_until(w, w->boot_ms + (int64_t)(part(w) * 2 * WD_DAY_MS));
        w->wall_off_ms = w->wall_off_ms != 0 ? 0 : WD_HOUR_MS;
        run_until(w, w->boot_ms + 32 * WD_HOUR_MS);
        stop(w);
        w->boot_ms += (int64_t)(part(w) * 6 * WD_HOUR_MS);
        start(w);
    }
    stop(w);
}

static unsigned adopted(const struct world *w)
{
    unsigned n = 0;
    for (size_t i = 0; i < FEEDS; i++) {
        wd_feed_state s = { .feed = 0 };
        const struct server *server = &w->servers[i];
        n += wd_feed_state_unpack((wd_span){ server->packed, server->packed_len }, &s) && s.adopted;
    }
    return n;
}

static void a_month_without_a_complaint(void **state)
{
    (void)state;
    static struct world world;
    struct world *w = &world;
    *w = (struct world){ .boot_ms = START_BOOT, .random = 4711 };
    w->clock = (wd_clock){ wall, boot, w };
    uv_loop_init(&w->loop);
    for (size_t i = 0; i < FEEDS; i++)
        make_server(w, i);
    live(w);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    print_message("%zu requests over %u starts: %u documents, %u 304, %u failures, %u probes, "
                  "%u moves adopted\n",
                  w->n_requests, w->starts, w->by_answer[WD_ANSWER_DOCUMENT],
                  w->by_answer[WD_ANSWER_NOT_MODIFIED], w->by_answer[WD_ANSWER_FAILED], w->probes,
                  adopted(w));
    assert_int_equal(w->needless, 0);
    assert_int_equal(w->invented, 0);
    assert_int_equal(w->early, 0);
    assert_int_equal(w->bursts, 0);
    assert_int_equal(w->crowded, 0);
    assert_true(w->n_requests > 20000 && w->starts > 5); /* it was a month, and not asleep */
    assert_true(w->by_answer[WD_ANSWER_NOT_MODIFIED] > w->by_answer[WD_ANSWER_FAILED]);
    assert_true(adopted(w) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_month_without_a_complaint) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
