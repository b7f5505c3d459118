/* tests/support/publisher_desk.c - the outbox's side of the publisher, all in one thread. */
#include "tests/support/publisher_desk.h"

#include <inttypes.h>

#include "core/limits.h"
#include "queue/event.h"
#include "tests/support/temp_dir.h"

static void tell(publisher_desk *d, wd_lane lane)
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
    wd_publisher_on_row(((publisher_desk *)ctx)->publisher, row);
}

static void want_rows(
    void *ctx, wd_lane lane, uint64_t after_seq, uint32_t max_rows, size_t max_bytes)
{
    publisher_desk *d = ctx;
    d->asked++;
    assert_ok(wd_ledger_each_event(
        d->ledger, &(wd_outbox_range){ lane, after_seq, max_rows, max_bytes, false }, one_row, d));
    wd_publisher_on_rows_end(d->publisher, lane);
}

static void acked(void *ctx, wd_lane lane, uint64_t seq)
{
    assert_ok(wd_ledger_ack(((publisher_desk *)ctx)->ledger, lane, seq, 1));
}

static void unacked(void *ctx, wd_lane lane, uint64_t seq)
{
    assert_ok(wd_ledger_unack(((publisher_desk *)ctx)->ledger, lane, seq));
    tell(ctx, lane);
}

static void renumber(void *ctx, wd_lane lane, uint64_t top, int64_t top_ms)
{
    assert_ok(wd_ledger_renumber(((publisher_desk *)ctx)->ledger, lane, top, top_ms));
    tell(ctx, lane);
}

static void gap(void *ctx, wd_lane lane, uint64_t from, uint64_t to)
{
    publisher_desk *d = ctx;
    (void)lane;
    d->gaps++;
    d->gap_from = from;
    d->gap_to = to;
}

static void safe(void *ctx, wd_lane lane, uint64_t seq)
{
    if (lane == WD_LANE_ITEMS)
        ((publisher_desk *)ctx)->safe = seq;
}

static void closed(void *ctx)
{
    ++*(unsigned *)ctx; /* another context than the source's */
}

static void say(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    publisher_desk *d = ctx;
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

void publisher_desk_open(publisher_desk *d)
{
    wd_error err = { 0 };
    wd_publisher_spec spec = { .loop = &d->loop,
                               .clock = wd_clock_system(),
                               .log = &d->log,
                               .config = d->config,
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

void publisher_desk_close(publisher_desk *d)
{
    unsigned before = d->closes;
    wd_publisher_close(&d->publisher);
    while (d->closes == before)
        uv_run(&d->loop, UV_RUN_ONCE);
}

int publisher_desk_start_server(void **state)
{
    redis_server *server = calloc(1, sizeof(*server));
    assert_non_null(server);
    redis_server_start(server, NULL);
    *state = server;
    return 0;
}

int publisher_desk_stop_server(void **state)
{
    redis_server_stop(*state);
    free(*state);
    return 0;
}

int publisher_desk_setup(void **state)
{
    publisher_desk *d = calloc(1, sizeof(*d));
    assert_non_null(d);
    d->server = *state;
    d->config.url = d->server->url;
    temp_dir_make(d->dir);
    assert_ok(wd_ledger_open(&d->ledger, d->dir, NULL));
    uv_loop_init(&d->loop);
    uv_timer_init(&d->loop, &d->limit);
    uv_timer_start(&d->limit, too_long, 20000, 0);
    d->log = (wd_log){ .sink = say, .ctx = d, .level = WD_LOG_DEBUG };
    redis_server_do(d->server, "FLUSHALL");
    publisher_desk_open(d);
    *state = d;
    return 0;
}

int publisher_desk_teardown(void **state)
{
    publisher_desk *d = *state;
    publisher_desk_close(d);
    uv_close((uv_handle_t *)&d->limit, NULL);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&d->loop), 0);
    wd_ledger_close(&d->ledger);
    temp_dir_remove(d->dir);
    free(d);
    return 0;
}

void publisher_desk_add_row(publisher_desk *d, wd_lane lane, int64_t ms, size_t pad)
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

void publisher_desk_add(publisher_desk *d, wd_lane lane, int n, int64_t ms)
{
    wd_outbox_stat stat;
    assert_ok(wd_ledger_begin(d->ledger));
    for (int i = 0; i < n; i++)
        publisher_desk_add_row(d, lane, ms, 300);
    assert_ok(wd_ledger_commit(d->ledger));
    assert_ok(wd_ledger_outbox_stat(d->ledger, lane, &stat));
    wd_publisher_wake(d->publisher, lane, stat.next_seq - 1);
}

static void on_drained(void *ctx, bool drained)
{
    publisher_desk *d = ctx;
    d->drains++;
    d->late_drains += !drained;
    uv_stop(&d->loop);
}

void publisher_desk_drain(publisher_desk *d)
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

wd_publisher_stats publisher_desk_until_down(publisher_desk *d)
{
    wd_publisher_stats stats;
    do {
        uv_run(&d->loop, UV_RUN_ONCE);
        wd_publisher_get_stats(d->publisher, &stats);
    } while (stats.up);
    return stats;
}

void publisher_desk_check(publisher_desk *d,
                          const char *key,
                          unsigned long long from,
                          unsigned long long to)
{
    redisReply *all = redis_server_do(d->server, "XRANGE %s - +", key);
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
