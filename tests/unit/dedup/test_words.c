/* Two spellings of one text give the same tokens; two texts do not. */
#include "dedup/spelling.h"
#include "dedup/words.h"
#include "tests/support/check.h"

enum { MOST = 256 };

typedef struct read {
    wd_token tokens[MOST];
    wd_words words;
} read;

static void read_text(read *r, const char *text)
{
    r->words = (wd_words){ .tokens = r->tokens, .max = MOST };
    wd_words_read(&r->words, wd_span_of(text), 42);
}

static bool same_words(const char *a, const char *b)
{
    read x, y;
    read_text(&x, a);
    read_text(&y, b);
    if (x.words.n != y.words.n || x.words.n == 0)
        return false;
    for (size_t i = 0; i < x.words.n; i++)
        if (!wd_token_same(x.tokens[i], y.tokens[i]))
            return false;
    return x.words.hash == y.words.hash;
}

static void folds_what_editors_and_software_change(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
    } rows[] = {
        { "The Ministry of DEFENCE", "the ministry of defense" },
        { "café naïve São", "cafe naive sao" },
        { "cafe\u0301 Zu\u0308rich", "café Zürich" },
        { "Straße", "strasse" },
        { "ＡＢＣ １２", "abc 12" },
        { "colour labour organisation centre", "color labor organization center" },
        { "travelled analysed realising", "traveled analyzed realizing" },
        { "40 per cent of it", "40% of it" },
        { "40 percent of it", "40 per cent of it" },
        { "the U.S. said", "the US said" },
        { "co-operate", "cooperate" },
        { "it’s “done”", "it's \"done\"" },
        { "zero\u200bwidth so\u00adft", "zerowidth soft" },
        { "1,745,000 people", "1745000 people" },
        { "five men on Sept 12", "5 men on September 12" },
        { "Москва ёлка", "москва елка" },
        { "الأمن مدرسة", "الامن مدرسه" },
        { "م\u064fح\u064eم\u0651\u064eد ١٢", "محمد 12" },
        { "\u1112\u1161\u11ab\u1100\u116e\u11a8 뉴스", "한국 뉴스" },
        { "か\u3099っこう", "がっこう" },
        { "Ελλάδα", "ελλαδα" },
        { "Việt Nam", "viet nam" },
        { "ﬁnal ofﬁce", "final office" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (!same_words(rows[i].a, rows[i].b))
            fail_msg("\"%s\" and \"%s\" differ", rows[i].a, rows[i].b);
}

static void keeps_apart_what_differs(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
    } rows[] = {
        { "12 dead", "13 dead" },
        { "1.5 percent", "15 percent" },
        { "сок в россии и снг", "cok в россии и снг" },
        { "東京", "京東" },
        { "a b", "b a" },
        { "one two", "one" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (same_words(rows[i].a, rows[i].b))
            fail_msg("\"%s\" and \"%s\" are taken for the same", rows[i].a, rows[i].b);
}

static void sees_through_look_alike_letters(void **state)
{
    (void)state;
    /* Cyrillic a, e, o inside Latin words; Latin o, a inside Cyrillic ones. */
    assert_true(
        same_words("the bаnk рrеsident spоke on friday", "the bank president spoke on friday"));
    assert_true(same_words("прeзидент cказал", "президент сказал"));
}

static void leaves_a_quoted_foreign_name_in_its_script(void **state)
{
    (void)state;
    /* A Latin name in a Russian text stays Latin; it is not the Cyrillic word that looks like it.
     */
    assert_true(same_words("компания Apple заявила", "компания apple заявила"));
    assert_false(same_words("в москве HOBO и тихо", "в москве ново и тихо"));
}

static void tells_kinds_apart(void **state)
{
    (void)state;
    read r;
    read_text(&r, "in Lisbon 14 dogs 東");
    static const wd_token_kind want[] = { WD_TOKEN_PLAIN, WD_TOKEN_NAME, WD_TOKEN_NUMBER,
                                          WD_TOKEN_PLAIN, WD_TOKEN_IDEOGRAPH };
    assert_int_equal(r.words.n, WD_COUNT(want));
    for (size_t i = 0; i < WD_COUNT(want); i++)
        assert_int_equal(wd_token_kind_of(r.tokens[i]), want[i]);
}

static void cuts_thai_alike_wherever_it_stands(void **state)
{
    (void)state;
    const char *sentence = "นายกรัฐมนตรี"
                           "กล่าวว่ารัฐบ"
                           "าลจะช่วยเหลื"
                           "อประชาชน";
    char framed[512];
    snprintf(framed, sizeof(framed), "ข่าว%sจบ", sentence);
    read plain, inside;
    read_text(&plain, sentence);
    read_text(&inside, framed);
    assert_true(plain.words.n >= 6);
    size_t best = 0;
    for (size_t at = 0; at < inside.words.n; at++) {
        size_t run = 0;
        for (size_t i = 0; i < plain.words.n && at < inside.words.n; i++) {
            size_t k = 0;
            while (i + k < plain.words.n && at + k < inside.words.n &&
                   wd_token_same(plain.tokens[i + k], inside.tokens[at + k]))
                k++;
            run = k > run ? k : run;
        }
        best = run > best ? run : best;
    }
    assert_true(best + 3 >= plain.words.n); /* the ends may fall together with their frame */
}

static void stops_at_the_room_given(void **state)
{
    (void)state;
    read r = { .words = { .tokens = r.tokens, .max = 3 } };
    wd_words_read(&r.words, WD_SPAN_LIT("a b c d e 東京 5"), 1);
    assert_int_equal(r.words.n, 3);
}

static void another_key_gives_other_tokens(void **state)
{
    (void)state;
    read a, b;
    read_text(&a, "keyed per installation");
    b.words = (wd_words){ .tokens = b.tokens, .max = MOST };
    wd_words_read(&b.words, WD_SPAN_LIT("keyed per installation"), 43);
    assert_false(wd_token_same(a.tokens[0], b.tokens[0]) &&
                 wd_token_same(a.tokens[2], b.tokens[2]));
}

/* Each is found by its first letter and its length, which are tables of their own. */
static void whole_words_are_written_one_way(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "apr", "april" },
        { "aug", "august" },
        { "aeroplane", "airplane" },
        { "bln", "billion" },
        { "bn", "billion" },
        { "cheque", "check" },
        { "dec", "december" },
        { "eight", "8" },
        { "feb", "february" },
        { "five", "5" },
        { "four", "4" },
        { "grey", "gray" },
        { "jan", "january" },
        { "jewellery", "jewelry" },
        { "km", "kilometers" },
        { "kms", "kilometers" },
        { "mln", "million" },
        { "nine", "9" },
        { "nov", "november" },
        { "oct", "october" },
        { "pct", "percent" },
        { "plough", "plow" },
        { "pyjamas", "pajamas" },
        { "sceptic", "skeptic" },
        { "sceptical", "skeptical" },
        { "seven", "7" },
        { "sep", "september" },
        { "sept", "september" },
        { "six", "6" },
        { "ten", "10" },
        { "three", "3" },
        { "trn", "trillion" },
        { "two", "2" },
        { "tyre", "tire" },
        { "tyres", "tires" },
        { "zen", "zen" },
        { "colour", "color" },
        { "manoeuvre", "maneuver" },
        { "organisation", "organization" },
        { "travelling", "traveling" },
        { "our", "our" },
        { "hour", "hour" },
        { "hours", "hors" },
        { "centre", "center" },

    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        char word[WD_WORD_BYTES + WD_SPELLING_GROWTH];
        size_t len = strlen(rows[i][0]);
        memcpy(word, rows[i][0], len);
        assert_span(((wd_span){ word, wd_spelling_normalise(word, len) }), rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_what_editors_and_software_change),
        cmocka_unit_test(keeps_apart_what_differs),
        cmocka_unit_test(sees_through_look_alike_letters),
        cmocka_unit_test(leaves_a_quoted_foreign_name_in_its_script),
        cmocka_unit_test(tells_kinds_apart),
        cmocka_unit_test(cuts_thai_alike_wherever_it_stands),
        cmocka_unit_test(stops_at_the_room_given),
        cmocka_unit_test(another_key_gives_other_tokens),
        cmocka_unit_test(whole_words_are_written_one_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
