/* The buffer refuses or grows, never overruns. */
#include "core/buf.h"
#include "tests/support/check.h"

static void stops_at_its_ceiling_and_stays_stopped(void **state)
{
    (void)state;
    wd_buf b = WD_BUF_INIT(8);
    assert_ok(wd_buf_append(&b, "12345678", 8));
    assert_int_equal(wd_buf_append_char(&b, '9'), WD_LIMIT);
    assert_int_equal(wd_buf_append(&b, "", 0), WD_LIMIT);
    assert_span(wd_buf_span(&b), "12345678");
    wd_buf_reset(&b);
    assert_ok(wd_buf_printf(&b, "%d%s", 12, "ab"));
    assert_string_equal(b.ptr, "12ab");
    wd_buf_done(&b);
}

static void grows_over_many_appends(void **state)
{
    (void)state;
    wd_buf b = WD_BUF_INIT(100000);
    for (int i = 0; i < 10000; i++)
        assert_ok(wd_buf_append(&b, "0123456789", 10));
    assert_int_equal(b.len, 100000);
    assert_int_equal(wd_buf_printf(&b, "x"), WD_LIMIT);
    wd_buf_done(&b);
}

static void writes_numbers(void **state)
{
    (void)state;
    wd_buf b = WD_BUF_INIT(100);
    assert_ok(wd_buf_append_int(&b, INT64_MIN));
    assert_ok(wd_buf_append_char(&b, ' '));
    assert_ok(wd_buf_append_int(&b, -1));
    assert_ok(wd_buf_append_uint(&b, 0));
    assert_ok(wd_buf_append_uint(&b, UINT64_MAX));
    assert_string_equal(b.ptr, "-9223372036854775808 -1018446744073709551615");
    b.limit = b.len + 1;
    assert_int_equal(wd_buf_append_uint(&b, 10), WD_LIMIT);
    assert_string_equal(b.ptr, "-9223372036854775808 -1018446744073709551615");
    wd_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(stops_at_its_ceiling_and_stays_stopped),
                                        cmocka_unit_test(grows_over_many_appends),
                                        cmocka_unit_test(writes_numbers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
