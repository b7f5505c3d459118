/* What the status page is given: items, feeds, state and the hour, as JSON that says the truth;
 * and a policy that names the very style and script of the document. */
#include <jansson.h>

#include "daemon/page/bytes.h"
#include "daemon/page/feeds.h"
#include "daemon/page/state.h"
#include "daemon/page/wire_item.h"
#include "tests/support/check.h"

#define NOW 1800000000000

static json_t *parse(const wd_buf *b)
{
    json_error_t error;
    json_t *root = json_loadb(b->ptr, b->len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        fail_msg("%s at %d in %.*s", error.text, error.position, (int)b->len, b->ptr);
    return root;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text ? text : "";
}

static int64_t int_of(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

/* --- items ------------------------------------------------------------------ */

static json_t *write_item(wd_story *story, wd_item *item)
{
    static const wd_feed_config feed = { .slug = "wire", .url = "https://a.example/", .group = "" };
    wd_reading reading = { .stories = story, .n_stories = 1 };
    reading.doc.title_text = WD_SPAN_LIT("The Wire");
    wd_poll poll = { .config = &feed, .fetched_ms = NOW, .payload = &reading };
    wd_buf json = WD_BUF_INIT(WD_WIRE_ENTRY_BYTES), words = WD_BUF_INIT(WD_WIRE_ENTRY_BYTES);
    story->item = item;
    wd_wire_item_write(&poll, story, 9, &json, &words);
    assert_ok(wd_buf_status(&json));
    assert_ok(wd_buf_status(&words));
    json_t *root = parse(&json);
    wd_buf_done(&json);
    wd_buf_done(&words);
    return root;
}

static void a_copy_says_of_what_and_why(void **state)
{
    (void)state;
    wd_item item = { .title_text = WD_SPAN_LIT("<b>Fourteen</b> hurt"),
                     .content_text = WD_SPAN_LIT("Text."),
                     .link = WD_SPAN_LIT("https://a.example/1"),
                     .published_ms = NOW - 5 };
    wd_story story = { .decided = true,
                       .verdict = {
                           .kind = WD_COPY,
                           .item = 12,
                           .cluster = 3,
                           .matched = 5,
                           .cluster_size = 4,
                           .evidence = { .rule = WD_RULE_CONTAINMENT,
                                         .cover_this = 0.914f,
                                         .cover_other = 0.79f,
                                         .longest_run = 73,
                                         .numbers = 8,
                                         .numbers_agreed = 7 },
                           .credit = { .agency = "Reuters", .place = WD_CREDIT_DATELINE } } };
    json_t *o = write_item(&story, &item);
    const json_t *why = json_object_get(o, "why");
    assert_string_equal(text_of(o, "kind"), "copy");
    assert_string_equal(text_of(o, "title"), "<b>Fourteen</b> hurt"); /* text stays text */
    assert_string_equal(text_of(o, "outlet"), "The Wire");
    assert_string_equal(text_of(o, "feed"), "wire");
    assert_string_equal(text_of(o, "agency"), "Reuters");
    assert_string_equal(text_of(o, "agency_from"), "dateline");
    assert_string_equal(text_of(o, "link"), "https://a.example/1");
    assert_int_equal(int_of(o, "n"), 9);
    assert_int_equal(int_of(o, "item"), 12);
    assert_int_equal(int_of(o, "cluster"), 3);
    assert_int_equal(int_of(o, "with"), 5);
    assert_int_equal(int_of(o, "size"), 4);
    assert_string_equal(text_of(why, "rule"), "shingle-containment");
    assert_int_equal(int_of(why, "run"), 73);
    assert_int_equal(int_of(why, "agreed"), 7);
    assert_true(json_real_value(json_object_get(why, "this")) > 0.91);
    json_decref(o);
}

static void long_fields_are_cut_between_letters_and_say_so(void **state)
{
    (void)state;
    static char title[3001];
    for (size_t i = 0; i < 3000; i += 2)
        memcpy(title + i, "\xC3\xA4", 2);
    wd_item item = { .title_text = { title, 3000 },
                     .summary_text = { title, 3000 },
                     .source_title = { title, 3000 },
                     .link = { title, 3000 },
                     .published_ms = WD_TIME_NONE };
    wd_story story = { .decided = true, .verdict = { .kind = WD_NEW, .item = 1, .cluster = 1 } };
    json_t *o = write_item(&story, &item);
    assert_true(strlen(text_of(o, "title")) <= 320);
    assert_true(json_is_true(json_object_get(o, "title_cut")));
    assert_true(json_is_true(json_object_get(o, "text_cut")));
    assert_null(json_object_get(o, "link")); /* rather none than a wrong one */
    assert_null(json_object_get(o, "published"));
    assert_null(json_object_get(o, "why"));
    json_decref(o);
}

static void only_web_addresses_become_links(void **state)
{
    (void)state;
    static const char *const links[] = { "javascript:alert(1)", "data:text/html,x",
                                         "ftp://a.example/", "", "/relative" };
    for (size_t i = 0; i < WD_COUNT(links); i++) {
        wd_item item = { .title_text = WD_SPAN_LIT("t"), .link = wd_span_of(links[i]) };
        wd_story story = { .decided = true, .verdict = { .kind = WD_NEW, .item = 1 } };
        json_t *o = write_item(&story, &item);
        assert_null(json_object_get(o, "link"));
        json_decref(o);
    }
}

static void only_what_was_told_comes_on_the_wire(void **state)
{
    (void)state;
    static const wd_feed_config feed = { .slug = "w", .url = "https://a.example/", .group = "" };
    wd_item item = { .title_text = WD_SPAN_LIT("t") };
    wd_story stories[] = {
        { .item = &item, .decided = true, .verdict = { .kind = WD_SEEN } },
        { .item = &item, .decided = true, .verdict = { .kind = WD_NEW, .item = 1 } },
        { .item = &item, .decided = true, .silent = true, .verdict = { .kind = WD_NEW } },
        { .item = &item, .verdict = { .kind = WD_NEW } },
        { .item = &item, .decided = true, .verdict = { .kind = WD_UPDATED, .item = 1 } },
    };
    wd_reading reading = { .stories = stories, .n_stories = WD_COUNT(stories) };
    wd_poll poll = { .config = &feed, .payload = &reading }, failed = { .config = &feed };
    wd_wire *w;
    assert_ok(wd_wire_new(&w));
    assert_true(wd_wire_add_poll(w, &poll, NOW));
    assert_int_equal(wd_wire_next(w), 3);
    assert_false(wd_wire_add_poll(w, &failed, NOW));
    reading.n_stories = 1;
    assert_false(wd_wire_add_poll(w, &poll, NOW));
    wd_wire_free(w);
}

/* --- feeds -------------------------------------------------------------------- */

#define MANY 5000u

struct feeds {
    wd_feed_config configs[MANY];
    wd_feed_state states[MANY];
    char slugs[MANY][16];
    size_t n;
};

static void each(const void *feeds, wd_page_feed_fn fn, void *ctx)
{
    const struct feeds *f = feeds;
    for (size_t i = 0; i < f->n; i++)
        fn(ctx, &f->configs[i], &f->states[i]);
}

/* Every tenth fails, since a minute ago and longer; every hundredth is paused. */
static struct feeds *make_feeds(size_t n)
{
    struct feeds *f = calloc(1, sizeof(*f));
    f->n = n;
    for (size_t i = 0; i < n; i++) {
        snprintf(f->slugs[i], sizeof(f->slugs[i]), "feed-%04zu", i);
        f->configs[i] = (wd_feed_config){ .slug = f->slugs[i],
                                          .url = "https://u:pw@news.example/x?token=canary",
                                          .group = i % 2 ? "odd" : "even",
                                          .paused = i % 100 == 99 };
        f->states[i] = (wd_feed_state){ .contacted = true,
                                        .next_due_ms = NOW + 1000 * (int64_t)((i * 7919) % n),
                                        .last_poll_ms = NOW,
                                        .last_success_ms = NOW,
                                        .last_new_ms = NOW - (int64_t)i,
                                        .failing_since_ms = WD_TIME_NONE };
        if (i % 10 == 0) {
            f->states[i].last_reason = WD_REASON_HTTP_4XX;
            f->states[i].failing_since_ms = NOW - WD_MINUTE_MS - (int64_t)i;
        }
    }
    return f;
}

/* Of the first two: one that delivers, one that is still to be subscribed. */
static bool subscription(const void *hubs, const char *slug, wd_websub_facts *out)
{
    (void)hubs;
    bool first = strcmp(slug, "feed-0000") == 0;
    *out = (wd_websub_facts){ .hub = WD_SPAN_LIT("https://u:pw@hub.example/?key=canary"),
                              .phase = first ? WD_WEBSUB_ACTIVE : WD_WEBSUB_WANTED,
                              .lease_ms = first ? NOW + WD_DAY_MS : WD_TIME_NONE,
                              .next_ms = NOW,
                              .pushed_ms = first ? NOW - WD_MINUTE_MS : WD_TIME_NONE,
                              .delivers = first };
    return first || strcmp(slug, "feed-0001") == 0;
}

static json_t *ask_feeds(const struct feeds *f, const wd_page_feeds_query *q)
{
    wd_buf out = WD_BUF_INIT(4u << 20);
    const wd_page_feeds_source source = { .each = each, .feeds = f, .websub = subscription };
    assert_ok(wd_page_feeds_write(&source, q, NOW, &out));
    assert_null(strstr(out.ptr, "canary"));
    assert_null(strstr(out.ptr, "u:pw"));
    json_t *root = parse(&out);
    wd_buf_done(&out);
    return root;
}

static void feeds_are_chosen_ordered_and_paged(void **state)
{
    (void)state;
    static const struct {
        wd_page_feeds_query q;
        int64_t total;
        size_t shown;
        const char *first;
    } rows[] = {
        { { .limit = 50 }, 5000, 50, "feed-0000" },
        { { .from = 4990, .limit = 50 }, 5000, 10, "feed-4990" },
        { { .from = 9999, .limit = 50 }, 5000, 0, "" },
        { { .limit = 99999 }, 5000, WD_PAGE_FEEDS_MAX, "feed-0000" },
        { { .text = "FEED-012", .limit = 50 }, 10, 10, "feed-0120" },
        { { .text = "odd", .limit = 1 }, 2500, 1, "feed-0001" },
        { { .text = "news.example", .limit = 1 }, 5000, 1, "feed-0000" },
        { { .text = "canary", .limit = 1 }, 0, 0, "" }, /* secrets cannot be guessed at */
        { { .text = "pw@", .limit = 1 }, 0, 0, "" },
        { { .state = "failing", .limit = 2 }, 500, 2, "feed-0000" },
        { { .state = "trouble", .order = "failing", .limit = 2 }, 500, 2, "feed-4990" },
        { { .state = "paused", .limit = 2 }, 50, 2, "feed-0099" },
        { { .state = "nonsense", .limit = 2 }, 0, 0, "" },
        { { .order = "new", .limit = 1 }, 5000, 1, "feed-0000" },
        { { .order = "due", .limit = 1 }, 5000, 1, "feed-0000" },
        { { .order = "nonsense", .limit = 1 }, 5000, 1, "feed-0000" },
    };
    struct feeds *f = make_feeds(MANY);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        json_t *o = ask_feeds(f, &rows[i].q);
        const json_t *list = json_object_get(o, "feeds");
        if (int_of(o, "total") != rows[i].total || json_array_size(list) != rows[i].shown ||
            strcmp(text_of(json_array_get(list, 0), "feed"), rows[i].first) != 0)
            fail_msg("row %zu: total %lld, shown %zu, first %s", i, (long long)int_of(o, "total"),
                     json_array_size(list), text_of(json_array_get(list, 0), "feed"));
        assert_int_equal(int_of(o, "all"), 5000);
        json_decref(o);
    }
    free(f);
}

static void states_are_counted_and_explained(void **state)
{
    (void)state;
    struct feeds *f = make_feeds(200);
    json_t *o = ask_feeds(f, &(wd_page_feeds_query){ .limit = 1 });
    const json_t *states = json_object_get(o, "states");
    const json_t *first = json_array_get(json_object_get(o, "feeds"), 0);
    assert_int_equal(int_of(states, "failing"), 20);
    assert_int_equal(int_of(states, "paused"), 2);
    assert_int_equal(int_of(states, "ok"), 178);
    assert_string_equal(text_of(first, "state"), "failing");
    assert_string_equal(text_of(first, "reason_text"), "the server refused the request");
    assert_non_null(strstr(text_of(first, "next_poll_text"), "because"));
    json_decref(o);
    free(f);
}

static void a_feed_that_a_hub_pushes_says_so(void **state)
{
    (void)state;
    char lease[WD_TIME_TEXT_BYTES], pushed[WD_TIME_TEXT_BYTES];
    struct feeds *f = make_feeds(3);
    json_t *o = ask_feeds(f, &(wd_page_feeds_query){ .limit = 3 });
    const json_t *list = json_object_get(o, "feeds");
    const json_t *one = json_object_get(json_array_get(list, 0), "websub");
    assert_string_equal(text_of(one, "state"), "active");
    assert_string_equal(text_of(one, "hub"), "https://hub.example/?key=***");
    assert_string_equal(text_of(one, "lease_until"), wd_time_text(NOW + WD_DAY_MS, 0, lease));
    assert_string_equal(text_of(one, "last_delivery"), wd_time_text(NOW - WD_MINUTE_MS, 0, pushed));
    assert_true(json_is_true(json_object_get(one, "delivers")));
    const json_t *two = json_object_get(json_array_get(list, 1), "websub");
    assert_string_equal(text_of(two, "state"), "wanted");
    assert_null(json_object_get(two, "lease_until"));
    assert_null(json_object_get(json_array_get(list, 2), "websub"));
    json_decref(o);
    free(f);
}

static void no_feeds_are_no_mistake(void **state)
{
    (void)state;
    json_t *o = ask_feeds(NULL, &(wd_page_feeds_query){ .limit = 5 });
    assert_int_equal(int_of(o, "total"), 0);
    assert_int_equal(json_array_size(json_object_get(o, "feeds")), 0);
    json_decref(o);
}

/* --- state and the hour ----------------------------------------------------------- */

static void samples_are_differences_and_an_hour_is_kept(void **state)
{
    (void)state;
    static wd_trend trend;
    wd_snapshot s = { .now_ms = NOW };
    wd_buf out = WD_BUF_INIT(64u << 10);
    for (int second = 0; second <= 4000; second++) {
        s.now_ms = NOW + second * WD_SECOND_MS;
        s.desk.counts.fresh = (uint64_t)second * 3;
        s.desk.counts.copies = (uint64_t)second;
        s.polls.polls = (uint64_t)second * 5;
        s.polls.not_modified = (uint64_t)second * 4;
        s.loop_lag_ms = second == 3995 ? 70 : 1;
        wd_trend_tick(&trend, &s, second * WD_SECOND_MS);
    }
    assert_int_equal(trend.n, 400);
    wd_json j = wd_json_onto(&out);
    wd_json_begin_object(&j);
    wd_trend_write(&trend, 0, &j);
    wd_json_end_object(&j);
    json_t *o = parse(&out);
    const json_t *samples = json_object_get(o, "samples");
    assert_int_equal(json_array_size(samples), WD_TREND_SAMPLES);
    const json_t *last = json_array_get(samples, WD_TREND_SAMPLES - 1);
    static const int64_t want[] = { NOW + 4000 * WD_SECOND_MS, 30, 10, 0, 0, 50, 40, 70, 0 };
    for (size_t i = 0; i < WD_COUNT(want); i++)
        assert_int_equal(json_integer_value(json_array_get(last, i)), want[i]);
    assert_int_equal(int_of(o, "sample"), 400);
    json_decref(o);
    wd_buf_done(&out);
}

static void the_state_is_one_object(void **state)
{
    (void)state;
    static const wd_trend trend;
    wd_snapshot s = { .now_ms = NOW, .started_ms = NOW - 5000 };
    wd_wire *w;
    wd_buf out = WD_BUF_INIT(64u << 10);
    assert_ok(wd_wire_new(&w));
    wd_wire_put(w, NOW - 7, WD_SPAN_LIT("{}"), WD_SPAN_NONE);
    s.desk.storage_ok = true;
    s.polls.feeds = 412;
    s.polls.failing = 3;
    const wd_page_facts facts = { .snap = &s, .trend = &trend, .wire = w, .start_rate = 20 };
    wd_page_state_write(&facts, 0, &out);
    json_t *o = parse(&out);
    assert_int_equal(int_of(json_object_get(o, "feeds"), "all"), 412);
    assert_int_equal(int_of(json_object_get(o, "feeds"), "failing"), 3);
    assert_int_equal(int_of(json_object_get(o, "wire"), "kept"), 1);
    assert_int_equal(int_of(json_object_get(o, "wire"), "since"), NOW - 7);
    assert_string_equal(text_of(o, "trouble"), "Redis is away, events wait in the outbox");
    json_decref(o);
    wd_buf_done(&out);
    wd_wire_free(w);
}

static void the_document_is_whole_and_its_policy_strict(void **state)
{
    (void)state;
    wd_span page = { (const char *)wd_page_bytes, wd_page_len };
    static const char *const parts[] = { "<!doctype html>", "</html>", "<style>:root",
                                         "<script>\"use strict\";" };
    for (size_t i = 0; i < WD_COUNT(parts); i++)
        assert_non_null(memmem(page.ptr, page.len, parts[i], strlen(parts[i])));
    assert_null(memmem(page.ptr, page.len, "{{page.", 7));
    assert_null(memmem(page.ptr, page.len, "style=\"", 7)); /* the policy would forbid it */
    assert_null(memmem(page.ptr, page.len, "innerHTML", 9));
    assert_null(memmem(page.ptr, page.len, "onclick=", 8));
    assert_null(strstr(wd_page_policy, "unsafe"));
    assert_non_null(strstr(wd_page_policy, "default-src 'none'"));
    assert_int_equal(strlen(wd_page_etag), 34);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_says_of_what_and_why),
        cmocka_unit_test(long_fields_are_cut_between_letters_and_say_so),
        cmocka_unit_test(only_web_addresses_become_links),
        cmocka_unit_test(only_what_was_told_comes_on_the_wire),
        cmocka_unit_test(feeds_are_chosen_ordered_and_paged),
        cmocka_unit_test(states_are_counted_and_explained),
        cmocka_unit_test(a_feed_that_a_hub_pushes_says_so),
        cmocka_unit_test(no_feeds_are_no_mistake),
        cmocka_unit_test(samples_are_differences_and_an_hour_is_kept),
        cmocka_unit_test(the_state_is_one_object),
        cmocka_unit_test(the_document_is_whole_and_its_policy_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
