/* A subscription list as feeds: the same names whatever the order, groups kept. */
#include "core/limits.h"
#include "feeds/subscriptions.h"
#include "tests/support/check.h"

static wd_subscriptions read_list(wd_arena *a, const char *body)
{
    char text[8192];
    wd_subscriptions l;
    snprintf(text, sizeof(text),
             "<opml version='2.0' xmlns:w='urn:wiredesk:opml'><body>%s</body></opml>", body);
    assert_ok(wd_subscriptions_read(wd_span_of(text), a, &l));
    return l;
}

static void a_name_comes_from_the_address_alone(void **state)
{
    (void)state;
    static const struct {
        const char *url, *slug; /* "*" at the end: ten hex digits */
    } rows[] = {
        { "https://www.example.org/world.xml", "example-org-world-xml" },
        { "http://example.org/", "example-org" },
        { "https://news.example.org/feeds/sport/", "news-example-org-feeds-sport" },
        { "https://example.org/feed?cat=1", "example-org-feed-*" },
        { "https://example.org/Feed", "example-org-feed-*" },
        { "https://example.org/a_b", "example-org-a-b-*" },
        { "https://user:pw@example.org/x", "example-org-x-*" },
        { "https://example.org/a-very-long-path/that-goes/on/and/on/until/nobody/reads/it",
          "example-org-a-very-long-path-that-goes-on-and-on-unti-*" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_arena *a = wd_arena_new(65536);
        wd_span got = wd_subscription_slug(a, wd_span_of(rows[i].url), false);
        size_t n = strlen(rows[i].slug);
        bool hashed = rows[i].slug[n - 1] == '*';
        bool same = hashed ? got.len == n + 9 && strncmp(got.ptr, rows[i].slug, n - 1) == 0
                           : wd_span_is(got, rows[i].slug);
        if (!same || !wd_subscription_slug_valid(got))
            fail_msg("row %zu: %.*s", i, WD_SPAN_ARG(got));
        wd_arena_free(a);
    }
}

static void groups_names_and_repeats(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1 << 20);
    wd_subscriptions l = read_list(
        a, "<outline text='News'><outline text='Europe'>"
           "<outline text='A' xmlUrl='https://a.example/rss' w:slug='my-a'/>"
           "<outline text='A again' xmlUrl='https://a.example/rss'/></outline>"
           "<outline text='B' xmlUrl='HTTP://B.example/x'/></outline>"
           "<outline text='C' xmlUrl='feed:c'/><outline text='D' xmlUrl='https://d.example/a/b'/>"
           "<outline text='E' xmlUrl='https://d.example/a-b'/>"
           "<outline text='F' xmlUrl='https://f.example/' w:slug='not a name'/>");
    static const struct {
        const char *slug, *url, *group;
    } rows[] = { { "my-a", "https://a.example/rss", "News/Europe" },
                 { "b-example-x", "http://b.example/x", "News" },
                 { "d-example-a-b", "https://d.example/a/b", "" },
                 { NULL, "https://d.example/a-b", "" },
                 { "f-example", "https://f.example/", "" } };
    assert_int_equal(l.n, WD_COUNT(rows));
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        assert_span(l.feeds[i].url, rows[i].url);
        assert_span(l.feeds[i].group, rows[i].group);
        if (rows[i].slug != NULL)
            assert_span(l.feeds[i].slug, rows[i].slug);
    }
    assert_true(wd_span_starts_nocase(l.feeds[3].slug, "d-example-a-b-"));
    assert_int_equal(l.n_repeated, 1);
    assert_int_equal(l.n_unusable, 1);
    assert_span(l.unusable, "feed:c");
    wd_arena_free(a);
}

static void what_was_written_reads_the_same(void **state)
{
    (void)state;
    wd_subscription feeds[] = {
        { WD_SPAN_LIT("top"), WD_SPAN_LIT("https://t.example/"), WD_SPAN_NONE, WD_SPAN_LIT("") },
        { WD_SPAN_LIT("a1"), WD_SPAN_LIT("https://a.example/?x=1&y=2"), WD_SPAN_LIT("A & B"),
          WD_SPAN_LIT("News") },
        { WD_SPAN_LIT("a2"), WD_SPAN_LIT("https://a.example/2"), WD_SPAN_NONE,
          WD_SPAN_LIT("News/Europe") },
        { WD_SPAN_LIT("a3"), WD_SPAN_LIT("https://a.example/3"), WD_SPAN_NONE,
          WD_SPAN_LIT("News/Europe/North") },
        { WD_SPAN_LIT("a4"), WD_SPAN_LIT("https://a.example/4"), WD_SPAN_NONE,
          WD_SPAN_LIT("Sport/Europe") },
    };
    wd_subscriptions list = { .feeds = feeds, .n = WD_COUNT(feeds) }, again;
    wd_arena *a = wd_arena_new(1 << 20);
    wd_buf out = WD_BUF_INIT(1 << 16);
    assert_ok(wd_subscriptions_write(&list, WD_SPAN_LIT("desk"), &out));
    assert_ok(wd_subscriptions_read(wd_buf_span(&out), a, &again));
    assert_int_equal(again.n, list.n);
    for (size_t i = 0; i < list.n; i++) {
        assert_true(wd_span_eq(again.feeds[i].slug, feeds[i].slug));
        assert_true(wd_span_eq(again.feeds[i].url, feeds[i].url));
        assert_true(wd_span_eq(again.feeds[i].group, feeds[i].group));
    }
    wd_buf_done(&out);
    wd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_name_comes_from_the_address_alone),
                                        cmocka_unit_test(groups_names_and_repeats),
                                        cmocka_unit_test(what_was_written_reads_the_same) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
