/* Subscription lists: read with their groups, and the same after writing. */
#include "parsers/opml.h"
#include "tests/support/check.h"

static const char list_text[] =
    "<?xml version='1.0'?><opml version='1.0'><head><title>Wires &amp; more</title></head><body>"
    "<outline text='Sea'><outline text='Harbour' title='Harbour News' type='rss' "
    "xmlUrl='http://harbour.example/feed?a=1&amp;b=2' htmlUrl='http://harbour.example/'/>"
    "<outline text='Deep'><outline text='Fish' xmlurl='http://fish.example/f' category='/a,/b'>"
    "</outline></outline></outline><outline text='Top' xmlUrl='http://top.example/'/>"
    "</body></opml>";

static void check_list(const wd_opml *list)
{
    static const struct {
        unsigned depth;
        const char *title, *url;
    } rows[] = { { 0, "Sea", "" },
                 { 1, "Harbour News", "http://harbour.example/feed?a=1&b=2" },
                 { 1, "Deep", "" },
                 { 2, "Fish", "http://fish.example/f" },
                 { 0, "Top", "http://top.example/" } };
    assert_span(list->title, "Wires & more");
    assert_int_equal(list->n, WD_COUNT(rows));
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        assert_int_equal(list->outlines[i].depth, rows[i].depth);
        assert_span(list->outlines[i].title, rows[i].title);
        assert_span(list->outlines[i].xml_url, rows[i].url);
    }
    assert_span(list->outlines[1].html_url, "http://harbour.example/");
    assert_span(list->outlines[3].category, "/a,/b");
}

static void groups_survive_the_round_trip(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1 << 20);
    wd_buf out = WD_BUF_INIT(1 << 20);
    wd_opml list;
    assert_ok(wd_opml_read(wd_span_of(list_text), a, &list));
    check_list(&list);
    assert_ok(wd_opml_write(&list, &out));
    assert_ok(wd_opml_read(wd_buf_span(&out), a, &list));
    check_list(&list);
    wd_buf_done(&out);
    wd_arena_free(a);
}

static void a_list_that_is_cut_off_keeps_its_head(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1 << 20);
    wd_opml list;
    wd_span whole = wd_span_of(list_text);
    size_t seen = 0;
    for (size_t n = strlen("<?xml version='1.0'?><opml version='1.0'>"); n < whole.len; n++) {
        assert_ok(wd_opml_read(wd_span_head(whole, n), a, &list));
        assert_true(list.n >= seen);
        seen = list.n;
        wd_arena_reset(a);
    }
    assert_int_equal(seen, 5);
    wd_arena_free(a);
}

static void what_is_no_opml_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = { "", "<rss/>", "text",
                                        "<!DOCTYPE o [<!ENTITY x SYSTEM 'y'>]><opml/>" };
    wd_arena *a = wd_arena_new(1 << 20);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_opml list;
        assert_int_equal(wd_opml_read(wd_span_of(rows[i]), a, &list), WD_MALFORMED);
        assert_int_equal(list.n, 0);
    }
    wd_arena_free(a);
}

/* A list of which the end is dropped would look like one that is whole. */
static void too_many_outlines_are_refused_not_dropped(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        wd_status status;
    } rows[] = { { WD_OPML_OUTLINES, WD_OK }, { WD_OPML_OUTLINES + 1, WD_LIMIT } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_arena *a = wd_arena_new((size_t)256 << 20);
        wd_buf text = WD_BUF_INIT((size_t)64 << 20);
        wd_opml list;
        wd_buf_append_span(&text, WD_SPAN_LIT("<opml><body>"));
        for (size_t n = 0; n < rows[i].n; n++)
            wd_buf_append_span(&text, WD_SPAN_LIT("<outline xmlUrl='http://f.example'/>"));
        wd_buf_append_span(&text, WD_SPAN_LIT("</body></opml>"));
        assert_int_equal(wd_opml_read(wd_buf_span(&text), a, &list), rows[i].status);
        assert_int_equal(list.n, rows[i].status == WD_OK ? rows[i].n : 0);
        wd_buf_done(&text);
        wd_arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(groups_survive_the_round_trip),
                                        cmocka_unit_test(a_list_that_is_cut_off_keeps_its_head),
                                        cmocka_unit_test(what_is_no_opml_is_refused),
                                        cmocka_unit_test(
                                            too_many_outlines_are_refused_not_dropped) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
