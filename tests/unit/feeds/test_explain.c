/* A feed's state in words. */
#include "feeds/explain.h"
#include "feeds/feed_state.h"
#include "feeds/schedule.h"
#include "tests/support/check.h"

#define NOW_MS 1773133331000 /* 2026-03-10T09:02:11Z */

static const wd_feed_config config = { .slug = "harbour", .url = "https://harbour.example/" };

static void says(const wd_feed_config *c, const wd_feed_state *s, const char *want)
{
    wd_buf out = WD_BUF_INIT(4096);
    wd_explain_feed(c, s, NOW_MS, &out);
    assert_ok(wd_buf_status(&out));
    if (strstr(out.ptr, want) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", out.ptr, want);
    wd_buf_done(&out);
}

static void tells_how_it_is_and_what_comes_next(void **state)
{
    (void)state;
    wd_feed_state s = wd_feed_state_new(1);
    says(&config, &s,
         "harbour: never reached so far\nnext poll soon, because it has never been polled\n");
    s.contacted = true;
    s.rate_per_day = 4;
    s.polls = 30;
    s.polls_unchanged = 20;
    s.last_poll_ms = s.last_success_ms = NOW_MS - 120000;
    s.next_due_ms = NOW_MS + 900000;
    s.due_why = WD_DUE_SERVER;
    says(&config, &s, "harbour: it works\nlast poll 2026-03-10T09:00:11Z (2 min ago)\n");
    says(&config, &s, "about 4.00 items a day; 30 polls, 20 of them brought nothing new\n");
    s.polls = 1;
    says(&config, &s, "about 4.00 items a day; 1 poll, ");
    says(&config, &s, "next poll in 15 min, because its server says the answer stays fresh");
    s.polls_without_304 = 25;
    says(&config, &s, "no 304 in 25 tries");
    s.next_due_ms = NOW_MS - 5000;
    says(&config, &s, "due for 5 s, because");
}

static void tells_what_is_wrong(void **state)
{
    (void)state;
    wd_feed_state s = wd_feed_state_new(1);
    s.last_reason = WD_REASON_HTTP_GONE;
    s.last_http = 410;
    s.same_reason = 2;
    s.failing_since_ms = NOW_MS - 2 * WD_DAY_MS;
    s.next_due_ms = NOW_MS + 7 * WD_DAY_MS;
    s.due_why = WD_DUE_GONE;
    says(&config, &s, "failing: the feed is gone (HTTP 410), 2 polls in a row, for 2 d");
    says(&config, &s, "because its server says it is gone\n");
    wd_feed_config paused = config;
    paused.paused = true;
    says(&paused, &s, "no next poll: it is paused\n");
    s.due_why = 4000000; /* written by a later version */
    says(&config, &s, "because ");
}

static void names_its_state_in_one_word(void **state)
{
    (void)state;
    wd_feed_config c = config;
    wd_feed_state s = wd_feed_state_new(1);
    assert_string_equal(wd_explain_state(&c, &s), "new");
    s.contacted = true;
    assert_string_equal(wd_explain_state(&c, &s), "ok");
    s.last_reason = WD_REASON_TIMEOUT;
    assert_string_equal(wd_explain_state(&c, &s), "failing");
    s.due_why = WD_DUE_DORMANT;
    assert_string_equal(wd_explain_state(&c, &s), "dormant");
    s.last_reason = WD_REASON_HTTP_GONE;
    assert_string_equal(wd_explain_state(&c, &s), "gone");
    c.paused = true;
    assert_string_equal(wd_explain_state(&c, &s), "paused");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tells_how_it_is_and_what_comes_next),
                                        cmocka_unit_test(tells_what_is_wrong),
                                        cmocka_unit_test(names_its_state_in_one_word) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
