/* The skeleton: tags that fit together out of anything, and text where it stands. */
#include "core/buf.h"
#include "parsers/skeleton.h"
#include "parsers/tag.h"
#include "tests/support/check.h"

struct seen {
    wd_buf out; /* what was told: text in brackets, CDATA in braces */
    size_t stop_after;
};

static bool on_start(void *ctx, wd_span name, wd_span attrs)
{
    struct seen *s = ctx;
    wd_attr attr;
    wd_buf_printf(&s->out, "<%.*s", WD_SPAN_ARG(name));
    while (wd_tag_attr(&attrs, &attr))
        wd_buf_printf(&s->out, " %.*s=(%.*s)", WD_SPAN_ARG(attr.name), WD_SPAN_ARG(attr.value));
    wd_buf_append_char(&s->out, '>');
    return s->stop_after == 0 || --s->stop_after > 0;
}

static void on_text(void *ctx, wd_span raw, bool cdata)
{
    struct seen *s = ctx;
    bool blank = raw.len == 1 && (raw.ptr[0] == ' ' || raw.ptr[0] == '\n');
    wd_buf_printf(&s->out, blank ? "%.*s" : cdata ? "{%.*s}" : "[%.*s]", WD_SPAN_ARG(raw));
}

static void on_end(void *ctx)
{
    struct seen *s = ctx;
    wd_buf_append(&s->out, "</>", 3);
}

static bool on_doctype(void *ctx, wd_span whole)
{
    struct seen *s = ctx;
    wd_buf_append_span(&s->out, whole);
    return true;
}

static wd_skeleton_end run_until(const char *doc, struct seen *s, size_t stop_after)
{
    bool repaired;
    *s = (struct seen){ .out = WD_BUF_INIT(1 << 20), .stop_after = stop_after };
    const wd_skeleton_sink sink = { on_start, on_text, on_end, on_doctype, s };
    return wd_skeleton_run(wd_span_of(doc), &sink, &repaired);
}

static wd_skeleton_end run(const char *doc, struct seen *s)
{
    return run_until(doc, s, 0);
}

static void mends_what_is_broken(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } rows[] = {
        { "<r><a>x</a></r>", "<r><a>[x]</></>" },
        { "\n <?xml version='1.0'?><!-- c --><r/>", "<r></>" },
        { "<r>5 < 6 & 7</r>", "<r>[5 < 6 & 7]</>" },
        { "<r><![CDATA[a<b>]]></r>", "<r>{a<b>}</>" },
        { "<r><a>x<b>y</a></b></r>", "<r><a>[x]<b>[y]</></></>" },
        { "<r a=1 b c='x\"y'>z</r>", "<r a=(1) b=() c=(x\"y)>[z]</>" },
        { "<r>a<br>b</r>", "<r>[a]<br></>[b]</>" },
        { "<r></R>", "<r></>" },
        { "<r> <!-- c --> \n<a/> </r>", "<r>\n<a></> </>" },
        { "<r>x</r><r>y</r>", "<r>[x]</>" },
        { "<br/><b>Warning</b> <r>x</r>", "<r>[x]</>" },
        { "<r><1>x</r>", "<r>[<1>x]</>" },
        { "<a:b:c>x<\xC3\xA9/></a:b:c>", "<a:b_c>[x]<__></></>" },
        { "<!DOCTYPE r SYSTEM 'x'><r/>", "<r></>" },
        { "<!DOCTYPE r [<!ENTITY a 'b>'>]><r/>", "<!DOCTYPE r [<!ENTITY a 'b>'>]><r></>" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct seen s;
        assert_int_equal(run(rows[i].in, &s), WD_SKELETON_COMPLETE);
        assert_span(wd_buf_span(&s.out), rows[i].want);
        wd_buf_done(&s.out);
    }
}

static void tells_nothing_more_once_it_is_stopped(void **state)
{
    (void)state;
    static const char *const rows[] = { "<r><a><b>x</b></a></r>", "<r><a/>x</r>" };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct seen s;
        assert_int_equal(run_until(rows[i], &s, 2), WD_SKELETON_STOPPED);
        assert_span(wd_buf_span(&s.out), "<r><a>");
        wd_buf_done(&s.out);
    }
}

/* Names of open elements have a room of their own; mended ones need it twice. */
static void stops_at_the_names_it_can_remember(void **state)
{
    (void)state;
    for (unsigned odd = 0; odd < 2; odd++) {
        wd_buf doc = WD_BUF_INIT(1 << 20);
        struct seen s;
        for (unsigned i = 0; i < 200; i++)
            wd_buf_printf(&doc, "<%s%0250d><%s%0250d/>", odd ? "\xC3" : "x", 1, odd ? "\xC3" : "x",
                          1);
        assert_int_equal(run(doc.ptr, &s), WD_SKELETON_TOO_DEEP);
        wd_buf_done(&s.out);
        wd_buf_done(&doc);
    }
}

static void knows_when_the_end_is_missing(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        wd_skeleton_end want;
    } rows[] = { { "<r><a>x</a>", WD_SKELETON_TRUNCATED },
                 { "<r a=", WD_SKELETON_TRUNCATED },
                 { "<?xml version='1.0'?>", WD_SKELETON_TRUNCATED },
                 { "<r><![CDATA[x", WD_SKELETON_TRUNCATED },
                 { "plain text", WD_SKELETON_NO_ROOT },
                 { "", WD_SKELETON_NO_ROOT } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct seen s;
        assert_int_equal(run(rows[i].in, &s), rows[i].want);
        wd_buf_done(&s.out);
    }
}

static void stops_at_its_depth(void **state)
{
    (void)state;
    wd_buf doc = WD_BUF_INIT(1 << 20);
    struct seen s;
    for (unsigned i = 0; i <= WD_SKELETON_DEPTH; i++)
        wd_buf_append(&doc, "<x>", 3);
    assert_int_equal(run(doc.ptr, &s), WD_SKELETON_TOO_DEEP);
    wd_buf_done(&s.out);
    wd_buf_done(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(mends_what_is_broken),
                                        cmocka_unit_test(tells_nothing_more_once_it_is_stopped),
                                        cmocka_unit_test(stops_at_the_names_it_can_remember),
                                        cmocka_unit_test(knows_when_the_end_is_missing),
                                        cmocka_unit_test(stops_at_its_depth) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
