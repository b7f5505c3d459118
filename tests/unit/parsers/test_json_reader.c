/* JSON where it stands. */
#include "parsers/json_reader.h"
#include "tests/support/check.h"

static wd_json_reader over(const char *text)
{
    return (wd_json_reader){ .at = text, .end = text + strlen(text) };
}

static void decodes_strings_and_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } rows[] = { { "\"plain\"", "plain" },
                 { "\"a\\\"b\\\\\\/\\n\"", "a\"b\\/\n" },
                 { "\"\\u00e9\\ud83d\\ude00\"", "é😀" },
                 { "\"x\\ud800y\\u0000z\\u001b\"", "x\xEF\xBF\xBDyz" },
                 { "\"raw\nnewline\"", "raw\nnewline" },
                 /* what is no escape is never longer than it was written */
                 { "\"\\u\\u\\u\\u\\u\\u\\u\\u\"", "uuuuuuuu" },
                 { "\"\\u12\\u12g4\\ud83d\\u\\x\"", "u12u12g4\uFFFDux" },
                 { " 42,", "42" },
                 { "-1.5e3}", "-1.5e3" },
                 { "true", "" },
                 { "{\"a\":[1]}", "" } };
    wd_arena *a = wd_arena_new(1 << 16);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_json_reader r = over(rows[i].in);
        assert_span(wd_json_reader_text(&r, a), rows[i].want);
        assert_false(r.broken);
    }
    wd_arena_free(a);
}

static void walks_objects_in_any_order(void **state)
{
    (void)state;
    wd_json_reader r = over("{ \"x\": {\"y\":[1,{}]}, , \"z\" : \"w\" }");
    wd_arena *a = wd_arena_new(1 << 16);
    wd_span key;
    assert_true(wd_json_reader_enter(&r, '{'));
    assert_true(wd_json_reader_key(&r, &key));
    assert_span(key, "x");
    wd_json_reader_skip(&r);
    assert_true(wd_json_reader_key(&r, &key));
    assert_span(key, "z");
    assert_span(wd_json_reader_text(&r, a), "w");
    assert_false(wd_json_reader_key(&r, &key));
    assert_false(r.broken);
    wd_arena_free(a);
}

static void what_is_cut_off_is_broken(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"b", "{\"a\":1", "{a}"
    };
    wd_arena *a = wd_arena_new(1 << 16);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_json_reader r = over(rows[i]);
        wd_span key;
        assert_true(wd_json_reader_enter(&r, '{'));
        while (wd_json_reader_key(&r, &key))
            (void)wd_json_reader_text(&r, a);
        assert_true(r.broken);
    }
    wd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(decodes_strings_and_numbers),
                                        cmocka_unit_test(walks_objects_in_any_order),
                                        cmocka_unit_test(what_is_cut_off_is_broken) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
