/* Charsets: what the bytes are, whatever the labels say. */
#include "core/item.h"
#include "parsers/charset.h"
#include "tests/support/check.h"

struct row {
    wd_span body;
    const char *type, *want, *encoding;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        wd_decoded out;
        assert_ok(wd_charset_decode(rows[i].body, wd_span_of(rows[i].type), &out));
        assert_span(out.text, rows[i].want);
        assert_string_equal(out.encoding, rows[i].encoding);
        wd_decoded_done(&out);
    }
}

static void labels_mean_what_browsers_mean(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { WD_SPAN_LIT("\x93x\x94"), "text/xml; charset=ISO-8859-1", "“x”", "windows-1252" },
        { WD_SPAN_LIT("\xD4\xC5\xD3\xD4"), "a/b; charset=\"koi8-r\"", "тест", "koi8-r" },
        { WD_SPAN_LIT("<?xml encoding='shift_jis'?>\x93\xFA"), NULL,
          "<?xml encoding='shift_jis'?>日", "shift_jis" },
        { WD_SPAN_LIT("<?xml encoding=\"csIBM861\"?>\x80"), NULL, "<?xml encoding=\"csIBM861\"?>Ç",
          "csibm861" },
        { WD_SPAN_LIT("ascii only"), "a/b; charset=big5", "ascii only", "big5" },
    };
    check_rows(rows, WD_COUNT(rows));
}

static void bytes_refute_labels(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { WD_SPAN_LIT("caf\xC3\xA9"), "a/b; charset=iso-8859-1", "café", "utf-8" },
        { WD_SPAN_LIT("\xEF\xBB\xBF\xC3\xA9"), "a/b; charset=latin1", "é", "utf-8" },
        { WD_SPAN_LIT("caf\xE9"), "a/b; charset=utf-8", "café", "windows-1252" },
        { WD_SPAN_LIT("x"), "a/b; charset=no-such", "x", "utf-8" },
        { WD_SPAN_LIT("\xFF\xFE<\0r\0"), "a/b; charset=utf-8", "<r", "utf-16le" },
        { WD_SPAN_LIT("\0<\0r\0>\0x"), NULL, "<r>x", "utf-16be" },
        { WD_SPAN_LIT("<\0\0\0r\0\0\0"), NULL, "<r", "utf-32le" },
    };
    check_rows(rows, WD_COUNT(rows));
}

static void encodings_that_hide_markup_are_not_read(void **state)
{
    (void)state;
    static const struct {
        wd_span body;
        const char *type;
    } rows[] = { { WD_SPAN_LIT("+ADw-script+AD4-"), "a/b; charset=utf-7" },
                 { WD_SPAN_LIT("\x4C\x6F\xA7\x94\x93"), NULL } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_decoded out;
        assert_int_equal(wd_charset_decode(rows[i].body, wd_span_of(rows[i].type), &out),
                         WD_UNSUPPORTED);
        wd_decoded_done(&out);
    }
}

static void a_clean_body_is_not_copied(void **state)
{
    (void)state;
    wd_decoded out;
    const wd_span body = WD_SPAN_LIT("<rss>caf\xC3\xA9</rss>");
    assert_ok(wd_charset_decode(body, WD_SPAN_NONE, &out));
    assert_ptr_equal(out.text.ptr, body.ptr);
    wd_decoded_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_mean_what_browsers_mean),
        cmocka_unit_test(bytes_refute_labels),
        cmocka_unit_test(encodings_that_hide_markup_are_not_read),
        cmocka_unit_test(a_clean_body_is_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
