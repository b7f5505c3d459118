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
        assert_int_equal(items[i].flags & WD_ITEM_ID_REWRITTEN, given ? 0 : WD_ITEM_ID_REWRITTEN);
        assert_span(items[i].given_id, given ? "" : row->items[i][0]);
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

static void a_repetition_says_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *title, *text, *html;
        size_t left;
    } rows[] = {
        { "t", "x", NULL, 1 }, { "t", "y", NULL, 2 }, { "t", NULL, "x", 2 }, { "u", "x", NULL, 2 }
    };
    wd_arena *a = wd_arena_new(4096);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_item first = { .id = WD_SPAN_LIT("same"),
                          .link = WD_SPAN_LIT("l"),
                          .title_text = WD_SPAN_LIT("t"),
                          .content_text = WD_SPAN_LIT("x") };
        wd_item items[3] = { first, first };
        size_t n = WD_COUNT(items);
        items[1].title_text = wd_span_of(rows[i].title);
        items[1].content_text = wd_span_of(rows[i].text);
        items[1].content_html = wd_span_of(rows[i].html);
        items[2] = items[1];
        assert_ok(wd_identity_settle(items, &n, a));
        assert_int_equal(n, rows[i].left);
    }
    wd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_what_tells_stories_apart),
        cmocka_unit_test(a_repetition_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
