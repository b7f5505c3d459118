/* Character references: the same text whoever wrote them, and nothing from thin air. */
#include "parsers/entities.h"
#include "tests/support/check.h"

struct row {
    const char *in, *want;
};

static void decodes_to(wd_entity_mode mode, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        wd_buf out = WD_BUF_INIT(1000);
        assert_ok(wd_entity_decode_all(NULL, wd_span_of(rows[i].in), mode, &out));
        assert_span(wd_buf_span(&out), rows[i].want);
        wd_buf_done(&out);
    }
}

static void xml_text_needs_the_semicolon(void **state)
{
    (void)state;
    static const struct row rows[] = { { "a &lt; b &amp; c", "a < b & c" },
                                       { "&quot;&apos;&gt;", "\"'>" },
                                       { "&eacute;&rsquo;&hellip;", "é’…" },
                                       { "?a=1&copy=2&b", "?a=1&copy=2&b" },
                                       { "AT&T & co", "AT&T & co" },
                                       { "&nosuchname;", "&nosuchname;" },
                                       { "&#65;&#x42;&#X43;", "ABC" },
                                       { "&#65 ", "&#65 " },
                                       { "&", "&" } };
    decodes_to(WD_ENTITY_XML, rows, WD_COUNT(rows));
}

static void html_knows_the_old_names(void **state)
{
    (void)state;
    static const struct row rows[] = { { "&copy 2026 &notit; &amp", "© 2026 ¬it; &" },
                                       { "&#8212 x", "— x" },
                                       { "&ampersand", "&ersand" } };
    decodes_to(WD_ENTITY_HTML_TEXT, rows, WD_COUNT(rows));
}

static void a_query_keeps_its_parameters(void **state)
{
    (void)state;
    static const struct row rows[] = { { "?a=1&copy=2&lt=3", "?a=1&copy=2&lt=3" },
                                       { "?a=1&amp;b=2", "?a=1&b=2" } };
    decodes_to(WD_ENTITY_HTML_ATTR, rows, WD_COUNT(rows));
}

static void numbers_that_are_no_characters_do_no_harm(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "x&#xD800;y", "x\xEF\xBF\xBDy" }, { "&#99999999999999999999;", "\xEF\xBF\xBD" },
        { "a&#27;[31m", "a[31m" },          { "&#146;", "’" },
        { "&#0;", "\xEF\xBF\xBD" },         { "&#x202E;&#xFFFF;", "" }
    };
    decodes_to(WD_ENTITY_XML, rows, WD_COUNT(rows));
}

static void two_halves_of_a_character_are_one(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "&#xD83D;&#xDE00;!", "\U0001F600!" },
        { "&#55357;&#56832;", "\U0001F600" },
        { "&#55357;&#xde00;&#55357;", "\U0001F600\uFFFD" },
        { "&#55357; &#56832;", "\uFFFD \uFFFD" },
        { "&#55357;&#55357;&#56832;", "\uFFFD\U0001F600" },
        { "&#55357;&#65;", "\uFFFDA" },
        { "&#55357;&#", "\uFFFD&#" },
        { "&#56832;&#55357;", "\uFFFD\uFFFD" },
    };
    decodes_to(WD_ENTITY_XML, rows, WD_COUNT(rows));
    decodes_to(WD_ENTITY_HTML_TEXT, rows, WD_COUNT(rows));
}

static void declared_entities_are_short_flat_and_few(void **state)
{
    (void)state;
    wd_entity_set set = { 0 };
    char name[16];
    static const char long_text[WD_ENTITY_TEXT_BYTES + 1] = "x";
    assert_true(wd_entity_declare(&set, wd_span_of("me"), wd_span_of("Ann & co")));
    assert_false(wd_entity_declare(&set, wd_span_of("lol"), wd_span_of("&me;&me;")));
    assert_false(wd_entity_declare(&set, wd_span_of("tag"), wd_span_of("<b>")));
    assert_false(
        wd_entity_declare(&set, wd_span_of("big"), (wd_span){ long_text, sizeof(long_text) }));
    wd_buf out = WD_BUF_INIT(1000);
    assert_ok(wd_entity_decode_all(&set, wd_span_of("by &me;!"), WD_ENTITY_XML, &out));
    assert_span(wd_buf_span(&out), "by Ann & co!");
    wd_buf_reset(&out);
    assert_true(wd_entity_declare(&set, wd_span_of("nbsp"), wd_span_of("_")));
    assert_ok(wd_entity_decode_all(&set, wd_span_of("a&nbsp;b"), WD_ENTITY_XML, &out));
    assert_ok(wd_entity_decode_all(NULL, wd_span_of("&nbsp;"), WD_ENTITY_XML, &out));
    assert_span(wd_buf_span(&out), "a_b\xC2\xA0");
    wd_buf_done(&out);
    bool refused = false;
    for (unsigned i = 0; i <= WD_ENTITY_DECLARED_MAX; i++) {
        snprintf(name, sizeof(name), "e%u", i);
        refused |= !wd_entity_declare(&set, wd_span_of(name), wd_span_of("x"));
    }
    assert_true(refused);
    wd_entity_set_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xml_text_needs_the_semicolon),
        cmocka_unit_test(html_knows_the_old_names),
        cmocka_unit_test(a_query_keeps_its_parameters),
        cmocka_unit_test(numbers_that_are_no_characters_do_no_harm),
        cmocka_unit_test(two_halves_of_a_character_are_one),
        cmocka_unit_test(declared_entities_are_short_flat_and_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
