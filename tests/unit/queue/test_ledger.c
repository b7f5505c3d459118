/* Items are found by every name, counted, changed, rolled back and forgotten. */
#include "queue/ledger_desk.h"
#include "queue/outbox.h"
#include "tests/support/check.h"
#include "tests/support/ledger.h"
#include "tests/support/temp_dir.h"

static char dir[PATH_MAX];

typedef struct texts_seen {
    size_t n;
    uint64_t last;
} texts_seen;

static void see_text(void *ctx, const wd_ledger_text *item)
{
    texts_seen *seen = ctx;
    assert_true(item->item > seen->last);
    assert_span(item->packed, "packed text");
    seen->last = item->item;
    seen->n++;
}

static void finds_an_item_by_every_name(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_ledger_item want = ledger_item_of(5, 2), got;
    want.agency = WD_SPAN_LIT("Reuters");
    assert_ok(wd_ledger_add_item(l, &want));
    assert_true(wd_ledger_find_id(l, 2, want.id_key, &got));
    assert_int_equal(got.item, 5);
    assert_int_equal(got.content_hash, want.content_hash);
    assert_int_equal(got.text_hash, want.text_hash);
    assert_memory_equal(got.field_hash, want.field_hash, sizeof(got.field_hash));
    assert_string_equal(got.uri_hex, want.uri_hex);
    assert_int_equal(got.first_seen_ms, want.first_seen_ms);
    assert_true(wd_ledger_find_link(l, want.link_key, &got));
    assert_span(got.agency, "Reuters");
    assert_int_equal(got.cluster_size, 1);
    assert_true(wd_ledger_find_item(l, 5, &got));
    assert_int_equal(got.feed, 2);
    assert_true(wd_ledger_find_uri(l, want.uri_hex, &got));
    assert_int_equal(got.id_key, want.id_key);
    assert_false(wd_ledger_find_id(l, 3, want.id_key, &got));
    assert_false(wd_ledger_find_id(l, 2, 0, &got));
    assert_false(wd_ledger_find_link(l, 0, &got));
    assert_false(wd_ledger_find_item(l, 6, &got));
    assert_false(wd_ledger_find_uri(l, "no hex at all, not at all", &got));
    assert_int_equal(wd_ledger_last_item(l), 5);
    wd_ledger_close(&l);
}

static void counts_a_cluster_and_keeps_the_first_link(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_ledger_item root = ledger_item_of(1, 1), copy = ledger_item_of(2, 2), got;
    copy.cluster = 1;
    copy.link_key = root.link_key;
    assert_ok(wd_ledger_add_item(l, &root));
    assert_ok(wd_ledger_add_item(l, &copy));
    assert_true(wd_ledger_find_link(l, root.link_key, &got));
    assert_int_equal(got.item, 1);
    assert_int_equal(got.cluster_size, 2);
    assert_ok(wd_ledger_set_agency(l, 1, WD_SPAN_LIT("AFP")));
    assert_true(wd_ledger_find_item(l, 1, &got));
    assert_span(got.agency, "AFP");
    wd_ledger_close(&l);
}

static void an_update_raises_the_revision(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    ledger_add(l, 4, 1);
    wd_ledger_item changed = ledger_item_of(4, 1), got;
    changed.content_hash = 99;
    changed.packed = WD_SPAN_LIT("other");
    assert_ok(wd_ledger_update_item(l, &changed));
    assert_true(wd_ledger_find_id(l, 1, changed.id_key, &got));
    assert_int_equal(got.content_hash, 99);
    assert_int_equal(got.revision, 2);
    changed.item = 77;
    assert_int_equal(wd_ledger_update_item(l, &changed), WD_NOTFOUND);
    wd_ledger_close(&l);
}

static void a_rollback_undoes_rows_and_counters(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    ledger_add(l, 1, 1);
    wd_outbox_slot slot;
    wd_ledger_item item = ledger_item_of(2, 1), got;
    assert_ok(wd_ledger_begin(l));
    assert_ok(wd_ledger_add_item(l, &item));
    assert_ok(wd_ledger_next_slot(l, WD_LANE_ITEMS, 1000, &slot));
    wd_outbox_row row = { .slot = slot, .type = "item.new", .body = WD_SPAN_LIT("{}") };
    assert_ok(wd_ledger_add_event(l, &row));
    wd_ledger_rollback(l);
    assert_false(wd_ledger_find_item(l, 2, &got));
    assert_int_equal(wd_ledger_last_item(l), 1);
    assert_ok(wd_ledger_begin(l));
    assert_ok(wd_ledger_next_slot(l, WD_LANE_ITEMS, 500, &slot));
    assert_int_equal(slot.seq, 1);
    assert_int_equal(slot.ms, 500);
    assert_ok(wd_ledger_commit(l));
    wd_ledger_close(&l);
}

static void a_failure_holds_until_the_rollback(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    ledger_add(l, 1, 1);
    wd_ledger_item again = ledger_item_of(1, 1), fresh = ledger_item_of(2, 1), got;
    assert_ok(wd_ledger_begin(l));
    assert_ok(wd_ledger_add_item(l, &fresh));
    assert_int_not_equal(wd_ledger_add_item(l, &again), WD_OK); /* the number is taken */
    fresh = ledger_item_of(3, 1);
    assert_int_not_equal(wd_ledger_add_item(l, &fresh), WD_OK);
    assert_int_not_equal(wd_ledger_commit(l), WD_OK);
    wd_ledger_rollback(l);
    assert_false(wd_ledger_find_item(l, 2, &got));
    assert_false(wd_ledger_find_item(l, 3, &got));
    ledger_add(l, 2, 1);
    assert_true(wd_ledger_find_item(l, 2, &got));
    wd_ledger_close(&l);
}

static void texts_and_identities_expire_on_their_own(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_ledger_item got;
    texts_seen seen = { 0 };
    bool left = true;
    for (uint64_t n = 1; n <= 200; n++)
        ledger_add(l, n, (uint32_t)(n % 3));                       /* first seen on day n */
    assert_ok(wd_ledger_touch_id(l, 1, (uint64_t)10 * 7919, 150)); /* 10 % 3 == 1 */
    while (left)
        assert_ok(wd_ledger_expire(l, 101 * WD_DAY_MS, 51, 30, &left));
    assert_ok(wd_ledger_each_text(l, 0, 0, see_text, &seen));
    assert_int_equal(seen.n, 100);
    assert_int_equal(seen.last, 200);
    assert_false(wd_ledger_find_id(l, 2, (uint64_t)50 * 7919, &got));
    assert_false(wd_ledger_find_item(l, 50, &got));
    assert_false(wd_ledger_find_link(l, (uint64_t)50 * 104729, &got));
    assert_true(wd_ledger_find_id(l, 0, (uint64_t)51 * 7919, &got));
    assert_true(wd_ledger_find_id(l, 1, (uint64_t)10 * 7919, &got));
    seen = (texts_seen){ 0 };
    assert_ok(wd_ledger_each_text(l, 0, 150 * WD_DAY_MS, see_text, &seen));
    assert_int_equal(seen.n, 51);
    assert_int_equal(wd_ledger_last_item(l), 200);
    wd_ledger_close(&l);
}

#define TEST(name) TEMP_DIR_TEST(name, dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_an_item_by_every_name),        TEST(counts_a_cluster_and_keeps_the_first_link),
        TEST(an_update_raises_the_revision),      TEST(a_rollback_undoes_rows_and_counters),
        TEST(a_failure_holds_until_the_rollback), TEST(texts_and_identities_expire_on_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
