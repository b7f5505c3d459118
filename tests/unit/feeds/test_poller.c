/* The poller over a real server and real time: what is asked, when, and what is said of it.
 * The pipeline is played by on_poll: it accepts or refuses, schedules, and gives back. */
#include "core/hash.h"
#include "feeds/feed_state.h"
#include "feeds/poller.h"
#include "tests/support/check.h"
#include "tests/support/feeds_server.h"
#include "tests/support/ticking_loop.h"

#define FEEDS    16
#define SAID     64
#define DEADLINE 20000 /* ms; nothing here takes a tenth of it */
#define DOCUMENT "<rss version=\"2.0\"><channel><title>t</title></channel></rss>"
#define FAST_MS  20

static const char *const loopback_two[] = { "127.0.0.1/32", "127.0.0.2/32", NULL };

struct world {
    wd_clock clock; /* the machine's, moved by what a test says */
    int64_t wall_off_ms, boot_off_ms;
    uv_loop_t loop;
    uv_timer_t tick;
    feeds_server *server, *second; /* second: on 127.0.0.2, where /away leads; NULL: none */
    wd_http *http;
    wd_poller *poller;
    wd_log log;
    wd_feed_config configs[FEEDS];
    char slugs[FEEDS][16], urls[FEEDS][96];
    wd_poll *held[FEEDS];
    size_t n_held;
    bool hold, refuse, serve_errors, serve_other;
    int polls, answers[4], closed, released, changed, status_now;
    wd_answer last_answer;
    double last_stretch;
    wd_feed_state last_state;
    char said[SAID][48];
    char said_text[SAID][256];
    size_t n_said;
};

/* --- what stands around the poller ----------------------------------------------- */

static void on_said(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    struct world *w = ctx;
    (void)level, (void)fields;
    assert_true(w->n_said < SAID);
    snprintf(w->said[w->n_said], sizeof(w->said[0]), "%s", event);
    snprintf(w->said_text[w->n_said++], sizeof(w->said_text[0]), "%s", text);
}

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    struct world *w = ctx;
    if (w->serve_errors && w->second == NULL && !feeds_head_is(head, "/old")) {
        feeds_conn_answer(c, "500 Oops", "", WD_SPAN_LIT("no"));
    } else if (feeds_head_is(head, "/plain")) {
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT(DOCUMENT));
    } else if (feeds_head_is(head, "/always304")) {
        feeds_conn_send(c, WD_SPAN_LIT("HTTP/1.1 304 Not Modified\r\n\r\n"), FEEDS_KEEP);
    } else if (feeds_head_is(head, "/rotating")) {
        feeds_conn_answer(c, "200 OK", w->serve_other ? "ETag: \"r2\"\r\n" : "ETag: \"r1\"\r\n",
                          WD_SPAN_LIT(DOCUMENT));
    } else if (feeds_head_is(head, "/old")) {
        feeds_conn_answer(c, "301 Moved", "Location: /new\r\n", WD_SPAN_LIT(""));
    } else if (strncmp(head, "GET /away", 9) == 0) {
        char location[96];
        snprintf(location, sizeof(location), "Location: http://127.0.0.2:%d/%c\r\n",
                 feeds_server_port(w->second), head[9]);
        feeds_conn_answer(c, "302 Found", location, WD_SPAN_LIT(""));
    } else if (feeds_head_is(head, "/silent")) {
        return;
    } else if (strstr(head, "If-None-Match: \"v1\"\r\n") != NULL) {
        feeds_conn_send(c, WD_SPAN_LIT("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"),
                        FEEDS_KEEP);
    } else {
        feeds_conn_answer(c, "200 OK", "ETag: \"v1\"\r\n", WD_SPAN_LIT(DOCUMENT));
    }
}

static void answer_second(void *ctx, feeds_conn *c, const char *head)
{
    struct world *w = ctx;
    if (w->serve_errors && feeds_head_is(head, "/0"))
        feeds_conn_answer(c, "429 Slow down", "", WD_SPAN_LIT("no"));
    else
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT(DOCUMENT));
}

static const wd_schedule_policy policy = { .start_rate = 1000 };

static void give_back(struct world *w, wd_poll *poll)
{
    poll->reading = (wd_poll_reading){ .accepted = !w->refuse,
                                       .reason = w->refuse ? WD_REASON_TRUNCATED : WD_REASON_NONE,
                                       .items = 3,
                                       .newest_ms = WD_TIME_NONE,
                                       .oldest_ms = WD_TIME_NONE,
                                       .ttl_min = -1 };
    wd_schedule_after(&policy, poll, wd_wall_ms(&w->clock), 0);
    w->last_answer = poll->answer;
    w->last_stretch = poll->stretch;
    w->last_state = poll->state;
    w->answers[poll->answer]++;
    w->status_now = poll->http_status;
    w->polls++;
    wd_poller_finish(w->poller, poll);
}

static void on_poll(void *ctx, wd_poll *poll)
{
    struct world *w = ctx;
    if (w->hold)
        w->held[w->n_held++] = poll;
    else
        give_back(w, poll);
}

static int64_t moved_wall(void *ctx)
{
    return wd_wall_ms(wd_clock_system()) + ((struct world *)ctx)->wall_off_ms;
}

static int64_t moved_boot(void *ctx)
{
    return wd_boot_ms(wd_clock_system()) + ((struct world *)ctx)->boot_off_ms;
}

static void on_closed(void *ctx)
{
    ((struct world *)ctx)->closed++;
}

static void on_release(void *ctx, const wd_feed_config *config)
{
    (void)config;
    ((struct world *)ctx)->released++;
}

static void on_changed(void *ctx, const wd_feed_state *state)
{
    (void)state;
    ((struct world *)ctx)->changed++;
}

static void world_open_at_rate(struct world *w, double max_fetch_rate)
{
    memset(w, 0, sizeof(*w));
    wd_schedule_policy bounded = policy;
    bounded.max_fetch_rate = max_fetch_rate;
    ticking_loop_open(&w->loop, &w->tick, 2);
    w->log = (wd_log){ .sink = on_said, .ctx = w, .level = WD_LOG_INFO };
    w->server = feeds_server_open(&w->loop, "127.0.0.1", 0, answer, w);
    assert_non_null(w->server);
    wd_http_config http = { .user_agent = "test/1", .allow_private = loopback_two };
    assert_ok(wd_http_open(&w->http, &w->loop, &http));
    w->clock = (wd_clock){ moved_wall, moved_boot, w };
    wd_poller_spec spec = { .loop = &w->loop,
                            .http = w->http,
                            .clock = &w->clock,
                            .log = &w->log,
                            .policy = bounded,
                            .on_poll = on_poll,
                            .closed = on_closed,
                            .release = on_release,
                            .changed = on_changed,
                            .ctx = w };
    assert_ok(wd_poller_open(&w->poller, &spec));
}

static void world_open(struct world *w)
{
    world_open_at_rate(w, 0);
}

static void world_close(struct world *w)
{
    wd_poller_close(&w->poller);
    assert_null(w->poller);
    while (!w->closed)
        uv_run(&w->loop, UV_RUN_ONCE);
    for (size_t i = 0; i < w->n_held; i++)
        wd_poller_finish(NULL, w->held[i]);
    wd_http_close(&w->http);
    feeds_server_close(w->server);
    if (w->second != NULL)
        feeds_server_close(w->second);
    ticking_loop_close(&w->loop, &w->tick);
    assert_int_equal(w->closed, 1);
}

static wd_feed_config *feed(struct world *w, size_t i, const char *path, int64_t interval_ms)
{
    snprintf(w->slugs[i], sizeof(w->slugs[i]), "feed-%02zu", i);
    if (path[0] == '/')
        snprintf(w->urls[i], sizeof(w->urls[i]), "http://127.0.0.1:%d%s",
                 feeds_server_port(w->server), path);
    else
        snprintf(w->urls[i], sizeof(w->urls[i]), "%s", path);
    w->configs[i] = (wd_feed_config){
        .slug = w->slugs[i], .url = w->urls[i], .interval_ms = interval_ms, .weight = 1
    };
    return &w->configs[i];
}

static void set(struct world *w, size_t n)
{
    wd_poller_feed rows[FEEDS] = { { .config = NULL } };
    for (size_t i = 0; i < n; i++)
        rows[i].config = &w->configs[i];
    assert_ok(wd_poller_set_feeds(w->poller, rows, n));
}

static void set_one(struct world *w, const char *path, int64_t interval_ms)
{
    feed(w, 0, path, interval_ms);
    set(w, 1);
}

#define run_until(w, condition)                                                                    \
    do {                                                                                           \
        uint64_t until_ = uv_hrtime() + (uint64_t)DEADLINE * 1000000;                              \
        while (!(condition)) {                                                                     \
            if (uv_hrtime() > until_)                                                              \
                fail_msg("never: %s", #condition);                                                 \
            uv_run(&(w)->loop, UV_RUN_ONCE);                                                       \
        }                                                                                          \
    } while (0)

static void run_for(struct world *w, int ms)
{
    uint64_t until = uv_hrtime() + (uint64_t)ms * 1000000;
    while (uv_hrtime() < until)
        uv_run(&w->loop, UV_RUN_ONCE);
}

/* --- tests ---------------------------------------------------------------------------- */

static void asks_again_conditionally(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    set_one(&w, "/feed", FAST_MS);
    run_until(&w, w.polls >= 3);
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 1);
    assert_true(w.answers[WD_ANSWER_NOT_MODIFIED] >= 2);
    assert_null(strstr(feeds_server_head(w.server, 0), "If-None-Match"));
    assert_non_null(strstr(feeds_server_head(w.server, 1), "If-None-Match: \"v1\"\r\n"));
    assert_non_null(strstr(feeds_server_head(w.server, 2), "If-None-Match: \"v1\"\r\n"));
    assert_int_equal(feeds_server_connections(w.server), 1);
    assert_int_equal(w.n_said, 0);
    wd_poller_stats s;
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.feeds, 1);
    assert_int_equal(s.never_polled, 0);
    assert_int_equal(s.polls, w.polls);
    assert_true(s.bytes > 0);
    world_close(&w);
    assert_int_equal(w.released, 1);
}

static void the_same_body_is_told_apart_and_its_validators_kept(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    set_one(&w, "/rotating", FAST_MS);
    run_until(&w, w.polls >= 1);
    w.serve_other = true;
    run_until(&w, w.polls >= 3);
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 1);
    assert_int_equal(w.last_answer, WD_ANSWER_SAME_BODY);
    assert_non_null(strstr(feeds_server_head(w.server, 1), "If-None-Match: \"r1\"\r\n"));
    run_until(&w, w.polls >= 5);
    assert_non_null(strstr(feeds_server_head(w.server, 4), "If-None-Match: \"r2\"\r\n"));
    world_close(&w);
}

static void a_refused_document_leaves_no_validators(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.refuse = true;
    set_one(&w, "/feed", FAST_MS);
    run_until(&w, w.polls >= 1);
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    run_until(&w, w.polls >= 2);
    assert_null(strstr(feeds_server_head(w.server, 1), "If-"));
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 2);
    assert_string_equal(w.said[0], "parse.failed");
    assert_int_equal(w.n_said, 1);
    world_close(&w);
}

static void a_304_that_nobody_asked_for_is_a_failure(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    set_one(&w, "/always304", FAST_MS);
    run_until(&w, w.polls >= 1);
    assert_int_equal(w.last_answer, WD_ANSWER_FAILED);
    assert_int_equal(w.last_state.last_reason, WD_REASON_HTTP_OTHER);
    world_close(&w);
}

static void failure_and_recovery_are_said_once(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.serve_errors = true;
    set_one(&w, "/feed?token=canary", FAST_MS);
    for (int i = 1; i <= 3; i++) {
        run_until(&w, w.polls >= i);
        assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    }
    run_until(&w, w.polls >= 4);
    wd_poller_stats s;
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.failing, 1);
    w.serve_errors = false;
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    run_until(&w, w.polls >= 6);
    assert_int_equal(w.n_said, 2);
    assert_string_equal(w.said[0], "fetch.error");
    assert_non_null(strstr(w.said_text[0], "feed-00: the server failed (HTTP 500); "
                                           "next try in "));
    assert_string_equal(w.said[1], "feed.recovered");
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.failing, 0);
    world_close(&w);
}

static void one_bad_feed_disturbs_no_other(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    feed(&w, 0, "http://127.0.0.1:9/", FAST_MS);
    feed(&w, 1, "/silent", FAST_MS);
    feed(&w, 2, "http://127.0.0.2:80/", FAST_MS);
    feed(&w, 3, "not a url", FAST_MS);
    feed(&w, 4, "/feed", FAST_MS);
    set(&w, 5);
    run_until(&w, w.answers[WD_ANSWER_NOT_MODIFIED] >= 10);
    assert_int_equal(w.n_said, 3);
    world_close(&w);
}

static void pause_holds_and_resume_lets_go(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    wd_poller_pause(w.poller);
    set_one(&w, "/feed", FAST_MS);
    run_for(&w, 60);
    assert_int_equal(feeds_server_requests(w.server), 0);
    wd_poller_stats s;
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.due, 1);
    assert_true(s.oldest_due_ms > 0);
    wd_poller_resume(w.poller);
    run_until(&w, w.polls >= 1);
    world_close(&w);
}

static void a_feed_held_by_hand_stays_until_it_is_let_go(void **state)
{
    (void)state;
    struct world w;
    wd_poller_stats s;
    const wd_feed_state *kept = NULL;
    world_open(&w);
    w.hold = true;
    set_one(&w, "/feed", FAST_MS);
    run_until(&w, w.n_held == 1);
    assert_ok(wd_poller_hold(w.poller, "feed-00", true, &kept)); /* while its poll is out */
    assert_true(kept->held);
    w.hold = false;
    w.n_held = 0;
    give_back(&w, w.held[0]);
    assert_int_equal(w.changed, 1); /* what the poll stored does not know of it */
    assert_int_equal(wd_poller_poll_now(w.poller, "feed-00"), WD_DENIED);
    run_for(&w, 3 * FAST_MS);
    assert_int_equal(w.polls, 1);
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.paused, 1);
    assert_ok(wd_poller_hold(w.poller, "feed-00", false, &kept));
    run_until(&w, w.polls >= 3);
    assert_int_equal(w.changed, 1);
    assert_int_equal(wd_poller_hold(w.poller, "nobody", true, &kept), WD_NOTFOUND);
    world_close(&w);
}

static void a_reset_feed_is_asked_as_if_for_the_first_time(void **state)
{
    (void)state;
    struct world w;
    const wd_feed_state *kept = NULL;
    world_open(&w);
    set_one(&w, "/feed", 60000);
    run_until(&w, w.polls >= 1);
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    run_until(&w, w.polls >= 2);
    assert_int_equal(w.last_answer, WD_ANSWER_NOT_MODIFIED);
    assert_ok(wd_poller_reset(w.poller, "feed-00", &kept));
    assert_true(kept->contacted && kept->polls == 0);
    run_until(&w, w.polls >= 3);
    assert_int_equal(w.last_answer, WD_ANSWER_DOCUMENT);
    assert_null(strstr(feeds_server_head(w.server, 2), "If-"));
    assert_int_equal(wd_poller_reset(w.poller, "nobody", &kept), WD_NOTFOUND);
    world_close(&w);
}

static void no_feed_is_out_twice_and_the_limit_holds(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.hold = true;
    set_one(&w, "/feed", FAST_MS);
    run_until(&w, w.n_held == 1);
    assert_int_equal(wd_poller_poll_now(w.poller, "feed-00"), WD_BUSY);
    run_for(&w, 60);
    assert_int_equal(w.n_held, 1);
    assert_int_equal(feeds_server_requests(w.server), 1);
    w.hold = false;
    w.n_held = 0;
    give_back(&w, w.held[0]);
    run_until(&w, w.polls >= 3);
    assert_int_equal(wd_poller_poll_now(w.poller, "nobody"), WD_NOTFOUND);
    world_close(&w);
}

static void a_reload_keeps_adds_drops_and_moves(void **state)
{
    (void)state;
    struct world w;
    wd_poller_stats s;
    world_open(&w);
    feed(&w, 0, "/feed", 60000);
    feed(&w, 1, "/plain", 60000);
    set(&w, 2);
    run_until(&w, w.polls >= 2);
    static wd_feed_config again[3];
    memcpy(again, w.configs, 2 * sizeof(again[0]));
    feed(&w, 2, "/feed?2", 60000);
    again[1] = w.configs[2]; /* feed-01 goes, feed-02 comes */
    char moved[96];
    snprintf(moved, sizeof(moved), "%s?moved", w.urls[0]);
    again[0].url = moved;
    wd_poller_feed rows[] = { { .config = &again[1] }, { .config = &again[0] } };
    assert_ok(wd_poller_set_feeds(w.poller, rows, 2));
    assert_int_equal(w.released, 2);
    run_until(&w, w.polls >= 4); /* the moved one at once, without validators; the new one */
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 4);
    assert_null(strstr(feeds_server_head(w.server, 2), "If-"));
    assert_null(strstr(feeds_server_head(w.server, 3), "If-"));
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.feeds, 2);
    assert_int_equal(wd_poller_poll_now(w.poller, "feed-01"), WD_NOTFOUND);
    rows[1] = rows[0];
    assert_int_equal(wd_poller_set_feeds(w.poller, rows, 2), WD_CONFIG);
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.feeds, 2);
    world_close(&w);
    assert_int_equal(w.released, 4);
}

static void a_config_under_way_lives_until_its_poll_is_back(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.hold = true;
    set_one(&w, "/feed", 60000);
    run_until(&w, w.n_held == 1);
    static wd_feed_config second, third;
    second = third = w.configs[0];
    wd_poller_feed row = { .config = &second };
    assert_ok(wd_poller_set_feeds(w.poller, &row, 1));
    assert_int_equal(w.released, 0);
    row.config = &third;
    assert_ok(wd_poller_set_feeds(w.poller, &row, 1));
    assert_int_equal(w.released, 1); /* the second: nobody uses it */
    give_back(&w, w.held[0]);
    w.n_held = 0;
    assert_int_equal(w.released, 2);
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    run_until(&w, w.n_held == 1);
    assert_ok(wd_poller_set_feeds(w.poller, NULL, 0));
    assert_int_equal(w.released, 2);
    give_back(&w, w.held[0]);
    w.n_held = 0;
    assert_int_equal(w.released, 3);
    world_close(&w);
    assert_int_equal(w.released, 3);
}

static void stored_states_are_taken_up(void **state)
{
    (void)state;
    struct world w;
    int64_t now = wd_wall_ms(wd_clock_system());
    world_open(&w);
    wd_feed_state states[3];
    wd_poller_feed rows[3];
    for (size_t i = 0; i < 3; i++) {
        feed(&w, i, "/feed", 3600000);
        states[i] = wd_feed_state_new((uint32_t)i);
        states[i].polls = 5;
        states[i].contacted = true;
        states[i].last_poll_ms = states[i].last_success_ms = now - 4000000;
        states[i].url_hash = wd_hash64(wd_span_of(w.urls[i]), 0);
        states[i].next_due_ms = now - 1000;
        rows[i] = (wd_poller_feed){ &w.configs[i], &states[i], "\"v1\"", NULL };
    }
    states[1].url_hash++;                /* stored for another URL */
    states[2].next_due_ms = now + 60000; /* not yet due: a restart asks for nothing */
    assert_ok(wd_poller_set_feeds(w.poller, rows, 3));
    run_until(&w, w.polls >= 2);
    run_for(&w, 50);
    assert_int_equal(w.polls, 2);
    assert_int_equal(w.answers[WD_ANSWER_NOT_MODIFIED], 1);
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 1);
    world_close(&w);
}

static bool asked_for(const struct world *w, const char *path, size_t n)
{
    return feeds_head_is(feeds_server_head(w->server, n), path);
}

static void a_move_for_good_is_adopted_and_undone(void **state)
{
    (void)state;
    struct world w;
    int64_t now = wd_wall_ms(wd_clock_system());
    char to[96];
    world_open(&w);
    feed(&w, 0, "/old", FAST_MS);
    snprintf(to, sizeof(to), "http://127.0.0.1:%d/new", feeds_server_port(w.server));
    wd_feed_state s = wd_feed_state_new(1);
    s.polls = 9;
    s.contacted = true;
    s.last_poll_ms = s.last_success_ms = now - WD_HOUR_MS;
    s.next_due_ms = now;
    s.url_hash = wd_hash64(wd_span_of(w.urls[0]), 0);
    s.moved_hash = s.validators_hash = wd_hash64(wd_span_of(to), 0);
    s.moved_seen = 9;
    s.moved_since_ms = now - 8 * WD_DAY_MS;
    s.moved_same = true;
    wd_poller_feed row = { &w.configs[0], &s, "\"v1\"", NULL };
    assert_ok(wd_poller_set_feeds(w.poller, &row, 1));
    run_until(&w, w.polls >= 2);
    /* Where it was: without what belongs to the new place; where it is: with it. */
    assert_true(asked_for(&w, "/old", 0) && asked_for(&w, "/new", 1) && asked_for(&w, "/new", 2));
    assert_null(strstr(feeds_server_head(w.server, 0), "If-"));
    assert_non_null(strstr(feeds_server_head(w.server, 1), "If-None-Match: \"v1\"\r\n"));
    assert_non_null(strstr(feeds_server_head(w.server, 2), "If-None-Match: \"v1\"\r\n"));
    assert_int_equal(w.answers[WD_ANSWER_NOT_MODIFIED], w.polls);
    assert_true(w.last_state.adopted);
    assert_string_equal(w.said[0], "feed.moved");
    w.serve_errors = true;
    int before = w.polls;
    for (int i = 1; i <= 3; i++) {
        run_until(&w, w.polls >= before + i);
        (void)wd_poller_poll_now(w.poller, "feed-00");
    }
    assert_false(w.last_state.adopted);
    size_t n = feeds_server_requests(w.server);
    (void)wd_poller_poll_now(w.poller, "feed-00");
    run_until(&w, w.polls >= before + 4);
    assert_true(asked_for(&w, "/old", n));
    world_close(&w);
}

/* Ten feeds want a poll a second each; two a second are allowed. */
static size_t asked(const feeds_server *s, const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < feeds_server_requests(s); i++)
        n += feeds_head_is(feeds_server_head(s, i), path) != 0;
    return n;
}

/* Two feeds are led to another host, which has enough of one of them. */
static void where_redirects_lead_is_a_host_too(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.second = feeds_server_open(&w.loop, "127.0.0.2", 0, answer_second, &w);
    assert_non_null(w.second);
    feed(&w, 0, "/away0", FAST_MS);
    feed(&w, 1, "/away1", FAST_MS);
    feed(&w, 2, "/plain", FAST_MS);
    set(&w, 3);
    run_until(&w, asked(w.second, "/0") >= 2 && asked(w.second, "/1") >= 2);
    assert_int_equal(w.n_said, 0);
    w.serve_errors = true;
    run_until(&w, w.n_said >= 1);
    assert_string_equal(w.said[0], "host.circuit_open");
    assert_non_null(strstr(w.said_text[0], "127.0.0.2"));
    run_for(&w, 50); /* what was out comes home */
    size_t led = asked(w.server, "/away1"), other = asked(w.server, "/plain");
    run_until(&w, asked(w.server, "/plain") >= other + 5); /* who pointed there is not blamed */
    assert_int_equal(asked(w.server, "/away1"), led);
    assert_int_equal(asked(w.second, "/0"), asked(w.server, "/away0"));
    world_close(&w);
}

static void all_feeds_together_stay_under_the_fetch_rate(void **state)
{
    (void)state;
    struct world w;
    world_open_at_rate(&w, 2);
    for (size_t i = 0; i < 10; i++)
        feed(&w, i, "/feed", 1000);
    set(&w, 10);
    run_until(&w, w.polls >= 1);
    assert_true(w.last_stretch > 4.9 && w.last_stretch < 5.1);
    set(&w, 2); /* what is dropped asks for nothing */
    assert_ok(wd_poller_poll_now(w.poller, "feed-01"));
    int before = w.polls;
    run_until(&w, w.polls >= before + 2);
    assert_true(w.last_stretch >= 1.0 && w.last_stretch < 1.1);
    world_close(&w);
}

static void closing_cancels_what_is_out(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    feed(&w, 0, "/silent", FAST_MS);
    feed(&w, 1, "/feed", FAST_MS);
    w.hold = true;
    set(&w, 2);
    run_until(&w, w.n_held == 1 && feeds_server_requests(w.server) == 2);
    world_close(&w);
    assert_int_equal(w.polls, 0);
    assert_int_equal(w.released, 2);
}

static bool has_said(const struct world *w, const char *event)
{
    for (size_t i = 0; i < w->n_said; i++)
        if (strcmp(w->said[i], event) == 0)
            return true;
    return false;
}

static void look_again(struct world *w)
{
    wd_poller_resume(w->poller);
    run_for(w, 30);
}

static void a_stepped_clock_moves_no_poll(void **state)
{
    (void)state;
    static const int64_t steps[] = { WD_DAY_MS, -WD_DAY_MS, 3650 * WD_DAY_MS };
    for (size_t i = 0; i < WD_COUNT(steps); i++) {
        struct world w;
        world_open(&w);
        set_one(&w, "/feed", 60000);
        run_until(&w, w.polls >= 1);
        w.wall_off_ms = steps[i];
        look_again(&w);
        assert_int_equal(w.polls, 1);
        assert_true(has_said(&w, "clock.step"));
        assert_int_equal(w.n_said, 1);
        w.boot_off_ms = 61000; /* a minute later, by the clock that does not step */
        w.wall_off_ms += 61000;
        look_again(&w);
        run_until(&w, w.polls == 2);
        world_close(&w);
    }
}

static void what_became_due_in_suspend_goes_out_slowly(void **state)
{
    (void)state;
    struct world w;
    char path[16];
    world_open(&w);
    for (size_t i = 0; i < 10; i++) {
        snprintf(path, sizeof(path), "/feed?%zu", i);
        feed(&w, i, path, 3600000);
    }
    set(&w, 10);
    run_until(&w, w.polls == 10);
    w.wall_off_ms = w.boot_off_ms = 2 * WD_HOUR_MS;
    uint64_t before = uv_hrtime();
    wd_poller_resume(w.poller);
    run_until(&w, w.polls == 20);
    assert_true(uv_hrtime() - before >= 8 * 1000000); /* a millisecond apart each */
    assert_int_equal(w.n_said, 0);
    world_close(&w);
}

static void when_the_line_is_down_nothing_is_counted(void **state)
{
    (void)state;
    struct world w;
    wd_poller_stats s;
    char url[32];
    world_open(&w);
    for (size_t i = 0; i < 14; i++) {
        snprintf(url, sizeof(url), "http://h%zu.invalid/", i);
        feed(&w, i, url, FAST_MS);
    }
    set(&w, 14);
    run_until(&w, has_said(&w, "net.outage"));
    run_for(&w, 100);
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.in_flight, 0);
    assert_int_equal(s.failing, 9); /* those before it could be known */
    assert_int_equal(s.failures, 9);
    for (size_t i = 0; i < 14; i++)
        feed(&w, i, "/feed", FAST_MS); /* now all can be reached */
    w.boot_off_ms += 14 * WD_SECOND_MS;
    w.wall_off_ms += 14 * WD_SECOND_MS;
    static wd_feed_config moved[14];
    wd_poller_feed rows[14] = { { .config = NULL } };
    memcpy(moved, w.configs, sizeof(moved));
    for (size_t i = 0; i < 14; i++)
        rows[i].config = &moved[i];
    assert_ok(wd_poller_set_feeds(w.poller, rows, 14));
    run_until(&w, has_said(&w, "net.restored"));
    run_until(&w, w.answers[WD_ANSWER_DOCUMENT] >= 14);
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.failing, 0);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_again_conditionally),
        cmocka_unit_test(the_same_body_is_told_apart_and_its_validators_kept),
        cmocka_unit_test(a_refused_document_leaves_no_validators),
        cmocka_unit_test(a_304_that_nobody_asked_for_is_a_failure),
        cmocka_unit_test(failure_and_recovery_are_said_once),
        cmocka_unit_test(one_bad_feed_disturbs_no_other),
        cmocka_unit_test(pause_holds_and_resume_lets_go),
        cmocka_unit_test(a_feed_held_by_hand_stays_until_it_is_let_go),
        cmocka_unit_test(a_reset_feed_is_asked_as_if_for_the_first_time),
        cmocka_unit_test(no_feed_is_out_twice_and_the_limit_holds),
        cmocka_unit_test(a_reload_keeps_adds_drops_and_moves),
        cmocka_unit_test(a_config_under_way_lives_until_its_poll_is_back),
        cmocka_unit_test(stored_states_are_taken_up),
        cmocka_unit_test(a_move_for_good_is_adopted_and_undone),
        cmocka_unit_test(a_stepped_clock_moves_no_poll),
        cmocka_unit_test(what_became_due_in_suspend_goes_out_slowly),
        cmocka_unit_test(when_the_line_is_down_nothing_is_counted),
        cmocka_unit_test(where_redirects_lead_is_a_host_too),
        cmocka_unit_test(all_feeds_together_stay_under_the_fetch_rate),
        cmocka_unit_test(closing_cancels_what_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
