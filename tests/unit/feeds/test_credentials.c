/* What only a feed's own origin may see, as header lines. */
#include "feeds/credentials.h"
#include "tests/support/check.h"

static void makes_the_line_of_each_scheme(void **state)
{
    (void)state;
    static const struct {
        const char *username, *password, *token, *want;
    } rows[] = {
        { "Aladdin", "open sesame", NULL, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
        { "a", NULL, NULL, "Authorization: Basic YTo=" },
        { "ab", "", NULL, "Authorization: Basic YWI6" },
        { "test", "123\xc2\xa3", NULL, "Authorization: Basic dGVzdDoxMjPCow==" }, /* RFC 7617 */
        { NULL, NULL, "mF_9.B5f-4.1JqM", "Authorization: Bearer mF_9.B5f-4.1JqM" },
    };
    static const char *const headers[] = { "X-Key: 1", NULL };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_arena *a = wd_arena_new(65536);
        wd_feed_config c = { .headers = headers,
                             .username = rows[i].username,
                             .password = rows[i].password,
                             .token = rows[i].token };
        assert_ok(wd_credentials_settle(&c, a));
        assert_string_equal(c.lines[0], "X-Key: 1");
        assert_string_equal(c.lines[1], rows[i].want);
        assert_null(c.lines[2]);
        wd_arena_free(a);
    }
}

static void nothing_said_is_nothing_sent(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(65536);
    wd_feed_config c = { .url = "http://x.example/" };
    assert_ok(wd_credentials_settle(&c, a));
    assert_null(c.lines);
    wd_arena_free(a);
}

static void too_long_is_refused_not_cut(void **state)
{
    (void)state;
    char password[2 * WD_REQUEST_LINE_BYTES];
    wd_arena *a = wd_arena_new(65536);
    memset(password, 'x', sizeof(password));
    password[sizeof(password) - 1] = '\0';
    wd_feed_config c = { .username = "u", .password = password };
    assert_int_equal(wd_credentials_settle(&c, a), WD_LIMIT);
    wd_arena_free(a);
}

static void headers_that_are_not_the_operators_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
        bool fine;
    } rows[] = {
        { "X-Api-Key", "abc", true },
        { "accept-language", "de, en;q=0.5", true },
        { "Accept", "application/atom+xml", true },
        { "Authorization", "Basic eDp5", true },
        { "Cookie", "a=b", true },
        { "host", "inside.example", false },
        { "IF-NONE-MATCH", "\"1\"", false },
        { "a-im", "feed", false },
        { "User-Agent", "x", false },
        { "Accept-Encoding", "gzip", false },
        { "Content-Length", "5", false },
        { "Transfer-Encoding", "chunked", false },
        { "Proxy-Authorization", "Basic eDp5", false },
        { "X-Key", "a\r\nHost: inside.example", false },
        { "X-Key", "a\tb", false },
        { "X-Key", "\xc3\xa4", false },
        { "X-Key", "", false },
        { "X Key", "a", false },
        { "X-Key:", "a", false },
        { "", "a", false },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        const char *fault =
            wd_credentials_header_fault(wd_span_of(rows[i].name), wd_span_of(rows[i].value));
        if ((fault == NULL) != rows[i].fine)
            fail_msg("row %zu: %s: %s", i, rows[i].name, fault ? fault : "accepted");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_line_of_each_scheme),
        cmocka_unit_test(nothing_said_is_nothing_sent),
        cmocka_unit_test(too_long_is_refused_not_cut),
        cmocka_unit_test(headers_that_are_not_the_operators_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
