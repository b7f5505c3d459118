/* tests/support/poller_world.c - the server's answers, the pipeline's part, and what is said. */
#include "tests/support/poller_world.h"

#include "tests/support/check.h"

static const char *const loopback_two[] = { "127.0.0.1/32", "127.0.0.2/32", NULL };

static const wd_schedule_policy policy = { .start_rate = 1000 };

static void on_said(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    poller_world *w = ctx;
    (void)level, (void)fields;
    assert_true(w->n_said < POLLER_WORLD_SAID);
    snprintf(w->said[w->n_said], sizeof(w->said[0]), "%s", event);
    snprintf(w->said_text[w->n_said++], sizeof(w->said_text[0]), "%s", text);
}

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    poller_world *w = ctx;
    if (w->serve_errors && w->second == NULL && !feeds_head_is(head, "/old")) {
        feeds_conn_answer(c, "500 Oops", "", WD_SPAN_LIT("no"));
    } else if (feeds_head_is(head, "/plain")) {
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT(FEEDS_DOCUMENT));
    } else if (feeds_head_is(head, "/always304")) {
        feeds_conn_send(c, WD_SPAN_LIT("HTTP/1.1 304 Not Modified\r\n\r\n"), FEEDS_KEEP);
    } else if (feeds_head_is(head, "/rotating")) {
        feeds_conn_answer(c, "200 OK", w->serve_other ? "ETag: \"r2\"\r\n" : "ETag: \"r1\"\r\n",
                          WD_SPAN_LIT(FEEDS_DOCUMENT));
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
        feeds_conn_answer(c, "200 OK", "ETag: \"v1\"\r\n", WD_SPAN_LIT(FEEDS_DOCUMENT));
    }
}

static void answer_second(void *ctx, feeds_conn *c, const char *head)
{
    poller_world *w = ctx;
    if (w->serve_errors && feeds_head_is(head, "/0"))
        feeds_conn_answer(c, "429 Slow down", "", WD_SPAN_LIT("no"));
    else
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT(FEEDS_DOCUMENT));
}

void poller_world_give_back(poller_world *w, wd_poll *poll)
{
    int64_t now_ms = wd_wall_ms(&w->clock);
    poll->reading = (wd_poll_reading){ .accepted = !w->refuse,
                                       .reason = w->refuse ? WD_REASON_TRUNCATED : WD_REASON_NONE,
                                       .items = 3,
                                       .items_new = poll->pushed ? w->brings : 0,
                                       .newest_ms = WD_TIME_NONE,
                                       .oldest_ms = WD_TIME_NONE,
                                       .ttl_min = -1 };
    if (poll->pushed)
        wd_schedule_pushed(poll, now_ms);
    else
        wd_schedule_after(&policy, poll, now_ms, 0);
    w->last_answer = poll->answer;
    w->last_stretch = poll->stretch;
    w->last_state = poll->state;
    w->answers[poll->answer]++;
    w->polls += !poll->pushed;
    w->pushes += poll->pushed;
    wd_poller_finish(w->poller, poll);
}

void poller_world_let_go(poller_world *w)
{
    assert_true(w->n_held > 0);
    w->hold = false;
    w->n_held = 0;
    poller_world_give_back(w, w->held[0]);
}

static void on_poll(void *ctx, wd_poll *poll)
{
    poller_world *w = ctx;
    if (w->hold)
        w->held[w->n_held++] = poll;
    else
        poller_world_give_back(w, poll);
}

static int64_t moved_wall(void *ctx)
{
    return wd_wall_ms(wd_clock_system()) + ((poller_world *)ctx)->wall_off_ms;
}

static int64_t moved_boot(void *ctx)
{
    return wd_boot_ms(wd_clock_system()) + ((poller_world *)ctx)->boot_off_ms;
}

static void on_closed(void *ctx)
{
    ((poller_world *)ctx)->closed++;
}

static void on_release(void *ctx, const wd_feed_config *config)
{
    (void)config;
    ((poller_world *)ctx)->released++;
}

static void on_changed(void *ctx, const wd_feed_state *state)
{
    poller_world *w = ctx;
    w->last_state = *state;
    w->changed++;
}

/* No host of this world has a name: nobody outside is asked. */
static void no_such_name(void *ctx, const char *name, wd_dns_answer *out)
{
    (void)ctx;
    (void)name;
    out->absent = true;
}

void poller_world_open_second(poller_world *w)
{
    w->second = feeds_server_open(&w->loop, "127.0.0.2", 0, answer_second, w);
    assert_non_null(w->second);
}

void poller_world_open_at_rate(poller_world *w, double max_fetch_rate)
{
    memset(w, 0, sizeof(*w));
    wd_schedule_policy bounded = policy;
    bounded.max_fetch_rate = max_fetch_rate;
    ticking_loop_open(&w->loop, &w->tick, 2);
    w->log = (wd_log){ .sink = on_said, .ctx = w, .level = WD_LOG_INFO };
    w->server = feeds_server_open(&w->loop, "127.0.0.1", 0, answer, w);
    assert_non_null(w->server);
    wd_http_config http = { .user_agent = "test/1",
                            .allow_private = loopback_two,
                            .look = no_such_name };
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

void poller_world_open(poller_world *w)
{
    poller_world_open_at_rate(w, 0);
}

void poller_world_close(poller_world *w)
{
    wd_poller_close(&w->poller);
    assert_null(w->poller);
    ticking_loop_until(&w->loop, w->closed);
    for (size_t i = 0; i < w->n_held; i++)
        wd_poller_finish(NULL, w->held[i]);
    wd_http_close(&w->http);
    feeds_server_close(w->server);
    if (w->second != NULL)
        feeds_server_close(w->second);
    ticking_loop_close(&w->loop, &w->tick);
    assert_int_equal(w->closed, 1);
}

wd_feed_config *poller_world_feed(poller_world *w, size_t i, const char *where, int64_t interval_ms)
{
    snprintf(w->slugs[i], sizeof(w->slugs[i]), "feed-%02zu", i);
    if (where[0] == '/')
        snprintf(w->urls[i], sizeof(w->urls[i]), "http://127.0.0.1:%d%s",
                 feeds_server_port(w->server), where);
    else
        snprintf(w->urls[i], sizeof(w->urls[i]), "%s", where);
    w->configs[i] = (wd_feed_config){
        .slug = w->slugs[i], .url = w->urls[i], .interval_ms = interval_ms, .weight = 1
    };
    return &w->configs[i];
}

void poller_world_set(poller_world *w, size_t n)
{
    wd_poller_feed rows[POLLER_WORLD_FEEDS] = { { .config = NULL } };
    for (size_t i = 0; i < n; i++)
        rows[i].config = &w->configs[i];
    assert_ok(wd_poller_set_feeds(w->poller, rows, n));
}

void poller_world_set_one(poller_world *w, const char *where, int64_t interval_ms)
{
    poller_world_feed(w, 0, where, interval_ms);
    poller_world_set(w, 1);
}

bool poller_world_has_said(const poller_world *w, const char *event)
{
    for (size_t i = 0; i < w->n_said; i++)
        if (strcmp(w->said[i], event) == 0)
            return true;
    return false;
}
