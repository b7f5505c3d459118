/* Which texts are one cluster: bridges join two, drift does not, and a feed's form is no text. */
#include "core/clock.h"
#include "tests/unit/dedup/newsroom.h"

enum { PAGE = 16384 };

/* Two texts that share their middle, each with an end of its own; and both in one. */
typedef struct halves {
    char first[PAGE], second[PAGE], whole[PAGE];
} halves;

static void lay_out(halves *h)
{
    const char *head = newsroom_prose(0, 11, 100), *middle = newsroom_prose(1, 12, 110),
               *tail = newsroom_prose(2, 13, 100);
    snprintf(h->first, PAGE, "%s%s", head, middle);
    snprintf(h->second, PAGE, "%s%s", middle, tail);
    snprintf(h->whole, PAGE, "%s%s%s", head, middle, tail);
}

static void a_text_that_is_a_copy_of_two_joins_their_clusters(void **state)
{
    (void)state;
    static halves h;
    newsroom *n = newsroom_open(NULL);
    lay_out(&h);
    story first = { .feed = 1, .title = "Harbour", .body = h.first };
    story second = { .feed = 2, .id = "second", .title = "Harbour", .body = h.second };
    story whole = { .feed = 3, .title = "Harbour", .body = h.whole };
    assert_int_equal(newsroom_ask(n, &first).kind, WD_NEW);
    assert_int_equal(newsroom_ask(n, &second).kind, WD_NEW);
    wd_verdict v = newsroom_ask(n, &whole);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.cluster, 1);
    assert_int_equal(v.joined, 2);
    assert_int_equal(v.cluster_size, 3);
    assert_int_equal(newsroom_ask(n, &second).cluster, 1); /* seen: told under 2, one with 1 now */
    newsroom_restart(n); /* as after a kill: the joining is in what was stored */
    story later = { .feed = 4, .title = "Port", .body = h.second };
    v = newsroom_ask(n, &later);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.matched, 2);
    assert_int_equal(v.cluster, 1);
    assert_int_equal(v.joined, 0);
    assert_int_equal(v.cluster_size, 4);
    newsroom_close(n);
}

static void the_name_that_more_were_told_stays(void **state)
{
    (void)state;
    static halves h;
    newsroom *n = newsroom_open(NULL);
    lay_out(&h);
    story first = { .feed = 1, .title = "Harbour", .body = h.first };
    story whole = { .feed = 9, .title = "Harbour", .body = h.whole };
    assert_int_equal(newsroom_ask(n, &first).kind, WD_NEW);
    for (uint32_t feed = 2; feed < 5; feed++) {
        story second = { .feed = feed, .title = "Harbour", .body = h.second };
        assert_int_equal(newsroom_ask(n, &second).cluster, 2);
    }
    wd_verdict v = newsroom_ask(n, &whole);
    assert_int_equal(v.cluster, 2);
    assert_int_equal(v.joined, 1);
    story later = { .feed = 10, .title = "Port", .body = h.first };
    assert_int_equal(newsroom_ask(n, &later).cluster, 2);
    newsroom_restart(n);
    later.feed = 11;
    assert_int_equal(newsroom_ask(n, &later).cluster, 2);
    newsroom_close(n);
}

static void two_stories_in_one_text_are_no_bridge(void **state)
{
    (void)state;
    static char both[PAGE];
    newsroom *n = newsroom_open(NULL);
    story a = { .feed = 1, .title = "Harbour", .body = newsroom_prose(0, 1, 200) };
    story b = { .feed = 2, .title = "Airport", .body = newsroom_prose(1, 2, 200) };
    snprintf(both, PAGE, "%s%s", a.body, b.body);
    story c = { .feed = 3, .title = "Harbour", .body = both };
    (void)newsroom_ask(n, &a);
    (void)newsroom_ask(n, &b);
    wd_verdict v = newsroom_ask(n, &c);
    assert_int_equal(v.joined, 0);
    story later = { .feed = 4, .title = "Airport", .body = b.body };
    assert_int_equal(newsroom_ask(n, &later).cluster, 2);
    newsroom_close(n);
}

static void a_feed_of_low_trust_joins_nobodys_clusters(void **state)
{
    (void)state;
    static halves h;
    newsroom *n = newsroom_open(NULL);
    lay_out(&h);
    story first = { .feed = 1, .title = "Harbour", .body = h.first };
    story second = { .feed = 2, .title = "Harbour", .body = h.second };
    story whole = { .feed = 66, .title = "Harbour", .body = h.whole, .untrusted = true };
    (void)newsroom_ask(n, &first);
    (void)newsroom_ask(n, &second);
    wd_verdict v = newsroom_ask(n, &whole);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.joined, 0);
    newsroom_close(n);
}

/* A summary, the story that begins with it, and that story without the beginning. */
static void a_members_own_text_joins_though_the_root_is_unlike_it(void **state)
{
    (void)state;
    static char story_text[PAGE];
    newsroom *n = newsroom_open(NULL);
    const char *summary = newsroom_prose(0, 1, 100), *rest = newsroom_prose(1, 2, 700);
    snprintf(story_text, PAGE, "%s%s", summary, rest);
    story root = { .feed = 1, .title = "Harbour", .body = summary };
    story member = { .feed = 2, .title = "Harbour", .body = story_text };
    story third = { .feed = 3, .title = "Harbour", .body = rest };
    assert_int_equal(newsroom_ask(n, &root).kind, WD_NEW);
    assert_int_equal(newsroom_ask(n, &member).cluster, 1);
    wd_verdict v = newsroom_ask(n, &third);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.cluster, 1);
    newsroom_close(n);
}

/* But half of a member is a step away, and the next step would lead further. */
static void half_of_a_member_is_not_like_the_root(void **state)
{
    (void)state;
    static char middle[PAGE], last[PAGE];
    newsroom *n = newsroom_open(NULL);
    const char *one = newsroom_prose(0, 1, 100), *two = newsroom_prose(1, 2, 100),
               *three = newsroom_prose(2, 3, 70);
    snprintf(middle, PAGE, "%s%s", one, two);
    snprintf(last, PAGE, "%s%s", two, three);
    story a = { .feed = 1, .title = "Harbour", .body = one };
    story b = { .feed = 2, .title = "Harbour", .body = middle };
    story c = { .feed = 3, .title = "Harbour", .body = last };
    assert_int_equal(newsroom_ask(n, &a).kind, WD_NEW);
    assert_int_equal(newsroom_ask(n, &b).kind, WD_COPY);
    wd_verdict v = newsroom_ask(n, &c);
    assert_int_equal(v.kind, WD_NEW);
    assert_string_equal(v.evidence.note, "unlike-its-root");
    newsroom_close(n);
}

/* In one feed a text that another has whole is its teaser, when both titles speak of it. */
static void a_feeds_teaser_is_a_copy_of_the_story(void **state)
{
    (void)state;
    static char teaser[PAGE], full[PAGE];
    static const struct {
        const char *title;
        wd_verdict_kind kind;
    } rows[] = { { "Ferry grounded in thick fog", WD_COPY }, { "Harbour letter", WD_NEW } };
    snprintf(teaser, PAGE, "A ferry grounded off Lemmer in thick fog. %s",
             newsroom_prose(0, 1, 60));
    snprintf(full, PAGE, "%s%s", teaser, newsroom_prose(1, 2, 400));
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        newsroom *n = newsroom_open(NULL);
        story a = { .feed = 1, .title = rows[i].title, .body = full };
        story b = { .feed = 1, .title = "Lemmer ferry grounded", .body = teaser };
        assert_int_equal(newsroom_ask(n, &a).kind, WD_NEW);
        assert_int_equal(newsroom_ask(n, &b).kind, rows[i].kind);
        newsroom_close(n);
    }
}

/* A publisher's long disclaimer under two stories: each title speaks of what only its own text has.
 */
static void titles_that_speak_of_the_rest_tell_two_stories(void **state)
{
    (void)state;
    static char brief[PAGE], full[PAGE];
    const char *frame = newsroom_prose(0, 1, 150), *rest = newsroom_prose(1, 2, 300);
    char of_frame[64];
    snprintf(of_frame, sizeof(of_frame), "%.*s", (int)sizeof(of_frame) - 1, frame);
    const struct {
        const char *brief, *full;
        wd_verdict_kind kind;
    } rows[] = {
        { "Ferry grounded off Lemmer", "Museum returns stolen paintings", WD_NEW },
        { of_frame, "Museum returns stolen paintings", WD_COPY },
    };
    snprintf(brief, PAGE, "%sFerry grounded off Lemmer on Tuesday.", frame);
    snprintf(full, PAGE, "%sMuseum returns stolen paintings to their owners. %s", frame, rest);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        newsroom *n = newsroom_open(NULL);
        story a = { .feed = 1, .title = rows[i].full, .body = full };
        story b = { .feed = 2, .title = rows[i].brief, .body = brief };
        assert_int_equal(newsroom_ask(n, &a).kind, WD_NEW);
        wd_verdict v = newsroom_ask(n, &b);
        assert_int_equal(v.kind, rows[i].kind);
        newsroom_close(n);
    }
}

/* Nothing but numbers differ: in one feed its own page of another day; elsewhere a corrected copy.
 */
static void a_form_filled_in_again_is_told(void **state)
{
    (void)state;
    static char monday[PAGE], tuesday[PAGE];
    static const struct {
        uint32_t feed;
        const char *date, *more;
        wd_verdict_kind kind;
    } rows[] = {
        { 1, "24 June 2026, 6.50", "", WD_REVISION },
        { 2, "24 June 2026, 6.50", "", WD_COPY },
        { 1, "24 June 2026, 6.50", "And one thing more was put in here.", WD_COPY },
    };
    const char *offers = newsroom_prose(0, 1, 300);
    snprintf(monday, PAGE, "Offers of the week, 23 June 2026, 7.24 in the morning. %s", offers);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        newsroom *n = newsroom_open(NULL);
        snprintf(tuesday, PAGE, "Offers of the week, %s in the morning. %s%s", rows[i].date, offers,
                 rows[i].more);
        story a = { .feed = 1, .title = "Offers of the week", .body = monday };
        story b = { .feed = rows[i].feed, .title = "Offers of the week", .body = tuesday };
        assert_int_equal(newsroom_ask(n, &a).kind, WD_NEW);
        wd_verdict v = newsroom_ask(n, &b);
        assert_int_equal(v.kind, rows[i].kind);
        newsroom_close(n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_is_a_copy_of_two_joins_their_clusters),
        cmocka_unit_test(the_name_that_more_were_told_stays),
        cmocka_unit_test(two_stories_in_one_text_are_no_bridge),
        cmocka_unit_test(a_feed_of_low_trust_joins_nobodys_clusters),
        cmocka_unit_test(a_members_own_text_joins_though_the_root_is_unlike_it),
        cmocka_unit_test(half_of_a_member_is_not_like_the_root),
        cmocka_unit_test(a_feeds_teaser_is_a_copy_of_the_story),
        cmocka_unit_test(titles_that_speak_of_the_rest_tell_two_stories),
        cmocka_unit_test(a_form_filled_in_again_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
