/* URLs: RFC 3986's own examples, and what feeds write. */
#include "core/url.h"
#include "tests/support/check.h"

static wd_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = wd_arena_new(1 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    wd_arena_free(arena);
    return 0;
}

static void resolves_as_rfc3986_5_4(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "g:h", "g:h" },
        { "g", "http://a/b/c/g" },
        { "./g", "http://a/b/c/g" },
        { "g/", "http://a/b/c/g/" },
        { "/g", "http://a/g" },
        { "//g", "http://g" },
        { "?y", "http://a/b/c/d;p?y" },
        { "g?y", "http://a/b/c/g?y" },
        { "#s", "http://a/b/c/d;p?q#s" },
        { "g;x=1/../y", "http://a/b/c/y" },
        { "", "http://a/b/c/d;p?q" },
        { ".", "http://a/b/c/" },
        { "..", "http://a/b/" },
        { "../g", "http://a/b/g" },
        { "../../../g", "http://a/g" },
        { "/./g", "http://a/g" },
        { "g.", "http://a/b/c/g." },
        { "..g", "http://a/b/c/..g" },
        { "g?y/../x", "http://a/b/c/g?y/../x" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(
            wd_url_resolve(arena, WD_SPAN_LIT("http://a/b/c/d;p?q"), wd_span_of(rows[i][0])),
            rows[i][1]);
}

static void cleans_what_publishers_write(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        { "https://x.example/f", " HTTP://News.Example/a b\n", "http://news.example/a%20b" },
        { "https://x.example/f", "//cdn.example/i.png", "https://cdn.example/i.png" },
        { "https://x.example", "a", "https://x.example/a" },
        { "", "/rel/ative", "/rel/ative" },
        { "", "rel/ative", "rel/ative" },
        { "https://x.example/", "mailto:a@b.example", "mailto:a@b.example" },
        { "https://x.example/", "/\xC3\xA9", "https://x.example/%C3%A9" },
        { "https://x.example/", "https://x.example/a/../b", "https://x.example/b" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(wd_url_resolve(arena, wd_span_of(rows[i][0]), wd_span_of(rows[i][1])),
                    rows[i][2]);
}

static void same_page_has_one_canonical_form(void **state)
{
    (void)state;
    static const char *const same[] = {
        "https://www.news.example/a/b",
        "http://news.example:80/a/b/",
        "https://NEWS.example/a/%62?utm_source=x&fbclid=1",
        "https://news.example/a/b#top",
        "https://news.example/a/b;jsessionid=0A1B2C3D.node7?gclid=x",
        "https://news.example/a;JSESSIONID=7!-12/b/;sid=0123456789abcdef0123456789abcdef",
        "https://news.example/a/b/?PHPSESSID=0a1b2c3d4e5f6a7b8c9d0e1f2a&ASPSESSIONIDQQ=X",
        "https://news.example/a/b?sid=0123456789abcdef0123456789abcdef",
    };
    for (size_t i = 0; i < WD_COUNT(same); i++)
        assert_span(wd_url_canonical(arena, wd_span_of(same[i])), "//news.example/a/b");
    assert_span(wd_url_canonical(arena, WD_SPAN_LIT("https://n.example/?id=7&utm_medium=rss&p=2")),
                "//n.example?id=7&p=2");
}

static void other_pages_have_other_forms(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "https://n.example/?id=7&sid=06/03/28/1234", "//n.example?id=7&sid=06/03/28/1234" },
        { "https://n.example/m.php?name=News&sid=12345", "//n.example/m.php?name=News&sid=12345" },
        { "https://n.example/?s=session", "//n.example?s=session" },
        { "https://n.example/?utm=7&gclid&reutm_source=1", "//n.example?utm=7&reutm_source=1" },
        { "https://n.example/a;v=2/b;", "//n.example/a;v=2/b;" },
        { "https://n.example/#!/story/7", "//n.example#!/story/7" },
        { "https://n.example/app#/story/7", "//n.example/app#/story/7" },
        { "https://n.example:8443/", "//n.example:8443" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(wd_url_canonical(arena, wd_span_of(rows[i][0])), rows[i][1]);
}

static void shows_no_secret(void **state)
{
    (void)state;
    assert_span(
        wd_url_redact(arena, WD_SPAN_LIT("https://me:hunter2@n.example/f?a=1&api_key=zz&b")),
        "https://n.example/f?a=***&api_key=***&***");
}

static void shows_the_operator_what_is_no_key(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "https://me:hunter2@n.example/f?a=1&api_key=zz&b",
          "https://n.example/f?a=1&api_key=***&b" },
        { "https://n.example/?feed=rss2&cat=world-news&p=12",
          "https://n.example/?feed=rss2&cat=world-news&p=12" },
        { "https://n.example/f?x=zq7canary", "https://n.example/f?x=***" },
        { "https://n.example/f?zq7canary", "https://n.example/f?***" },
        { "https://n.example/f?id=canary-0f4d2e", "https://n.example/f?id=***" },
        { "https://n.example/f?to=2026-11-22", "https://n.example/f?to=2026-11-22" },
        { "https://n.example/f?u=correcthorsebatterystaple", "https://n.example/f?u=***" },
        { "https://n.example/f?Token=red&PW=blue", "https://n.example/f?Token=***&PW=***" },
        { "https://n.example/f?n=1234567890123", "https://n.example/f?n=***" },
        { "https://v.example/f?channel_id=UC0123456789abcdefghijkl",
          "https://v.example/f?channel_id=UC0123456789abcdefghijkl" },
        { "https://n.example/f?q=%C3%A9t%C3%A9&e=", "https://n.example/f?q=%C3%A9t%C3%A9&e=" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(wd_url_show(arena, wd_span_of(rows[i][0])), rows[i][1]);
}

static void leaves_out_userinfo_and_nothing_else(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "https://me:p@ss@n.example/F?x=a@b#c", "https://n.example/F?x=a@b#c" },
        { "https://@n.example", "https://n.example" },
        { "HTTP://n.example/a b?user:x@y", "HTTP://n.example/a b?user:x@y" },
        { "no url", "no url" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(wd_url_bare(arena, wd_span_of(rows[i][0])), rows[i][1]);
}

static void knows_http(void **state)
{
    (void)state;
    assert_true(wd_url_is_http(WD_SPAN_LIT("https://n.example/")));
    assert_false(wd_url_is_http(WD_SPAN_LIT("ftp://n.example/")));
    assert_false(wd_url_is_http(WD_SPAN_LIT("http:///x")));
    assert_false(wd_url_is_http(WD_SPAN_LIT("javascript:alert(1)")));
    assert_false(wd_url_is_http(WD_SPAN_LIT("")));
}

static void knows_what_nobody_can_ask(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool can;
    } rows[] = {
        { "https://n.example", true },        { "http://me:p@ss@n.example:8080/a b", true },
        { "http://[2001:db8::1]:80/", true }, { "http://n\u00e9.example/", true },
        { "http://n.example:65536/", false }, { "http://n.example:0/", false },
        { "http://n.example:80x/", false },   { "http://n example/", false },
        { "http://n.example\n/", false },     { "http://[2001:db8::1/", false },
        { "http://<name>.example/", false },  { "http://:80/", false },
        { "feed://n.example/", false },       { "", false },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_url_is_fetchable(wd_span_of(rows[i].url)) != rows[i].can)
            fail_msg("%s", rows[i].url);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(resolves_as_rfc3986_5_4),
                                        cmocka_unit_test(cleans_what_publishers_write),
                                        cmocka_unit_test(same_page_has_one_canonical_form),
                                        cmocka_unit_test(other_pages_have_other_forms),
                                        cmocka_unit_test(shows_no_secret),
                                        cmocka_unit_test(shows_the_operator_what_is_no_key),
                                        cmocka_unit_test(leaves_out_userinfo_and_nothing_else),
                                        cmocka_unit_test(knows_http),
                                        cmocka_unit_test(knows_what_nobody_can_ask) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
