/* The writer's output is JSON whatever goes in. */
#include "core/clock.h"
#include "core/json.h"
#include "tests/support/check.h"

static void nests_with_commas_where_they_belong(void **state)
{
    (void)state;
    wd_buf b = WD_BUF_INIT(4096);
    wd_json j = wd_json_onto(&b);
    wd_json_begin_object(&j);
    wd_json_put_text(&j, "a", "x");
    wd_json_key(&j, "list");
    wd_json_begin_array(&j);
    wd_json_int(&j, -1);
    wd_json_begin_object(&j);
    wd_json_end_object(&j);
    wd_json_double(&j, 0.25, 3);
    wd_json_bool(&j, true);
    wd_json_null(&j);
    wd_json_end_array(&j);
    wd_json_put_opt(&j, "none", WD_SPAN_NONE);
    wd_json_put_time_opt(&j, "t", 0, false);
    wd_json_put_time_opt(&j, "never", WD_TIME_NONE, false);
    wd_json_end_object(&j);
    assert_string_equal(
        b.ptr, "{\"a\":\"x\",\"list\":[-1,{},0.250,true,null],\"t\":\"1970-01-01T00:00:00Z\"}");
    wd_buf_done(&b);
}

static void escapes_and_replaces(void **state)
{
    (void)state;
    static const struct {
        wd_span in;
        const char *want;
    } rows[] = { { WD_SPAN_LIT("a\"b\\c/"), "\"a\\\"b\\\\c/\"" },
                 { WD_SPAN_LIT("\b\t\n\f\r\v\x01\x7f"),
                   "\"\\b\\t\\n\\f\\r\\u000b\\u0001\\u007f\"" },
                 { WD_SPAN_LIT("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\"" },
                 { WD_SPAN_LIT("a\xFFz\xC3"), "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\"" },
                 { WD_SPAN_LIT("a\0b"), "\"a\\u0000b\"" } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_buf b = WD_BUF_INIT(4096);
        wd_json j = wd_json_onto(&b);
        wd_json_string(&j, rows[i].in);
        assert_string_equal(b.ptr, rows[i].want);
        wd_buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nests_with_commas_where_they_belong),
                                        cmocka_unit_test(escapes_and_replaces) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
