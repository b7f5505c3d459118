/* One document into stories: identity inside it, order, backfill, and why it was refused. */
#include "daemon/reading.h"
#include "tests/support/check.h"

static const wd_feed_config feed = { .slug = "a", .url = "https://a.example/feed", .group = "" };

static wd_poll *poll_of(const char *body, bool contacted)
{
    wd_arena *arena = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_poll *p = wd_arena_zalloc(arena, sizeof(*p));
    p->arena = arena;
    p->config = &feed;
    p->state.contacted = contacted;
    p->body = wd_arena_copy(arena, wd_span_of(body)); /* it will be written over */
    p->final_url = wd_span_of(feed.url);
    return p;
}

static wd_reading *read_with(wd_poll *p, wd_backfill backfill)
{
    wd_reading_spec spec = { .hash_key = 7, .backfill = backfill, .now_ms = 1800000000000 };
    wd_reading_make(p, &spec);
    return p->payload;
}

static wd_reading *read_all(wd_poll *p)
{
    return read_with(p, (wd_backfill){ .kind = WD_BACKFILL_ALL });
}

#define RSS(items) "<rss version=\"2.0\"><channel><title>T</title>" items "</channel></rss>"
#define ITEM(guid, link, title)                                                                    \
    "<item><guid isPermaLink=\"false\">" guid "</guid><link>" link "</link><title>" title          \
    "</title></item>"
#define DATED(guid, day)                                                                           \
    "<item><guid isPermaLink=\"false\">" guid "</guid><title>t " guid "</title><pubDate>" day      \
    " Mar 2026 09:00:00 GMT</pubDate></item>"

static void one_story_told_twice_is_one(void **state)
{
    (void)state;
    wd_poll *p =
        poll_of(RSS(ITEM("1", "https://a.example/1", "x") ITEM("1", "https://a.example/1", "x")
                        ITEM("2", "https://a.example/2", "y")),
                true);
    wd_reading *r = read_all(p);
    assert_non_null(r);
    assert_int_equal(r->n_stories, 2);
    assert_true(p->reading.accepted);
    assert_false(r->guid_policy_changed);
    wd_arena_free(p->arena);
}

static void one_title_with_two_texts_is_one_story(void **state)
{
    (void)state;
    wd_poll *p = poll_of(RSS("<item><link>https://a.example/1</link><title>t</title></item>"
                             "<item><link>https://a.example/1</link><title>t</title>"
                             "<description>with its text</description></item>"),
                         true);
    wd_reading *r = read_all(p);
    assert_non_null(r);
    assert_int_equal(r->n_stories, 1);
    assert_false(r->guid_policy_changed);
    wd_arena_free(p->arena);
}

static void one_guid_over_different_links_means_the_links(void **state)
{
    (void)state;
    wd_poll *p = poll_of(RSS(ITEM("same", "https://a.example/1", "x")
                                 ITEM("same", "https://a.example/2", "y")
                                     ITEM("same", "https://a.example/3", "z")),
                         true);
    wd_reading *r = read_all(p);
    assert_non_null(r);
    assert_int_equal(r->n_stories, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(r->stories[i].item->flags & WD_ITEM_ID_REWRITTEN);
        assert_string_not_equal(r->stories[i].uri_hex, r->stories[(i + 1) % 3].uri_hex);
    }
    wd_arena_free(p->arena);
}

static void one_guid_and_link_over_different_titles_mean_the_titles(void **state)
{
    (void)state;
    static const struct {
        const char *document;
        size_t stories;
    } rows[] = { { RSS(ITEM("same", "https://a.example/", "x") ITEM(
                       "same", "https://a.example/", "y") ITEM("same", "https://a.example/", "x")),
                   2 },
                 { RSS("<item><link>https://a.example/</link><title>x</title></item>"
                       "<item><link>https://a.example/</link><title>y</title></item>"),
                   2 },
                 { RSS("<item><link>https://a.example/</link><description>x</description></item>"
                       "<item><link>https://a.example/</link><description>y</description></item>"
                       "<item><link>https://a.example/</link><description>x</description></item>"),
                   2 },
                 { RSS("<item><guid>https://a.example/</guid><description>x</description></item>"
                       "<item><guid>https://a.example/</guid><description>y</description></item>"
                       "<item><guid>https://a.example/</guid><title>y</title></item>"),
                   3 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_poll *p = poll_of(rows[i].document, true);
        wd_reading *r = read_all(p);
        assert_non_null(r);
        assert_int_equal(r->n_stories, rows[i].stories);
        assert_string_not_equal(r->stories[0].uri_hex, r->stories[1].uri_hex);
        assert_true(r->guid_policy_changed && p->state.titled_ids != 0);
        assert_false(p->state.guid_shared); /* other ids of the feed are as good as before */
        p->body = wd_arena_copy(p->arena, wd_span_of(rows[i].document));
        r = read_all(p);
        assert_false(r->guid_policy_changed); /* said once */
        p->body = wd_arena_copy(
            p->arena,
            wd_span_of(RSS("<item><link>https://a.example/2</link><title>x</title></item>"
                           "<item><link>https://a.example/2</link><title>y</title></item>")));
        r = read_all(p);
        assert_int_equal(r->n_stories, 2);
        assert_false(r->guid_policy_changed); /* for all its ids */
        wd_arena_free(p->arena);
    }
}

static void oldest_is_told_first_whatever_the_order(void **state)
{
    (void)state;
    static const char *const documents[] = {
        RSS(DATED("c", "12") DATED("b", "11") DATED("a", "10")),
        RSS(DATED("a", "10") DATED("b", "11") DATED("c", "12"))
    };
    for (size_t i = 0; i < WD_COUNT(documents); i++) {
        wd_poll *p = poll_of(documents[i], true);
        wd_reading *r = read_all(p);
        assert_span(r->stories[0].item->id, "a");
        assert_span(r->stories[2].item->id, "c");
        assert_false(r->stories[0].backfill);
        wd_arena_free(p->arena);
    }
}

static void first_contact_tells_only_the_newest(void **state)
{
    (void)state;
    const char *document = RSS(DATED("c", "12") DATED("b", "11") DATED("a", "10"));
    static const struct {
        wd_backfill backfill;
        size_t silent;
    } rows[] = { { { .kind = WD_BACKFILL_NEWEST, .newest = 1 }, 2 },
                 { { .kind = WD_BACKFILL_NEWEST, .newest = 0 }, 3 },
                 { { .kind = WD_BACKFILL_NEWEST, .newest = 10 }, 0 },
                 { { .kind = WD_BACKFILL_ALL }, 0 },
                 { { .kind = WD_BACKFILL_SINCE, .since_ms = 1 }, 3 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_poll *p = poll_of(document, false);
        wd_reading *r = read_with(p, rows[i].backfill);
        size_t silent = 0;
        for (size_t k = 0; k < r->n_stories; k++) {
            silent += r->stories[k].silent;
            assert_true(r->stories[k].backfill);
        }
        assert_int_equal(silent, rows[i].silent);
        if (silent == 2)
            assert_false(r->stories[2].silent); /* the newest is told */
        wd_arena_free(p->arena);
    }
}

static void a_cut_document_keeps_items_but_is_not_accepted(void **state)
{
    (void)state;
    wd_poll *p = poll_of("<rss version=\"2.0\"><channel><title>T</title>" ITEM(
                             "1", "https://a.example/1", "x") "<item><title>half</title><li",
                         true);
    wd_reading *r = read_all(p);
    assert_non_null(r);
    assert_int_equal(r->n_stories, 1);
    assert_false(p->reading.accepted);
    assert_int_equal(p->reading.reason, WD_REASON_TRUNCATED);
    assert_false(wd_poll_keeps_validators(p));
    wd_arena_free(p->arena);
}

static void an_item_that_says_nothing_is_no_story(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        size_t stories;
    } rows[] = {
        { "<guid isPermaLink=\"false\">1</guid>", 0 },
        { "<guid isPermaLink=\"false\">1</guid><title> </title><description> </description>", 0 },
        { "<pubDate>Tue, 10 Mar 2026 09:00:00 GMT</pubDate>", 0 },
        { "<title>draft</title><app:control><app:draft>yes</app:draft></app:control>", 0 },
        { "<title>x</title>", 1 },
        { "<description>x</description>", 1 },
        { "<description>&lt;img src=\"https://a.example/1.png\"&gt;</description>", 1 },
        { "<link>https://a.example/1</link>", 1 },
        { "<enclosure url=\"https://a.example/1.mp3\" length=\"1\" type=\"audio/mpeg\"/>", 1 },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        char document[512];
        snprintf(document, sizeof(document), RSS("<item>%s</item>"), rows[i].item);
        wd_poll *p = poll_of(document, true);
        wd_reading *r = read_all(p);
        assert_non_null(r);
        if (r->n_stories != rows[i].stories || r->doc.dropped_items != 1 - rows[i].stories)
            fail_msg("row %zu: %zu stories, %u dropped", i, r->n_stories, r->doc.dropped_items);
        assert_true(p->reading.accepted);
        wd_arena_free(p->arena);
    }
}

static void a_page_is_named_as_what_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        wd_reason reason;
    } rows[] = { { "<!DOCTYPE html><html><head><title>x</title></head><body><p>y</body></html>",
                   WD_REASON_HTML },
                 { "", WD_REASON_EMPTY },
                 { "just words", WD_REASON_NOT_A_FEED } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_poll *p = poll_of(rows[i].body, true);
        assert_null(read_all(p));
        assert_false(p->reading.accepted);
        assert_string_equal(wd_reason_word(p->reading.reason), wd_reason_word(rows[i].reason));
        wd_arena_free(p->arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_story_told_twice_is_one),
        cmocka_unit_test(one_title_with_two_texts_is_one_story),
        cmocka_unit_test(one_guid_over_different_links_means_the_links),
        cmocka_unit_test(one_guid_and_link_over_different_titles_mean_the_titles),
        cmocka_unit_test(oldest_is_told_first_whatever_the_order),
        cmocka_unit_test(first_contact_tells_only_the_newest),
        cmocka_unit_test(a_cut_document_keeps_items_but_is_not_accepted),
        cmocka_unit_test(an_item_that_says_nothing_is_no_story),
        cmocka_unit_test(a_page_is_named_as_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
