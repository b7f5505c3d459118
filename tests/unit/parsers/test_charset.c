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
        assert_ok(
            wd_charset_decode((wd_source){ rows[i].body, false }, wd_span_of(rows[i].type), &out));
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

static void halves_of_a_character_are_joined_wherever_they_stand(void **state)
{
    (void)state;
    enum { PORTION = 256 * 1024, PAIR = 6 }; /* a long body is read in portions */
    static char text[PORTION + PAIR];
    for (size_t before = PORTION - PAIR - 1; before <= PORTION; before++) {
        wd_decoded out;
        memset(text, 'a', before);
        memcpy(text + before, "\xED\xA0\xBD\xED\xB8\x80", PAIR);
        assert_ok(
            wd_charset_decode((wd_source){ { text, before + PAIR }, false }, WD_SPAN_NONE, &out));
        assert_span(wd_span_from(out.text, before), "\U0001F600");
        assert_string_equal(out.encoding, "utf-8");
        wd_decoded_done(&out);
    }
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
        assert_int_equal(
            wd_charset_decode((wd_source){ rows[i].body, false }, wd_span_of(rows[i].type), &out),
            WD_UNSUPPORTED);
        wd_decoded_done(&out);
    }
}

static void a_clean_body_is_not_copied(void **state)
{
    (void)state;
    wd_decoded out;
    const wd_span body = WD_SPAN_LIT("<rss>caf\xC3\xA9</rss>");
    assert_ok(wd_charset_decode((wd_source){ body, true }, WD_SPAN_NONE, &out));
    assert_ptr_equal(out.text.ptr, body.ptr);
    wd_decoded_done(&out);
}

/* Longer than one portion, and with what a portion may be cut in. */
static char *long_text(const char *line, size_t *ret_bytes)
{
    size_t n = strlen(line), lines = (1u << 20) / n;
    char *text = malloc(lines * n);
    assert_non_null(text);
    for (size_t i = 0; i < lines; i++)
        memcpy(text + i * n, line, n);
    *ret_bytes = lines * n;
    return text;
}

static void long_bodies_are_whole_and_spent(void **state)
{
    (void)state;
    static const struct {
        const char *line, *type, *want;
    } rows[] = {
        { "caf\xE9 \x80\n", "a/b; charset=iso-8859-1", "café €\n" },
        { "\xD4\xC5\xD3\xD4 and plain letters\n", "a/b; charset=koi8-r",
          "тест and plain letters\n" },
        { "\x93\xFA\x96{ jp\n", "a/b; charset=shift_jis", "日本 jp\n" },
        { "\xD6\xD0 \xFF\n", "a/b; charset=gb2312", "中 \xEF\xBF\xBD\n" },
        { "\xE2\x82\xAC\x01 and more\n", "a/b; charset=utf-8", "€ and more\n" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_decoded out;
        size_t n, want_bytes = strlen(rows[i].want);
        char *text = long_text(rows[i].line, &n);
        size_t lines = n / strlen(rows[i].line);
        wd_source source = { { text, n }, true };
        assert_ok(wd_charset_decode(source, wd_span_of(rows[i].type), &out));
        assert_int_equal(out.text.len, lines * want_bytes);
        for (size_t line = 0; line < lines; line++)
            assert_memory_equal(out.text.ptr + line * want_bytes, rows[i].want, want_bytes);
        assert_int_equal(text[n / 2], 0); /* its memory went back */
        wd_decoded_done(&out);
        free(text);
    }
}

static void every_byte_of_a_one_byte_charset_has_its_letter(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { WD_SPAN_LIT("\xA4\xE0\xFF|"), "a/b; charset=iso-8859-15", "€àÿ|", "iso-8859-15" },
        { WD_SPAN_LIT("\xA0\x81y\xFF"), "a/b; charset=windows-1252", "\xC2\xA0\xEF\xBF\xBDyÿ",
          "windows-1252" }, /* 0x81 is nothing */
        { WD_SPAN_LIT("\xC4\x85\x01\xB1"), "a/b; charset=iso-8859-2", "Äą",
          "iso-8859-2" }, /* controls vanish */
        { WD_SPAN_LIT("\xB0\xA1\xC2"), "a/b; charset=euc-kr", "가\xEF\xBF\xBD", "euc-kr" },
        { WD_SPAN_LIT("\x1B$BF|\x1B(B\xE9"), "a/b; charset=iso-2022-jp", "日\xEF\xBF\xBD",
          "iso-2022-jp" },
        { WD_SPAN_LIT("o\xCC \xFD"), "a/b; charset=windows-1258", "ò ư", "windows-1258" },
    };
    check_rows(rows, WD_COUNT(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_mean_what_browsers_mean),
        cmocka_unit_test(bytes_refute_labels),
        cmocka_unit_test(halves_of_a_character_are_joined_wherever_they_stand),
        cmocka_unit_test(encodings_that_hide_markup_are_not_read),
        cmocka_unit_test(a_clean_body_is_not_copied),
        cmocka_unit_test(long_bodies_are_whole_and_spent),
        cmocka_unit_test(every_byte_of_a_one_byte_charset_has_its_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
