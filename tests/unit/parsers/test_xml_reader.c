/* The XML reader: names understood, namespaces where they are in force, attributes decoded. */
#include "core/buf.h"
#include "parsers/xml_reader.h"
#include "tests/support/check.h"

struct seen {
    wd_buf out, value;
};

/* "1" for CORE, the first letter of what else the tests use. */
static char ns_letter(wd_ns ns)
{
    switch (ns) {
    case WD_NS_CORE:
        return '1';
    case WD_NS_ATOM:
        return 'A';
    case WD_NS_DC:
        return 'D';
    case WD_NS_MEDIA:
        return 'M';
    case WD_NS_XML:
        return 'X';
    default:
        return '?';
    }
}

static bool on_start(void *ctx, const wd_xml_element *e)
{
    struct seen *s = ctx;
    wd_buf_printf(&s->out, "<%c %.*s", ns_letter(e->ns), WD_SPAN_ARG(e->local));
    for (size_t i = 0; i < e->n_attrs; i++) {
        const wd_xml_attr *a = &e->attrs[i];
        wd_span value = wd_xml_attr_value(a, &s->value);
        wd_buf_printf(&s->out, " %c %.*s=(%.*s)", ns_letter(a->ns), WD_SPAN_ARG(a->local),
                      WD_SPAN_ARG(value));
    }
    wd_buf_append_char(&s->out, '>');
    return true;
}

static void on_text(void *ctx, wd_span raw, bool cdata)
{
    struct seen *s = ctx;
    wd_buf_printf(&s->out, cdata ? "{%.*s}" : "[%.*s]", WD_SPAN_ARG(raw));
}

static void on_end(void *ctx)
{
    struct seen *s = ctx;
    wd_buf_append(&s->out, "</>", 3);
}

static wd_xml_end read_all(const char *doc, struct seen *s)
{
    bool repaired;
    wd_entity_set declared = { 0 };
    *s = (struct seen){ .out = WD_BUF_INIT(1 << 20), .value = WD_BUF_INIT(1 << 20) };
    const wd_xml_sink sink = { on_start, on_text, on_end, s };
    wd_xml_end end = wd_xml_read(wd_span_of(doc), &sink, &declared, &repaired);
    wd_entity_set_done(&declared);
    return end;
}

static void done(struct seen *s)
{
    wd_buf_done(&s->out);
    wd_buf_done(&s->value);
}

#define DC    "http://purl.org/dc/elements/1.1/"
#define ATOM  "http://www.w3.org/2005/Atom"
#define MEDIA "http://search.yahoo.com/mrss/"

static void understands_names_where_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } rows[] = {
        /* by address, whatever the prefix; by prefix when nothing is declared */
        { "<r xmlns:x='" DC "'><x:date/><dc:date/></r>", "<1 r><D date></><D date></></>" },
        { "<r><z:date/></r>", "<1 r><? date></></>" },
        /* a declaration counts for its element's own name and attributes, and ends with it */
        { "<p:r p:a='1' xmlns:p='" ATOM "'/>", "<A r A a=(1)></>" },
        { "<r><p:a xmlns:p='" ATOM "'><p:b/></p:a><p:b/></r>", "<1 r><A a><A b></></><? b></></>" },
        { "<r xmlns:p='" DC "'><p:a xmlns:p='" ATOM "'/><p:a/></r>", "<1 r><A a></><D a></></>" },
        { "<r><a xmlns='" ATOM "'><b/><c xmlns=''><b/></c><b/></a><b/></r>",
          "<1 r><A a><A b></><1 c><1 b></></><A b></></><1 b></></>" },
        { "<p:r xmlns:p='" DC "' xmlns:p='" ATOM "'/>", "<D r></>" },
        { "<r xmlns:p='" DC "'><p:a xmlns:p=''/></r>", "<1 r><D a></></>" },
        /* attributes without a prefix are in no namespace */
        { "<r xmlns='" ATOM "' a='1' media:url='2'/>", "<A r 1 a=(1) M url=(2)></>" },
        { "<r xml:lang='en' xmlns:xml='" DC "'/>", "<1 r X lang=(en)></>" },
        { "<r xmlns:p='http://www.w3.org/XML/1998/namespace' p:lang='en'/>",
          "<1 r ? lang=(en)></>" },
        /* names that XML does not allow */
        { "<r a:b:c='1' \xC3\xA9='2' :d='3' e:='4' f:1='5'/>",
          "<1 r ? b_c=(1) 1 __=(2) 1 _d=(3) 1 e_=(4) 1 f_1=(5)></>" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct seen s;
        assert_int_equal(read_all(rows[i].in, &s), WD_XML_COMPLETE);
        assert_span(wd_buf_span(&s.out), rows[i].want);
        done(&s);
    }
}

static void decodes_what_attributes_say(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } rows[] = {
        { "<r a='?a=1&b'/>", "<1 r 1 a=(?a=1&b)></>" },
        { "<r a='x &lt; y &#38; z'/>", "<1 r 1 a=(x < y & z)></>" },
        { "<r a='one\r\ntwo\tthree\nfour'/>", "<1 r 1 a=(one two three four)></>" },
        { "<r a='quite long before the end\nof the line'/>",
          "<1 r 1 a=(quite long before the end of the line)></>" },
        { "<r a b=\"it's\" c='say \"x\"'/>", "<1 r 1 a=() 1 b=(it's) 1 c=(say \"x\")></>" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct seen s;
        assert_int_equal(read_all(rows[i].in, &s), WD_XML_COMPLETE);
        assert_span(wd_buf_span(&s.out), rows[i].want);
        done(&s);
    }
}

/* Two names whose ends are alike may not be taken for each other, however many there are. */
static void tells_a_thousand_names_apart(void **state)
{
    (void)state;
    wd_buf doc = WD_BUF_INIT(1 << 20), want = WD_BUF_INIT(1 << 20);
    struct seen s;
    wd_buf_append(&doc, "<r>", 3);
    wd_buf_printf(&want, "<1 r>");
    for (unsigned i = 0; i < 1000; i++) {
        wd_buf_printf(&doc, "<dc:name-%u-of-many/><media:name-%u-of-many/>", i, i);
        wd_buf_printf(&want, "<D name-%u-of-many></><M name-%u-of-many></>", i, i);
    }
    wd_buf_append(&doc, "</r>", 4);
    wd_buf_printf(&want, "</>");
    assert_int_equal(read_all(doc.ptr, &s), WD_XML_COMPLETE);
    assert_span(wd_buf_span(&s.out), want.ptr);
    done(&s);
    wd_buf_done(&doc);
    wd_buf_done(&want);
}

/* More declarations than there is room for: those that fit count. */
static void survives_more_declarations_than_it_keeps(void **state)
{
    (void)state;
    wd_buf doc = WD_BUF_INIT(1 << 20);
    struct seen s;
    for (unsigned i = 0; i < 900; i++)
        wd_buf_printf(&doc, "<p%u:e xmlns:p%u='" ATOM "' xmlns:q%0200u='" DC "'>", i, i, i);
    assert_int_equal(read_all(doc.ptr, &s), WD_XML_TRUNCATED);
    assert_true(wd_span_starts_nocase(wd_buf_span(&s.out), "<A e><A e>"));
    assert_true(wd_span_find_nocase(wd_buf_span(&s.out), "<? e>") < s.out.len);
    done(&s);
    wd_buf_done(&doc);
}

static void refuses_entities_that_multiply(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        wd_xml_end want;
    } rows[] = {
        { "<!DOCTYPE r [<!ENTITY a 'b'>]><r/>", WD_XML_COMPLETE },
        { "<!DOCTYPE r [<!ENTITY a '&b;&b;'><!ENTITY b 'c'>]><r/>", WD_XML_ENTITIES },
        { "<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><r/>", WD_XML_ENTITIES },
        { "<!DOCTYPE r [<!ENTITY % a 'b'>]><r/>", WD_XML_ENTITIES },
        { "<!DOCTYPE r [<!ENTITY a 'b'>]><!DOCTYPE r [<!ENTITY % a 'b'>]><r/>", WD_XML_COMPLETE },
        { "<!DOCTYPE r [<!ENTITY a 'b'> broken ]><r/>", WD_XML_COMPLETE },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct seen s;
        assert_int_equal(read_all(rows[i].in, &s), rows[i].want);
        assert_span(wd_buf_span(&s.out), rows[i].want == WD_XML_COMPLETE ? "<1 r></>" : "");
        done(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understands_names_where_they_stand),
        cmocka_unit_test(decodes_what_attributes_say),
        cmocka_unit_test(tells_a_thousand_names_apart),
        cmocka_unit_test(survives_more_declarations_than_it_keeps),
        cmocka_unit_test(refuses_entities_that_multiply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
