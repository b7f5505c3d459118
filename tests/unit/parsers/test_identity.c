/* Identity inside one document. */
#include "parsers/identity.h"
#include "tests/support/check.h"

static wd_item item(const char *id, const char *link, const char *title)
{
    return (wd_item){ .id = wd_span_of(id),
                      .id_kind = WD_ID_GUID,
                      .link = wd_span_of(link),
                      .title_text = wd_span_of(title) };
}

static void an_exact_repetition_is_one_item(void **state)
{
    (void)state;
    wd_item items[] = { item("a", "l", "t"), item("b", "m", "u"), item("a", "l", "t") };
    size_t n = WD_COUNT(items);
    wd_arena *a = wd_arena_new(4096);
    assert_ok(wd_identity_settle(items, &n, a));
    assert_int_equal(n, 2);
    assert_span(items[1].id, "b");
    wd_arena_free(a);
}

static void a_guid_shared_by_strangers_says_nothing(void **state)
{
    (void)state;
    wd_item items[] = { item("same", "l0", "t0"), item("same", "l1", "t1"), item("c", "l2", "t2") };
    size_t n = WD_COUNT(items);
    wd_arena *a = wd_arena_new(4096);
    assert_ok(wd_identity_settle(items, &n, a));
    assert_int_equal(n, 3);
    assert_span(items[0].id, "l0");
    assert_span(items[1].id, "l1");
    assert_span(items[2].id, "c");
    assert_true(items[0].flags & WD_ITEM_ID_REWRITTEN);
    assert_false(items[2].flags & WD_ITEM_ID_REWRITTEN);
    wd_arena_free(a);
}

static void without_links_titles_tell_stories_apart(void **state)
{
    (void)state;
    wd_item items[] = { item("same", "", "t0"), item("same", "", "t1"), item("other", "", "t1") };
    size_t n = WD_COUNT(items);
    wd_arena *a = wd_arena_new(4096);
    assert_ok(wd_identity_settle(items, &n, a));
    assert_int_equal(n, 3);
    assert_span(items[0].id, "same t0");
    assert_span(items[1].id, "same t1");
    assert_span(items[2].id, "other");
    wd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(an_exact_repetition_is_one_item),
                                        cmocka_unit_test(a_guid_shared_by_strangers_says_nothing),
                                        cmocka_unit_test(without_links_titles_tell_stories_apart) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
