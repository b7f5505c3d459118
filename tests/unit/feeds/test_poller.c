/* The poller: what is asked, how often, and what is said of it. */
#include "tests/support/check.h"
#include "tests/support/poller_world.h"

static void asks_again_conditionally(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_set_one(&w, "/feed", POLLER_WORLD_FAST_MS);
    ticking_loop_until(&w.loop, w.polls >= 3);
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 1);
    assert_true(w.answers[WD_ANSWER_NOT_MODIFIED] >= 2);
    assert_null(strstr(feeds_server_head(w.server, 0), "If-None-Match"));
    assert_non_null(strstr(feeds_server_head(w.server, 1), "If-None-Match: \"v1\"\r\n"));
    assert_non_null(strstr(feeds_server_head(w.server, 2), "If-None-Match: \"v1\"\r\n"));
    assert_int_equal(feeds_server_connections(w.server), 1);
    assert_int_equal(w.n_said, 0);
    wd_poller_stats s;
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.feeds, 1);
    assert_int_equal(s.never_polled, 0);
    assert_int_equal(s.polls, w.polls);
    assert_true(s.bytes > 0);
    poller_world_close(&w);
    assert_int_equal(w.released, 1);
}

static void the_same_body_is_told_apart_and_its_validators_kept(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_set_one(&w, "/rotating", POLLER_WORLD_FAST_MS);
    ticking_loop_until(&w.loop, w.polls >= 1);
    w.serve_other = true;
    ticking_loop_until(&w.loop, w.polls >= 3);
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 1);
    assert_int_equal(w.last_answer, WD_ANSWER_SAME_BODY);
    assert_non_null(strstr(feeds_server_head(w.server, 1), "If-None-Match: \"r1\"\r\n"));
    ticking_loop_until(&w.loop, w.polls >= 5);
    assert_non_null(strstr(feeds_server_head(w.server, 4), "If-None-Match: \"r2\"\r\n"));
    poller_world_close(&w);
}

static void a_refused_document_leaves_no_validators(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    w.refuse = true;
    poller_world_set_one(&w, "/feed", POLLER_WORLD_FAST_MS);
    ticking_loop_until(&w.loop, w.polls >= 1);
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    ticking_loop_until(&w.loop, w.polls >= 2);
    assert_null(strstr(feeds_server_head(w.server, 1), "If-"));
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 2);
    assert_string_equal(w.said[0], "parse.failed");
    assert_int_equal(w.n_said, 1);
    poller_world_close(&w);
}

static void a_304_that_nobody_asked_for_is_a_failure(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_set_one(&w, "/always304", POLLER_WORLD_FAST_MS);
    ticking_loop_until(&w.loop, w.polls >= 1);
    assert_int_equal(w.last_answer, WD_ANSWER_FAILED);
    assert_int_equal(w.last_state.last_reason, WD_REASON_HTTP_OTHER);
    poller_world_close(&w);
}

static void failure_and_recovery_are_said_once(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    w.serve_errors = true;
    poller_world_set_one(&w, "/feed?token=canary", POLLER_WORLD_FAST_MS);
    for (int i = 1; i <= 3; i++) {
        ticking_loop_until(&w.loop, w.polls >= i);
        assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    }
    ticking_loop_until(&w.loop, w.polls >= 4);
    wd_poller_stats s;
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.failing, 1);
    w.serve_errors = false;
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    ticking_loop_until(&w.loop, w.polls >= 6);
    assert_int_equal(w.n_said, 2);
    assert_string_equal(w.said[0], "fetch.error");
    assert_non_null(strstr(w.said_text[0], "feed-00: the server failed (HTTP 500); "
                                           "next try in "));
    assert_string_equal(w.said[1], "feed.recovered");
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.failing, 0);
    poller_world_close(&w);
}

static void one_bad_feed_disturbs_no_other(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_feed(&w, 0, "http://127.0.0.1:9/", POLLER_WORLD_FAST_MS);
    poller_world_feed(&w, 1, "/silent", POLLER_WORLD_FAST_MS);
    poller_world_feed(&w, 2, "http://127.0.0.2:80/", POLLER_WORLD_FAST_MS);
    poller_world_feed(&w, 3, "not a url", POLLER_WORLD_FAST_MS);
    poller_world_feed(&w, 4, "/feed", POLLER_WORLD_FAST_MS);
    poller_world_set(&w, 5);
    ticking_loop_until(&w.loop, w.answers[WD_ANSWER_NOT_MODIFIED] >= 10);
    assert_int_equal(w.n_said, 3);
    poller_world_close(&w);
}

static void no_feed_is_out_twice_and_the_limit_holds(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    w.hold = true;
    poller_world_set_one(&w, "/feed", POLLER_WORLD_FAST_MS);
    ticking_loop_until(&w.loop, w.n_held == 1);
    assert_int_equal(wd_poller_poll_now(w.poller, "feed-00"), WD_BUSY);
    ticking_loop_for(&w.loop, 60);
    assert_int_equal(w.n_held, 1);
    assert_int_equal(feeds_server_requests(w.server), 1);
    poller_world_let_go(&w);
    ticking_loop_until(&w.loop, w.polls >= 3);
    assert_int_equal(wd_poller_poll_now(w.poller, "nobody"), WD_NOTFOUND);
    poller_world_close(&w);
}

static void closing_cancels_what_is_out(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_feed(&w, 0, "/silent", POLLER_WORLD_FAST_MS);
    poller_world_feed(&w, 1, "/feed", POLLER_WORLD_FAST_MS);
    w.hold = true;
    poller_world_set(&w, 2);
    ticking_loop_until(&w.loop, w.n_held == 1 && feeds_server_requests(w.server) == 2);
    poller_world_close(&w);
    assert_int_equal(w.polls, 0);
    assert_int_equal(w.released, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_again_conditionally),
        cmocka_unit_test(the_same_body_is_told_apart_and_its_validators_kept),
        cmocka_unit_test(a_refused_document_leaves_no_validators),
        cmocka_unit_test(a_304_that_nobody_asked_for_is_a_failure),
        cmocka_unit_test(failure_and_recovery_are_said_once),
        cmocka_unit_test(one_bad_feed_disturbs_no_other),
        cmocka_unit_test(no_feed_is_out_twice_and_the_limit_holds),
        cmocka_unit_test(closing_cancels_what_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
