/* Why an item was told or held back, kept for those who ask. */
#include "queue/ledger_decisions.h"
#include "tests/support/check.h"
#include "tests/support/ledger.h"
#include "tests/support/temp_dir.h"

static char dir[PATH_MAX];

static wd_ledger_decision decision_of(uint64_t item, uint64_t cluster)
{
    return (wd_ledger_decision){ .item = item,
                                 .cluster = cluster,
                                 .matched = cluster == item ? 0 : cluster,
                                 .at_ms = 1000 * (int64_t)item,
                                 .verdict = WD_SPAN_LIT("copy"),
                                 .rule = WD_SPAN_LIT("exact-text"),
                                 .cover_this = 1000,
                                 .cover_other = 931,
                                 .longest_run = 44,
                                 .numbers = 3,
                                 .numbers_agreed = 2,
                                 .title = WD_SPAN_LIT("Rates held") };
}

static void a_decision_is_kept_for_those_who_ask(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_arena *arena = wd_arena_new(4096);
    wd_ledger_decision want = decision_of(3, 1), got;
    char title[WD_DECISION_TITLE_BYTES + 2];
    memset(title, 'x', sizeof(title));
    memcpy(title + WD_DECISION_TITLE_BYTES - 1, "\xc3\xa9", 2); /* cut before it, not inside */
    assert_ok(wd_ledger_add_decision(l, &want));
    assert_true(wd_ledger_find_decision(l, 3, arena, &got));
    assert_int_equal(got.matched, 1);
    assert_int_equal(got.cover_other, 931);
    assert_int_equal(got.numbers_agreed, 2);
    assert_span(got.verdict, "copy");
    assert_span(got.title, "Rates held");
    assert_null(got.note.ptr);
    assert_true(got.updated_ms == WD_TIME_NONE);
    assert_ok(wd_ledger_note_update(l, 3, 5000, 5, (wd_span){ title, sizeof(title) }));
    assert_true(wd_ledger_find_decision(l, 3, arena, &got));
    assert_int_equal(got.updated_ms, 5000);
    assert_int_equal(got.changes, 5);
    assert_int_equal(got.title.len, WD_DECISION_TITLE_BYTES - 1);
    assert_false(wd_ledger_find_decision(l, 4, arena, &got));
    wd_arena_free(arena);
    wd_ledger_close(&l);
}

static void a_cluster_lists_its_items_and_forgets_them_with_the_window(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_arena *arena = wd_arena_new(4096);
    uint64_t items[4];
    for (uint64_t i = 1; i <= 6; i++) {
        wd_ledger_decision d = decision_of(i, i % 2 ? 1 : i);
        assert_ok(wd_ledger_add_decision(l, &d));
    }
    assert_int_equal(wd_ledger_cluster_items(l, 1, 3, items, WD_COUNT(items)), 3);
    assert_int_equal(items[2], 5);
    assert_int_equal(wd_ledger_cluster_items(l, 1, 3, items, 2), 2);
    bool left = false;
    assert_ok(wd_ledger_expire(l, 4000, 0, 100, &left));
    wd_ledger_decision got;
    assert_false(wd_ledger_find_decision(l, 3, arena, &got));
    assert_true(wd_ledger_find_decision(l, 4, arena, &got));
    wd_arena_free(arena);
    wd_ledger_close(&l);
}

#define TEST(name) TEMP_DIR_TEST(name, dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_decision_is_kept_for_those_who_ask),
        TEST(a_cluster_lists_its_items_and_forgets_them_with_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
