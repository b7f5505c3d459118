/* Tags as people write them. */
#include "parsers/tag.h"
#include "tests/support/check.h"

static void finds_the_end_whatever_the_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t bytes;
        bool closed, cut;
    } rows[] = { { "<a>x", 3, false, false },     { "<a b='>'/>x", 10, true, false },
                 { "<a b=c>x", 7, false, false }, { "<a it's>x", 9 - 1, false, false },
                 { "<a <b>", 0, false, false },   { "<a b=\"c", 0, false, true } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_tag t = wd_tag_scan(wd_span_of(rows[i].in));
        assert_int_equal(t.bytes, rows[i].bytes);
        assert_int_equal(t.closed, rows[i].closed);
        assert_int_equal(t.cut, rows[i].cut);
    }
}

static void reads_attributes(void **state)
{
    (void)state;
    static const char *const want[] = { "a=1", "b=two words", "c=", "d=x" };
    wd_span inner = WD_SPAN_LIT(" a=1 b = \"two words\" c d='x'/ ");
    wd_attr attr;
    char line[64];
    for (size_t i = 0; i < WD_COUNT(want); i++) {
        assert_true(wd_tag_attr(&inner, &attr));
        snprintf(line, sizeof(line), "%.*s=%.*s", WD_SPAN_ARG(attr.name), WD_SPAN_ARG(attr.value));
        assert_string_equal(line, want[i]);
    }
    assert_false(wd_tag_attr(&inner, &attr));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(finds_the_end_whatever_the_quotes),
                                        cmocka_unit_test(reads_attributes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
