/* Identity inside one document. */
#include "parsers/identity.h"
#include "tests/support/check.h"

#define ITEMS 3u

struct row {
    const char *items[ITEMS][3]; /* id, link, title */
    const char *ids[ITEMS + 1];  /* what is left */
};

static void settle(const struct row *row)
{
    wd_item items[ITEMS];
    size_t n = ITEMS;
    wd_arena *a = wd_arena_new(4096);
    for (size_t i = 0; i < n; i++)
        items[i] = (wd_item){ .id = wd_span_of(row->items[i][0]),
                              .id_kind = WD_ID_GUID,
                              .link = wd_span_of(row->items[i][1]),
                              .title_text = wd_span_of(row->items[i][2]) };
    assert_ok(wd_identity_settle(items, &n, a));
    for (size_t i = 0; i < n; i++) {
        assert_non_null(row->ids[i]);
        assert_span(items[i].id, row->ids[i]);
        bool given = n < ITEMS || wd_span_is(items[i].id, row->items[i][0]);
        if (items[i].id_kind == WD_ID_GUID)
            assert_span(wd_identity_given(&items[i]), row->items[i][0]);
        assert_int_equal(items[i].flags & WD_ITEM_ID_REWRITTEN, given ? 0 : WD_ITEM_ID_REWRITTEN);
    }
    assert_null(row->ids[n]);
    wd_arena_free(a);
}

static void an_id_is_what_tells_stories_apart(void **state)
{
    (void)state;
    static const struct row rows[] = {
        /* an exact repetition is one item */
        { { { "a", "l", "t" }, { "b", "m", "u" }, { "a", "l", "t" } }, { "a", "b" } },
        /* a guid shared by strangers says nothing */
        { { { "same", "l0", "t0" }, { "same", "l1", "t1" }, { "c", "l2", "t2" } },
          { "l0", "l1", "c" } },
        /* with its link: told apart by whoever has seen more than one document */
        { { { "same", "l", "t0" }, { "same", "l", "t1" }, { "same", "l", "t0" } },
          { "same", "same" } },
        /* without links, titles do */
        { { { "same", "", "t0" }, { "same", "", "t1" }, { "other", "", "t1" } },
          { "same t0", "same t1", "other" } },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        settle(&rows[i]);
}

static void a_title_is_taken_off_where_it_was_joined_only(void **state)
{
    (void)state;
    static const struct {
        const char *id, *title;
        uint32_t flags;
        const char *given;
    } rows[] = {
        { "a t", "t", WD_ITEM_ID_REWRITTEN, "a" },   { "a t", "t", 0, "a t" },
        { "a-t", "t", WD_ITEM_ID_REWRITTEN, "a-t" }, { "a u", "t", WD_ITEM_ID_REWRITTEN, "a u" },
        { " t", "t", WD_ITEM_ID_REWRITTEN, " t" },   { "t", "t", WD_ITEM_ID_REWRITTEN, "t" },
        { "a ", "", WD_ITEM_ID_REWRITTEN, "a" }
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_item item = { .id = wd_span_of(rows[i].id),
                         .title_text = wd_span_of(rows[i].title),
                         .flags = rows[i].flags };
        assert_span(wd_identity_given(&item), rows[i].given);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_what_tells_stories_apart),
        cmocka_unit_test(a_title_is_taken_off_where_it_was_joined_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
