/* What the desk answers: known items, equal and nearly equal texts, trust, memory. */
#include "core/clock.h"
#include "tests/unit/dedup/newsroom.h"

static newsroom *open_usual(void)
{
    return newsroom_open(NULL);
}

static void a_resent_item_is_seen(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    story s = { .feed = 1, .id = "a", .title = "Harbour", .body = newsroom_prose(0, 1, 200) };
    wd_verdict first = newsroom_ask(n, &s), again = newsroom_ask(n, &s);
    assert_int_equal(first.kind, WD_NEW);
    assert_int_equal(again.kind, WD_SEEN);
    assert_int_equal(again.item, first.item);
    assert_int_equal(again.evidence.rule, WD_RULE_SAME_ID);
    for (int i = 0; i < 20; i++)
        assert_int_equal(newsroom_ask(n, &s).kind, WD_SEEN);
    newsroom_close(n);
}

static void a_changed_item_is_updated_and_says_what(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    story s = { .feed = 1, .id = "a", .title = "Harbour", .body = newsroom_prose(0, 1, 200) };
    wd_verdict first = newsroom_ask(n, &s);
    s.title = "Harbour reopened";
    wd_verdict v = newsroom_ask(n, &s);
    assert_int_equal(v.kind, WD_UPDATED);
    assert_int_equal(v.changes, WD_CHANGE_HEADLINE);
    s.body = newsroom_prose(1, 2, 210);
    v = newsroom_ask(n, &s);
    assert_int_equal(v.kind, WD_UPDATED);
    assert_int_equal(v.changes, WD_CHANGE_BODY);
    assert_int_equal(v.item, first.item);
    assert_int_equal(v.cluster, first.cluster);
    newsroom_close(n);
}

static void an_updated_text_replaces_the_old_one(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    const char *old = newsroom_prose(0, 1, 200), *now = newsroom_prose(1, 2, 200);
    story s = { .feed = 1, .id = "a", .title = "Harbour", .body = old };
    wd_verdict first = newsroom_ask(n, &s);
    s.body = now;
    (void)newsroom_ask(n, &s);
    story copy = { .feed = 2, .title = "Port", .body = now };
    wd_verdict v = newsroom_ask(n, &copy);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.cluster, first.item);
    story other = { .feed = 3, .title = "Port", .body = old };
    assert_int_equal(newsroom_ask(n, &other).kind, WD_NEW);
    newsroom_close(n);
}

static void a_copy_of_a_copy_joins_the_root(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    char framed[16384];
    const char *text = newsroom_prose(0, 1, 300);
    story s = { .feed = 1, .title = "Harbour", .body = text };
    wd_verdict root = newsroom_ask(n, &s);
    for (uint32_t feed = 2; feed < 8; feed++) {
        snprintf(framed, sizeof(framed), "%s %s", newsroom_prose(1, 100 + feed, 20), text);
        story copy = { .feed = feed, .title = "Another headline", .body = framed };
        wd_verdict v = newsroom_ask(n, &copy);
        assert_int_equal(v.kind, WD_COPY);
        assert_int_equal(v.cluster, root.item);
        assert_int_equal(v.cluster_size, feed);
        assert_true(v.evidence.cover_other > 0.9f);
    }
    newsroom_close(n);
}

static void an_abridged_retitled_text_is_a_copy(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    char half[8192];
    const char *text = newsroom_prose(0, 1, 400);
    story s = { .feed = 1, .title = "Harbour", .body = text };
    wd_verdict root = newsroom_ask(n, &s);
    snprintf(half, sizeof(half), "%.*s", (int)strlen(text) / 2, text);
    story copy = { .feed = 2, .title = "A port", .body = half };
    wd_verdict v = newsroom_ask(n, &copy);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.matched, root.item);
    assert_int_equal(v.evidence.rule, WD_RULE_CONTAINMENT);
    newsroom_close(n);
}

static void different_texts_are_new(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    for (uint32_t i = 0; i < 200; i++) {
        story s = { .feed = i % 7, .title = "Harbour", .body = newsroom_prose(0, 1000 + i, 300) };
        assert_int_equal(newsroom_ask(n, &s).kind, WD_NEW);
    }
    newsroom_close(n);
}

static void an_untrusted_feed_suppresses_nobody(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    const char *text = newsroom_prose(0, 1, 200);
    story low = { .feed = 66, .title = "Harbour", .body = text, .untrusted = true };
    story normal = { .feed = 1, .title = "Harbour", .body = text };
    wd_verdict bad = newsroom_ask(n, &low), good = newsroom_ask(n, &normal);
    assert_int_equal(good.kind, WD_NEW);
    assert_int_equal(good.related, bad.item);
    story later = { .feed = 2, .title = "Port", .body = text };
    wd_verdict v = newsroom_ask(n, &later);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.cluster, good.item);
    low.feed = 67;
    assert_int_equal(newsroom_ask(n, &low).kind, WD_COPY);
    newsroom_close(n);
}

static void scopes_part_feeds_and_groups(void **state)
{
    (void)state;
    static const struct {
        wd_dedupe_scope scope;
        wd_verdict_kind same_group, other_group;
    } rows[] = { { WD_SCOPE_ALL, WD_COPY, WD_COPY },
                 { WD_SCOPE_GROUP, WD_COPY, WD_NEW },
                 { WD_SCOPE_FEED, WD_NEW, WD_NEW } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_desk_config config = { .near_duplicates = true, .scope = rows[i].scope };
        newsroom *n = newsroom_open(&config);
        const char *text = newsroom_prose(0, 1, 200);
        story a = { .feed = 1, .group = 1, .title = "H", .body = text };
        story b = { .feed = 2, .group = 1, .title = "P", .body = text };
        story c = { .feed = 3, .group = 2, .title = "Q", .body = text };
        (void)newsroom_ask(n, &a);
        assert_int_equal(newsroom_ask(n, &b).kind, rows[i].same_group);
        assert_int_equal(newsroom_ask(n, &c).kind, rows[i].other_group);
        newsroom_close(n);
    }
}

static void without_near_duplicates_only_equal_texts_meet(void **state)
{
    (void)state;
    wd_desk_config config = { .near_duplicates = false };
    newsroom *n = newsroom_open(&config);
    char framed[16384];
    const char *text = newsroom_prose(0, 1, 200);
    story a = { .feed = 1, .title = "H", .body = text };
    (void)newsroom_ask(n, &a);
    snprintf(framed, sizeof(framed), "%s indeed", text);
    story near = { .feed = 2, .title = "H", .body = framed };
    assert_int_equal(newsroom_ask(n, &near).kind, WD_NEW);
    story same = { .feed = 3, .title = "H", .body = text };
    wd_verdict v = newsroom_ask(n, &same);
    assert_int_equal(v.kind, WD_COPY);
    assert_int_equal(v.evidence.rule, WD_RULE_EXACT_TEXT);
    newsroom_close(n);
}

static void the_window_is_kept_to_the_millisecond(void **state)
{
    (void)state;
    wd_desk_config config = { .near_duplicates = true, .window_ms = WD_DAY_MS };
    newsroom *n = newsroom_open(&config);
    const int64_t t = 1800000000000;
    const char *text = newsroom_prose(0, 1, 200), *other = newsroom_prose(1, 2, 200);
    story a = { .feed = 1, .title = "H", .body = text, .at_ms = t };
    story b = { .feed = 1, .title = "J", .body = other, .at_ms = t };
    (void)newsroom_ask(n, &a);
    (void)newsroom_ask(n, &b);
    story in_time = { .feed = 2, .title = "P", .body = text, .at_ms = t + WD_DAY_MS };
    story late = { .feed = 2, .title = "P", .body = other, .at_ms = t + WD_DAY_MS + 1 };
    assert_int_equal(newsroom_ask(n, &in_time).kind, WD_COPY);
    assert_int_equal(newsroom_ask(n, &late).kind, WD_NEW);
    newsroom_close(n);
}

static void the_item_cap_is_kept_to_the_item(void **state)
{
    (void)state;
    wd_desk_config config = { .near_duplicates = true, .max_items = 50 };
    newsroom *n = newsroom_open(&config);
    wd_desk_stats stats;
    for (uint32_t i = 0; i < 120; i++) {
        story s = { .feed = 1, .title = "H", .body = newsroom_prose(0, 1 + i, 120) };
        (void)newsroom_ask(n, &s);
        wd_desk_get_stats(newsroom_desk(n), &stats);
        assert_int_equal(stats.items, i < 50 ? i + 1 : 50);
    }
    story kept = { .feed = 2, .title = "P", .body = newsroom_prose(0, 120 - 49, 120) };
    assert_int_equal(newsroom_ask(n, &kept).kind, WD_COPY);
    story gone = { .feed = 2, .title = "P", .body = newsroom_prose(0, 120 - 49, 120) };
    gone.body = newsroom_prose(0, 60, 120);
    assert_int_equal(newsroom_ask(n, &gone).kind, WD_NEW);
    newsroom_close(n);
}

static void a_restart_changes_no_answer(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    char framed[16384];
    for (uint32_t i = 0; i < 60; i++) {
        story s = { .feed = i % 5, .title = "H", .body = newsroom_prose(0, 1 + i, 150) };
        (void)newsroom_ask(n, &s);
    }
    newsroom_restart(n);
    for (uint32_t i = 0; i < 60; i++) {
        const char *text = newsroom_prose(0, 1 + i, 150);
        snprintf(framed, sizeof(framed), "%s %s", newsroom_prose(1, 900 + i, 15), text);
        story s = { .feed = 9, .title = "P", .body = framed };
        wd_verdict v = newsroom_ask(n, &s);
        assert_int_equal(v.kind, WD_COPY);
        assert_int_equal(v.cluster, i + 1);
        assert_int_equal(v.item, 61 + i);
    }
    newsroom_close(n);
}

/* `parts` rows of words that both have, each parted by words of its own. */
static void lay_out(char *to, size_t size, uint64_t own, unsigned parts, unsigned words)
{
    size_t at = 0;
    for (unsigned i = 0; i < parts; i++) {
        at += (size_t)snprintf(to + at, size - at, "%s", newsroom_prose(0, 500 + i, words));
        at += (size_t)snprintf(to + at, size - at, "%s", newsroom_prose(1, own + i, words * 2 / 3));
    }
}

/* Two pages with one list of headlines share many short runs; an edited story shares long ones. */
static void many_short_runs_are_a_list_and_no_copy(void **state)
{
    (void)state;
    enum { PAGE = 16384 };
    static char one[PAGE], two[PAGE];
    static const struct {
        unsigned parts, words;
        wd_verdict_kind kind;
    } rows[] = { { 12, 20, WD_NEW }, { 5, 48, WD_COPY } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        newsroom *n = open_usual();
        lay_out(one, PAGE, 100, rows[i].parts, rows[i].words);
        lay_out(two, PAGE, 200, rows[i].parts, rows[i].words);
        story first = { .feed = 1, .title = "Wind", .body = one };
        story other = { .feed = 2, .title = "Water", .body = two };
        assert_int_equal(newsroom_ask(n, &first).kind, WD_NEW);
        wd_verdict v = newsroom_ask(n, &other);
        assert_int_equal(v.kind, rows[i].kind);
        newsroom_close(n);
    }
}

/* Another title, half of the words: a feed's template, unless so much stands in a row. */
static void a_long_run_in_one_feed_is_a_text_and_no_template(void **state)
{
    (void)state;
    enum { PAGE = 16384 };
    static char one[PAGE], two[PAGE];
    static const struct {
        unsigned common;
        wd_verdict_kind kind;
    } rows[] = { { 100, WD_NEW }, { 140, WD_COPY } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        newsroom *n = open_usual();
        const char *common = newsroom_prose(0, 1, rows[i].common);
        snprintf(one, sizeof(one), "%s", common);
        snprintf(two, sizeof(two), "%s %s", common, newsroom_prose(1, 2, 2 * rows[i].common));
        story first = { .feed = 1, .title = "Harbour works begin", .body = one };
        story later = { .feed = 1, .title = "Minister visits port", .body = two };
        assert_int_equal(newsroom_ask(n, &first).kind, WD_NEW);
        assert_int_equal(newsroom_ask(n, &later).kind, rows[i].kind);
        newsroom_close(n);
    }
}

/* One is the other behind a word, or cut off: no title of the body's words is needed. */
static void a_title_within_a_title_is_the_same_story(void **state)
{
    (void)state;
    static const struct {
        const char *title;
        wd_verdict_kind kind;
    } rows[] = { { "Update: Planning out the mast", WD_COPY },
                 { "Planning out the ma", WD_COPY },
                 { "Assembling everything else", WD_NEW } };
    char body[4096];
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        newsroom *n = open_usual();
        snprintf(body, sizeof(body), "%s indeed", newsroom_prose(0, 1, 60));
        story first = { .feed = 1,
                        .title = "Planning out the mast",
                        .body = newsroom_prose(1, 1, 60) };
        story other = { .feed = 2, .title = rows[i].title, .body = body };
        assert_int_equal(newsroom_ask(n, &first).kind, WD_NEW);
        assert_int_equal(newsroom_ask(n, &other).kind, rows[i].kind);
        newsroom_close(n);
    }
}

/* A page of many leads, then a text that has half of that page and no more. */
static void a_digest_is_one_after_a_restart_too(void **state)
{
    (void)state;
    enum { PAGE = 16384 };
    static char page[PAGE], half[PAGE];
    newsroom *n = open_usual();
    story a = { .feed = 1, .title = "Harbour", .body = newsroom_prose(0, 1, 100) };
    story b = { .feed = 2, .title = "Airport", .body = newsroom_prose(1, 2, 100) };
    (void)newsroom_ask(n, &a);
    (void)newsroom_ask(n, &b);
    snprintf(page, sizeof(page), "%s %s %s %s", a.body, b.body, newsroom_prose(2, 3, 200),
             newsroom_prose(3, 4, 200));
    snprintf(half, sizeof(half), "%s %s", newsroom_prose(2, 3, 150), newsroom_prose(3, 4, 110));
    story digest = { .feed = 3, .id = "page", .title = "The day", .body = page };
    wd_verdict v = newsroom_ask(n, &digest);
    assert_int_equal(v.kind, WD_NEW);
    assert_true(v.digest);
    newsroom_restart(n);
    digest.title = "The day, again";
    v = newsroom_ask(n, &digest);
    assert_int_equal(v.kind, WD_UPDATED);
    assert_true(v.digest);
    newsroom_restart(n);
    story part = { .feed = 4, .title = "The day", .body = half };
    v = newsroom_ask(n, &part);
    assert_int_equal(v.kind, WD_NEW);
    assert_string_equal(v.evidence.note, "digest");
    newsroom_close(n);
}

static void damaged_memory_is_refused(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    wd_desk_memory m = { .item = 1, .cluster = 1, .packed = WD_SPAN_LIT("not packed at all") };
    assert_int_equal(wd_desk_restore(newsroom_desk(n), &m), WD_MALFORMED);
    story s = { .feed = 1, .title = "H", .body = newsroom_prose(0, 1, 100) };
    assert_int_equal(newsroom_ask(n, &s).item, 1);
    newsroom_close(n);
}

static void a_skipped_number_suppresses_nothing(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    story a = { .feed = 1, .title = "H", .body = newsroom_prose(0, 1, 100) };
    story b = { .feed = 1, .title = "J", .body = newsroom_prose(1, 2, 100) };
    assert_int_equal(newsroom_ask(n, &a).item, 1);
    assert_int_equal(wd_desk_skip(newsroom_desk(n)), 2);
    assert_int_equal(newsroom_ask(n, &b).item, 3);
    newsroom_close(n);
}

static void the_cluster_carries_the_agency_whoever_came_first(void **state)
{
    (void)state;
    newsroom *n = open_usual();
    char wire[16384];
    const char *text = newsroom_prose(0, 1, 200);
    story outlet = { .feed = 1, .title = "H", .body = text };
    assert_null(newsroom_ask(n, &outlet).credit.agency);
    snprintf(wire, sizeof(wire), "HARBOUR CITY (Reuters) - %s", text);
    story agency = { .feed = 2, .title = "H", .body = wire };
    wd_verdict v = newsroom_ask(n, &agency);
    assert_int_equal(v.kind, WD_COPY);
    assert_string_equal(v.credit.agency, "Reuters");
    story third = { .feed = 3, .title = "P", .body = text };
    assert_string_equal(newsroom_ask(n, &third).credit.agency, "Reuters");
    newsroom_close(n);
}

static void refuses_more_items_than_it_can_number(void **state)
{
    (void)state;
    wd_desk *desk = NULL;
    wd_desk_store store = { 0 };
    wd_desk_config config = { .max_items = WD_DESK_MAX_ITEMS + 1 };
    assert_int_equal(wd_desk_new(&desk, &config, &store), WD_LIMIT);
    assert_null(desk);
    config.max_items = 10;
    config.scratch_dir = "/nowhere/at/all";
    assert_int_equal(wd_desk_new(&desk, &config, &store), WD_IO);
    assert_null(desk);
}

static void words_in_a_file_give_the_same_answers(void **state)
{
    (void)state;
    wd_desk_config config = { .near_duplicates = true, .scratch_dir = "/tmp" };
    newsroom *n = newsroom_open(&config);
    char framed[16384];
    for (uint32_t i = 0; i < 900; i++) { /* several chunks */
        story s = { .feed = 1, .title = "H", .body = newsroom_prose(0, 1 + i, 300) };
        (void)newsroom_ask(n, &s);
    }
    for (uint32_t i = 0; i < 900; i += 30) {
        snprintf(framed, sizeof(framed), "well %s", newsroom_prose(0, 1 + i, 300));
        story s = { .feed = 2, .title = "P", .body = framed };
        wd_verdict v = newsroom_ask(n, &s);
        assert_int_equal(v.kind, WD_COPY);
        assert_int_equal(v.cluster, i + 1);
    }
    newsroom_close(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resent_item_is_seen),
        cmocka_unit_test(a_changed_item_is_updated_and_says_what),
        cmocka_unit_test(an_updated_text_replaces_the_old_one),
        cmocka_unit_test(a_copy_of_a_copy_joins_the_root),
        cmocka_unit_test(an_abridged_retitled_text_is_a_copy),
        cmocka_unit_test(different_texts_are_new),
        cmocka_unit_test(an_untrusted_feed_suppresses_nobody),
        cmocka_unit_test(scopes_part_feeds_and_groups),
        cmocka_unit_test(without_near_duplicates_only_equal_texts_meet),
        cmocka_unit_test(the_window_is_kept_to_the_millisecond),
        cmocka_unit_test(the_item_cap_is_kept_to_the_item),
        cmocka_unit_test(a_restart_changes_no_answer),
        cmocka_unit_test(many_short_runs_are_a_list_and_no_copy),
        cmocka_unit_test(a_long_run_in_one_feed_is_a_text_and_no_template),
        cmocka_unit_test(a_title_within_a_title_is_the_same_story),
        cmocka_unit_test(a_digest_is_one_after_a_restart_too),
        cmocka_unit_test(damaged_memory_is_refused),
        cmocka_unit_test(a_skipped_number_suppresses_nothing),
        cmocka_unit_test(the_cluster_carries_the_agency_whoever_came_first),
        cmocka_unit_test(refuses_more_items_than_it_can_number),
        cmocka_unit_test(words_in_a_file_give_the_same_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
