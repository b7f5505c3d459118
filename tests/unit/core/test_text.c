/* UTF-8: what is valid, what is cut, what is shown. */
#include "core/ascii.h"
#include "core/text.h"
#include "tests/support/check.h"

static void finds_the_first_bad_byte(void **state)
{
    (void)state;
    static const struct {
        wd_span in;
        size_t want;
    } rows[] = { { WD_SPAN_LIT("plain ascii, long enough for words"), 34 },
                 { WD_SPAN_LIT("12345678\x80"), 8 },
                 { WD_SPAN_LIT("\xC0\xAF"), 0 },         /* overlong */
                 { WD_SPAN_LIT("\xED\xA0\x80"), 0 },     /* surrogate */
                 { WD_SPAN_LIT("\xF4\x90\x80\x80"), 0 }, /* past U+10FFFF */
                 { WD_SPAN_LIT("a\xE2\x82"), 1 },        /* cut short */
                 { WD_SPAN_LIT("\xE2\x82\xAC\xF0\x9F\x98\x80"), 7 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_int_equal(wd_utf8_valid_until(rows[i].in), rows[i].want);
}

static void every_rune_survives_the_round_trip(void **state)
{
    (void)state;
    for (uint32_t r = 0; r <= 0x10FFFF; r += r < 0x3000 ? 1 : 17) {
        char bytes[4];
        size_t at = 0;
        if (r >= 0xD800 && r <= 0xDFFF)
            continue;
        wd_span s = { bytes, wd_utf8_put(r, bytes) };
        assert_int_equal(wd_utf8_next(s, &at), r);
        assert_int_equal(at, s.len);
    }
}

static void two_halves_are_a_character(void **state)
{
    (void)state;
    static const struct {
        uint32_t high, low, want;
    } rows[] = {
        { 0xD83D, 0xDE00, 0x1F600 }, { 0xD800, 0xDC00, 0x10000 }, { 0xDBFF, 0xDFFF, 0x10FFFF },
        { 0xDE00, 0xD83D, 0 },       { 0xD83D, 0xD83D, 0 },       { 0xD83D, 'x', 0 },
        { 0xD7FF, 0xDC00, 0 },       { 0xDBFF, 0xE000, 0 },       { 0x1D83D, 0xDE00, 0 },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_int_equal(wd_rune_join(rows[i].high, rows[i].low), rows[i].want);
    assert_true(wd_rune_is_half(0xD800) && wd_rune_is_half(0xDFFF));
    assert_false(wd_rune_is_half(0xD7FF) || wd_rune_is_half(0xE000) || wd_rune_is_half(0x1D800));
}

static void never_cuts_a_character(void **state)
{
    (void)state;
    assert_span(wd_utf8_head(WD_SPAN_LIT("a\xE2\x82\xAC"), 3), "a");
    assert_span(wd_utf8_head(WD_SPAN_LIT("a\xE2\x82\xAC"), 4), "a\xE2\x82\xAC");
}

/* Many bytes at a time, and what is left one by one: the same as all one by one. */
static void counts_words_and_runes(void **state)
{
    (void)state;
    unsigned char bytes[8200]; /* more than 255 times sixteen */
    uint64_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        wd_span s = { (const char *)bytes, 0 };
        size_t want_words = 0, want_runes = 0, words, runes;
        bool inside = false;
        size_t len = round % 200 == 0 ? sizeof(bytes) : (size_t)round % 64;
        for (s.len = 0; s.len < len; s.len++) {
            static const char likely[] = " \t\n\r\v\f ab\x08\x0e\x1f!\x80\xA0\xC3\xFF\x89";
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            unsigned char any = (unsigned char)(seed >> 40);
            bytes[s.len] = any & 1 ? any : (unsigned char)likely[(seed >> 50) % sizeof(likely)];
            bool space = wd_is_space((char)bytes[s.len]);
            want_words += !space && !inside;
            inside = !space;
            want_runes += (bytes[s.len] & 0xC0) != 0x80;
        }
        wd_text_count(s, &words, &runes);
        assert_int_equal(words, want_words);
        assert_int_equal(runes, want_runes);
    }
}

static void makes_one_line(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1 << 20);
    bool changed = false;
    assert_span(wd_text_one_line(a, WD_SPAN_LIT(" a\n\n b\xC2\xA0\tc "), 100, &changed), "a b c");
    assert_false(changed);
    assert_span(wd_text_one_line(a, WD_SPAN_LIT("x\x1b[31m\xE2\x80\xAEy"), 100, &changed),
                "x[31my");
    assert_true(changed);
    assert_span(wd_text_one_line(a, WD_SPAN_LIT("\xFF\xFF"), 4, NULL), "\xEF\xBF\xBD");
    wd_arena_free(a);
}

static void log_text_cannot_forge_a_line(void **state)
{
    (void)state;
    wd_buf b = WD_BUF_INIT(1000);
    wd_text_escape_log(&b, WD_SPAN_LIT("a\n<3>b\x1b[0m\xFF\xE2\x80\xAE\xC3\xA9"));
    assert_string_equal(b.ptr, "a <3>b\\x1b[0m\\xff\\u{202e}\xC3\xA9");
    wd_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(finds_the_first_bad_byte),
                                        cmocka_unit_test(every_rune_survives_the_round_trip),
                                        cmocka_unit_test(two_halves_are_a_character),
                                        cmocka_unit_test(never_cuts_a_character),
                                        cmocka_unit_test(counts_words_and_runes),
                                        cmocka_unit_test(makes_one_line),
                                        cmocka_unit_test(log_text_cannot_forge_a_line) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
