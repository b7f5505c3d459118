/* What the client asks, and what it reads from an answer. */
#include "tests/support/check.h"
#include "tests/support/http_world.h"

static const char *const loopback[] = { "127.0.0.1/32", NULL };

static const wd_http_config config = { .user_agent = "test/1", .allow_private = loopback };

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    static const struct {
        const char *path, *status, *lines, *body;
    } rows[] = {
        { "/ok", "200 OK",
          "Content-Type: text/xml; charset=utf-8\r\nETag: \"v1\"\r\n"
          "Last-Modified: Tue, 10 Mar 2026 09:00:00 GMT\r\nCache-Control: max-age=600\r\n"
          "Age: 10\r\n",
          FEEDS_DOCUMENT },
        { "/busy", "503 Busy", "Retry-After: 120\r\n", "" },
        { "/many", "429 Slow", "Retry-After: 10\r\nX-RateLimit-Reset: 30\r\n", "" },
        { "/expires", "200 OK", "Expires: Tue, 10 Mar 2026 10:00:00 GMT\r\n", FEEDS_DOCUMENT },
    };
    (void)ctx;
    if (strstr(head, "If-None-Match: \"v1\"\r\n") != NULL) {
        feeds_conn_send(c, WD_SPAN_LIT("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"),
                        FEEDS_KEEP);
        return;
    }
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (feeds_head_is(head, rows[i].path)) {
            feeds_conn_answer(c, rows[i].status, rows[i].lines, wd_span_of(rows[i].body));
            return;
        }
    feeds_conn_answer(c, "404 Not Found", "", WD_SPAN_LIT("no"));
}

static void brings_a_document_with_what_was_said_of_it(void **state)
{
    (void)state;
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &config);
    http_fetch_make(&f, &w, "/ok");
    assert_int_equal(f.reply.reason, WD_REASON_NONE);
    assert_int_equal(f.reply.status, 200);
    assert_span(f.reply.body, FEEDS_DOCUMENT);
    assert_span(f.reply.content_type, "text/xml; charset=utf-8");
    assert_span(f.reply.final_url, f.url);
    assert_string_equal(f.reply.validators.etag, "\"v1\"");
    assert_string_equal(f.reply.validators.last_modified, "Tue, 10 Mar 2026 09:00:00 GMT");
    assert_int_equal(f.reply.max_age_s, 590);
    assert_true(f.reply.expires_ms == WD_TIME_NONE);
    assert_true(f.reply.private_address);
    assert_true(f.reply.wire_bytes > sizeof(FEEDS_DOCUMENT));
    http_fetch_end(&f);
    http_world_close(&w);
}

static void asks_in_the_open_and_for_feeds_only(void **state)
{
    (void)state;
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &config);
    setenv("http_proxy", "http://127.0.0.2:1/", 1);
    http_fetch_make(&f, &w, "/ok");
    unsetenv("http_proxy");
    const char *head = feeds_server_head(w.server, 0);
    assert_non_null(strstr(head, "User-Agent: test/1\r\n"));
    assert_non_null(strstr(head, "Accept: application/rss+xml, application/atom+xml"));
    assert_non_null(strstr(head, "gzip"));
    assert_non_null(strstr(head, "br"));
    assert_null(strstr(head, "Cookie"));
    assert_null(strstr(head, "Referer"));
    assert_null(strstr(head, "If-None-Match"));
    assert_null(strstr(head, "If-Modified-Since"));
    assert_null(strstr(head, "A-IM"));
    http_fetch_end(&f);
    http_fetch_begin(&f, &w, "/ok");
    f.req.user_agent = "own/2";
    http_fetch_wait(&f);
    assert_non_null(strstr(feeds_server_head(w.server, 1), "User-Agent: own/2\r\n"));
    http_fetch_end(&f);
    http_fetch_make(&f, &w, "/ok");
    assert_non_null(strstr(feeds_server_head(w.server, 2), "User-Agent: test/1\r\n"));
    http_fetch_end(&f);
    http_world_close(&w);
}

static void asks_again_with_the_bytes_it_was_given(void **state)
{
    (void)state;
    http_world w;
    http_fetch f;
    wd_validators v = { "\"v1\"", "Tue, 10 Mar 2026 09:00:00 GMT" };
    http_world_open(&w, answer, &config);
    http_fetch_begin(&f, &w, "/ok");
    f.req.validators = &v;
    http_fetch_wait(&f);
    assert_int_equal(f.reply.status, 304);
    assert_int_equal(f.reply.body.len, 0);
    const char *head = feeds_server_head(w.server, 0);
    assert_non_null(strstr(head, "If-None-Match: \"v1\"\r\n"));
    assert_non_null(strstr(head, "If-Modified-Since: Tue, 10 Mar 2026 09:00:00 GMT\r\n"));
    assert_non_null(strstr(head, "A-IM: feed\r\n")); /* RFC 3229: only what is new, if you can */
    http_fetch_end(&f);
    http_fetch_make(&f, &w, "/ok"); /* the same pooled handle must have forgotten them */
    assert_int_equal(f.reply.status, 200);
    assert_null(strstr(feeds_server_head(w.server, 1), "If-"));
    http_fetch_end(&f);
    assert_int_equal(feeds_server_connections(w.server), 1);
    http_world_close(&w);
}

static void waits_are_read_from_the_answer(void **state)
{
    (void)state;
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &config);
    http_fetch_make(&f, &w, "/busy");
    assert_int_equal(f.reply.retry_after_ms, 120000);
    http_fetch_end(&f);
    http_fetch_make(&f, &w, "/many");
    assert_int_equal(f.reply.retry_after_ms, 30000);
    http_fetch_end(&f);
    http_fetch_make(&f, &w, "/expires");
    assert_true(f.reply.expires_ms == 1773136800000);
    assert_int_equal(f.reply.max_age_s, -1);
    http_fetch_end(&f);
    http_world_close(&w);
}

static void an_answer_over_the_arena_is_refused(void **state)
{
    (void)state;
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &config);
    http_fetch_begin(&f, &w, "/ok");
    wd_arena_free(f.req.arena);
    f.req.arena = wd_arena_new(160);
    http_fetch_wait(&f);
    assert_int_not_equal(f.reply.reason, WD_REASON_NONE);
    assert_string_equal(f.reply.validators.etag, "");
    http_fetch_end(&f);
    http_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brings_a_document_with_what_was_said_of_it),
        cmocka_unit_test(asks_in_the_open_and_for_feeds_only),
        cmocka_unit_test(asks_again_with_the_bytes_it_was_given),
        cmocka_unit_test(waits_are_read_from_the_answer),
        cmocka_unit_test(an_answer_over_the_arena_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
