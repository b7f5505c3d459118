/* What holds back or moves all feeds together: rate, hosts, the clock, the line. */
#include "tests/support/check.h"
#include "tests/support/poller_world.h"

static size_t asked(const feeds_server *s, const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < feeds_server_requests(s); i++)
        n += feeds_head_is(feeds_server_head(s, i), path) != 0;
    return n;
}

static void look_again(poller_world *w)
{
    wd_poller_resume(w->poller);
    ticking_loop_for(&w->loop, 30);
}

/* Two feeds are led to another host, which has enough of one of them. */
static void where_redirects_lead_is_a_host_too(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_open_second(&w);
    poller_world_feed(&w, 0, "/away0", POLLER_WORLD_FAST_MS);
    poller_world_feed(&w, 1, "/away1", POLLER_WORLD_FAST_MS);
    poller_world_feed(&w, 2, "/plain", POLLER_WORLD_FAST_MS);
    poller_world_set(&w, 3);
    ticking_loop_until(&w.loop, asked(w.second, "/0") >= 2 && asked(w.second, "/1") >= 2);
    assert_int_equal(w.n_said, 0);
    w.serve_errors = true;
    ticking_loop_until(&w.loop, w.n_said >= 1);
    assert_string_equal(w.said[0], "host.circuit_open");
    assert_non_null(strstr(w.said_text[0], "127.0.0.2"));
    ticking_loop_for(&w.loop, 50); /* what was out comes home */
    size_t led = asked(w.server, "/away1"), other = asked(w.server, "/plain");
    ticking_loop_until(&w.loop, asked(w.server, "/plain") >=
                                    other + 5); /* who pointed there is not blamed */
    assert_int_equal(asked(w.server, "/away1"), led);
    assert_int_equal(asked(w.second, "/0"), asked(w.server, "/away0"));
    poller_world_close(&w);
}

/* Ten feeds want a poll a second each; two a second are allowed. */
static void all_feeds_together_stay_under_the_fetch_rate(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open_at_rate(&w, 2);
    for (size_t i = 0; i < 10; i++)
        poller_world_feed(&w, i, "/feed", 1000);
    poller_world_set(&w, 10);
    ticking_loop_until(&w.loop, w.polls >= 1);
    assert_true(w.last_stretch > 4.9 && w.last_stretch < 5.1);
    poller_world_set(&w, 2);                /* what is dropped asks for nothing */
    wd_poller_stats s = { .in_flight = 1 }; /* what is out was stretched for ten */
    ticking_loop_until(&w.loop, (wd_poller_get_stats(w.poller, &s), s.in_flight == 0));
    assert_ok(wd_poller_poll_now(w.poller, "feed-01"));
    int before = w.polls;
    ticking_loop_until(&w.loop, w.polls > before);
    assert_true(w.last_stretch >= 1.0 && w.last_stretch < 1.1);
    poller_world_close(&w);
}

static void a_stepped_clock_moves_no_poll(void **state)
{
    (void)state;
    static const int64_t steps[] = { WD_DAY_MS, -WD_DAY_MS, 3650 * WD_DAY_MS };
    for (size_t i = 0; i < WD_COUNT(steps); i++) {
        poller_world w;
        poller_world_open(&w);
        poller_world_set_one(&w, "/feed", 60000);
        ticking_loop_until(&w.loop, w.polls >= 1);
        w.wall_off_ms = steps[i];
        look_again(&w);
        assert_int_equal(w.polls, 1);
        assert_true(poller_world_has_said(&w, "clock.step"));
        assert_int_equal(w.n_said, 1);
        w.boot_off_ms = 61000; /* a minute later, by the clock that does not step */
        w.wall_off_ms += 61000;
        look_again(&w);
        ticking_loop_until(&w.loop, w.polls == 2);
        poller_world_close(&w);
    }
}

static void what_became_due_in_suspend_goes_out_slowly(void **state)
{
    (void)state;
    poller_world w;
    char path[16];
    poller_world_open(&w);
    for (size_t i = 0; i < 10; i++) {
        snprintf(path, sizeof(path), "/feed?%zu", i);
        poller_world_feed(&w, i, path, 3600000);
    }
    poller_world_set(&w, 10);
    ticking_loop_until(&w.loop, w.polls == 10);
    w.wall_off_ms = w.boot_off_ms = 2 * WD_HOUR_MS;
    uint64_t before = uv_hrtime();
    wd_poller_resume(w.poller);
    ticking_loop_until(&w.loop, w.polls == 20);
    assert_true(uv_hrtime() - before >= 8 * 1000000); /* a millisecond apart each */
    assert_int_equal(w.n_said, 0);
    poller_world_close(&w);
}

static void when_the_line_is_down_nothing_is_counted(void **state)
{
    (void)state;
    poller_world w;
    wd_poller_stats s;
    char url[32];
    poller_world_open(&w);
    for (size_t i = 0; i < 14; i++) {
        snprintf(url, sizeof(url), "http://h%zu.invalid/", i);
        poller_world_feed(&w, i, url, POLLER_WORLD_FAST_MS);
    }
    poller_world_set(&w, 14);
    ticking_loop_until(&w.loop, poller_world_has_said(&w, "net.outage"));
    ticking_loop_for(&w.loop, 100);
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.in_flight, 0);
    assert_int_equal(s.failing, 9); /* those before it could be known */
    assert_int_equal(s.failures, 9);
    for (size_t i = 0; i < 14; i++)
        poller_world_feed(&w, i, "/feed", POLLER_WORLD_FAST_MS); /* now all can be reached */
    w.boot_off_ms += 14 * WD_SECOND_MS;
    w.wall_off_ms += 14 * WD_SECOND_MS;
    static wd_feed_config moved[14];
    wd_poller_feed rows[14] = { { .config = NULL } };
    memcpy(moved, w.configs, sizeof(moved));
    for (size_t i = 0; i < 14; i++)
        rows[i].config = &moved[i];
    assert_ok(wd_poller_set_feeds(w.poller, rows, 14));
    ticking_loop_until(&w.loop, poller_world_has_said(&w, "net.restored"));
    ticking_loop_until(&w.loop, w.answers[WD_ANSWER_DOCUMENT] >= 14);
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.failing, 0);
    poller_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_redirects_lead_is_a_host_too),
        cmocka_unit_test(all_feeds_together_stay_under_the_fetch_rate),
        cmocka_unit_test(a_stepped_clock_moves_no_poll),
        cmocka_unit_test(what_became_due_in_suspend_goes_out_slowly),
        cmocka_unit_test(when_the_line_is_down_nothing_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
