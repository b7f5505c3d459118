/* Which feeds the poller has, what is kept of them, and what an operator does to one. */
#include "core/hash.h"
#include "tests/support/check.h"
#include "tests/support/poller_world.h"

static bool asked_for(const poller_world *w, const char *path, size_t n)
{
    return feeds_head_is(feeds_server_head(w->server, n), path);
}

static void pause_holds_and_resume_lets_go(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    wd_poller_pause(w.poller);
    poller_world_set_one(&w, "/feed", POLLER_WORLD_FAST_MS);
    ticking_loop_for(&w.loop, 60);
    assert_int_equal(feeds_server_requests(w.server), 0);
    wd_poller_stats s;
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.due, 1);
    assert_true(s.oldest_due_ms > 0);
    wd_poller_resume(w.poller);
    ticking_loop_until(&w.loop, w.polls >= 1);
    poller_world_close(&w);
}

static void a_feed_held_by_hand_stays_until_it_is_let_go(void **state)
{
    (void)state;
    poller_world w;
    wd_poller_stats s;
    const wd_feed_state *kept = NULL;
    poller_world_open(&w);
    w.hold = true;
    poller_world_set_one(&w, "/feed", POLLER_WORLD_FAST_MS);
    ticking_loop_until(&w.loop, w.n_held == 1);
    assert_ok(wd_poller_hold(w.poller, "feed-00", true, &kept)); /* while its poll is out */
    assert_true(kept->held);
    poller_world_let_go(&w);
    assert_int_equal(w.changed, 1); /* what the poll stored does not know of it */
    assert_int_equal(wd_poller_poll_now(w.poller, "feed-00"), WD_DENIED);
    ticking_loop_for(&w.loop, 3 * POLLER_WORLD_FAST_MS);
    assert_int_equal(w.polls, 1);
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.paused, 1);
    assert_ok(wd_poller_hold(w.poller, "feed-00", false, &kept));
    ticking_loop_until(&w.loop, w.polls >= 3);
    assert_int_equal(w.changed, 1);
    assert_int_equal(wd_poller_hold(w.poller, "nobody", true, &kept), WD_NOTFOUND);
    poller_world_close(&w);
}

static void a_reset_feed_is_asked_as_if_for_the_first_time(void **state)
{
    (void)state;
    poller_world w;
    const wd_feed_state *kept = NULL;
    poller_world_open(&w);
    poller_world_set_one(&w, "/feed", 60000);
    ticking_loop_until(&w.loop, w.polls >= 1);
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    ticking_loop_until(&w.loop, w.polls >= 2);
    assert_int_equal(w.last_answer, WD_ANSWER_NOT_MODIFIED);
    assert_ok(wd_poller_reset(w.poller, "feed-00", &kept));
    assert_true(kept->contacted && kept->polls == 0);
    ticking_loop_until(&w.loop, w.polls >= 3);
    assert_int_equal(w.last_answer, WD_ANSWER_DOCUMENT);
    assert_null(strstr(feeds_server_head(w.server, 2), "If-"));
    assert_int_equal(wd_poller_reset(w.poller, "nobody", &kept), WD_NOTFOUND);
    poller_world_close(&w);
}

static void a_reload_keeps_adds_drops_and_moves(void **state)
{
    (void)state;
    poller_world w;
    wd_poller_stats s;
    poller_world_open(&w);
    poller_world_feed(&w, 0, "/feed", 60000);
    poller_world_feed(&w, 1, "/plain", 60000);
    poller_world_set(&w, 2);
    ticking_loop_until(&w.loop, w.polls >= 2);
    static wd_feed_config again[3];
    memcpy(again, w.configs, 2 * sizeof(again[0]));
    poller_world_feed(&w, 2, "/feed?2", 60000);
    again[1] = w.configs[2]; /* feed-01 goes, feed-02 comes */
    char moved[96];
    snprintf(moved, sizeof(moved), "%s?moved", w.urls[0]);
    again[0].url = moved;
    wd_poller_feed rows[] = { { .config = &again[1] }, { .config = &again[0] } };
    assert_ok(wd_poller_set_feeds(w.poller, rows, 2));
    assert_int_equal(w.released, 2);
    ticking_loop_until(&w.loop,
                       w.polls >= 4); /* the moved one at once, without validators; the new one */
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 4);
    assert_null(strstr(feeds_server_head(w.server, 2), "If-"));
    assert_null(strstr(feeds_server_head(w.server, 3), "If-"));
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.feeds, 2);
    assert_int_equal(wd_poller_poll_now(w.poller, "feed-01"), WD_NOTFOUND);
    rows[1] = rows[0];
    assert_int_equal(wd_poller_set_feeds(w.poller, rows, 2), WD_CONFIG);
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.feeds, 2);
    poller_world_close(&w);
    assert_int_equal(w.released, 4);
}

static void a_config_under_way_lives_until_its_poll_is_back(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    w.hold = true;
    poller_world_set_one(&w, "/feed", 60000);
    ticking_loop_until(&w.loop, w.n_held == 1);
    static wd_feed_config second, third;
    second = third = w.configs[0];
    wd_poller_feed row = { .config = &second };
    assert_ok(wd_poller_set_feeds(w.poller, &row, 1));
    assert_int_equal(w.released, 0);
    row.config = &third;
    assert_ok(wd_poller_set_feeds(w.poller, &row, 1));
    assert_int_equal(w.released, 1); /* the second: nobody uses it */
    poller_world_give_back(&w, w.held[0]);
    w.n_held = 0;
    assert_int_equal(w.released, 2);
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    ticking_loop_until(&w.loop, w.n_held == 1);
    assert_ok(wd_poller_set_feeds(w.poller, NULL, 0));
    assert_int_equal(w.released, 2);
    poller_world_give_back(&w, w.held[0]);
    w.n_held = 0;
    assert_int_equal(w.released, 3);
    poller_world_close(&w);
    assert_int_equal(w.released, 3);
}

static void stored_states_are_taken_up(void **state)
{
    (void)state;
    poller_world w;
    int64_t now = wd_wall_ms(wd_clock_system());
    poller_world_open(&w);
    wd_feed_state states[3];
    wd_poller_feed rows[3];
    for (size_t i = 0; i < 3; i++) {
        poller_world_feed(&w, i, "/feed", 3600000);
        states[i] = wd_feed_state_new((uint32_t)i);
        states[i].polls = 5;
        states[i].contacted = true;
        states[i].last_poll_ms = states[i].last_success_ms = now - 4000000;
        states[i].url_hash = wd_hash64(wd_span_of(w.urls[i]), 0);
        states[i].next_due_ms = now - 1000;
        rows[i] = (wd_poller_feed){ &w.configs[i], &states[i], "\"v1\"", NULL };
    }
    states[1].url_hash++;                /* stored for another URL */
    states[2].next_due_ms = now + 60000; /* not yet due: a restart asks for nothing */
    assert_ok(wd_poller_set_feeds(w.poller, rows, 3));
    ticking_loop_until(&w.loop, w.polls >= 2);
    ticking_loop_for(&w.loop, 50);
    assert_int_equal(w.polls, 2);
    assert_int_equal(w.answers[WD_ANSWER_NOT_MODIFIED], 1);
    assert_int_equal(w.answers[WD_ANSWER_DOCUMENT], 1);
    poller_world_close(&w);
}

static void a_move_for_good_is_adopted_and_undone(void **state)
{
    (void)state;
    poller_world w;
    int64_t now = wd_wall_ms(wd_clock_system());
    char to[96];
    poller_world_open(&w);
    poller_world_feed(&w, 0, "/old", POLLER_WORLD_FAST_MS);
    snprintf(to, sizeof(to), "http://127.0.0.1:%d/new", feeds_server_port(w.server));
    wd_feed_state s = wd_feed_state_new(1);
    s.polls = 9;
    s.contacted = true;
    s.last_poll_ms = s.last_success_ms = now - WD_HOUR_MS;
    s.next_due_ms = now;
    s.url_hash = wd_hash64(wd_span_of(w.urls[0]), 0);
    s.moved_hash = s.validators_hash = wd_hash64(wd_span_of(to), 0);
    s.moved_seen = 9;
    s.moved_since_ms = now - 8 * WD_DAY_MS;
    s.moved_same = true;
    wd_poller_feed row = { &w.configs[0], &s, "\"v1\"", NULL };
    assert_ok(wd_poller_set_feeds(w.poller, &row, 1));
    ticking_loop_until(&w.loop, w.polls >= 2);
    /* Where it was: without what belongs to the new place; where it is: with it. */
    assert_true(asked_for(&w, "/old", 0) && asked_for(&w, "/new", 1) && asked_for(&w, "/new", 2));
    assert_null(strstr(feeds_server_head(w.server, 0), "If-"));
    assert_non_null(strstr(feeds_server_head(w.server, 1), "If-None-Match: \"v1\"\r\n"));
    assert_non_null(strstr(feeds_server_head(w.server, 2), "If-None-Match: \"v1\"\r\n"));
    assert_int_equal(w.answers[WD_ANSWER_NOT_MODIFIED], w.polls);
    assert_true(w.last_state.adopted);
    assert_string_equal(w.said[0], "feed.moved");
    w.serve_errors = true;
    int before = w.polls;
    for (int i = 1; i <= 3; i++) {
        ticking_loop_until(&w.loop, w.polls >= before + i);
        (void)wd_poller_poll_now(w.poller, "feed-00");
    }
    assert_false(w.last_state.adopted);
    size_t n = feeds_server_requests(w.server);
    (void)wd_poller_poll_now(w.poller, "feed-00");
    ticking_loop_until(&w.loop, w.polls >= before + 4);
    assert_true(asked_for(&w, "/old", n));
    poller_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pause_holds_and_resume_lets_go),
        cmocka_unit_test(a_feed_held_by_hand_stays_until_it_is_let_go),
        cmocka_unit_test(a_reset_feed_is_asked_as_if_for_the_first_time),
        cmocka_unit_test(a_reload_keeps_adds_drops_and_moves),
        cmocka_unit_test(a_config_under_way_lives_until_its_poll_is_back),
        cmocka_unit_test(stored_states_are_taken_up),
        cmocka_unit_test(a_move_for_good_is_adopted_and_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
