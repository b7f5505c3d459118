/* What a start reads of texts, from rows of every age; which image fits; what was replaced since.
 */
#include "queue/ledger_desk.h"
#include "tests/support/check.h"
#include "tests/support/ledger.h"
#include "tests/support/ledger_past.h"
#include "tests/support/temp_dir.h"

static char dir[PATH_MAX];

static wd_ledger_item item_of(uint64_t number)
{
    return (wd_ledger_item){ .item = number,
                             .cluster = number > 2 ? number - 2 : number,
                             .feed = 10 + (uint32_t)number,
                             .uri_hex = "000000000000000000000000",
                             .first_seen_ms = (int64_t)number * WD_DAY_MS,
                             .id_key = number * 7919,
                             .revision = 1,
                             .packed = WD_SPAN_LIT("words") };
}

static void add(wd_ledger *l, uint64_t from, uint64_t to)
{
    for (uint64_t n = from; n <= to; n++) {
        wd_ledger_item item = item_of(n);
        assert_ok(wd_ledger_add_item(l, &item));
    }
}

typedef struct texts_seen {
    size_t n;
    uint64_t item[32];
    char packed[16];
} texts_seen;

static void see(void *ctx, const wd_ledger_text *t)
{
    texts_seen *seen = ctx;
    seen->item[seen->n++] = t->item;
    assert_int_equal(t->feed, 10 + t->item);
    assert_int_equal(t->cluster, t->item > 2 ? t->item - 2 : t->item);
    assert_int_equal(t->first_seen_ms, (int64_t)t->item * WD_DAY_MS);
    snprintf(seen->packed, sizeof(seen->packed), "%.*s", WD_SPAN_ARG(t->packed));
}

static void check_texts(wd_ledger *l, uint64_t from, int64_t since_ms, uint64_t first, size_t n)
{
    texts_seen seen = { 0 };
    assert_ok(wd_ledger_each_text(l, from, since_ms, see, &seen));
    assert_int_equal(seen.n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(seen.item[i], first + i);
}

static void texts_are_read_from_an_item_and_from_a_day(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    add(l, 1, 20);
    check_texts(l, 0, 0, 1, 20);
    check_texts(l, 8, 0, 8, 13);
    check_texts(l, 8, 15 * WD_DAY_MS, 15, 6);
    check_texts(l, 21, 0, 0, 0);
    wd_ledger_close(&l);
}

static void a_row_of_before_is_looked_up(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    add(l, 1, 9);
    wd_ledger_close(&l);
    ledger_past_make(dir, 4, "");
    l = ledger_opened(dir);
    add(l, 10, 12);
    check_texts(l, 0, 0, 1, 12);
    wd_ledger_close(&l);
}

static void check_marks(uint64_t finished, uint64_t begun)
{
    uint64_t marks[2];
    wd_ledger *l = ledger_opened(dir);
    wd_ledger_image_marks(l, marks);
    assert_int_equal(marks[0], finished);
    assert_int_equal(marks[1], begun);
    wd_ledger_close(&l);
}

static void an_image_fits_from_its_beginning_until_the_next(void **state)
{
    (void)state;
    uint64_t retold;
    check_marks(0, 0);
    wd_ledger *l = ledger_opened(dir);
    assert_ok(wd_ledger_begin_image(l, 7, &retold));
    wd_ledger_close(&l);
    check_marks(0, 7);
    l = ledger_opened(dir);
    assert_ok(wd_ledger_finish_image(l, 7, retold));
    assert_ok(wd_ledger_begin_image(l, UINT64_MAX, &retold));
    wd_ledger_close(&l);
    check_marks(7, UINT64_MAX);
    l = ledger_opened(dir);
    assert_ok(wd_ledger_finish_image(l, 0, 0));
    wd_ledger_close(&l);
    check_marks(0, 0);
}

static void check_retold(wd_ledger *l, size_t n, uint64_t first, const char *packed)
{
    texts_seen seen = { 0 };
    assert_ok(wd_ledger_each_retold(l, see, &seen));
    assert_int_equal(seen.n, n);
    if (n == 0)
        return;
    assert_int_equal(seen.item[0], first);
    assert_string_equal(seen.packed, packed);
}

static void what_was_replaced_is_kept_until_an_image_has_it(void **state)
{
    (void)state;
    uint64_t retold;
    wd_ledger *l = ledger_opened(dir);
    add(l, 1, 9);
    wd_ledger_item changed = item_of(4);
    changed.packed = WD_SPAN_LIT("other");
    changed.feed = 99; /* who asks does not know better than the row */
    changed.cluster = 99;
    assert_ok(wd_ledger_update_item(l, &changed));
    assert_ok(wd_ledger_note_retold(l, 4));
    check_retold(l, 1, 4, "other");
    assert_ok(wd_ledger_begin_image(l, 5, &retold));
    assert_ok(wd_ledger_note_retold(l, 3));
    check_retold(l, 2, 4, "words");
    assert_ok(wd_ledger_finish_image(l, 5, retold));
    check_retold(l, 1, 3, "words"); /* while it was taken: perhaps not in it */
    assert_ok(wd_ledger_finish_image(l, 0, 0));
    check_retold(l, 0, 0, "");
    wd_ledger_close(&l);
}

#define TEST(name) TEMP_DIR_TEST(name, dir)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(texts_are_read_from_an_item_and_from_a_day),
                                        TEST(a_row_of_before_is_looked_up),
                                        TEST(an_image_fits_from_its_beginning_until_the_next),
                                        TEST(what_was_replaced_is_kept_until_an_image_has_it) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
