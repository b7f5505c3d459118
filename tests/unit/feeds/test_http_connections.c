/* One request a connection at a time, kept or not, and what ends a request early. */
#include "tests/support/check.h"
#include "tests/support/http_world.h"

static const char *const loopback[] = { "127.0.0.1/32", NULL };

static const wd_http_config config = { .user_agent = "test/1", .allow_private = loopback };

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    (void)ctx;
    if (feeds_head_is(head, "/silent"))
        return;
    if (feeds_head_is(head, "/stall"))
        feeds_conn_send(c, WD_SPAN_LIT("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<rss"),
                        FEEDS_SILENT);
    else if (feeds_head_is(head, "/http2-line"))
        feeds_conn_send(c, WD_SPAN_LIT("HTTP/2 200\r\nContent-Length: 6\r\n\r\n<rss/>"),
                        FEEDS_KEEP);
    else if (feeds_head_is(head, "/304"))
        feeds_conn_send(c, WD_SPAN_LIT("HTTP/1.1 304 Not Modified\r\n\r\n"), FEEDS_KEEP);
    else
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT(FEEDS_DOCUMENT));
}

static void chain(wd_http_request *req, const wd_http_reply *reply)
{
    http_fetch *f = req->ctx;
    f->reply = *reply;
    if (++f->done < 3)
        assert_ok(wd_http_get(f->w->http, req));
    else
        wd_http_close(&f->w->http);
}

static void a_kept_connection_is_not_lent_to_who_may_not_use_it(void **state)
{
    (void)state;
    static const char *const third[] = { "127.0.0.3/32", NULL };
    http_world w;
    http_fetch f;
    char url[128];
    http_world_open(&w, answer, &config);
    feeds_server *server = feeds_server_open(&w.loop, "127.0.0.3", 0, answer, &w);
    assert_non_null(server);
    snprintf(url, sizeof(url), "http://127.0.0.3:%d/ok", feeds_server_port(server));
    http_fetch_begin(&f, &w, url);
    f.req.allow_private = third;
    http_fetch_wait(&f);
    assert_int_equal(f.reply.status, 200);
    http_fetch_end(&f);
    http_fetch_make(&f, &w, url);
    assert_int_equal(f.reply.reason, WD_REASON_ADDRESS);
    assert_int_equal(feeds_server_requests(server), 1);
    http_fetch_end(&f);
    feeds_server_close(server);
    http_world_close(&w);
}

/* The rest of an answer that is no answer to the next question. */
static void left_over_bytes_are_not_taken_for_an_answer(void **state)
{
    (void)state;
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &config);
    http_fetch_make(&f, &w, "/304");
    assert_int_equal(f.reply.status, 304);
    http_fetch_end(&f);
    assert_int_equal(feeds_server_say(w.server, WD_SPAN_LIT("hello world")), 1);
    http_fetch_make(&f, &w, "/ok");
    assert_int_equal(f.reply.reason, WD_REASON_NONE);
    assert_span(f.reply.body, FEEDS_DOCUMENT);
    assert_int_equal(feeds_server_connections(w.server), 2);
    http_fetch_end(&f);
    http_world_close(&w);
}

/* A plain server that calls itself HTTP/2 does not get its requests mixed. */
static void one_request_at_a_time_on_a_connection(void **state)
{
    (void)state;
    http_world w;
    http_fetch f, many[6];
    http_world_open(&w, answer, &config);
    http_fetch_make(&f, &w, "/http2-line");
    assert_int_equal(f.reply.reason, WD_REASON_NONE);
    http_fetch_end(&f);
    for (size_t i = 0; i < WD_COUNT(many); i++) {
        http_fetch_begin(&many[i], &w, "/ok");
        assert_ok(wd_http_get(w.http, &many[i].req));
    }
    for (size_t i = 0; i < WD_COUNT(many); i++) {
        ticking_loop_until(&w.loop, many[i].done);
        assert_span(many[i].reply.body, FEEDS_DOCUMENT);
        http_fetch_end(&many[i]);
    }
    http_world_close(&w);
}

static void a_one_off_keeps_no_connection(void **state)
{
    (void)state;
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &config);
    for (int i = 0; i < 3; i++) {
        http_fetch_begin(&f, &w, "/ok");
        f.req.one_off = true;
        http_fetch_wait(&f);
        http_fetch_end(&f);
    }
    assert_int_equal(feeds_server_connections(w.server), 3);
    http_world_close(&w);
}

static void canceling_ends_one_request_later(void **state)
{
    (void)state;
    http_world w;
    http_fetch a, b;
    http_world_open(&w, answer, &config);
    http_fetch_begin(&a, &w, "/silent");
    http_fetch_begin(&b, &w, "/ok");
    assert_ok(wd_http_get(w.http, &a.req));
    ticking_loop_until(&w.loop, feeds_server_requests(w.server) >= 1);
    assert_ok(wd_http_get(w.http, &b.req));
    wd_http_cancel(w.http, &a.req);
    wd_http_cancel(w.http, &a.req);
    assert_int_equal(a.done, 0);
    ticking_loop_until(&w.loop, a.done && b.done);
    assert_int_equal(a.done, 1);
    assert_int_equal(a.reply.reason, WD_REASON_CANCELED);
    assert_int_equal(b.reply.status, 200);
    http_fetch_end(&a);
    http_fetch_end(&b);
    http_world_close(&w);
}

static void closing_finishes_what_is_pending(void **state)
{
    (void)state;
    http_world w;
    http_fetch f[4];
    static const char *const paths[] = { "/silent", "/stall", "/ok", "not a url" };
    http_world_open(&w, answer, &config);
    for (size_t i = 0; i < WD_COUNT(f); i++) {
        http_fetch_begin(&f[i], &w, paths[i]);
        assert_ok(wd_http_get(w.http, &f[i].req));
        if (i == 1)
            ticking_loop_until(&w.loop, feeds_server_requests(w.server) >= 2);
    }
    http_world_close(&w);
    for (size_t i = 0; i < WD_COUNT(f); i++) {
        assert_int_equal(f[i].done, 1);
        assert_true(f[i].reply.reason == WD_REASON_CANCELED || i == 3);
        http_fetch_end(&f[i]);
    }
}

static void done_may_ask_again_or_close(void **state)
{
    (void)state;
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &config);
    http_fetch_begin(&f, &w, "/ok");
    f.req.done = chain;
    assert_ok(wd_http_get(w.http, &f.req));
    ticking_loop_until(&w.loop, f.done >= 3);
    assert_int_equal(f.reply.status, 200);
    assert_null(w.http);
    http_fetch_end(&f);
    http_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_connection_is_not_lent_to_who_may_not_use_it),
        cmocka_unit_test(left_over_bytes_are_not_taken_for_an_answer),
        cmocka_unit_test(one_request_at_a_time_on_a_connection),
        cmocka_unit_test(a_one_off_keeps_no_connection),
        cmocka_unit_test(canceling_ends_one_request_later),
        cmocka_unit_test(closing_finishes_what_is_pending),
        cmocka_unit_test(done_may_ask_again_or_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
