/* What was sent, lost or forgotten is sorted out: every row is there once, in order. */
#include "tests/support/publisher_desk.h"
#include "tests/support/temp_dir.h"

static void a_new_process_goes_on_where_the_old_one_was(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_add(d, WD_LANE_ITEMS, 50, 1000);
    publisher_desk_drain(d);
    publisher_desk_close(d);
    wd_ledger_close(&d->ledger);
    assert_ok(wd_ledger_open(&d->ledger, d->dir, NULL));
    publisher_desk_open(d);
    publisher_desk_add(d, WD_LANE_ITEMS, 50, 2000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 100);
}

/* The answers of the last pushes never reached the ledger: Redis has them all the same. */
static void lost_acknowledgements_are_found_again(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_add(d, WD_LANE_ITEMS, 40, 1000);
    publisher_desk_drain(d);
    publisher_desk_close(d);
    assert_ok(wd_ledger_unack(d->ledger, WD_LANE_ITEMS, 25));
    publisher_desk_open(d);
    publisher_desk_add(d, WD_LANE_ITEMS, 10, 2000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 50);
}

static void survives_a_restart_of_redis(void **state)
{
    publisher_desk *d = *state;
    for (int i = 0; i < 4; i++) {
        publisher_desk_add(d, WD_LANE_ITEMS, 200, 1000 + i);
        for (int turn = 0; turn < 3 + i; turn++)
            uv_run(&d->loop, UV_RUN_ONCE);
        redis_server_restart(d->server);
    }
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 800);
    assert_non_null(strstr(d->said, "redis.lost\n"));
    assert_non_null(strstr(d->said, "redis.restored\n"));
}

static void sends_again_what_redis_forgot(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_add(d, WD_LANE_ITEMS, 30, 1000);
    publisher_desk_drain(d);
    redis_server_do(d->server, "FLUSHALL");
    publisher_desk_add(d, WD_LANE_ITEMS, 10, 2000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 40);
    assert_non_null(strstr(d->said, "redis.replay\n"));
    assert_int_equal(d->gaps, 0);
}

static void says_what_can_never_come(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_add(d, WD_LANE_ITEMS, 30, 1000);
    publisher_desk_drain(d);
    bool more;
    wd_outbox_keep keep = { .now_ms = INT64_MAX, .max_rows = 20 };
    assert_ok(wd_ledger_trim_outbox(d->ledger, &keep, &more));
    redis_server_do(d->server, "FLUSHALL");
    publisher_desk_add(d, WD_LANE_ITEMS, 10, 2000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 21, 40);
    assert_int_equal(d->gaps, 1);
    assert_int_equal(d->gap_from, 1);
    assert_int_equal(d->gap_to, 20);
}

static void lost_scripts_and_fences_are_made_anew(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_add(d, WD_LANE_ITEMS, 5, 1000);
    publisher_desk_drain(d);
    redis_server_do(d->server, "SCRIPT FLUSH");
    publisher_desk_add(d, WD_LANE_ITEMS, 5, 2000);
    publisher_desk_drain(d);
    redis_server_do(d->server, "DEL {wiredesk:items}:fence");
    publisher_desk_add(d, WD_LANE_ITEMS, 5, 3000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 15);
    wd_publisher_stats stats;
    wd_publisher_get_stats(d->publisher, &stats);
    assert_false(stats.fenced);
}

static void an_older_copy_of_the_outbox_goes_on_behind_the_stream(void **state)
{
    publisher_desk *d = *state;
    uint64_t generation = wd_ledger_generation(d->ledger);
    publisher_desk_add(d, WD_LANE_ITEMS, 20, 1000);
    publisher_desk_drain(d);
    publisher_desk_close(d);
    /* A new, empty ledger writes 5 rows of its own before it meets the stream. */
    wd_ledger_close(&d->ledger);
    temp_dir_remove(d->dir);
    temp_dir_make(d->dir);
    assert_ok(wd_ledger_open(&d->ledger, d->dir, NULL));
    assert_int_not_equal(wd_ledger_generation(d->ledger), generation);
    publisher_desk_open(d);
    publisher_desk_add(d, WD_LANE_ITEMS, 5, 500); /* an earlier time, too */
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 25);
    publisher_desk_close(d);
    /* And one that is further than the stream, by numbers of another history. */
    wd_ledger_close(&d->ledger);
    temp_dir_remove(d->dir);
    temp_dir_make(d->dir);
    assert_ok(wd_ledger_open(&d->ledger, d->dir, NULL));
    publisher_desk_open(d);
    publisher_desk_add(d, WD_LANE_ITEMS, 60, 5000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 85);
    assert_non_null(strstr(d->said, "outbox.renumbered\n"));
}

static void the_same_number_and_time_of_another_is_another_history(void **state)
{
    publisher_desk *d = *state;
    redis_server_do(d->server, "XADD wiredesk:items 1000-1 t x k c f f l en v 1 j {}");
    publisher_desk_add(d, WD_LANE_ITEMS, 2, 1000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 3); /* both of ours are there, behind it */
}

static void closing_is_safe_at_any_turn(void **state)
{
    publisher_desk *d = *state;
    for (int turns = 0; turns < 25; turns++) {
        publisher_desk_add(d, WD_LANE_ITEMS, 20, 1000);
        for (int i = 0; i < turns; i++)
            uv_run(&d->loop, UV_RUN_NOWAIT);
        publisher_desk_close(d);
        publisher_desk_open(d);
    }
    wd_publisher_wake(d->publisher, WD_LANE_ITEMS, 500);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PUBLISHER_TEST(a_new_process_goes_on_where_the_old_one_was),
        PUBLISHER_TEST(lost_acknowledgements_are_found_again),
        PUBLISHER_TEST(survives_a_restart_of_redis),
        PUBLISHER_TEST(sends_again_what_redis_forgot),
        PUBLISHER_TEST(says_what_can_never_come),
        PUBLISHER_TEST(lost_scripts_and_fences_are_made_anew),
        PUBLISHER_TEST(an_older_copy_of_the_outbox_goes_on_behind_the_stream),
        PUBLISHER_TEST(the_same_number_and_time_of_another_is_another_history),
        PUBLISHER_TEST(closing_is_safe_at_any_turn),
    };
    return cmocka_run_group_tests(tests, publisher_desk_start_server, publisher_desk_stop_server);
}
