/* The skeleton: well-formed markup out of anything, and text that can be found again. */
#include "core/buf.h"
#include "parsers/skeleton.h"
#include "tests/support/check.h"

struct seen {
    wd_span doc;
    wd_buf out; /* the skeleton, with the text put back in brackets */
    size_t have;
    char piece[WD_SKELETON_PIECE_BYTES];
    bool in_tag;
};

static bool take(void *ctx, const char *bytes, size_t n)
{
    struct seen *s = ctx;
    for (size_t i = 0; i < n; i++) {
        char c = bytes[i];
        s->in_tag = c == '<' || (s->in_tag && c != '>');
        if (s->in_tag || c == '>' || (s->have == 0 && (c == ' ' || c == '\n'))) {
            wd_buf_append_char(&s->out, c);
            continue;
        }
        s->piece[s->have++] = c;
        if (s->have < sizeof(s->piece))
            continue;
        bool cdata;
        wd_span text = wd_skeleton_piece(s->piece, s->doc, &cdata);
        wd_buf_printf(&s->out, cdata ? "{%.*s}" : "[%.*s]", WD_SPAN_ARG(text));
        s->have = 0;
    }
    return true;
}

static wd_skeleton_end run(const char *doc, struct seen *s)
{
    bool repaired;
    *s = (struct seen){ .doc = wd_span_of(doc), .out = WD_BUF_INIT(1 << 20) };
    const wd_skeleton_sink sink = { take, s };
    return wd_skeleton_run(s->doc, &sink, &repaired);
}

static void mends_what_is_broken(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } rows[] = {
        { "<r><a>x</a></r>", "<r><a>[x]</a></r>" },
        { "\n <?xml version='1.0'?><!-- c --><r/>", "<r/>" },
        { "<r>5 < 6 & 7</r>", "<r>[5 < 6 & 7]</r>" },
        { "<r><![CDATA[a<b>]]></r>", "<r>{a<b>}</r>" },
        { "<r><a>x<b>y</a></b></r>", "<r><a>[x]<b>[y]</b></a></r>" },
        { "<r a=1 b c='x\"y'>z</r>", "<r a=\"1\" b=\"\" c='x\"y'>[z]</r>" },
        { "<r u='?a=1&b'/>", "<r u=\"?a=1\x7f"
                             "b\"/>" },
        { "<r>a<br>b</r>", "<r>[a]<br/>[b]</r>" },
        { "<r></R>", "<r></r>" },
        { "<r>x</r><r>y</r>", "<r>[x]</r>" },
        { "<br/><b>Warning</b> <r>x</r>", "<r>[x]</r>" },
        { "<r><1>x</r>", "<r>[<1>x]</r>" },
        { "<a:b:c \xC3\xA9='1'>x</a:b:c>", "<a:b_c __=\"1\">[x]</a:b_c>" },
        { "<!DOCTYPE r SYSTEM 'x'><r/>", "<r/>" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct seen s;
        assert_int_equal(run(rows[i].in, &s), WD_SKELETON_COMPLETE);
        assert_span(wd_buf_span(&s.out), rows[i].want);
        wd_buf_done(&s.out);
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
                                        cmocka_unit_test(knows_when_the_end_is_missing),
                                        cmocka_unit_test(stops_at_its_depth) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
