/* The ring keeps the newest, whole and in order, within its bounds; search finds words. */
#include "daemon/page/wire.h"
#include "daemon/page/wire_query.h"
#include "tests/support/check.h"

static void put(wd_wire *w, const char *json, const char *slug, const char *kind, const char *text)
{
    wd_buf words = WD_BUF_INIT(WD_WIRE_ENTRY_BYTES);
    wd_wire_words_begin(&words, slug, kind);
    wd_wire_words_add(&words, wd_span_of(text));
    wd_wire_put(w, 1000, wd_span_of(json), wd_buf_span(&words));
    wd_buf_done(&words);
}

static void numbers_count_up_and_entries_come_back(void **state)
{
    (void)state;
    wd_wire *w;
    wd_wire_entry e;
    assert_ok(wd_wire_new(&w));
    assert_int_equal(wd_wire_first(w), wd_wire_next(w));
    assert_false(wd_wire_get(w, 1, &e));
    wd_wire_put(w, 5, WD_SPAN_LIT("{}"), WD_SPAN_LIT(" a"));
    wd_wire_put(w, 6, WD_SPAN_LIT("{\"n\":2}"), WD_SPAN_NONE);
    wd_wire_put(w, 7, WD_SPAN_NONE, WD_SPAN_LIT("nothing to show"));
    assert_int_equal(wd_wire_next(w), 3);
    assert_true(wd_wire_get(w, 1, &e));
    assert_span(e.json, "{}");
    assert_span(e.words, " a");
    assert_int_equal(e.told_ms, 5);
    assert_true(wd_wire_get(w, 2, &e));
    assert_span(e.json, "{\"n\":2}");
    assert_int_equal(e.words.len, 0);
    assert_false(wd_wire_get(w, 3, &e));
    wd_wire_free(w);
}

/* Each entry is one letter, many times, so that an overwritten one is seen. */
static void check_all(const wd_wire *w, const uint32_t *lengths)
{
    size_t bytes = 0;
    for (uint64_t seq = wd_wire_first(w); seq < wd_wire_next(w); seq++) {
        wd_wire_entry e;
        assert_true(wd_wire_get(w, seq, &e));
        assert_int_equal(e.json.len, lengths[seq]);
        for (size_t i = 0; i < e.json.len; i += 97)
            assert_int_equal((unsigned char)e.json.ptr[i], 'a' + seq % 26);
        bytes += e.json.len;
    }
    assert_true(bytes <= WD_WIRE_BYTES);
    assert_true(wd_wire_next(w) - wd_wire_first(w) <= WD_WIRE_ITEMS);
}

static void the_oldest_leave_and_none_is_damaged(void **state)
{
    (void)state;
    static const struct {
        uint32_t puts, least, spread;
    } rows[] = {
        { 20000, 20, 10 },    /* the index is full first */
        { 20000, 100, 8000 }, /* the bytes are */
        { 3000, 8192, 1 },    /* the largest, which end where the ring ends */
        { 9000, 700, 400 },
    };
    static char text[WD_WIRE_ENTRY_BYTES];
    for (size_t r = 0; r < WD_COUNT(rows); r++) {
        wd_wire *w;
        uint32_t *lengths = calloc(rows[r].puts + 1, sizeof(*lengths));
        uint32_t random = 1;
        assert_ok(wd_wire_new(&w));
        for (uint32_t i = 1; i <= rows[r].puts; i++) {
            random = random * 1664525u + 1013904223u;
            lengths[i] = rows[r].least + (random >> 8) % rows[r].spread;
            memset(text, 'a' + (int)(i % 26), lengths[i]);
            wd_wire_put(w, i, (wd_span){ text, lengths[i] }, WD_SPAN_NONE);
            if (i % 1777 == 0)
                check_all(w, lengths);
        }
        check_all(w, lengths);
        assert_int_equal(wd_wire_next(w), rows[r].puts + 1);
        assert_true(wd_wire_next(w) - wd_wire_first(w) > 400);
        wd_wire_free(w);
        free(lengths);
    }
}

static void an_entry_over_its_bound_is_left_out(void **state)
{
    (void)state;
    static char text[WD_WIRE_ENTRY_BYTES + 1];
    wd_wire *w;
    memset(text, 'x', sizeof(text));
    assert_ok(wd_wire_new(&w));
    wd_wire_put(w, 1, (wd_span){ text, sizeof(text) }, WD_SPAN_NONE);
    assert_int_equal(wd_wire_next(w), 1);
    wd_wire_free(w);
}

static void a_question_finds_what_begins_with_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *question;
        bool found;
    } rows[] = {
        { "Ferry aground off Port Elsin", "", true },
        { "Ferry aground off Port Elsin", "ferry", true },
        { "Ferry aground off Port Elsin", "FERR", true },
        { "Ferry aground off Port Elsin", "erry", false },
        { "Ferry aground off Port Elsin", "elsin ferry", true },
        { "Ferry aground off Port Elsin", "elsin train", false },
        { "Ferry aground off Port Elsin", "  port   elsin ", true },
        { "Caf\xC3\xA9 M\xC3\xBCller", "cafe muller", true },
        { "Cafe Muller", "caf\xC3\xA9", true },
        { "An e-mail came", "e-mail", true },
        { "An e-mail came", "mail", true },
        { "\xE6\xB5\xB7\xE5\xB2\xB8\xE6\x96\xB0\xE8\x81\x9E", "\xE6\x96\xB0\xE8\x81\x9E", true },
        { "anything", "feed:wire", true },
        { "anything", "feed:wir", false },
        { "anything", "feed:", false },
        { "anything", "is:copy", true },
        { "anything", "is:new", false },
        { "anything", "feed:wire is:copy any", true },
        { "feed:other", "feed:other", false },
        { "one two three", "one two three four five six seven eight nine", false },
        { "\xFF\xFE broken", "broken", true },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_wire *w;
        wd_wire_entry e;
        wd_wire_query q;
        assert_ok(wd_wire_new(&w));
        put(w, "{}", "wire", "copy", rows[i].text);
        assert_true(wd_wire_get(w, 1, &e));
        wd_wire_query_init(&q, rows[i].question);
        if (wd_wire_query_matches(&q, e.words) != rows[i].found)
            fail_msg("row %zu: \"%s\" in \"%s\"", i, rows[i].question, rows[i].text);
        wd_wire_query_done(&q);
        wd_wire_free(w);
    }
}

static void a_search_tells_the_newest_first_and_how_many_there_are(void **state)
{
    (void)state;
    wd_wire *w;
    wd_buf out = WD_BUF_INIT(1u << 20);
    assert_ok(wd_wire_new(&w));
    wd_wire_search(w, "x", 2, &out);
    assert_span(wd_buf_span(&out), "{\"searched\":0,\"items\":[],\"total\":0}");
    put(w, "{\"n\":1}", "a", "new", "rain");
    put(w, "{\"n\":2}", "a", "new", "sun");
    put(w, "{\"n\":3}", "b", "new", "rain again");
    put(w, "{\"n\":4}", "b", "new", "rain for the third time");
    wd_buf_reset(&out);
    wd_wire_search(w, "rain", 2, &out);
    assert_span(wd_buf_span(&out), "{\"searched\":4,\"since\":1000,\"items\":[{\"n\":4},{\"n\":3}],"
                                   "\"total\":3}");
    wd_buf_done(&out);
    wd_wire_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_count_up_and_entries_come_back),
        cmocka_unit_test(the_oldest_leave_and_none_is_damaged),
        cmocka_unit_test(an_entry_over_its_bound_is_left_out),
        cmocka_unit_test(a_question_finds_what_begins_with_its_words),
        cmocka_unit_test(a_search_tells_the_newest_first_and_how_many_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
