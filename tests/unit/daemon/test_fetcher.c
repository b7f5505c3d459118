/* The client that the configuration describes: what it says of itself, and what it refuses. */
#include "daemon/fetcher.h"
#include "daemon/version.h"
#include "tests/support/check.h"
#include "tests/support/feeds_server.h"
#include "tests/support/ticking_loop.h"

static const char *const loopback[] = { "127.0.0.1/32", NULL };

struct world {
    uv_loop_t loop;
    uv_timer_t tick;
    feeds_server *server;
    wd_http_reply reply;
    bool done;
};

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    static const char large[4096] = { ' ' };
    (void)ctx;
    if (feeds_head_is(head, "/large"))
        feeds_conn_answer(c, "200 OK", "", (wd_span){ large, sizeof(large) });
    else if (feeds_head_is(head, "/silent"))
        feeds_conn_send(c, WD_SPAN_LIT(""), FEEDS_SILENT);
    else
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT("<rss/>"));
}

static void on_done(wd_http_request *req, const wd_http_reply *reply)
{
    struct world *w = req->ctx;
    w->reply = *reply;
    w->done = true;
}

/* One request by a client of this configuration. */
static wd_reason ask(struct world *w, const wd_config *config, const char *path)
{
    char url[64], agent[WD_USER_AGENT_BYTES];
    wd_http *http = NULL;
    assert_ok(wd_fetcher_open(&http, &w->loop, config, agent));
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", feeds_server_port(w->server), path);
    wd_http_request req = {
        .url = url, .arena = wd_arena_new(WD_POLL_ARENA_BYTES), .done = on_done, .ctx = w
    };
    w->done = false;
    assert_ok(wd_http_get(http, &req));
    while (!w->done)
        uv_run(&w->loop, UV_RUN_ONCE);
    wd_http_close(&http);
    wd_arena_free(req.arena);
    return w->reply.reason;
}

static void open_world(struct world *w)
{
    memset(w, 0, sizeof(*w));
    ticking_loop_open(&w->loop, &w->tick, 5);
    w->server = feeds_server_open(&w->loop, "127.0.0.1", 0, answer, w);
    assert_non_null(w->server);
}

static void close_world(struct world *w)
{
    feeds_server_close(w->server);
    ticking_loop_close(&w->loop, &w->tick);
}

static void it_says_who_it_is_and_whom_to_write_to(void **state)
{
    (void)state;
    struct world w;
    wd_config config = { .http = { .allow_private = loopback } };
    open_world(&w);
    assert_int_equal(ask(&w, &config, "/"), WD_REASON_NONE);
    assert_non_null(
        strstr(feeds_server_head(w.server, 0), "\r\nUser-Agent: wiredesk/" WD_VERSION "\r\n"));
    config.http.user_agent_contact = "https://desk.example/bot";
    assert_int_equal(ask(&w, &config, "/"), WD_REASON_NONE);
    assert_non_null(strstr(feeds_server_head(w.server, 1), "\r\nUser-Agent: wiredesk/" WD_VERSION
                                                           " (+https://desk.example/bot)\r\n"));
    close_world(&w);
}

static void its_limits_are_the_configurations(void **state)
{
    (void)state;
    static const struct {
        wd_config_http http;
        const char *path;
        wd_reason reason;
    } rows[] = {
        { { .allow_private = loopback }, "/large", WD_REASON_NONE },
        { { .allow_private = loopback, .max_body = 4000 }, "/large", WD_REASON_TOO_LARGE },
        { { .allow_private = loopback, .max_body = 4096 }, "/large", WD_REASON_NONE },
        { { .allow_private = NULL }, "/", WD_REASON_ADDRESS },
        { { .allow_private = loopback, .timeout_ms = 50 }, "/silent", WD_REASON_TIMEOUT },
    };
    struct world w;
    open_world(&w);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        const wd_config config = { .http = rows[i].http };
        wd_reason got = ask(&w, &config, rows[i].path);
        if (got != rows[i].reason)
            fail_msg("row %zu: %s", i, wd_reason_word(got));
    }
    close_world(&w);
}

static void the_schedule_has_the_configurations_bounds(void **state)
{
    (void)state;
    const wd_config config = { .schedule = { .min_interval_ms = 1,
                                             .max_interval_ms = 2,
                                             .max_fetch_rate = 3,
                                             .start_rate = 4 } };
    wd_schedule_policy p = wd_fetcher_policy(&config);
    assert_int_equal(p.min_interval_ms, 1);
    assert_int_equal(p.max_interval_ms, 2);
    assert_true(p.max_fetch_rate == 3 && p.start_rate == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_who_it_is_and_whom_to_write_to),
        cmocka_unit_test(its_limits_are_the_configurations),
        cmocka_unit_test(the_schedule_has_the_configurations_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
