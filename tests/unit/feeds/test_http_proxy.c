/* Through whom a hop goes, and what of its target can be judged beforehand. */
#include <stdlib.h>

#include "feeds/address_guard.h"
#include "feeds/http_proxy.h"
#include "tests/support/check.h"

static wd_http_target target_of(wd_arena *a, const char *url)
{
    wd_http_target t;
    assert_true(wd_http_target_set(a, wd_span_of(url), &t));
    return t;
}

static void clear_environment(void)
{
    static const char *const names[] = { "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                         "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY" };
    for (size_t i = 0; i < WD_COUNT(names); i++)
        unsetenv(names[i]);
}

static void the_environment_counts_only_where_it_was_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *setting, *url, *want;
    } rows[] = {
        { "http_proxy", "http://p:1", NULL, "http://a.example/", "" },
        { "http_proxy", "http://p:1", "", "http://a.example/", "" },
        { "http_proxy", "http://p:1", "http://q:2", "http://a.example/", "http://q:2" },
        { "http_proxy", "http://p:1", "environment", "http://a.example/", "http://p:1" },
        { "http_proxy", "http://p:1", "environment", "https://a.example/", "" },
        { "HTTP_PROXY", "http://p:1", "environment", "http://a.example/", "" }, /* httpoxy */
        { "HTTPS_PROXY", "http://p:1", "environment", "https://a.example/", "http://p:1" },
        { "https_proxy", "http://p:1", "environment", "https://a.example/", "http://p:1" },
        { "all_proxy", "socks5h://p:1", "environment", "https://a.example/", "socks5h://p:1" },
        { "ALL_PROXY", "socks5h://p:1", "environment", "http://a.example/", "socks5h://p:1" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_arena *a = wd_arena_new(65536);
        wd_http_target t = target_of(a, rows[i].url);
        clear_environment();
        setenv(rows[i].name, rows[i].value, 1);
        if (strcmp(wd_http_proxy_for(rows[i].setting, &t), rows[i].want) != 0)
            fail_msg("row %zu: %s", i, wd_http_proxy_for(rows[i].setting, &t));
        wd_arena_free(a);
    }
    clear_environment();
}

static void no_proxy_exempts_a_domain_and_all_below_it(void **state)
{
    (void)state;
    static const struct {
        const char *list, *host;
        bool exempt;
    } rows[] = {
        { "example.org", "example.org", true },
        { "example.org", "www.example.org", true },
        { "example.org", "badexample.org", false },
        { ".example.org", "example.org", true },
        { "a.example, b.example", "b.example", true },
        { "*", "any.example", true },
        { "", "any.example", false },
        { ",, ,", "any.example", false },
        { "EXAMPLE.org", "example.org", true },
        { "10.0.0.1", "10.0.0.1", true },
        { "www.example.org", "example.org", false },
    };
    clear_environment();
    setenv("all_proxy", "http://p:1", 1);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        char url[128];
        wd_arena *a = wd_arena_new(65536);
        snprintf(url, sizeof(url), "http://%s/", rows[i].host);
        wd_http_target t = target_of(a, url);
        setenv("no_proxy", rows[i].list, 1);
        if ((wd_http_proxy_for("environment", &t)[0] == '\0') != rows[i].exempt)
            fail_msg("row %zu: %s in %s", i, rows[i].host, rows[i].list);
        wd_arena_free(a);
    }
    clear_environment();
}

static void a_target_that_is_an_address_is_known_in_any_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        int known, is_public;
    } rows[] = {
        { "http://127.0.0.1/", 1, 0 },
        { "http://127.1/", 1, 0 },
        { "http://2130706433/", 1, 0 },
        { "http://0x7f000001/", 1, 0 },
        { "http://0177.0.0.1/", 1, 0 },
        { "http://[::1]/", 1, 0 },
        { "http://[::ffff:10.0.0.1]/", 1, 0 },
        { "http://localhost/", 1, 0 },
        { "http://a.localhost/", 1, 0 },
        { "http://localhost./", 1, 0 },
        { "http://127.0.0.1./", 1, 0 },
        { "http://169.254.169.254/", 1, 0 },
        { "http://93.184.216.34/", 1, 1 },
        { "http://www.example.org/", 0, 0 },
        { "http://localhost.example.org/", 0, 0 },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct sockaddr_storage s;
        wd_arena *a = wd_arena_new(65536);
        wd_http_target t = target_of(a, rows[i].url);
        bool known = wd_http_proxy_leads_to(&t, &s);
        if (known != rows[i].known)
            fail_msg("row %zu: %s", i, rows[i].url);
        if (known)
            assert_int_equal(wd_address_is_public((struct sockaddr *)&s), rows[i].is_public);
        wd_arena_free(a);
    }
}

static void only_proxies_that_the_client_can_speak_are_right(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool fine;
    } rows[] = {
        { "http://p.example:3128", true },
        { "https://u:p@p.example", true },
        { "socks5h://127.0.0.1:9050", true },
        { "SOCKS4a://p.example", true },
        { "socks5://p.example", false },
        { "p.example:3128", false },
        { "ftp://p.example", false },
        { "http://", false },
        { "", false },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_http_proxy_valid(wd_span_of(rows[i].url)) != rows[i].fine)
            fail_msg("row %zu: %s", i, rows[i].url);
}

static void a_proxys_place_is_in_its_url(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        { "http://p.example:3128", "p.example", "3128" },
        { "http://u:p@ss@p.example:3128/", "p.example", "3128" },
        { "https://p.example", "p.example", "443" },
        { "http://p.example/", "p.example", "1080" },
        { "socks5h://p.example", "p.example", "1080" },
        { "http://[2001:db8::1]:8080", "[2001:db8::1]", "8080" },
        { "http://[2001:db8::1]", "[2001:db8::1]", "1080" },
        { "p.example:3128", "p.example", "3128" },
        { "u:p@p.example", "p.example", "1080" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_span host, port;
        wd_http_proxy_place(wd_span_of(rows[i][0]), &host, &port);
        if (!wd_span_is(host, rows[i][1]) || !wd_span_is(port, rows[i][2]))
            fail_msg("%s: %.*s %.*s", rows[i][0], WD_SPAN_ARG(host), WD_SPAN_ARG(port));
    }
}

static void what_a_host_was_told_its_https_may_know_too(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        bool may;
    } rows[] = {
        { "http://a.example/x", "http://a.example/y", true },
        { "http://a.example/", "https://a.example/", true },
        { "https://a.example/", "http://a.example/", false },
        { "http://a.example:8080/", "https://a.example/", false },
        { "http://a.example/", "https://a.example:8443/", false },
        { "http://a.example/", "https://b.example/", false },
        { "https://a.example/", "https://a.example:443/", true },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_arena *a = wd_arena_new(65536);
        wd_http_target from = target_of(a, rows[i].from), to = target_of(a, rows[i].to);
        if (wd_http_target_may_tell(&from, &to) != rows[i].may)
            fail_msg("row %zu: %s to %s", i, rows[i].from, rows[i].to);
        wd_arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_counts_only_where_it_was_asked_for),
        cmocka_unit_test(no_proxy_exempts_a_domain_and_all_below_it),
        cmocka_unit_test(a_target_that_is_an_address_is_known_in_any_spelling),
        cmocka_unit_test(only_proxies_that_the_client_can_speak_are_right),
        cmocka_unit_test(a_proxys_place_is_in_its_url),
        cmocka_unit_test(what_a_host_was_told_its_https_may_know_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
