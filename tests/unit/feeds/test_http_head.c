/* What is read from an answer's header lines, and what is refused. */
#include "core/clock.h"
#include "feeds/http_date.h"
#include "feeds/http_head.h"
#include "tests/support/check.h"
#include "tests/support/group_arena.h"

#define NOW_MS 1773133331384 /* 2026-03-10T09:02:11.384Z */

static wd_http_head read_head(const char *line)
{
    wd_http_head h;
    wd_http_head_begin(&h, arena, NOW_MS);
    assert_true(wd_http_head_line(&h, WD_SPAN_LIT("HTTP/1.1 200 OK\r\n")));
    assert_true(wd_http_head_line(&h, wd_span_of(line)));
    assert_true(wd_http_head_line(&h, WD_SPAN_LIT("\r\n")));
    return h;
}

static void reads_all_three_date_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want_ms;
    } rows[] = { { "Tue, 10 Mar 2026 09:02:11 GMT", 1773133331000 },
                 { "Tuesday, 10-Mar-26 09:02:11 GMT", 1773133331000 },
                 { "Tue Mar 10 09:02:11 2026", 1773133331000 },
                 { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777000 },
                 { "Sunday, 06-Nov-94 08:49:37 GMT", 784111777000 },
                 { "Sun Nov  6 08:49:37 1994", 784111777000 },
                 { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
                 { "0", WD_TIME_NONE },
                 { "-1", WD_TIME_NONE },
                 { "", WD_TIME_NONE },
                 { "soon", WD_TIME_NONE },
                 { "Tue, 10 Mar 2026", WD_TIME_NONE },
                 { "Tue, 10 Mar 2026 25:00:00 GMT", WD_TIME_NONE },
                 { "Tue, 99 Mar 2026 09:02:11 GMT", WD_TIME_NONE },
                 { "10 Mar 20261 09:02:11", WD_TIME_NONE },
                 { "Tue, 10 Mar 2026 09:02:11 GMT \x01", WD_TIME_NONE } };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_http_date_parse(wd_span_of(rows[i].text), NOW_MS) != rows[i].want_ms)
            fail_msg("\"%s\"", rows[i].text);
}

static void keeps_validators_byte_for_byte(void **state)
{
    (void)state;
    static const struct {
        const char *line, *etag, *modified;
    } rows[] = { { "ETag: \"v1\"\r\n", "\"v1\"", "" },
                 { "etag:W/\"v1\"\r\n", "W/\"v1\"", "" },
                 { "ETAG:   v1-no-quotes  \r\n", "v1-no-quotes", "" },
                 { "ETag: \"a\\r\\nX-Injected: 1\"\r\n", "", "" }, /* a blank inside */
                 { "ETag: \"a\rX\"\r\n", "", "" },
                 { "ETag: \"\x80\xff\"\r\n", "", "" },
                 { "ETag: \r\n", "", "" },
                 { "Last-Modified: Tue, 10 Mar 2026 09:00:00 GMT\r\n", "",
                   "Tue, 10 Mar 2026 09:00:00 GMT" },
                 { "Last-Modified: yesterday, I think\r\n", "", "yesterday, I think" },
                 { "Last-Modified: Tue\x0bX-Evil: 1\r\n", "", "" },
                 { " ETag: \"folded\"\r\n", "", "" },
                 { "X-ETag: \"v1\"\r\n", "", "" } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_http_head h = read_head(rows[i].line);
        wd_validators v;
        wd_http_head_validators(&h, &v);
        assert_string_equal(v.etag, rows[i].etag);
        assert_string_equal(v.last_modified, rows[i].modified);
    }
}

static void keeps_links_of_hubs_and_of_the_document_itself(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } rows[] = {
        { "Link: <https://hub.example/>; rel=\"hub\"\r\n",
          ", <https://hub.example/>; rel=\"hub\"" },
        { "link: </feed>; rel=SELF\r\n", ", </feed>; rel=SELF" },
        { "Link: <https://x.example/wp-json/>; rel=\"https://api.w.org/\"\r\n", "" },
        { "Link: <https://hub.example/\x01>; rel=hub\r\n", "" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(read_head(rows[i].line).links, rows[i].want);
    wd_http_head h = read_head("Link: <a>; rel=hub\r\n");
    h.done = false;
    assert_true(wd_http_head_line(&h, WD_SPAN_LIT("Link: <b>; rel=self\r\n")));
    assert_span(h.links, ", <a>; rel=hub, <b>; rel=self");
    char line[5000];
    snprintf(line, sizeof(line), "Link: <%0*d>; rel=hub\r\n", 4900, 7);
    for (int i = 0; i < 5; i++) /* bounded, however many come */
        assert_true(wd_http_head_line(&h, wd_span_of(line)));
    assert_true(h.links.len > 4900 && h.links.len < 8192);
}

static void refuses_validators_over_a_kilobyte(void **state)
{
    (void)state;
    char line[2048];
    wd_validators v;
    for (int n = 1022; n <= 1024; n++) {
        snprintf(line, sizeof(line), "ETag: %0*d\r\n", n, 7);
        wd_http_head h = read_head(line);
        wd_http_head_validators(&h, &v);
        assert_int_equal(strlen(v.etag), n <= 1023 ? n : 0);
    }
}

static void reads_freshness(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t want_s;
    } rows[] = { { "Cache-Control: max-age=3600\r\n", 3600 },
                 { "Cache-Control: public, Max-Age = 60, foo\r\n", 60 },
                 { "Cache-Control: max-age=\"90\"\r\n", 90 },
                 { "Cache-Control: s-maxage=90\r\n", -1 },
                 { "Cache-Control: no-cache\r\n", -1 },
                 { "Cache-Control: max-age=-5\r\n", -1 },
                 { "Cache-Control: max-age=99999999999999999999\r\n", 366LL * 24 * 3600 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_http_head h = read_head(rows[i].line);
        assert_int_equal(wd_http_head_fresh_s(&h), rows[i].want_s);
    }
    wd_http_head h = read_head("Cache-Control: max-age=100\r\n");
    h.age_s = 30;
    assert_int_equal(wd_http_head_fresh_s(&h), 70);
    h.age_s = 300;
    assert_int_equal(wd_http_head_fresh_s(&h), 0);
}

static void reads_how_long_to_wait(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t retry_ms, reset_ms;
    } rows[] = { { "Retry-After: 120\r\n", 120000, -1 },
                 { "Retry-After: Tue, 10 Mar 2026 09:04:11 GMT\r\n", 119616, -1 },
                 { "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n", 0, -1 },
                 { "Retry-After: soon\r\n", -1, -1 },
                 { "Retry-After: -5\r\n", -1, -1 },
                 { "Retry-After: 99999999999999999999\r\n", 366LL * 24 * 3600 * 1000, -1 },
                 { "RateLimit-Reset: 30\r\n", -1, 30000 },
                 { "X-RateLimit-Reset: 41.7\r\n", -1, 41000 },
                 { "X-RateLimit-Reset: 1773133391\r\n", -1, 60000 },
                 { "RateLimit: \"default\";r=0;t=17\r\n", -1, 17000 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_http_head h = read_head(rows[i].line);
        if (h.retry_after_ms != rows[i].retry_ms || h.reset_ms != rows[i].reset_ms)
            fail_msg("%s: %lld %lld", rows[i].line, (long long)h.retry_after_ms,
                     (long long)h.reset_ms);
    }
}

static void interim_answers_and_trailers_say_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "HTTP/1.1 103 Early Hints\r\n", "ETag: \"early\"\r\n",  "\r\n", "HTTP/1.1 200 OK\r\n",
        "Content-Type: text/xml\r\n",   "no header at all\r\n", "\r\n", "ETag: \"trailer\"\r\n"
    };
    wd_http_head h;
    wd_http_head_begin(&h, arena, NOW_MS);
    for (size_t i = 0; i < WD_COUNT(lines); i++)
        assert_true(wd_http_head_line(&h, wd_span_of(lines[i])));
    assert_int_equal(h.status, 200);
    assert_span(h.content_type, "text/xml");
    assert_null(h.etag.ptr);
}

static void a_head_without_end_is_stopped(void **state)
{
    (void)state;
    wd_http_head h;
    int lines = 0;
    wd_http_head_begin(&h, arena, NOW_MS);
    while (lines < 1000000 && wd_http_head_line(&h, WD_SPAN_LIT("HTTP/1.1 103 Early Hints\r\n")))
        lines++;
    assert_in_range(lines, 1000, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_three_date_forms),
        cmocka_unit_test(keeps_validators_byte_for_byte),
        cmocka_unit_test(keeps_links_of_hubs_and_of_the_document_itself),
        cmocka_unit_test(refuses_validators_over_a_kilobyte),
        cmocka_unit_test(reads_freshness),
        cmocka_unit_test(reads_how_long_to_wait),
        cmocka_unit_test(interim_answers_and_trailers_say_nothing),
        cmocka_unit_test(a_head_without_end_is_stopped),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
