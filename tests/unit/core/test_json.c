/* The writer's output is JSON whatever goes in. */
#include <math.h>
#include <stdio.h>

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

/* Wherever in eight bytes it stands, and whatever its neighbours are. */
static void no_byte_hides_among_others(void **state)
{
    (void)state;
    static const unsigned char around[] = { 'x', ' ', '!', '#', '[', ']', '~', 0xC3, 0xFF, 0 };
    for (size_t a = 0; a < sizeof(around); a++) {
        for (int c = 1; c < 0x80; c++) {
            for (size_t at = 0; at < 34; at++) {
                char in[34], one[16];
                wd_buf alone = WD_BUF_INIT(64), b = WD_BUF_INIT(4096), want = WD_BUF_INIT(4096);
                memset(in, around[a], sizeof(in));
                in[at] = (char)c;
                for (size_t i = 0; i < sizeof(in); i++) { /* one by one */
                    wd_json piece = wd_json_onto(&alone);
                    wd_buf_reset(&alone);
                    wd_json_string(&piece, (wd_span){ in + i, 1 });
                    snprintf(one, sizeof(one), "%.*s", (int)alone.len - 2, alone.ptr + 1);
                    wd_buf_append_span(&want, wd_span_of(one));
                }
                wd_json j = wd_json_onto(&b);
                wd_json_string(&j, (wd_span){ in, sizeof(in) });
                assert_span(wd_span_head(wd_span_from(wd_buf_span(&b), 1), b.len - 2), want.ptr);
                wd_buf_done(&alone);
                wd_buf_done(&b);
                wd_buf_done(&want);
            }
        }
    }
}

/* Rounding by hand agrees with printf's, ties and what is a hair beside them included. */
static void numbers_are_printfs(void **state)
{
    (void)state;
    static const double odd[] = { 0.0,    -0.0,   1.0,     0.9995, 0.0005,
                                  0.0015, 0.1245, 999.995, 999.9,  999.9999,
                                  1e3,    1e300,  -0.25,   NAN,    0.5,
                                  2.5,    1.005,  0.99951, 3e-4,   0.9994999999999999 };
    wd_buf b = WD_BUF_INIT(4096);
    for (int i = 0; i < 30000; i++) {
        bool named = i < (int)WD_COUNT(odd);
        double value = named ? odd[i] : i / 16000.0;
        for (int decimals = 0; decimals < 5; decimals++) {
            char want[400];
            wd_json j = wd_json_onto(&b);
            wd_buf_reset(&b);
            wd_json_double(&j, value, decimals);
            snprintf(want, sizeof(want), "%.*f", decimals, value);
            assert_string_equal(b.ptr, want);
        }
    }
    wd_buf_done(&b);
}

/* One piece or many, what fits to the last byte is written and nothing after it. */
static void the_ceiling_is_exact(void **state)
{
    (void)state;
    static const char want[] = "{\"a\":\"b\",\"c\":\"x\\ny\",\"d\":1,\"e\":[]}";
    for (size_t max = 1; max <= sizeof(want); max++) {
        wd_buf b = WD_BUF_INIT(max);
        wd_json j = wd_json_onto(&b);
        wd_json_begin_object(&j);
        wd_json_ready(&j, WD_SPAN_LIT("\"a\":\"b\""));
        wd_json_put_text(&j, "c", "x\ny");
        wd_json_put_int(&j, "d", 1);
        wd_json_key(&j, "e");
        wd_json_begin_array(&j);
        wd_json_end_array(&j);
        wd_json_end_object(&j);
        assert_int_equal(wd_buf_status(&b), max < sizeof(want) - 1 ? WD_LIMIT : WD_OK);
        if (wd_buf_status(&b) == WD_OK)
            assert_string_equal(b.ptr, want);
        assert_memory_equal(wd_buf_span(&b).ptr, want, b.len);
        wd_buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nests_with_commas_where_they_belong),
                                        cmocka_unit_test(escapes_and_replaces),
                                        cmocka_unit_test(no_byte_hides_among_others),
                                        cmocka_unit_test(numbers_are_printfs),
                                        cmocka_unit_test(the_ceiling_is_exact) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
