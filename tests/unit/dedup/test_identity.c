/* Which item an id or a link means: the same page however its address is written, and no other's.
 */
#include "tests/unit/dedup/newsroom.h"

static newsroom *open_usual(void)
{
    return newsroom_open(NULL);
}

static void only_another_page_is_another_link(void **state)
{
    (void)state;
    static const struct {
        const char *link;
        wd_verdict_kind kind;
    } rows[] = {
        { "https://e.example/h?sid=0123456789abcdef0123456789abcdef", WD_SEEN },
        { "https://e.example/h?sid=fedcba9876543210fedcba9876543210&utm_source=b", WD_SEEN },
        { "http://www.e.example/h/;jsessionid=1F2E3D#top", WD_SEEN },
        { "https://e.example/h?page=2", WD_UPDATED },
        { "https://e.example/h?page=2&PHPSESSID=0", WD_SEEN },
        { "https://e.example/h-2", WD_UPDATED },
        { "", WD_UPDATED },
        { "mailto:desk@e.example", WD_UPDATED },
        { "https://e.example/h", WD_UPDATED },
    };
    newsroom *n = open_usual();
    story s = { .feed = 1, .id = "a", .title = "Harbour", .link = "https://e.example/h" };
    assert_int_equal(newsroom_ask(n, &s).kind, WD_NEW);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        s.link = rows[i].link;
        wd_verdict v = newsroom_ask(n, &s);
        if (v.kind != rows[i].kind)
            fail_msg("%s: %s", s.link, wd_verdict_text(v.kind));
        assert_int_equal(v.changes, v.kind == WD_UPDATED ? WD_CHANGE_LINK : 0);
    }
    newsroom_close(n);
}

static void a_link_for_an_id_is_the_page_it_leads_to(void **state)
{
    (void)state;
    static const struct {
        const char *link;
        bool seen;
    } rows[] = {
        { "https://e.example/h?sid=0123456789abcdef0123456789abcdef", true },
        { "http://www.e.example/h/?utm_source=b", true },
        { "https://e.example/h#second", false }, /* a page of several items */
        { "https://e.example/h?utm_source=c#second", true },
        { "https://e.example/h?page=2", false },
    };
    newsroom *n = open_usual();
    story s = { .feed = 1, .title = "Harbour", .link = "https://e.example/h" };
    s.id = s.link;
    assert_int_equal(newsroom_ask(n, &s).kind, WD_NEW);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        s.id = s.link = rows[i].link;
        wd_verdict v = newsroom_ask(n, &s);
        if ((v.kind == WD_SEEN) != rows[i].seen)
            fail_msg("%s: %s", s.link, wd_verdict_text(v.kind));
    }
    newsroom_close(n);
}

static void two_feeds_that_share_a_guid_are_two(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    story a = { .feed = 1, .id = "same", .title = "One", .body = newsroom_prose(0, 1, 200) };
    story b = { .feed = 2, .id = "same", .title = "Two", .body = newsroom_prose(1, 2, 200) };
    (void)newsroom_ask(n, &a);
    assert_int_equal(newsroom_ask(n, &b).kind, WD_NEW);
    newsroom_close(n);
}

static void a_stolen_link_suppresses_nothing(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    const char *link = "https://news.example.org/2026/harbour";
    story thief = { .feed = 66, .title = "Win", .body = newsroom_prose(0, 1, 90), .link = link };
    story owner = {
        .feed = 1, .title = "Harbour", .body = newsroom_prose(1, 2, 200), .link = link
    };
    (void)newsroom_ask(n, &thief);
    wd_verdict v = newsroom_ask(n, &owner);
    assert_int_equal(v.kind, WD_NEW);
    newsroom_close(n);
}

static void one_page_in_two_sections_is_one_item(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    story a = { .feed = 1,
                .title = "Harbour reopens after fog",
                .link = "https://e.example/h?utm_source=a" };
    story b = { .feed = 2, .title = "Harbour reopens after fog", .link = "http://www.e.example/h" };
    wd_verdict root = newsroom_ask(n, &a), v = newsroom_ask(n, &b);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.cluster, root.item);
    assert_int_equal(v.evidence.rule, WD_RULE_SAME_LINK);
    newsroom_close(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_another_page_is_another_link),
        cmocka_unit_test(a_link_for_an_id_is_the_page_it_leads_to),
        cmocka_unit_test(two_feeds_that_share_a_guid_are_two),
        cmocka_unit_test(a_stolen_link_suppresses_nothing),
        cmocka_unit_test(one_page_in_two_sections_is_one_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
