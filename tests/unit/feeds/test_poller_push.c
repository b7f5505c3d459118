/* What hubs push goes the way of a poll, one document of a feed at a time. */
#include "core/hash.h"
#include "feeds/feed_state.h"
#include "feeds/poller_push.h"
#include "tests/support/check.h"
#include "tests/support/feeds_server.h"
#include "tests/support/ticking_loop.h"

#define DEADLINE_NS 20000000000ULL
#define DOCUMENT    "<rss version=\"2.0\"><channel><title>t</title></channel></rss>"

static const char *const loopback[] = { "127.0.0.1/32", NULL };
static const wd_schedule_policy policy = { .start_rate = 1000 };

struct world {
    uv_loop_t loop;
    uv_timer_t tick;
    feeds_server *server;
    wd_http *http;
    wd_poller *poller;
    wd_feed_config config;
    char url[96];
    wd_poll *held;
    bool hold;
    uint32_t brings; /* new items of each push */
    int polls, pushes, changed, closed;
    wd_feed_state last;
};

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    (void)ctx;
    if (strstr(head, "If-None-Match: \"v1\"\r\n") != NULL)
        feeds_conn_send(c, WD_SPAN_LIT("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"),
                        FEEDS_KEEP);
    else
        feeds_conn_answer(c, "200 OK", "ETag: \"v1\"\r\n", WD_SPAN_LIT(DOCUMENT));
}

static void give_back(struct world *w, wd_poll *poll)
{
    int64_t now_ms = wd_wall_ms(wd_clock_system());
    poll->reading.accepted = true;
    poll->reading.ttl_min = -1;
    poll->reading.items_new = poll->pushed ? w->brings : 0;
    if (poll->pushed)
        wd_schedule_pushed(poll, now_ms);
    else
        wd_schedule_after(&policy, poll, now_ms, 0);
    w->polls += !poll->pushed;
    w->pushes += poll->pushed;
    w->last = poll->state;
    wd_poller_finish(w->poller, poll);
}

static void on_poll(void *ctx, wd_poll *poll)
{
    struct world *w = ctx;
    if (w->hold)
        w->held = poll;
    else
        give_back(w, poll);
}

static void on_changed(void *ctx, const wd_feed_state *state)
{
    struct world *w = ctx;
    w->last = *state;
    w->changed++;
}

static void on_closed(void *ctx)
{
    ((struct world *)ctx)->closed++;
}

static void world_open(struct world *w)
{
    memset(w, 0, sizeof(*w));
    ticking_loop_open(&w->loop, &w->tick, 2);
    w->server = feeds_server_open(&w->loop, "127.0.0.1", 0, answer, w);
    assert_non_null(w->server);
    wd_http_config http = { .user_agent = "test/1", .allow_private = loopback };
    assert_ok(wd_http_open(&w->http, &w->loop, &http));
    wd_poller_spec spec = { .loop = &w->loop,
                            .http = w->http,
                            .clock = wd_clock_system(),
                            .log = wd_log_silent(),
                            .policy = policy,
                            .on_poll = on_poll,
                            .closed = on_closed,
                            .changed = on_changed,
                            .ctx = w };
    assert_ok(wd_poller_open(&w->poller, &spec));
    snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%d/feed", feeds_server_port(w->server));
    w->config = (wd_feed_config){ .slug = "wire", .url = w->url, .weight = 1 };
}

static void set(struct world *w, size_t n)
{
    const wd_poller_feed row = { .config = &w->config };
    assert_ok(wd_poller_set_feeds(w->poller, &row, n));
}

#define run_until(w, condition)                                                                    \
    do {                                                                                           \
        uint64_t until_ = uv_hrtime() + DEADLINE_NS;                                               \
        while (!(condition)) {                                                                     \
            if (uv_hrtime() > until_)                                                              \
                fail_msg("never: %s", #condition);                                                 \
            uv_run(&(w)->loop, UV_RUN_ONCE);                                                       \
        }                                                                                          \
    } while (0)

static void world_close(struct world *w)
{
    wd_poller_close(&w->poller);
    run_until(w, w->closed);
    if (w->held != NULL)
        wd_poller_finish(NULL, w->held);
    wd_http_close(&w->http);
    feeds_server_close(w->server);
    ticking_loop_close(&w->loop, &w->tick);
}

static wd_status push(struct world *w, const char *slug)
{
    wd_poller_push p = { .slug = slug,
                         .body = strdup(DOCUMENT),
                         .len = strlen(DOCUMENT),
                         .url = WD_SPAN_LIT("https://wire.example/feed"),
                         .content_type = WD_SPAN_LIT("application/rss+xml") };
    wd_status s = wd_poller_push_document(w->poller, &p);
    if (s != WD_OK)
        free(p.body);
    return s;
}

static void a_push_moves_neither_validators_nor_the_next_poll(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    set(&w, 1);
    run_until(&w, w.polls == 1);
    wd_feed_state polled = w.last;
    w.brings = 2;
    assert_ok(push(&w, "wire"));
    run_until(&w, w.pushes == 1);
    assert_int_equal(w.last.next_due_ms, polled.next_due_ms);
    assert_int_equal(w.last.body_hash, polled.body_hash);
    assert_int_equal(w.last.polls, polled.polls);
    assert_true(w.last.last_new_ms >= polled.last_success_ms);
    assert_ok(wd_poller_poll_now(w.poller, "wire"));
    run_until(&w, w.polls == 2);
    assert_non_null(strstr(feeds_server_head(w.server, 1), "If-None-Match: \"v1\"\r\n"));
    assert_true(w.last.rate_per_day > polled.rate_per_day); /* what it brought is not forgotten */
    wd_poller_stats s;
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.polls, 2); /* a push is no poll */
    assert_int_equal(s.in_flight, 0);
    world_close(&w);
}

static void one_document_of_a_feed_is_out_at_a_time(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.config.interval_ms = 20;
    set(&w, 1);
    run_until(&w, w.polls == 1);
    w.hold = true;
    assert_ok(push(&w, "wire"));
    assert_non_null(w.held);
    size_t asked = feeds_server_requests(w.server);
    uint64_t until = uv_hrtime() + 200000000;
    while (uv_hrtime() < until) /* its time comes ten times over */
        uv_run(&w.loop, UV_RUN_ONCE);
    assert_int_equal(feeds_server_requests(w.server), asked);
    assert_int_equal(push(&w, "wire"), WD_BUSY);
    assert_int_equal(wd_poller_poll_now(w.poller, "wire"), WD_BUSY);
    assert_int_equal(push(&w, "other"), WD_NOTFOUND);
    w.hold = false;
    give_back(&w, w.held);
    w.held = NULL;
    run_until(&w, w.polls == 2);
    wd_poller_pause(w.poller); /* the outbox is full */
    assert_int_equal(push(&w, "wire"), WD_BUSY);
    wd_poller_resume(w.poller);
    const wd_feed_state *st;
    assert_ok(wd_poller_hold(w.poller, "wire", true, &st));
    assert_int_equal(push(&w, "wire"), WD_DENIED);
    world_close(&w);
}

static void a_feed_may_be_dropped_while_its_push_is_out(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    set(&w, 1);
    run_until(&w, w.polls == 1);
    w.hold = true;
    assert_ok(push(&w, "wire"));
    set(&w, 0);
    give_back(&w, w.held);
    w.held = NULL;
    assert_int_equal(push(&w, "wire"), WD_NOTFOUND);
    w.hold = true;
    world_close(&w);
}

static void polls_return_when_the_hub_delivers_no_more(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    set(&w, 1);
    run_until(&w, w.polls == 1);
    int64_t usual_ms = w.last.next_due_ms - w.last.last_poll_ms;
    wd_poller_set_backup(w.poller, "wire", true);
    assert_ok(wd_poller_poll_now(w.poller, "wire"));
    run_until(&w, w.polls == 2);
    assert_int_equal(w.last.due_why, WD_DUE_PUSHED);
    assert_true(w.last.next_due_ms - w.last.last_poll_ms > 3 * usual_ms);
    wd_poller_set_backup(w.poller, "wire", false);
    assert_int_equal(w.changed, 1); /* over a restart too */
    assert_int_equal(w.last.due_why, WD_DUE_RATE);
    assert_true(w.last.next_due_ms - w.last.last_poll_ms <= usual_ms + WD_MINUTE_MS);
    wd_poller_set_backup(w.poller, "wire", false);
    assert_int_equal(w.changed, 1);

    wd_poller_set_backup(w.poller, "wire", true); /* the poll that was out then knows it too */
    w.hold = true;
    assert_ok(wd_poller_poll_now(w.poller, "wire"));
    run_until(&w, w.held != NULL);
    wd_poller_set_backup(w.poller, "wire", false);
    give_back(&w, w.held);
    w.held = NULL;
    assert_int_equal(w.last.due_why, WD_DUE_RATE);
    assert_int_equal(w.changed, 2);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_push_moves_neither_validators_nor_the_next_poll),
        cmocka_unit_test(one_document_of_a_feed_is_out_at_a_time),
        cmocka_unit_test(a_feed_may_be_dropped_while_its_push_is_out),
        cmocka_unit_test(polls_return_when_the_hub_delivers_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
