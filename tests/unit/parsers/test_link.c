/* Links: plain ones are left alone, and only those. */
#include "core/url.h"
#include "parsers/link.h"
#include "tests/support/check.h"

static void a_plain_link_is_what_resolving_would_give(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool plain;
    } rows[] = { { "http://a.example/x?y=1&z#f", true },
                 { "https://a.example:8443/", true },
                 { "https://a.example", true },
                 { "HTTP://a.example/", false },
                 { "http://A.example/", false },
                 { "http://u@a.example/", false },
                 { "http://a.example/./x", false },
                 { "http://a.example/x/../y", false },
                 { "http://a.example/a b", false },
                 { "http://a.example/\xC3\xA9", false },
                 { "http:///x", false },
                 { "/x", false },
                 { "mailto:x", false } };
    wd_arena *a = wd_arena_new(1 << 16);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_span url = wd_span_of(rows[i].url);
        assert_int_equal(wd_link_is_plain(url), rows[i].plain);
        if (rows[i].plain)
            assert_span(wd_url_resolve(a, WD_SPAN_NONE, url), rows[i].url);
    }
    wd_arena_free(a);
}

static void without_a_base_a_link_stays(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1 << 16);
    assert_span(wd_link_resolve(a, WD_SPAN_NONE, WD_SPAN_LIT(" /x\n")), "/x");
    assert_span(wd_link_resolve(a, WD_SPAN_LIT("http://a.example/b/c"), WD_SPAN_LIT("x")),
                "http://a.example/b/x");
    wd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_plain_link_is_what_resolving_would_give),
                                        cmocka_unit_test(without_a_base_a_link_stays) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
