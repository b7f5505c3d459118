/* A Redis that refuses, and a second daemon: nothing is lost, and it is said why. */
#include "tests/support/publisher_desk.h"

/* Epochs are times. */
#define NEWER "epoch 9999999999999 owner 9999999999999:other"

static void keeps_everything_while_redis_refuses(void **state)
{
    publisher_desk *d = *state;
    static const struct {
        const char *break_it, *mend_it, *word;
    } rows[] = {
        { "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", "OOM" },
        { "CONFIG SET min-replicas-to-write 3", "CONFIG SET min-replicas-to-write 0",
          "NOREPLICAS" },
        { "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "READONLY" },
    };
    uint64_t total = 0;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_publisher_stats stats;
        redis_server_do(d->server, rows[i].break_it);
        publisher_desk_add(d, WD_LANE_ITEMS, 100, 1000);
        total += 100;
        do {
            uv_run(&d->loop, UV_RUN_ONCE);
            wd_publisher_get_stats(d->publisher, &stats);
        } while (strstr(stats.last_error, rows[i].word) == NULL);
        assert_false(stats.up);
        redis_server_do(d->server, rows[i].mend_it);
        publisher_desk_drain(d);
        publisher_desk_check(d, "wiredesk:items", 1, total);
    }
}

/* The permissions that docs/queue.md asks for are enough, and a missing one is named. */
static void works_with_few_permissions(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_close(d);
    redis_server_do(
        d->server,
        "ACL SETUSER wiredesk on >secret ~wiredesk:* ~{wiredesk:*}:fence &wiredesk:* "
        "+role +script|load +eval +evalsha +xadd +xinfo|stream +xrevrange +exists +hmget +hset "
        "+publish +ping +select +wait +xtrim +xinfo|groups");
    d->config.username = "wiredesk";
    d->config.password = "secret";
    publisher_desk_open(d);
    publisher_desk_add(d, WD_LANE_ITEMS, 5, 1000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 5);
    redis_server_do(d->server, "ACL SETUSER wiredesk -xadd");
    publisher_desk_add(d, WD_LANE_ITEMS, 1, 2000);
    wd_publisher_stats stats = publisher_desk_until_down(d);
    assert_non_null(strstr(stats.last_error, "permission"));
    publisher_desk_check(d, "wiredesk:items", 1, 5);
}

static void a_second_daemon_fences_the_first(void **state)
{
    publisher_desk *d = *state;
    wd_publisher_stats stats;
    publisher_desk_add(d, WD_LANE_ITEMS, 10, 1000);
    publisher_desk_drain(d);
    redis_server_do(d->server, "HSET {wiredesk:items}:fence " NEWER);
    publisher_desk_add(d, WD_LANE_ITEMS, 1, 2000);
    do {
        uv_run(&d->loop, UV_RUN_ONCE);
        wd_publisher_get_stats(d->publisher, &stats);
    } while (!stats.fenced);
    assert_non_null(strstr(d->said, "redis.fenced\n"));
    publisher_desk_check(d, "wiredesk:items", 1, 10);
}

/* Redis has our hello, but its answer was lost: the next one must not meet it as a stranger's. */
static void a_hello_without_an_answer_fences_nobody(void **state)
{
    publisher_desk *d = *state;
    char nonce[64];
    wd_publisher_stats stats;
    publisher_desk_add(d, WD_LANE_ITEMS, 5, 1000);
    publisher_desk_drain(d);
    redisReply *owner = redis_server_do(d->server, "HGET {wiredesk:items}:fence owner");
    snprintf(nonce, sizeof(nonce), "%s", strchr(owner->str, ':') + 1);
    redis_server_do(d->server, "HSET {wiredesk:items}:fence epoch 9 owner 9:%s", nonce);
    publisher_desk_add(d, WD_LANE_ITEMS, 5, 2000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:items", 1, 10);
    wd_publisher_get_stats(d->publisher, &stats);
    assert_false(stats.fenced);
}

/* Two that start in one moment may win a lane each: who has the items takes both. */
static void the_copies_go_with_the_items(void **state)
{
    publisher_desk *d = *state;
    wd_publisher_stats stats;
    publisher_desk_add(d, WD_LANE_COPIES, 5, 1000);
    publisher_desk_drain(d);
    redis_server_do(d->server, "HSET {wiredesk:copies}:fence " NEWER);
    publisher_desk_add(d, WD_LANE_COPIES, 5, 2000);
    publisher_desk_drain(d);
    publisher_desk_check(d, "wiredesk:copies", 1, 10);
    wd_publisher_get_stats(d->publisher, &stats);
    assert_false(stats.fenced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PUBLISHER_TEST(keeps_everything_while_redis_refuses),
        PUBLISHER_TEST(works_with_few_permissions),
        PUBLISHER_TEST(a_second_daemon_fences_the_first),
        PUBLISHER_TEST(a_hello_without_an_answer_fences_nobody),
        PUBLISHER_TEST(the_copies_go_with_the_items),
    };
    return cmocka_run_group_tests(tests, publisher_desk_start_server, publisher_desk_stop_server);
}
