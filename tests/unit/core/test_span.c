/* Borrowed bytes: compare, trim, cut, numbers. */
#include "tests/support/check.h"

static void trims_both_ends(void **state)
{
    (void)state;
    assert_span(wd_span_trim(WD_SPAN_LIT(" \t a b\r\n")), "a b");
    assert_span(wd_span_trim(WD_SPAN_LIT("   ")), "");
}

static void cuts_at_the_first_separator(void **state)
{
    (void)state;
    wd_span rest = WD_SPAN_LIT("a=b=c");
    assert_span(wd_span_cut(&rest, '='), "a");
    assert_span(wd_span_cut(&rest, '='), "b");
    assert_span(wd_span_cut(&rest, '='), "c");
    assert_null(rest.ptr);
}

static void ignores_case_only_in_ascii(void **state)
{
    (void)state;
    assert_true(wd_span_is_nocase(WD_SPAN_LIT("RSS"), "rss"));
    assert_false(wd_span_is_nocase(WD_SPAN_LIT("\xC3\x84"), "\xC3\xA4"));
    assert_true(wd_span_starts_nocase(WD_SPAN_LIT("Content-Type: x"), "content-type"));
    assert_int_equal(wd_span_find_nocase(WD_SPAN_LIT("xxABC"), "abc"), 2);
}

static void refuses_what_is_no_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int ok;
        unsigned long long value;
    } rows[] = { { "0", 1, 0 },
                 { "18446744073709551615", 1, 18446744073709551615ULL },
                 { "18446744073709551616", 0, 0 },
                 { "", 0, 0 },
                 { "-1", 0, 0 },
                 { "1 ", 0, 0 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        unsigned long long v = 0;
        assert_int_equal(wd_span_u64(wd_span_of(rows[i].text), &v), rows[i].ok);
        if (rows[i].ok)
            assert_true(v == rows[i].value);
    }
}

static void strings_and_lists_equal_by_their_words(void **state)
{
    (void)state;
    const char *const none[] = { NULL }, *const ab[] = { "a", "b", NULL };
    const char *const ab_too[] = { "a", "b", NULL }, *const a[] = { "a", NULL };
    const char *const ac[] = { "a", "c", NULL };
    const struct {
        const char *const *x, *const *y;
        bool want;
    } rows[] = { { NULL, NULL, true }, { NULL, none, false }, { none, none, true },
                 { ab, ab_too, true }, { ab, a, false },      { ab, ac, false } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        assert_int_equal(wd_cstrs_equal(rows[i].x, rows[i].y), rows[i].want);
        assert_int_equal(wd_cstrs_equal(rows[i].y, rows[i].x), rows[i].want);
    }
    assert_true(wd_cstr_equal(NULL, NULL));
    assert_false(wd_cstr_equal(NULL, ""));
    assert_false(wd_cstr_equal("a", "b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(trims_both_ends),
                                        cmocka_unit_test(cuts_at_the_first_separator),
                                        cmocka_unit_test(ignores_case_only_in_ascii),
                                        cmocka_unit_test(refuses_what_is_no_number),
                                        cmocka_unit_test(strings_and_lists_equal_by_their_words) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
