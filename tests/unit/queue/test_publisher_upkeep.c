/* What is looked after now and then: length, age, groups that fall behind, the disk of Redis. */
#include "core/clock.h"
#include "tests/support/publisher_desk.h"

static void wait_for_event(publisher_desk *d, const char *event)
{
    while (strstr(d->said, event) == NULL)
        uv_run(&d->loop, UV_RUN_ONCE);
}

/* Upkeep comes with the first look, five seconds after the lane runs. */
static void a_group_that_falls_behind_is_told_of(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_close(d);
    d->config.maxlen = 100;
    publisher_desk_open(d);
    redis_server_do(d->server, "XGROUP CREATE wiredesk:items slow 0 MKSTREAM");
    redis_server_do(d->server, "XGROUP CREATE wiredesk:items quick 0");
    publisher_desk_add(d, WD_LANE_ITEMS, 90, 1000);
    publisher_desk_drain(d);
    redis_server_do(d->server, "XGROUP SETID wiredesk:items quick $");
    wait_for_event(d, "redis.group_behind\n");
}

static void old_entries_go(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_close(d);
    d->config.max_age_ms = WD_MINUTE_MS;
    publisher_desk_open(d);
    publisher_desk_add(d, WD_LANE_ITEMS, 300, 1000); /* of 1970 */
    publisher_desk_drain(d);
    while (redis_server_int(d->server, "XLEN wiredesk:items") >= 300)
        uv_run(&d->loop, UV_RUN_ONCE);
    publisher_desk_add(d, WD_LANE_ITEMS, 10, wd_wall_ms(wd_clock_system()));
    publisher_desk_drain(d);
    redisReply *last = redis_server_do(d->server, "XREVRANGE wiredesk:items + - COUNT 1");
    assert_non_null(strstr(last->element[0]->element[0]->str, "-310"));
}

/* Where the server can say it (7.2 and later, with an append-only file). */
static void what_is_on_redis_disk_is_safe(void **state)
{
    publisher_desk *d = *state;
    redis_server_do(d->server, "CONFIG SET appendonly yes");
    if (redis_server_do(d->server, "COMMAND INFO waitaof")->element[0]->type == REDIS_REPLY_NIL) {
        redis_server_do(d->server, "CONFIG SET appendonly no");
        skip();
    }
    publisher_desk_add(d, WD_LANE_ITEMS, 20, 1000);
    publisher_desk_drain(d);
    while (d->safe < 20)
        uv_run(&d->loop, UV_RUN_ONCE);
    redis_server_do(d->server, "CONFIG SET appendonly no");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PUBLISHER_TEST(a_group_that_falls_behind_is_told_of),
        PUBLISHER_TEST(old_entries_go),
        PUBLISHER_TEST(what_is_on_redis_disk_is_safe),
    };
    return cmocka_run_group_tests(tests, publisher_desk_start_server, publisher_desk_stop_server);
}
