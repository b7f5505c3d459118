/* Which feeds a page points at, whatever else is in it. */
#include "core/buf.h"
#include "parsers/page.h"
#include "tests/support/check.h"

static wd_page read_page(wd_arena *a, const char *html)
{
    wd_page page;
    assert_ok(wd_page_read(wd_span_of(html), WD_SPAN_LIT("text/html; charset=utf-8"),
                           WD_SPAN_LIT("https://h.example/news/today"), a, &page));
    return page;
}

static void what_is_declared_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *html, *url; /* NULL: none */
    } rows[] = {
        { "<link rel=alternate type=application/rss+xml href=/rss>", "https://h.example/rss" },
        { "<LINK REL='Alternate home' TYPE='APPLICATION/ATOM+XML; charset=utf-8' HREF='a.xml'/>",
          "https://h.example/news/a.xml" },
        { "<link rel=feed href='?f=1&amp;g=2'>", "https://h.example/news/today?f=1&g=2" },
        { "<base href='https://b.example/x/'><link rel=alternate type=application/feed+json "
          "href=f.json>",
          "https://b.example/x/f.json" },
        { "<link rel=alternate type=application/rss+xml href='//c.example/f'>",
          "https://c.example/f" },
        { "<link rel=alternate type=text/html hreflang=de href=/de>", NULL },
        { "<link rel=stylesheet type=application/rss+xml href=/rss>", NULL },
        { "<link rel=alternate type=application/rss+xml href=''>", NULL },
        { "<link rel=alternate type=application/rss+xml href='javascript:x()'>", NULL },
        { "<!-- <link rel=feed href=/rss> -->", NULL },
        { "<script>'<link rel=feed href=/rss>'</SCRIPT>", NULL },
        { "<style><link rel=feed href=/rss></style><link rel=feed href=/b>",
          "https://h.example/b" },
        { "<!-- never closed <link rel=feed href=/rss>", NULL },
        { "<link rel=feed href=/rss", NULL },
        { "< link rel=feed href=/rss>", NULL },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_arena *a = wd_arena_new(1 << 20);
        wd_page page = read_page(a, rows[i].html);
        bool found = page.n == 1 && page.n_declared == 1 && rows[i].url != NULL &&
                     wd_span_is(page.links[0].url, rows[i].url);
        if (rows[i].url == NULL ? page.n != 0 : !found)
            fail_msg("row %zu: %zu links, %.*s", i, page.n,
                     WD_SPAN_ARG(page.n ? page.links[0].url : WD_SPAN_NONE));
        wd_arena_free(a);
    }
}

static void anchors_count_when_they_look_like_feeds(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool feed;
    } rows[] = {
        { "https://h.example/feed", true },           { "https://h.example/blog/feed/", true },
        { "https://h.example/x.rss", true },          { "https://h.example/a/index.xml", true },
        { "https://h.example/?feed=atom", true },     { "https://h.example/FEED.XML", true },
        { "https://h.example/feedback", false },      { "https://h.example/", false },
        { "https://h.example/rss-explained", false }, { "https://h.example/.rss", false },
        { "https://h.example/?q=feed=1", false },     { "https://h.example/sitemap.xml", false },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_page_looks_like_feed(wd_span_of(rows[i].url)) != rows[i].feed)
            fail_msg("row %zu: %s", i, rows[i].url);
    wd_arena *a = wd_arena_new(1 << 20);
    wd_page page = read_page(a, "<a href=/about>x</a><a title='All &amp; sundry' href='/feed'>y</a>"
                                "<a href=/feed>again</a><link rel=feed href=/other>");
    assert_int_equal(page.n, 2);
    assert_int_equal(page.links[0].kind, WD_PAGE_ANCHOR);
    assert_span(page.links[0].title, "All & sundry");
    assert_int_equal(page.n_declared, 1);
    wd_arena_free(a);
}

static void a_directory_of_feeds_is_bounded(void **state)
{
    (void)state;
    wd_buf html = WD_BUF_INIT(1 << 20);
    wd_arena *a = wd_arena_new(1 << 22);
    for (int i = 0; i < 500; i++)
        wd_buf_printf(&html, "<link rel=feed href=/%d><a href=/%d/feed>", i, i);
    wd_page page = read_page(a, html.ptr);
    assert_int_equal(page.n, 2 * WD_PAGE_LINKS);
    assert_int_equal(page.n_declared, WD_PAGE_LINKS);
    wd_buf_done(&html);
    wd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_declared_is_found),
                                        cmocka_unit_test(anchors_count_when_they_look_like_feeds),
                                        cmocka_unit_test(a_directory_of_feeds_is_bounded) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
