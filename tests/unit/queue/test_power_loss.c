/* tests/unit/queue/test_power_loss.c - the ledger on a disk that fails, fills up and loses
 * power.  WD_POWER_CUTS sets the number of cuts, WD_SEED the first seed. */
#include "core/clock.h"
#include "queue/ledger_feeds.h"
#include "queue/ledger_items.h"
#include "queue/outbox.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"
#include "tests/support/torn_disk.h"

#define BODY_BYTES 40000 /* five pages: a commit is many writes, and each of them is cut */

static char dir[PATH_MAX];
static char body[BODY_BYTES];

/* One batch as the desk commits it: item, event, validators, all with one number. */
static wd_status write_batch(wd_ledger *l, uint64_t n, uint32_t feed)
{
    char etag[32];
    wd_ledger_item item = { .item = n,
                            .cluster = n,
                            .feed = feed,
                            .first_seen_ms = (int64_t)n,
                            .id_key = n * 7919,
                            .link_key = n * 104729,
                            .packed = { body, n % 3 * 1000 } };
    wd_outbox_row row = { .type = "item.new", .language = "", .body = { body, n % BODY_BYTES } };
    snprintf(item.uri_hex, sizeof(item.uri_hex), "%024llx", (unsigned long long)n);
    snprintf(etag, sizeof(etag), "%llu", (unsigned long long)n);
    wd_status s = wd_ledger_begin(l);
    if (s == WD_OK)
        s = wd_ledger_add_item(l, &item);
    if (s == WD_OK)
        s = wd_ledger_next_slot(l, WD_LANE_ITEMS, (int64_t)n, &row.slot);
    if (s == WD_OK)
        s = wd_ledger_add_event(l, &row);
    if (s == WD_OK)
        s = wd_ledger_put_validators(l, feed, wd_span_of(etag), WD_SPAN_NONE);
    if (s == WD_OK)
        s = wd_ledger_commit(l);
    if (s != WD_OK)
        wd_ledger_rollback(l);
    return s;
}

static void read_etag(void *ctx, const wd_ledger_feed *feed)
{
    unsigned long long n = 0;
    assert_true(feed->etag.len == 0 || wd_span_u64(feed->etag, &n));
    *(uint64_t *)ctx = n;
}

/* The numbers of item, event and validators are one: no transaction is there in part. */
static uint64_t check_whole(wd_ledger *l)
{
    uint64_t etag = 0, last = wd_ledger_last_item(l);
    wd_outbox_stat stat;
    wd_ledger_item got;
    assert_ok(wd_ledger_outbox_stat(l, WD_LANE_ITEMS, &stat));
    assert_int_equal(stat.next_seq, last + 1);
    assert_ok(wd_ledger_each_feed(l, read_etag, &etag));
    assert_int_equal(etag, last);
    for (uint64_t n = last > 50 ? last - 50 : 1; n <= last; n++)
        assert_true(wd_ledger_find_item(l, n, &got));
    return last;
}

static wd_ledger *open_it(uint64_t seed)
{
    wd_ledger *l = NULL;
    wd_error err = { 0 };
    if (wd_ledger_open(&l, dir, &err) != WD_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
    return l;
}

static void every_nth_write_may_fail(void **state)
{
    (void)state;
    uint32_t feed;
    torn_disk_install(1);
    wd_ledger *l = open_it(0);
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/"), &feed));
    unsigned failures = 0;
    uint64_t n = 0;
    for (unsigned nth = 0; nth < 120; nth++) {
        bool full = nth % 2 == 0;
        torn_disk_fail(nth % 60, 1 + nth % 4, full);
        for (int i = 0; i < 4; i++) {
            wd_status s;
            n++;
            while ((s = write_batch(l, n, feed)) != WD_OK) {
                assert_true(s == WD_NOSPACE || s == WD_IO);
                failures++;
                assert_int_equal(wd_ledger_last_item(l), n - 1);
            }
        }
        torn_disk_fail(0, 0, false);
        assert_int_equal(check_whole(l), n);
    }
    assert_true(failures > 60);
    wd_ledger_close(&l);
    l = open_it(0);
    assert_int_equal(check_whole(l), n);
    wd_ledger_close(&l);
}

/* A life: some batches, some acknowledgements, perhaps a clean end; cut anywhere.
 * Returns the last number whose commit was reported. */
static uint64_t live_until_cut(uint64_t seed, uint64_t last)
{
    uint32_t feed = 0;
    wd_ledger *l = open_it(seed);
    wd_status s =
        wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/"), &feed);
    assert_ok(s);
    torn_disk_cut((unsigned)(seed * 37 % 151));
    for (uint64_t i = 0; i < 40 && !torn_disk_is_dead() && (seed % 3 != 0 || i < 3); i++) {
        if (write_batch(l, last + 1, feed) != WD_OK)
            break;
        last++;
        bool more;
        wd_outbox_keep keep = { .now_ms = (int64_t)last * 1000 - 20000, .max_rows = 5 };
        if (i % 4 == 3 && wd_ledger_ack(l, WD_LANE_ITEMS, last, (int64_t)last * 1000) != WD_OK)
            break;
        if (i % 7 == 6 && wd_ledger_trim_outbox(l, &keep, &more) != WD_OK)
            break;
    }
    wd_ledger_close(&l); /* with a checkpoint, when the power is still there */
    return last;
}

static void what_was_committed_survives_every_cut(void **state)
{
    (void)state;
    const char *cuts = getenv("WD_POWER_CUTS"), *first = getenv("WD_SEED");
    uint64_t seed = first != NULL ? strtoull(first, NULL, 10) : 1;
    uint64_t end = seed + (cuts != NULL ? strtoull(cuts, NULL, 10) : 200);
    uint64_t told = 0;
    torn_disk_install(seed);
    for (; seed < end; seed++) {
        told = live_until_cut(seed, told);
        torn_disk_restore();
        torn_disk_install(seed);
        wd_ledger *l = open_it(seed);
        uint64_t last = check_whole(l);
        if (last < told || last > told + 1)
            fail_msg("seed %llu: told %llu, found %llu", (unsigned long long)seed,
                     (unsigned long long)told, (unsigned long long)last);
        told = last;
        wd_ledger_close(&l);
    }
    assert_true(told > 100);
}

#define TEST(name) TEMP_DIR_TEST(name, dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_nth_write_may_fail),
        TEST(what_was_committed_survives_every_cut),
    };
    memset(body, 'b', sizeof(body));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
