/* Clean text: where it stops being clean, and what cleaning makes of it. */
#include "core/item.h"
#include "parsers/clean.h"
#include "tests/support/check.h"

static void finds_the_first_byte_that_is_not_clean(void **state)
{
    (void)state;
    static const struct {
        wd_span in;
        size_t want;
    } rows[] = { { WD_SPAN_LIT("plain text, long enough for sixteen bytes\r\n\tx"), 45 },
                 { WD_SPAN_LIT("0123456789abcdef\x1b"), 16 },
                 { WD_SPAN_LIT("0123456789abcde\x7f"), 15 },
                 { WD_SPAN_LIT("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 9 },
                 { WD_SPAN_LIT("a\xC2\x85"), 1 },         /* C1 */
                 { WD_SPAN_LIT("a\xE2\x80\xAE"), 1 },     /* right-to-left override */
                 { WD_SPAN_LIT("a\xEF\xBF\xBF"), 1 },     /* noncharacter */
                 { WD_SPAN_LIT("a\xED\xA0\x80"), 1 },     /* surrogate */
                 { WD_SPAN_LIT("a\xC0\xBC"), 1 },         /* overlong "<" */
                 { WD_SPAN_LIT("a\xF4\x90\x80\x80"), 1 }, /* past U+10FFFF */
                 { WD_SPAN_LIT("a\xE2\x82"), 1 } };       /* cut short */
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_int_equal(wd_clean_until(rows[i].in), rows[i].want);
}

static void one_bad_byte_costs_one_character(void **state)
{
    (void)state;
    static const struct {
        wd_span in;
        const char *want;
        uint32_t flags;
    } rows[] = {
        { WD_SPAN_LIT("Gen\xE8ve"), "Gen\xEF\xBF\xBDve", WD_ITEM_BAD_ENCODING },
        { WD_SPAN_LIT("a\0b\x1b[31m"), "ab[31m", WD_ITEM_CONTROLS_STRIPPED },
        { WD_SPAN_LIT("caf\xC3\xA9"), "caf\xC3\xA9", 0 },
        /* CESU-8: both halves; one without the other; the wrong way round */
        { WD_SPAN_LIT("a\xED\xA0\xBD\xED\xB8\x80z"), "a\U0001F600z", WD_ITEM_BAD_ENCODING },
        { WD_SPAN_LIT("\xED\xAF\xBF\xED\xBF\xBD"), "\U0010FFFD", WD_ITEM_BAD_ENCODING },
        { WD_SPAN_LIT("\xED\xA0\xBDz"), "\uFFFD\uFFFD\uFFFDz", WD_ITEM_BAD_ENCODING },
        { WD_SPAN_LIT("\xED\xB8\x80\xED\xA0\xBD"), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD",
          WD_ITEM_BAD_ENCODING },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        uint32_t flags = 0;
        wd_buf out = WD_BUF_INIT(100);
        assert_ok(wd_clean_copy(rows[i].in, &out, &flags));
        assert_span(wd_buf_span(&out), rows[i].want);
        assert_int_equal(flags, rows[i].flags);
        assert_int_equal(wd_clean_until(wd_buf_span(&out)), out.len);
        wd_buf_done(&out);
    }
}

static void counts_what_is_beyond_ascii(void **state)
{
    (void)state;
    size_t good, bad;
    wd_clean_census(WD_SPAN_LIT("a\xC3\xA9\xE8z"), &good, &bad);
    assert_int_equal(good, 1);
    assert_int_equal(bad, 1);
    wd_clean_census(WD_SPAN_LIT("a\xED\xA0\xBD\xED\xB8\x80z"), &good, &bad);
    assert_int_equal(good, 1);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_first_byte_that_is_not_clean),
        cmocka_unit_test(one_bad_byte_costs_one_character),
        cmocka_unit_test(counts_what_is_beyond_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
