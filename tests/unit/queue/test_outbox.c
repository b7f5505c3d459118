/* tests/unit/queue/test_outbox.c - rows leave in order and come back when they must. */
#include <inttypes.h>

#include "core/clock.h"
#include "core/limits.h"
#include "queue/event.h"
#include "queue/outbox.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

typedef struct desk {
    char dir[PATH_MAX];
    wd_ledger *l;
} desk;

static int open_desk(void **state)
{
    desk *d = calloc(1, sizeof(*d));
    temp_dir_make(d->dir);
    assert_ok(wd_ledger_open(&d->l, d->dir, NULL));
    *state = d;
    return 0;
}

static int close_desk(void **state)
{
    desk *d = *state;
    wd_ledger_close(&d->l);
    temp_dir_remove(d->dir);
    free(d);
    return 0;
}

static void reopen(desk *d)
{
    wd_ledger_close(&d->l);
    assert_ok(wd_ledger_open(&d->l, d->dir, NULL));
}

/* n events of a real shape, at `ms`, in one transaction. */
static void put(desk *d, wd_lane lane, int n, int64_t ms)
{
    assert_ok(wd_ledger_begin(d->l));
    for (int i = 0; i < n; i++) {
        wd_buf body = WD_BUF_INIT(WD_EVENT_BYTES);
        wd_outbox_row row = { .type = "stream.gap",
                              .language = "de",
                              .cluster = WD_SPAN_LIT("c-1"),
                              .feed = WD_SPAN_LIT("a") };
        assert_ok(wd_ledger_next_slot(d->l, lane, ms, &row.slot));
        assert_ok(wd_event_write_gap(
            &(wd_event_gap){ row.slot, ms, "urn:wiredesk:test", "s", 1, 2, "operator-reset" },
            &body));
        row.body = wd_buf_span(&body);
        assert_ok(wd_ledger_add_event(d->l, &row));
        wd_buf_done(&body);
    }
    assert_ok(wd_ledger_commit(d->l));
}

static wd_outbox_stat stat_of(desk *d, wd_lane lane)
{
    wd_outbox_stat stat;
    assert_ok(wd_ledger_outbox_stat(d->l, lane, &stat));
    return stat;
}

typedef struct seen {
    uint64_t generation, first, last;
    int64_t last_ms;
    size_t n, bytes;
} seen;

static void see(void *ctx, const wd_outbox_row *row)
{
    seen *s = ctx;
    char id[64];
    assert_string_equal(row->type, "stream.gap");
    assert_string_equal(row->language, "de");
    assert_span(row->cluster, "c-1");
    if (s->n > 0)
        assert_int_equal(row->slot.seq, s->last + 1);
    else
        s->first = row->slot.seq;
    assert_true(row->slot.ms >= s->last_ms);
    /* The body carries the numbers under which it is handed on. */
    snprintf(id, sizeof(id), "\"streamid\":\"%" PRId64 "-%" PRIu64 "\"", row->slot.ms,
             row->slot.seq);
    assert_true(wd_span_find_nocase(row->body, id) < row->body.len);
    s->generation = row->slot.generation;
    s->last = row->slot.seq;
    s->last_ms = row->slot.ms;
    s->bytes += row->body.len;
    s->n++;
}

static seen read_rows(desk *d, wd_lane lane, uint64_t after, uint32_t rows, size_t bytes)
{
    seen s = { 0 };
    assert_ok(
        wd_ledger_each_event(d->l, &(wd_outbox_range){ lane, after, rows, bytes, false }, see, &s));
    return s;
}

static void numbers_each_lane_without_holes(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 3, 1000);
    put(d, WD_LANE_COPIES, 2, 1000);
    put(d, WD_LANE_ITEMS, 2, 2000);
    seen s = read_rows(d, WD_LANE_ITEMS, 0, 100, SIZE_MAX);
    assert_int_equal(s.first, 1);
    assert_int_equal(s.last, 5);
    s = read_rows(d, WD_LANE_COPIES, 0, 100, SIZE_MAX);
    assert_int_equal(s.last, 2);
    assert_int_equal(read_rows(d, WD_LANE_ITEMS, 3, 1, SIZE_MAX).last, 4);
    assert_int_equal(read_rows(d, WD_LANE_ITEMS, 0, 100, 1).n, 1); /* one row at least */
    assert_int_equal(read_rows(d, WD_LANE_ITEMS, 0, 100, s.bytes).n, 2);
}

static void time_never_goes_back_in_a_lane(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 1, 5000);
    put(d, WD_LANE_ITEMS, 1, 1000);
    reopen(d);
    put(d, WD_LANE_ITEMS, 1, 2000);
    seen s = read_rows(d, WD_LANE_ITEMS, 0, 100, SIZE_MAX);
    assert_int_equal(s.last_ms, 5000);
    assert_int_equal(s.last, 3);
}

static void a_slot_is_used_once(void **state)
{
    desk *d = *state;
    wd_outbox_row row = { .type = "x", .body = WD_SPAN_LIT("{}") };
    assert_int_equal(wd_ledger_next_slot(d->l, WD_LANE_ITEMS, 1, &row.slot), WD_DENIED);
    assert_ok(wd_ledger_begin(d->l));
    assert_ok(wd_ledger_next_slot(d->l, WD_LANE_ITEMS, 1, &row.slot));
    assert_ok(wd_ledger_add_event(d->l, &row));
    assert_int_equal(wd_ledger_add_event(d->l, &row), WD_DENIED);
    wd_ledger_rollback(d->l);
}

static void acknowledged_rows_wait_no_more(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 10, 1000);
    wd_outbox_stat before = stat_of(d, WD_LANE_ITEMS);
    assert_int_equal(before.waiting, 10);
    assert_int_equal(before.oldest_waiting_ms, 1000);
    assert_int_equal(before.waiting_bytes, before.kept_bytes);
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 4, 3000));
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 2, 3000)); /* late: changes nothing */
    reopen(d);
    wd_outbox_stat after = stat_of(d, WD_LANE_ITEMS);
    assert_int_equal(after.acked_seq, 4);
    assert_int_equal(after.waiting, 6);
    assert_int_equal(after.kept, 10);
    assert_int_equal(after.waiting_bytes, read_rows(d, WD_LANE_ITEMS, 0, 100, SIZE_MAX).bytes);
    assert_int_equal(read_rows(d, WD_LANE_ITEMS, 0, 100, SIZE_MAX).first, 5);
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 999, 3000)); /* no more than there is */
    after = stat_of(d, WD_LANE_ITEMS);
    assert_int_equal(after.acked_seq, 10);
    assert_int_equal(after.waiting_bytes, 0);
    assert_int_equal(after.oldest_waiting_ms, 0);
}

/* Everything acknowledged before that moment, whether Redis may lose it or not. */
static wd_status trim(desk *d, int64_t before_ms, uint32_t max_rows)
{
    bool more;
    wd_outbox_keep keep = { .now_ms = before_ms, .max_rows = max_rows };
    return wd_ledger_trim_outbox(d->l, &keep, &more);
}

static void lost_rows_are_sent_again(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 10, 1000);
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 10, 3000));
    assert_ok(wd_ledger_unack(d->l, WD_LANE_ITEMS, 7));
    seen s = read_rows(d, WD_LANE_ITEMS, 0, 100, SIZE_MAX);
    assert_int_equal(s.first, 8);
    assert_int_equal(s.n, 3);
    assert_int_equal(stat_of(d, WD_LANE_ITEMS).waiting_bytes, s.bytes);
    assert_ok(trim(d, WD_DAY_MS, 100)); /* nobody has them: they stay */
    assert_int_equal(read_rows(d, WD_LANE_ITEMS, 0, 100, SIZE_MAX).n, 3);
}

static void rows_go_when_their_acknowledgement_is_old(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 10, 1000);
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 4, 10 * WD_SECOND_MS));
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 8, 20 * WD_SECOND_MS));
    assert_ok(trim(d, 5 * WD_SECOND_MS, 100));
    assert_int_equal(stat_of(d, WD_LANE_ITEMS).first_kept_seq, 1);
    assert_ok(trim(d, 15 * WD_SECOND_MS, 3)); /* a bite at a time */
    assert_int_equal(stat_of(d, WD_LANE_ITEMS).first_kept_seq, 4);
    assert_ok(trim(d, 15 * WD_SECOND_MS, 100));
    wd_outbox_stat stat = stat_of(d, WD_LANE_ITEMS);
    assert_int_equal(stat.first_kept_seq, 5);
    assert_int_equal(stat.kept, 6);
    assert_ok(trim(d, WD_DAY_MS, 100));
    stat = stat_of(d, WD_LANE_ITEMS);
    assert_int_equal(stat.first_kept_seq, 9);
    assert_int_equal(stat.kept_bytes, stat.waiting_bytes);
}

static void rows_that_redis_may_lose_stay_longer(void **state)
{
    desk *d = *state;
    bool more = true;
    wd_outbox_keep keep = {
        .now_ms = WD_HOUR_MS, .safe_ms = WD_MINUTE_MS, .unsafe_ms = WD_DAY_MS, .max_rows = 4
    };
    put(d, WD_LANE_ITEMS, 10, 1000);
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 8, 1000));
    assert_ok(wd_ledger_trim_outbox(d->l, &keep, &more));
    assert_int_equal(stat_of(d, WD_LANE_ITEMS).kept, 10);
    assert_false(more);
    wd_ledger_set_safe(d->l, WD_LANE_ITEMS, 6);
    assert_ok(wd_ledger_trim_outbox(d->l, &keep, &more));
    assert_int_equal(stat_of(d, WD_LANE_ITEMS).first_kept_seq, 5);
    assert_true(more); /* a bite of four */
    assert_ok(wd_ledger_trim_outbox(d->l, &keep, &more));
    assert_int_equal(stat_of(d, WD_LANE_ITEMS).first_kept_seq, 7);
    assert_false(more);
    wd_ledger_set_safe(d->l, WD_LANE_ITEMS, 100); /* no further than the acknowledgement */
    assert_ok(wd_ledger_unack(d->l, WD_LANE_ITEMS, 7));
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 10, 1000));
    assert_ok(wd_ledger_trim_outbox(d->l, &keep, &more));
    assert_int_equal(stat_of(d, WD_LANE_ITEMS).first_kept_seq, 8); /* 8 was lost once */
    keep.now_ms = 2 * WD_DAY_MS;
    assert_ok(wd_ledger_trim_outbox(d->l, &keep, &more));
    assert_int_equal(stat_of(d, WD_LANE_ITEMS).kept, 0);
}

static void acknowledged_rows_have_a_ceiling(void **state)
{
    desk *d = *state;
    bool more;
    wd_outbox_keep keep = {
        .now_ms = 2000, .safe_ms = WD_DAY_MS, .unsafe_ms = WD_DAY_MS, .max_rows = 2
    };
    put(d, WD_LANE_ITEMS, 10, 1000);
    keep.max_bytes = stat_of(d, WD_LANE_ITEMS).waiting_bytes / 2;
    assert_ok(wd_ledger_trim_outbox(d->l, &keep, &more)); /* those that wait do not count */
    assert_int_equal(stat_of(d, WD_LANE_ITEMS).kept, 10);
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 10, 1000));
    for (int i = 0; i < 10; i++)
        assert_ok(wd_ledger_trim_outbox(d->l, &keep, &more));
    wd_outbox_stat stat = stat_of(d, WD_LANE_ITEMS);
    assert_true(stat.kept_bytes <= keep.max_bytes && stat.kept >= 3);
}

static void pressure_grows_with_what_waits(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 10, 1000);
    uint64_t bytes = stat_of(d, WD_LANE_ITEMS).waiting_bytes;
    assert_int_equal(wd_ledger_pressure(d->l), WD_PRESSURE_NONE);
    wd_ledger_set_outbox_limit(d->l, bytes * 3 / 2);
    assert_int_equal(wd_ledger_pressure(d->l), WD_PRESSURE_SLOW);
    wd_ledger_set_outbox_limit(d->l, bytes * 21 / 20);
    assert_int_equal(wd_ledger_pressure(d->l), WD_PRESSURE_STOP);
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 10, 1000));
    assert_int_equal(wd_ledger_pressure(d->l), WD_PRESSURE_NONE);
}

static void a_hole_is_seen_when_what_was_lost_is_gone(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 10, 1000);
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 10, 1000));
    assert_ok(trim(d, WD_DAY_MS, 6));
    assert_ok(wd_ledger_unack(d->l, WD_LANE_ITEMS, 0)); /* FLUSHALL */
    wd_outbox_stat stat = stat_of(d, WD_LANE_ITEMS);
    assert_int_equal(stat.acked_seq, 0);
    assert_int_equal(stat.first_kept_seq, 7);
    assert_int_equal(stat.waiting, 4);
}

static void renumbering_follows_what_redis_has(void **state)
{
    desk *d = *state;
    uint64_t generation = wd_ledger_generation(d->l);
    put(d, WD_LANE_ITEMS, 10, 1000);
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 6, 2000));
    assert_ok(wd_ledger_renumber(d->l, WD_LANE_ITEMS, 8, 50000)); /* new places overlap old */
    assert_int_not_equal(wd_ledger_generation(d->l), generation);
    generation = wd_ledger_generation(d->l);
    reopen(d);
    assert_int_equal(wd_ledger_generation(d->l), generation);
    seen s = read_rows(d, WD_LANE_ITEMS, 0, 100, SIZE_MAX);
    assert_int_equal(s.first, 9);
    assert_int_equal(s.n, 4);
    assert_int_equal(s.last_ms, 50000);
    assert_int_equal(s.generation, generation);
    wd_outbox_stat stat = stat_of(d, WD_LANE_ITEMS);
    assert_int_equal(stat.acked_seq, 8);
    assert_int_equal(stat.next_seq, 13);
    assert_int_equal(stat.first_kept_seq, 9);
    put(d, WD_LANE_ITEMS, 1, 60000);
    assert_int_equal(read_rows(d, WD_LANE_ITEMS, 0, 100, SIZE_MAX).last, 13);
}

static void renumbering_an_empty_outbox_only_moves_the_numbers(void **state)
{
    desk *d = *state;
    assert_ok(wd_ledger_renumber(d->l, WD_LANE_COPIES, 41, 7000));
    put(d, WD_LANE_COPIES, 1, 10);
    seen s = read_rows(d, WD_LANE_COPIES, 0, 100, SIZE_MAX);
    assert_int_equal(s.first, 42);
    assert_int_equal(s.last_ms, 7000);
}

static void a_failed_transaction_gives_its_numbers_back(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 2, 1000);
    wd_outbox_stat before = stat_of(d, WD_LANE_ITEMS);
    assert_ok(wd_ledger_begin(d->l));
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 2, 1000));
    assert_ok(wd_ledger_renumber(d->l, WD_LANE_ITEMS, 100, 1000));
    wd_ledger_rollback(d->l);
    wd_outbox_stat after = stat_of(d, WD_LANE_ITEMS);
    assert_memory_equal(&before, &after, sizeof(before));
}

static void a_full_outbox_refuses_and_keeps_what_it_has(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 3, 1000);
    put(d, WD_LANE_COPIES, 3, 1000);
    wd_outbox_stat before = stat_of(d, WD_LANE_ITEMS), after;
    wd_ledger_set_outbox_limit(d->l, 2 * before.waiting_bytes);
    wd_outbox_row row = { .type = "x", .language = "", .body = WD_SPAN_LIT("{}") };
    assert_ok(wd_ledger_begin(d->l));
    assert_ok(wd_ledger_next_slot(d->l, WD_LANE_ITEMS, 1, &row.slot));
    assert_int_equal(wd_ledger_add_event(d->l, &row), WD_NOSPACE);
    assert_int_equal(wd_ledger_commit(d->l), WD_NOSPACE);
    wd_ledger_rollback(d->l);
    assert_true(wd_ledger_outbox_refused(d->l)); /* not the disk's fault */
    after = stat_of(d, WD_LANE_ITEMS);
    assert_memory_equal(&before, &after, sizeof(before));
    row.owed = true; /* a gap is told all the same */
    assert_ok(wd_ledger_begin(d->l));
    assert_ok(wd_ledger_next_slot(d->l, WD_LANE_ITEMS, 1, &row.slot));
    assert_ok(wd_ledger_add_event(d->l, &row));
    assert_ok(wd_ledger_commit(d->l));
    assert_false(wd_ledger_outbox_refused(d->l));
    assert_ok(wd_ledger_ack(d->l, WD_LANE_COPIES, 3, 1000)); /* Redis is back */
    put(d, WD_LANE_ITEMS, 1, 2000);
}

static void an_empty_outbox_takes_a_transaction_of_any_size(void **state)
{
    desk *d = *state;
    put(d, WD_LANE_ITEMS, 1, 1000);
    uint64_t bytes = stat_of(d, WD_LANE_ITEMS).waiting_bytes;
    assert_ok(wd_ledger_ack(d->l, WD_LANE_ITEMS, 1, 1000));
    wd_ledger_set_outbox_limit(d->l, bytes / 2);
    put(d, WD_LANE_ITEMS, 3, 2000); /* else it would be tried for ever */
    assert_int_equal(wd_ledger_pressure(d->l), WD_PRESSURE_STOP);
    wd_outbox_row row = { .type = "x", .language = "", .body = WD_SPAN_LIT("{}") };
    assert_ok(wd_ledger_begin(d->l));
    assert_ok(wd_ledger_next_slot(d->l, WD_LANE_ITEMS, 1, &row.slot));
    assert_int_equal(wd_ledger_add_event(d->l, &row), WD_NOSPACE);
    wd_ledger_rollback(d->l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_each_lane_without_holes),
        TEST(time_never_goes_back_in_a_lane),
        TEST(a_slot_is_used_once),
        TEST(acknowledged_rows_wait_no_more),
        TEST(lost_rows_are_sent_again),
        TEST(rows_go_when_their_acknowledgement_is_old),
        TEST(rows_that_redis_may_lose_stay_longer),
        TEST(acknowledged_rows_have_a_ceiling),
        TEST(pressure_grows_with_what_waits),
        TEST(a_hole_is_seen_when_what_was_lost_is_gone),
        TEST(renumbering_follows_what_redis_has),
        TEST(renumbering_an_empty_outbox_only_moves_the_numbers),
        TEST(a_full_outbox_refuses_and_keeps_what_it_has),
        TEST(an_empty_outbox_takes_a_transaction_of_any_size),
        TEST(a_failed_transaction_gives_its_numbers_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
