/* Rows go from a real ledger to a real redis-server, once and in order. */
#include "queue/redis.h"
#include "tests/support/publisher_desk.h"

static void offer_one(void *ctx, const wd_outbox_row *row)
{
    wd_publisher_offer(((publisher_desk *)ctx)->publisher, row);
}

/* A commit whose rows behind `after` are offered before it is told of. */
static void commit_and_offer(publisher_desk *d, int n, uint64_t after)
{
    wd_outbox_range rows = { WD_LANE_ITEMS, after, UINT32_MAX, SIZE_MAX, false };
    wd_outbox_stat stat;
    assert_ok(wd_ledger_begin(d->ledger));
    for (int i = 0; i < n; i++)
        publisher_desk_add_row(d, WD_LANE_ITEMS, 1000, 300);
    assert_ok(wd_ledger_commit(d->ledger));
    assert_ok(wd_ledger_each_event(d->ledger, &rows, offer_one, d));
    assert_ok(wd_ledger_outbox_stat(d->ledger, WD_LANE_ITEMS, &stat));
    wd_publisher_wake(d->publisher, WD_LANE_ITEMS, stat.next_seq - 1);
}

static void expect_popped(publisher_desk *d, const char *list, int from, int to)
{
    for (int i = from; i <= to; i++) {
        char id[48];
        redisReply *one = redis_server_do(d->server, "RPOP %s", list);
        snprintf(id, sizeof(id), "\"sequence\":\"%d\"", i);
        if (one->type != REDIS_REPLY_STRING || strstr(one->str, id) == NULL)
            fail_msg("want %s, got %.80s", id, one->type == REDIS_REPLY_STRING ? one->str : "none");
    }
    assert_int_equal(redis_server_int(d->server, "LLEN %s", list), 0);
}

static void hands_every_row_on_once(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_add(d, WD_LANE_ITEMS, 300, 1000);
    publisher_desk_add(d, WD_LANE_COPIES, 7, 2000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 300);
    publisher_desk_check(d, "wiredesk:copies", 1, 7);
    wd_outbox_stat stat;
    assert_ok(wd_ledger_outbox_stat(d->ledger, WD_LANE_ITEMS, &stat));
    assert_int_equal(stat.acked_seq, 300);
    wd_publisher_stats stats;
    wd_publisher_get_stats(d->publisher, &stats);
    assert_true(stats.up);
    assert_int_equal(stats.behind, 0);
    assert_int_equal(stats.acked, 307);
    assert_int_equal(stats.duplicates, 0);
    redisReply *one = redis_server_do(d->server, "XRANGE wiredesk:items - + COUNT 1");
    const redisReply *fields = one->element[0]->element[1];
    static const char *const want[] = { "t", "item.new", "k", "c-1", "f", "a-feed",
                                        "l", "en",       "v", "1",   "j" };
    assert_int_equal(fields->elements, 12);
    for (size_t i = 0; i < WD_COUNT(want); i++)
        assert_string_equal(fields->element[i]->str, want[i]);
    assert_string_equal(one->element[0]->element[0]->str, "1000-1");
    assert_non_null(strstr(fields->element[11]->str, "\"streamid\":\"1000-1\""));
}

static void large_rows_pass_a_small_window(void **state)
{
    publisher_desk *d = *state;
    assert_ok(wd_ledger_begin(d->ledger));
    for (int i = 0; i < 12; i++)
        publisher_desk_add_row(d, WD_LANE_ITEMS, 1000, i % 3 == 0 ? 1500 * 1024 : 10);
    assert_ok(wd_ledger_commit(d->ledger));
    wd_publisher_wake(d->publisher, WD_LANE_ITEMS, 12);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 12);
}

static void offered_rows_are_sent_unasked(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_add(d, WD_LANE_ITEMS, 3, 1000);
    publisher_desk_drain(d);
    unsigned before = d->asked;
    commit_and_offer(d, 100, 3); /* more than the window */
    publisher_desk_drain(d);
    assert_int_equal(d->asked, before);
    publisher_desk_check(d, "wiredesk:items", 1, 103);
}

static void rows_that_were_not_offered_are_asked_for(void **state)
{
    publisher_desk *d = *state;
    commit_and_offer(d, 5, 0); /* too early: nothing is in step yet */
    publisher_desk_drain(d);
    unsigned before = d->asked;
    commit_and_offer(d, 100, 25); /* some are missing */
    publisher_desk_drain(d);
    assert_true(d->asked > before);
    before = d->asked;
    commit_and_offer(d, 1000, 105); /* too many */
    publisher_desk_drain(d);
    assert_true(d->asked > before);
    publisher_desk_check(d, "wiredesk:items", 1, 1105);
}

static void rings_on_the_channel(void **state)
{
    publisher_desk *d = *state;
    redisContext *listener = redisConnectUnix(d->server->socket);
    redisReply *reply = redisCommand(listener, "SUBSCRIBE wiredesk:items");
    freeReplyObject(reply);
    publisher_desk_add(d, WD_LANE_ITEMS, 3, 1000);
    publisher_desk_drain(d);
    for (int i = 1; i <= 3; i++) {
        char id[64];
        void *message = NULL;
        assert_int_equal(redisGetReply(listener, &message), REDIS_OK);
        reply = message;
        snprintf(id, sizeof(id), "\"streamid\":\"1000-%d\"", i);
        assert_non_null(strstr(reply->element[2]->str, id));
        freeReplyObject(reply);
    }
    redisFree(listener);
}

static void a_list_gets_every_story_once(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_close(d);
    d->config.list = "wiredesk:work";
    publisher_desk_open(d);
    publisher_desk_add(d, WD_LANE_ITEMS, 30, 1000);
    publisher_desk_add(d, WD_LANE_COPIES, 5, 1000); /* copies are no work */
    publisher_desk_drain(d);
    expect_popped(d, "wiredesk:work", 1, 30);
    publisher_desk_close(d);
    assert_ok(wd_ledger_unack(d->ledger, WD_LANE_ITEMS, 12)); /* answers lost: nothing again */
    publisher_desk_open(d);
    publisher_desk_add(d, WD_LANE_ITEMS, 10, 2000);
    publisher_desk_drain(d);
    expect_popped(d, "wiredesk:work", 31, 40);
    redis_server_do(d->server, "SET wiredesk:work taken");
    publisher_desk_add(d, WD_LANE_ITEMS, 1, 3000);
    wd_publisher_stats stats = publisher_desk_until_down(d);
    assert_non_null(strstr(stats.last_error, "WRONGTYPE"));
    publisher_desk_check(d, "wiredesk:items", 1, 40); /* neither of both */
}

static void a_list_of_another_slot_is_a_configuration_error(void **state)
{
    publisher_desk *d = *state;
    wd_publisher *p = NULL;
    wd_error err = { 0 };
    wd_publisher_spec spec = { .loop = &d->loop,
                               .clock = wd_clock_system(),
                               .log = &d->log,
                               .config = { .url = "cluster://h", .list = "work" } };
    assert_int_equal(wd_publisher_open(&p, &spec, &err), WD_CONFIG);
    assert_non_null(strstr(err.text, "{wiredesk:items}:list"));
}

static void an_impossible_address_is_a_configuration_error(void **state)
{
    publisher_desk *d = *state;
    static const char *const urls[] = { "", "embedded", "rediss://h", "redis://h:x" };
    for (size_t i = 0; i < WD_COUNT(urls); i++) {
        if (strncmp(urls[i], "rediss", 6) == 0 && wd_redis_has_tls())
            continue;
        wd_publisher *p = NULL;
        wd_error err = { 0 };
        wd_publisher_spec spec = { .loop = &d->loop,
                                   .clock = wd_clock_system(),
                                   .log = &d->log,
                                   .config = { .url = urls[i] } };
        assert_int_equal(wd_publisher_open(&p, &spec, &err), WD_CONFIG);
        assert_null(p);
        assert_true(err.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PUBLISHER_TEST(hands_every_row_on_once),
        PUBLISHER_TEST(large_rows_pass_a_small_window),
        PUBLISHER_TEST(offered_rows_are_sent_unasked),
        PUBLISHER_TEST(rows_that_were_not_offered_are_asked_for),
        PUBLISHER_TEST(rings_on_the_channel),
        PUBLISHER_TEST(a_list_gets_every_story_once),
        PUBLISHER_TEST(a_list_of_another_slot_is_a_configuration_error),
        PUBLISHER_TEST(an_impossible_address_is_a_configuration_error),
    };
    return cmocka_run_group_tests(tests, publisher_desk_start_server, publisher_desk_stop_server);
}
