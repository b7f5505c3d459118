/* What hubs push goes the way of a poll, one document of a feed at a time. */
#include "feeds/poller_push.h"
#include "tests/support/check.h"
#include "tests/support/poller_world.h"

static wd_status push(poller_world *w, const char *slug)
{
    wd_poller_push p = { .slug = slug,
                         .body = strdup(FEEDS_DOCUMENT),
                         .len = strlen(FEEDS_DOCUMENT),
                         .url = WD_SPAN_LIT("https://wire.example/feed"),
                         .content_type = WD_SPAN_LIT("application/rss+xml") };
    wd_status s = wd_poller_push_document(w->poller, &p);
    if (s != WD_OK)
        free(p.body);
    return s;
}

static void a_push_moves_neither_validators_nor_the_next_poll(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_set_one(&w, "/feed", 0);
    ticking_loop_until(&w.loop, w.polls == 1);
    wd_feed_state polled = w.last_state;
    w.brings = 2;
    assert_ok(push(&w, "feed-00"));
    ticking_loop_until(&w.loop, w.pushes == 1);
    assert_int_equal(w.last_state.next_due_ms, polled.next_due_ms);
    assert_int_equal(w.last_state.body_hash, polled.body_hash);
    assert_int_equal(w.last_state.polls, polled.polls);
    assert_true(w.last_state.last_new_ms >= polled.last_success_ms);
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    ticking_loop_until(&w.loop, w.polls == 2);
    assert_non_null(strstr(feeds_server_head(w.server, 1), "If-None-Match: \"v1\"\r\n"));
    /* What it brought is not forgotten. */
    assert_true(w.last_state.rate_per_day > polled.rate_per_day);
    wd_poller_stats s;
    wd_poller_get_stats(w.poller, &s);
    assert_int_equal(s.polls, 2); /* a push is no poll */
    assert_int_equal(s.in_flight, 0);
    poller_world_close(&w);
}

static void one_document_of_a_feed_is_out_at_a_time(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_set_one(&w, "/feed", POLLER_WORLD_FAST_MS);
    ticking_loop_until(&w.loop, w.polls == 1);
    w.hold = true;
    assert_ok(push(&w, "feed-00"));
    assert_int_equal(w.n_held, 1);
    size_t asked = feeds_server_requests(w.server);
    ticking_loop_for(&w.loop, 200); /* its time comes ten times over */
    assert_int_equal(feeds_server_requests(w.server), asked);
    assert_int_equal(push(&w, "feed-00"), WD_BUSY);
    assert_int_equal(wd_poller_poll_now(w.poller, "feed-00"), WD_BUSY);
    assert_int_equal(push(&w, "other"), WD_NOTFOUND);
    poller_world_let_go(&w);
    ticking_loop_until(&w.loop, w.polls == 2);
    wd_poller_pause(w.poller); /* the outbox is full */
    assert_int_equal(push(&w, "feed-00"), WD_BUSY);
    wd_poller_resume(w.poller);
    const wd_feed_state *st;
    assert_ok(wd_poller_hold(w.poller, "feed-00", true, &st));
    assert_int_equal(push(&w, "feed-00"), WD_DENIED);
    poller_world_close(&w);
}

static void a_feed_may_be_dropped_while_its_push_is_out(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_set_one(&w, "/feed", 0);
    ticking_loop_until(&w.loop, w.polls == 1);
    w.hold = true;
    assert_ok(push(&w, "feed-00"));
    poller_world_set(&w, 0);
    poller_world_let_go(&w);
    assert_int_equal(push(&w, "feed-00"), WD_NOTFOUND);
    poller_world_close(&w);
}

static void polls_return_when_the_hub_delivers_no_more(void **state)
{
    (void)state;
    poller_world w;
    poller_world_open(&w);
    poller_world_set_one(&w, "/feed", 0);
    ticking_loop_until(&w.loop, w.polls == 1);
    int64_t usual_ms = w.last_state.next_due_ms - w.last_state.last_poll_ms;
    wd_poller_set_backup(w.poller, "feed-00", true);
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    ticking_loop_until(&w.loop, w.polls == 2);
    assert_int_equal(w.last_state.due_why, WD_DUE_PUSHED);
    assert_true(w.last_state.next_due_ms - w.last_state.last_poll_ms > 3 * usual_ms);
    wd_poller_set_backup(w.poller, "feed-00", false);
    assert_int_equal(w.changed, 1); /* over a restart too */
    assert_int_equal(w.last_state.due_why, WD_DUE_RATE);
    assert_true(w.last_state.next_due_ms - w.last_state.last_poll_ms <= usual_ms + WD_MINUTE_MS);
    wd_poller_set_backup(w.poller, "feed-00", false);
    assert_int_equal(w.changed, 1);

    wd_poller_set_backup(w.poller, "feed-00", true); /* the poll that was out then knows it too */
    w.hold = true;
    assert_ok(wd_poller_poll_now(w.poller, "feed-00"));
    ticking_loop_until(&w.loop, w.n_held == 1);
    wd_poller_set_backup(w.poller, "feed-00", false);
    poller_world_let_go(&w);
    assert_int_equal(w.last_state.due_why, WD_DUE_RATE);
    assert_int_equal(w.changed, 2);
    poller_world_close(&w);
}

static size_t count_said(const poller_world *w, const char *event)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n_said; i++)
        n += strcmp(w->said[i], event) == 0;
    return n;
}

/* A hub's host: whoever asks it, each end of its silence is said once. */
static void a_hubs_429_is_said_and_its_end_too(void **state)
{
    (void)state;
    static const wd_gate_result enough = { .retry_after_ms = -1, .reason = WD_REASON_HTTP_429 };
    static const wd_gate_result fine = { .retry_after_ms = -1 };
    poller_world w;
    wd_gate_seat one = { .host = NULL }, two = one;
    int64_t at_ms;
    poller_world_open(&w);
    wd_host_gate *gate = wd_poller_gate(w.poller);
    assert_ok(wd_host_gate_sit(gate, &one, WD_SPAN_LIT("https://hub.example/")));
    for (int i = 0; i < 2; i++) {
        wd_host_gate_begun(&one);
        wd_poller_gate_done(w.poller, &one, &enough, "feed-00");
    }
    assert_int_equal(count_said(&w, "host.circuit_open"), 1);
    assert_int_equal(wd_host_gate_ask(gate, &one, wd_boot_ms(&w.clock), &at_ms), WD_GATE_AT);
    assert_ok(wd_host_gate_sit(gate, &two, WD_SPAN_LIT("https://HUB.example./other")));
    wd_poller_gate_leave(w.poller, &two, "feed-01");
    assert_int_equal(count_said(&w, "host.circuit_close"), 0); /* somebody sits there */
    wd_host_gate_begun(&one);
    wd_poller_gate_done(w.poller, &one, &fine, "feed-00");
    assert_int_equal(count_said(&w, "host.circuit_close"), 1);

    wd_host_gate_begun(&one);
    wd_poller_gate_done(w.poller, &one, &enough, "feed-00");
    assert_int_equal(count_said(&w, "host.circuit_open"), 2);
    wd_poller_gate_leave(w.poller, &one, "feed-00"); /* forgotten with its last seat */
    assert_int_equal(count_said(&w, "host.circuit_close"), 2);
    poller_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_push_moves_neither_validators_nor_the_next_poll),
        cmocka_unit_test(one_document_of_a_feed_is_out_at_a_time),
        cmocka_unit_test(a_feed_may_be_dropped_while_its_push_is_out),
        cmocka_unit_test(polls_return_when_the_hub_delivers_no_more),
        cmocka_unit_test(a_hubs_429_is_said_and_its_end_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
