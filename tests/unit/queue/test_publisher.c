/* tests/unit/queue/test_publisher.c - a real ledger in front of a real redis-server. */
#include <inttypes.h>
#include <unistd.h>

#include "core/limits.h"
#include "queue/event.h"
#include "queue/publisher.h"
#include "queue/redis.h"
#include "tests/support/check.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_dir.h"

/* The pipeline in one thread: the ledger answers at once. */
typedef struct desk {
    char dir[PATH_MAX];
    uv_loop_t loop;
    uv_timer_t limit; /* a test that waits for ever fails instead */
    wd_ledger *ledger;
    wd_publisher *publisher;
    unsigned closes, drains, late_drains, gaps, asked;
    uint64_t gap_from, gap_to;
    bool drained;
    char said[4096]; /* event ids of the log, one a line */
    wd_log log;
    const char *username, *password;
    uint64_t maxlen;
    int64_t max_age_ms;
    const char *list;
    uint64_t safe;
} desk;

/* Epochs are times. */
#define NEWER "epoch 9999999999999 owner 9999999999999:other"

static redis_server server;

static void tell(desk *d, wd_lane lane)
{
    wd_outbox_stat stat;
    assert_ok(wd_ledger_outbox_stat(d->ledger, lane, &stat));
    wd_publisher_on_stat(d->publisher, lane, &stat, wd_ledger_generation(d->ledger));
}

static void want_stat(void *ctx, wd_lane lane)
{
    tell(ctx, lane);
}

static void one_row(void *ctx, const wd_outbox_row *row)
{
    wd_publisher_on_row(((desk *)ctx)->publisher, row);
}

static void want_rows(
    void *ctx, wd_lane lane, uint64_t after_seq, uint32_t max_rows, size_t max_bytes)
{
    desk *d = ctx;
    d->asked++;
    assert_ok(wd_ledger_each_event(
        d->ledger, &(wd_outbox_range){ lane, after_seq, max_rows, max_bytes, false }, one_row, d));
    wd_publisher_on_rows_end(d->publisher, lane);
}

static void acked(void *ctx, wd_lane lane, uint64_t seq)
{
    assert_ok(wd_ledger_ack(((desk *)ctx)->ledger, lane, seq, 1));
}

static void unacked(void *ctx, wd_lane lane, uint64_t seq)
{
    assert_ok(wd_ledger_unack(((desk *)ctx)->ledger, lane, seq));
    tell(ctx, lane);
}

static void renumber(void *ctx, wd_lane lane, uint64_t top, int64_t top_ms)
{
    assert_ok(wd_ledger_renumber(((desk *)ctx)->ledger, lane, top, top_ms));
    tell(ctx, lane);
}

static void gap(void *ctx, wd_lane lane, uint64_t from, uint64_t to)
{
    desk *d = ctx;
    (void)lane;
    d->gaps++;
    d->gap_from = from;
    d->gap_to = to;
}

static void safe(void *ctx, wd_lane lane, uint64_t seq)
{
    if (lane == WD_LANE_ITEMS)
        ((desk *)ctx)->safe = seq;
}

static void closed(void *ctx)
{
    ++*(unsigned *)ctx; /* another context than the source's */
}

static void say(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    desk *d = ctx;
    size_t n = strlen(d->said);
    (void)level;
    (void)fields;
    snprintf(d->said + n, sizeof(d->said) - n, "%s\n", event);
    if (getenv("WD_TEST_LOG") != NULL)
        fprintf(stderr, "%s: %s\n", event, text);
}

static void too_long(uv_timer_t *timer)
{
    (void)timer;
    fprintf(stderr, "the test waited for 20 s in vain\n");
    abort();
}

static void open_publisher(desk *d)
{
    wd_error err = { 0 };
    wd_publisher_spec spec = { .loop = &d->loop,
                               .clock = wd_clock_system(),
                               .log = &d->log,
                               .config = { .url = server.url,
                                           .username = d->username,
                                           .password = d->password,
                                           .maxlen = d->maxlen,
                                           .list = d->list,
                                           .max_age_ms = d->max_age_ms },
                               .source = { .want_stat = want_stat,
                                           .want_rows = want_rows,
                                           .acked = acked,
                                           .unacked = unacked,
                                           .renumber = renumber,
                                           .gap = gap,
                                           .safe = safe,
                                           .ctx = d },
                               .generation = wd_ledger_generation(d->ledger),
                               .closed = closed,
                               .closed_ctx = &d->closes };
    if (wd_publisher_open(&d->publisher, &spec, &err) != WD_OK)
        fail_msg("%s", err.text);
}

static int open_desk(void **state)
{
    desk *d = calloc(1, sizeof(*d));
    temp_dir_make(d->dir);
    assert_ok(wd_ledger_open(&d->ledger, d->dir, NULL));
    uv_loop_init(&d->loop);
    uv_timer_init(&d->loop, &d->limit);
    uv_timer_start(&d->limit, too_long, 20000, 0);
    d->log = (wd_log){ .sink = say, .ctx = d, .level = WD_LOG_DEBUG };
    redis_server_do(&server, "FLUSHALL");
    open_publisher(d);
    *state = d;
    return 0;
}

static void close_publisher(desk *d)
{
    unsigned before = d->closes;
    wd_publisher_close(&d->publisher);
    while (d->closes == before)
        uv_run(&d->loop, UV_RUN_ONCE);
}

static int close_desk(void **state)
{
    desk *d = *state;
    close_publisher(d);
    uv_close((uv_handle_t *)&d->limit, NULL);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&d->loop), 0);
    wd_ledger_close(&d->ledger);
    temp_dir_remove(d->dir);
    free(d);
    return 0;
}

static void add_row(desk *d, wd_lane lane, int64_t ms, size_t pad)
{
    wd_buf body = WD_BUF_INIT(WD_EVENT_BYTES);
    char *stream = calloc(1, pad + 1);
    memset(stream, 's', pad);
    wd_outbox_row row = { .type = "item.new",
                          .language = "en",
                          .cluster = WD_SPAN_LIT("c-1"),
                          .feed = WD_SPAN_LIT("a-feed") };
    assert_ok(wd_ledger_next_slot(d->ledger, lane, ms, &row.slot));
    assert_ok(wd_event_write_gap(
        &(wd_event_gap){ row.slot, ms, "urn:wiredesk:t", stream, 1, 2, "operator-reset" }, &body));
    row.body = wd_buf_span(&body);
    assert_ok(wd_ledger_add_event(d->ledger, &row));
    wd_buf_done(&body);
    free(stream);
}

static void add_rows(desk *d, wd_lane lane, int n, int64_t ms)
{
    wd_outbox_stat stat;
    assert_ok(wd_ledger_begin(d->ledger));
    for (int i = 0; i < n; i++)
        add_row(d, lane, ms, 300);
    assert_ok(wd_ledger_commit(d->ledger));
    assert_ok(wd_ledger_outbox_stat(d->ledger, lane, &stat));
    wd_publisher_wake(d->publisher, lane, stat.next_seq - 1);
}

static void on_drained(void *ctx, bool drained)
{
    desk *d = ctx;
    d->drains++;
    d->late_drains += !drained;
    uv_stop(&d->loop);
}

static void drain(desk *d)
{
    unsigned before = d->drains;
    wd_publisher_drain(d->publisher, 15000, on_drained, d);
    assert_int_equal(d->drains, before); /* not inside the call */
    uv_run(&d->loop, UV_RUN_DEFAULT);
    assert_int_equal(d->drains, before + 1);
    if (d->late_drains > 0) {
        wd_publisher_stats stats;
        wd_publisher_get_stats(d->publisher, &stats);
        fail_msg("not drained: %" PRIu64 " behind, %s", stats.behind, stats.last_error);
    }
}

/* Every number from `from` to `to`, once, in order; nothing else. */
static void check_stream(const char *key, unsigned long long from, unsigned long long to)
{
    redisReply *all = redis_server_do(&server, "XRANGE %s - +", key);
    assert_int_equal(all->type, REDIS_REPLY_ARRAY);
    if (all->elements != to + 1 - from)
        fail_msg("%s has %zu entries, want %llu", key, all->elements, to + 1 - from);
    for (size_t i = 0; i < all->elements; i++) {
        const redisReply *entry = all->element[i];
        const char *dash = strchr(entry->element[0]->str, '-');
        assert_non_null(dash);
        assert_int_equal(strtoull(dash + 1, NULL, 10), from + i);
    }
}

static void hands_every_row_on_once(void **state)
{
    desk *d = *state;
    add_rows(d, WD_LANE_ITEMS, 300, 1000);
    add_rows(d, WD_LANE_COPIES, 7, 2000);
    drain(d);
    check_stream("wiredesk:items", 1, 300);
    check_stream("wiredesk:copies", 1, 7);
    wd_outbox_stat stat;
    assert_ok(wd_ledger_outbox_stat(d->ledger, WD_LANE_ITEMS, &stat));
    assert_int_equal(stat.acked_seq, 300);
    wd_publisher_stats stats;
    wd_publisher_get_stats(d->publisher, &stats);
    assert_true(stats.up);
    assert_int_equal(stats.behind, 0);
    assert_int_equal(stats.acked, 307);
    assert_int_equal(stats.duplicates, 0);
    redisReply *one = redis_server_do(&server, "XRANGE wiredesk:items - + COUNT 1");
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
    desk *d = *state;
    assert_ok(wd_ledger_begin(d->ledger));
    for (int i = 0; i < 12; i++)
        add_row(d, WD_LANE_ITEMS, 1000, i % 3 == 0 ? 1500 * 1024 : 10);
    assert_ok(wd_ledger_commit(d->ledger));
    wd_publisher_wake(d->publisher, WD_LANE_ITEMS, 12);
    drain(d);
    check_stream("wiredesk:items", 1, 12);
}

static void offer_one(void *ctx, const wd_outbox_row *row)
{
    wd_publisher_offer(((desk *)ctx)->publisher, row);
}

/* A commit whose rows behind `after` are offered before it is told of. */
static void commit_and_offer(desk *d, int n, uint64_t after)
{
    wd_outbox_range rows = { WD_LANE_ITEMS, after, UINT32_MAX, SIZE_MAX, false };
    wd_outbox_stat stat;
    assert_ok(wd_ledger_begin(d->ledger));
    for (int i = 0; i < n; i++)
        add_row(d, WD_LANE_ITEMS, 1000, 300);
    assert_ok(wd_ledger_commit(d->ledger));
    assert_ok(wd_ledger_each_event(d->ledger, &rows, offer_one, d));
    assert_ok(wd_ledger_outbox_stat(d->ledger, WD_LANE_ITEMS, &stat));
    wd_publisher_wake(d->publisher, WD_LANE_ITEMS, stat.next_seq - 1);
}

static void offered_rows_are_sent_unasked(void **state)
{
    desk *d = *state;
    add_rows(d, WD_LANE_ITEMS, 3, 1000);
    drain(d);
    unsigned before = d->asked;
    commit_and_offer(d, 100, 3); /* more than the window */
    drain(d);
    assert_int_equal(d->asked, before);
    check_stream("wiredesk:items", 1, 103);
}

static void rows_that_were_not_offered_are_asked_for(void **state)
{
    desk *d = *state;
    commit_and_offer(d, 5, 0); /* too early: nothing is in step yet */
    drain(d);
    unsigned before = d->asked;
    commit_and_offer(d, 100, 25); /* some are missing */
    drain(d);
    assert_true(d->asked > before);
    before = d->asked;
    commit_and_offer(d, 1000, 105); /* too many */
    drain(d);
    assert_true(d->asked > before);
    check_stream("wiredesk:items", 1, 1105);
}

static void rings_on_the_channel(void **state)
{
    desk *d = *state;
    redisContext *listener = redisConnectUnix(server.socket);
    redisReply *reply = redisCommand(listener, "SUBSCRIBE wiredesk:items");
    freeReplyObject(reply);
    add_rows(d, WD_LANE_ITEMS, 3, 1000);
    drain(d);
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

static void a_new_process_goes_on_where_the_old_one_was(void **state)
{
    desk *d = *state;
    add_rows(d, WD_LANE_ITEMS, 50, 1000);
    drain(d);
    close_publisher(d);
    wd_ledger_close(&d->ledger);
    assert_ok(wd_ledger_open(&d->ledger, d->dir, NULL));
    open_publisher(d);
    add_rows(d, WD_LANE_ITEMS, 50, 2000);
    drain(d);
    check_stream("wiredesk:items", 1, 100);
}

/* The answers of the last pushes never reached the ledger: Redis has them all the same. */
static void lost_acknowledgements_are_found_again(void **state)
{
    desk *d = *state;
    add_rows(d, WD_LANE_ITEMS, 40, 1000);
    drain(d);
    close_publisher(d);
    assert_ok(wd_ledger_unack(d->ledger, WD_LANE_ITEMS, 25));
    open_publisher(d);
    add_rows(d, WD_LANE_ITEMS, 10, 2000);
    drain(d);
    check_stream("wiredesk:items", 1, 50);
}

static void survives_a_restart_of_redis(void **state)
{
    desk *d = *state;
    for (int i = 0; i < 4; i++) {
        add_rows(d, WD_LANE_ITEMS, 200, 1000 + i);
        for (int turn = 0; turn < 3 + i; turn++)
            uv_run(&d->loop, UV_RUN_ONCE);
        redis_server_restart(&server);
    }
    drain(d);
    check_stream("wiredesk:items", 1, 800);
    assert_non_null(strstr(d->said, "redis.lost\n"));
    assert_non_null(strstr(d->said, "redis.restored\n"));
}

static void sends_again_what_redis_forgot(void **state)
{
    desk *d = *state;
    add_rows(d, WD_LANE_ITEMS, 30, 1000);
    drain(d);
    redis_server_do(&server, "FLUSHALL");
    add_rows(d, WD_LANE_ITEMS, 10, 2000);
    drain(d);
    check_stream("wiredesk:items", 1, 40);
    assert_non_null(strstr(d->said, "redis.replay\n"));
    assert_int_equal(d->gaps, 0);
}

static void says_what_can_never_come(void **state)
{
    desk *d = *state;
    add_rows(d, WD_LANE_ITEMS, 30, 1000);
    drain(d);
    bool more;
    wd_outbox_keep keep = { .now_ms = INT64_MAX, .max_rows = 20 };
    assert_ok(wd_ledger_trim_outbox(d->ledger, &keep, &more));
    redis_server_do(&server, "FLUSHALL");
    add_rows(d, WD_LANE_ITEMS, 10, 2000);
    drain(d);
    check_stream("wiredesk:items", 21, 40);
    assert_int_equal(d->gaps, 1);
    assert_int_equal(d->gap_from, 1);
    assert_int_equal(d->gap_to, 20);
}

static void lost_scripts_and_fences_are_made_anew(void **state)
{
    desk *d = *state;
    add_rows(d, WD_LANE_ITEMS, 5, 1000);
    drain(d);
    redis_server_do(&server, "SCRIPT FLUSH");
    add_rows(d, WD_LANE_ITEMS, 5, 2000);
    drain(d);
    redis_server_do(&server, "DEL {wiredesk:items}:fence");
    add_rows(d, WD_LANE_ITEMS, 5, 3000);
    drain(d);
    check_stream("wiredesk:items", 1, 15);
    wd_publisher_stats stats;
    wd_publisher_get_stats(d->publisher, &stats);
    assert_false(stats.fenced);
}

static void keeps_everything_while_redis_refuses(void **state)
{
    desk *d = *state;
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
        redis_server_do(&server, rows[i].break_it);
        add_rows(d, WD_LANE_ITEMS, 100, 1000);
        total += 100;
        do {
            uv_run(&d->loop, UV_RUN_ONCE);
            wd_publisher_get_stats(d->publisher, &stats);
        } while (strstr(stats.last_error, rows[i].word) == NULL);
        assert_false(stats.up);
        redis_server_do(&server, rows[i].mend_it);
        drain(d);
        check_stream("wiredesk:items", 1, total);
    }
}

static void a_second_daemon_fences_the_first(void **state)
{
    desk *d = *state;
    wd_publisher_stats stats;
    add_rows(d, WD_LANE_ITEMS, 10, 1000);
    drain(d);
    redis_server_do(&server, "HSET {wiredesk:items}:fence " NEWER);
    add_rows(d, WD_LANE_ITEMS, 1, 2000);
    do {
        uv_run(&d->loop, UV_RUN_ONCE);
        wd_publisher_get_stats(d->publisher, &stats);
    } while (!stats.fenced);
    assert_non_null(strstr(d->said, "redis.fenced\n"));
    check_stream("wiredesk:items", 1, 10);
}

/* Redis has our hello, but its answer was lost: the next one must not meet it as a stranger's. */
static void a_hello_without_an_answer_fences_nobody(void **state)
{
    desk *d = *state;
    char nonce[64];
    wd_publisher_stats stats;
    add_rows(d, WD_LANE_ITEMS, 5, 1000);
    drain(d);
    redisReply *owner = redis_server_do(&server, "HGET {wiredesk:items}:fence owner");
    snprintf(nonce, sizeof(nonce), "%s", strchr(owner->str, ':') + 1);
    redis_server_do(&server, "HSET {wiredesk:items}:fence epoch 9 owner 9:%s", nonce);
    add_rows(d, WD_LANE_ITEMS, 5, 2000);
    drain(d);
    check_stream("wiredesk:items", 1, 10);
    wd_publisher_get_stats(d->publisher, &stats);
    assert_false(stats.fenced);
}

/* Two that start in one moment may win a lane each: who has the items takes both. */
static void the_copies_go_with_the_items(void **state)
{
    desk *d = *state;
    wd_publisher_stats stats;
    add_rows(d, WD_LANE_COPIES, 5, 1000);
    drain(d);
    redis_server_do(&server, "HSET {wiredesk:copies}:fence " NEWER);
    add_rows(d, WD_LANE_COPIES, 5, 2000);
    drain(d);
    check_stream("wiredesk:copies", 1, 10);
    wd_publisher_get_stats(d->publisher, &stats);
    assert_false(stats.fenced);
}

static void an_older_copy_of_the_outbox_goes_on_behind_the_stream(void **state)
{
    desk *d = *state;
    uint64_t generation = wd_ledger_generation(d->ledger);
    add_rows(d, WD_LANE_ITEMS, 20, 1000);
    drain(d);
    close_publisher(d);
    /* A new, empty ledger writes 5 rows of its own before it meets the stream. */
    wd_ledger_close(&d->ledger);
    temp_dir_remove(d->dir);
    temp_dir_make(d->dir);
    assert_ok(wd_ledger_open(&d->ledger, d->dir, NULL));
    assert_int_not_equal(wd_ledger_generation(d->ledger), generation);
    open_publisher(d);
    add_rows(d, WD_LANE_ITEMS, 5, 500); /* an earlier time, too */
    drain(d);
    check_stream("wiredesk:items", 1, 25);
    close_publisher(d);
    /* And one that is further than the stream, by numbers of another history. */
    wd_ledger_close(&d->ledger);
    temp_dir_remove(d->dir);
    temp_dir_make(d->dir);
    assert_ok(wd_ledger_open(&d->ledger, d->dir, NULL));
    open_publisher(d);
    add_rows(d, WD_LANE_ITEMS, 60, 5000);
    drain(d);
    check_stream("wiredesk:items", 1, 85);
    assert_non_null(strstr(d->said, "outbox.renumbered\n"));
}

static void the_same_number_and_time_of_another_is_another_history(void **state)
{
    desk *d = *state;
    redis_server_do(&server, "XADD wiredesk:items 1000-1 t x k c f f l en v 1 j {}");
    add_rows(d, WD_LANE_ITEMS, 2, 1000);
    drain(d);
    check_stream("wiredesk:items", 1, 3); /* both of ours are there, behind it */
}

static void closing_is_safe_at_any_turn(void **state)
{
    desk *d = *state;
    for (int turns = 0; turns < 25; turns++) {
        add_rows(d, WD_LANE_ITEMS, 20, 1000);
        for (int i = 0; i < turns; i++)
            uv_run(&d->loop, UV_RUN_NOWAIT);
        close_publisher(d);
        open_publisher(d);
    }
    wd_publisher_wake(d->publisher, WD_LANE_ITEMS, 500);
    drain(d);
    check_stream("wiredesk:items", 1, 500);
}

static void an_impossible_address_is_a_configuration_error(void **state)
{
    desk *d = *state;
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

static void wait_for_event(desk *d, const char *event)
{
    while (strstr(d->said, event) == NULL)
        uv_run(&d->loop, UV_RUN_ONCE);
}

/* Upkeep comes with the first look, five seconds after the lane runs. */
static void a_group_that_falls_behind_is_told_of(void **state)
{
    desk *d = *state;
    close_publisher(d);
    d->maxlen = 100;
    open_publisher(d);
    redis_server_do(&server, "XGROUP CREATE wiredesk:items slow 0 MKSTREAM");
    redis_server_do(&server, "XGROUP CREATE wiredesk:items quick 0");
    add_rows(d, WD_LANE_ITEMS, 90, 1000);
    drain(d);
    redis_server_do(&server, "XGROUP SETID wiredesk:items quick $");
    wait_for_event(d, "redis.group_behind\n");
}

static void old_entries_go(void **state)
{
    desk *d = *state;
    close_publisher(d);
    d->max_age_ms = WD_MINUTE_MS;
    open_publisher(d);
    add_rows(d, WD_LANE_ITEMS, 300, 1000); /* of 1970 */
    drain(d);
    while (redis_server_int(&server, "XLEN wiredesk:items") >= 300)
        uv_run(&d->loop, UV_RUN_ONCE);
    add_rows(d, WD_LANE_ITEMS, 10, wd_wall_ms(wd_clock_system()));
    drain(d);
    redisReply *last = redis_server_do(&server, "XREVRANGE wiredesk:items + - COUNT 1");
    assert_non_null(strstr(last->element[0]->element[0]->str, "-310"));
}

static void expect_popped(const char *list, int from, int to)
{
    for (int i = from; i <= to; i++) {
        char id[48];
        redisReply *one = redis_server_do(&server, "RPOP %s", list);
        snprintf(id, sizeof(id), "\"sequence\":\"%d\"", i);
        if (one->type != REDIS_REPLY_STRING || strstr(one->str, id) == NULL)
            fail_msg("want %s, got %.80s", id, one->type == REDIS_REPLY_STRING ? one->str : "none");
    }
    assert_int_equal(redis_server_int(&server, "LLEN %s", list), 0);
}

static void a_list_gets_every_story_once(void **state)
{
    desk *d = *state;
    close_publisher(d);
    d->list = "wiredesk:work";
    open_publisher(d);
    add_rows(d, WD_LANE_ITEMS, 30, 1000);
    add_rows(d, WD_LANE_COPIES, 5, 1000); /* copies are no work */
    drain(d);
    expect_popped("wiredesk:work", 1, 30);
    close_publisher(d);
    assert_ok(wd_ledger_unack(d->ledger, WD_LANE_ITEMS, 12)); /* answers lost: nothing again */
    open_publisher(d);
    add_rows(d, WD_LANE_ITEMS, 10, 2000);
    drain(d);
    expect_popped("wiredesk:work", 31, 40);
    redis_server_do(&server, "SET wiredesk:work taken");
    add_rows(d, WD_LANE_ITEMS, 1, 3000);
    wd_publisher_stats stats;
    do {
        uv_run(&d->loop, UV_RUN_ONCE);
        wd_publisher_get_stats(d->publisher, &stats);
    } while (stats.up);
    assert_non_null(strstr(stats.last_error, "WRONGTYPE"));
    check_stream("wiredesk:items", 1, 40); /* neither of both */
}

static void a_list_of_another_slot_is_a_configuration_error(void **state)
{
    desk *d = *state;
    wd_publisher *p = NULL;
    wd_error err = { 0 };
    wd_publisher_spec spec = { .loop = &d->loop,
                               .clock = wd_clock_system(),
                               .log = &d->log,
                               .config = { .url = "cluster://h", .list = "work" } };
    assert_int_equal(wd_publisher_open(&p, &spec, &err), WD_CONFIG);
    assert_non_null(strstr(err.text, "{wiredesk:items}:list"));
}

/* Where the server can say it (7.2 and later, with an append-only file). */
static void what_is_on_redis_disk_is_safe(void **state)
{
    desk *d = *state;
    redis_server_do(&server, "CONFIG SET appendonly yes");
    if (redis_server_do(&server, "COMMAND INFO waitaof")->element[0]->type == REDIS_REPLY_NIL) {
        redis_server_do(&server, "CONFIG SET appendonly no");
        skip();
    }
    add_rows(d, WD_LANE_ITEMS, 20, 1000);
    drain(d);
    while (d->safe < 20)
        uv_run(&d->loop, UV_RUN_ONCE);
    redis_server_do(&server, "CONFIG SET appendonly no");
}

/* The permissions that docs/queue.md asks for are enough, and a missing one is named. */
static void works_with_few_permissions(void **state)
{
    desk *d = *state;
    close_publisher(d);
    redis_server_do(
        &server,
        "ACL SETUSER wiredesk on >secret ~wiredesk:* ~{wiredesk:*}:fence &wiredesk:* "
        "+role +script|load +eval +evalsha +xadd +xinfo|stream +xrevrange +exists +hmget +hset "
        "+publish +ping +select +wait +xtrim +xinfo|groups");
    d->username = "wiredesk";
    d->password = "secret";
    open_publisher(d);
    add_rows(d, WD_LANE_ITEMS, 5, 1000);
    drain(d);
    check_stream("wiredesk:items", 1, 5);
    redis_server_do(&server, "ACL SETUSER wiredesk -xadd");
    add_rows(d, WD_LANE_ITEMS, 1, 2000);
    wd_publisher_stats stats;
    do {
        uv_run(&d->loop, UV_RUN_ONCE);
        wd_publisher_get_stats(d->publisher, &stats);
    } while (stats.up);
    assert_non_null(strstr(stats.last_error, "permission"));
    check_stream("wiredesk:items", 1, 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

static int start_server(void **state)
{
    (void)state;
    redis_server_start(&server, NULL);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    redis_server_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hands_every_row_on_once),
        TEST(large_rows_pass_a_small_window),
        TEST(offered_rows_are_sent_unasked),
        TEST(rows_that_were_not_offered_are_asked_for),
        TEST(rings_on_the_channel),
        TEST(a_new_process_goes_on_where_the_old_one_was),
        TEST(lost_acknowledgements_are_found_again),
        TEST(survives_a_restart_of_redis),
        TEST(sends_again_what_redis_forgot),
        TEST(says_what_can_never_come),
        TEST(lost_scripts_and_fences_are_made_anew),
        TEST(keeps_everything_while_redis_refuses),
        TEST(a_second_daemon_fences_the_first),
        TEST(a_hello_without_an_answer_fences_nobody),
        TEST(the_copies_go_with_the_items),
        TEST(an_older_copy_of_the_outbox_goes_on_behind_the_stream),
        TEST(the_same_number_and_time_of_another_is_another_history),
        TEST(closing_is_safe_at_any_turn),
        TEST(a_group_that_falls_behind_is_told_of),
        TEST(old_entries_go),
        TEST(a_list_gets_every_story_once),
        TEST(a_list_of_another_slot_is_a_configuration_error),
        TEST(what_is_on_redis_disk_is_safe),
        TEST(works_with_few_permissions),
        TEST(an_impossible_address_is_a_configuration_error),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
