/* HTML: harmless, readable, and the same when it is cleaned again. */
#include "core/buf.h"
#include "core/text.h"
#include "parsers/html.h"
#include "tests/support/check.h"

#define BASE WD_SPAN_LIT("http://news.example/a/b")

static void keeps_what_may_be_shown(void **state)
{
    (void)state;
    static const struct {
        const char *in, *html, *text;
    } rows[] = {
        { "<p>One <b>two</b></p>", "<p>One <b>two</b></p>", "One two" },
        { "<a href='/x?a=1&copy=2'>y</a>", "<a href=\"http://news.example/x?a=1&amp;copy=2\">y</a>",
          "y" },
        { "a<br>b", "a<br />b", "a\nb" },
        { "<p>a</p><p>b</p>", "<p>a</p><p>b</p>", "a\n\nb" },
        { "AT&amp;T &mdash; 5 < 6", "AT&amp;T — 5 &lt; 6", "AT&T — 5 < 6" },
        { "<img src=\"x.png\" alt=\"no\">z",
          "<img src=\"http://news.example/a/x.png\" alt=\"no\" />z", "z" },
        { "<img srcset alt=no>z", "z", "z" },
        { "<img srcset='a,b.png 2x,,c.png, d.png 3x'>",
          "<img srcset=\"http://news.example/a/a,b.png 2x, http://news.example/a/c.png, "
          "http://news.example/a/d.png 3x\" />",
          "" },
        { "<noscript>No <b>scripts</b></noscript>z", "No <b>scripts</b>z", "No scriptsz" },
        { "<ul><li>a<li>b</ul>", "<ul><li>a<li>b</ul>", "a\nb" },
        { "<div><b>x", "<div><b>x</b></div>", "x" },
        { "x</div>y", "xy", "xy" },
        { "a \n\t b&nbsp;c",
          "a \n\t b\xC2\xA0"
          "c",
          "a b c" },
        { "a\xC2\xA0 b  c", "a\xC2\xA0 b  c", "a b c" },
        { "<table><tr><td>1<td>2</table>", "<table><tr><td>1<td>2</table>", "1 2" },
    };
    wd_html *h = wd_html_new();
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_html_result r = wd_html_clean(h, wd_span_of(rows[i].in), BASE);
        assert_span(r.html, rows[i].html);
        assert_span(wd_html_plain(h, r.html), rows[i].text);
    }
    wd_html_free(h);
}

static void takes_out_what_acts(void **state)
{
    (void)state;
    static const struct {
        const char *in, *html;
    } rows[] = {
        { "a<script>alert(1)</script>b", "ab" },
        { "a<script>alert(1)", "a" },
        { "a<style>@import 'x'</style>b", "ab" },
        { "<p onclick=\"x()\" ONLOAD=y class=c>z</p>", "<p class=\"c\">z</p>" },
        { "<a href=\"java\nscript:x\">y</a>", "<a>y</a>" },
        { "<a href=\" &#106;avascript:x\">y</a>", "<a>y</a>" },
        { "<a href=\"data:text/html,x\">y</a>", "<a>y</a>" },
        { "<iframe src=x>y</iframe>", "y" },
        { "<span style=\"color: red; background: url(x)\">y</span>",
          "<span style=\"color: red;\">y</span>" },
        { "<span style=\"width: expression(x)\">y</span>", "<span>y</span>" },
        { "a<!-- <b>x</b> -->b", "ab" },
        { "a<![if !supportLists]><b>x</b><![endif]>b", "a<b>x</b>b" },
        { "a<![CDATA[b]]>", "a&lt;![CDATA[b]]>" },
        { "<svg onload=x><circle r=1 fill='url(x)' onclick=y /><script>z</script></svg>y",
          "<svg xmlns=\"http://www.w3.org/2000/svg\"><circle r=\"1\"></svg>y" },
        { "<svg><a xlink:href='javascript:x'>t</a><image href=x></svg><circle r=1>y",
          "<svg xmlns=\"http://www.w3.org/2000/svg\"><a>t</a></svg>y" },
        { "<form><plaintext>x", "<form>x</form>" },
        { "<noscript><p title=\"</noscript><img src=x onerror=y>\">",
          "<p title=\"&lt;/noscript&gt;&lt;img src=x onerror=y&gt;\">" },
    };
    wd_html *h = wd_html_new();
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(wd_html_clean(h, wd_span_of(rows[i].in), WD_SPAN_NONE).html, rows[i].html);
    wd_html_free(h);
}

#define DOT  "data:image/gif;base64,R0lGODlhAQABAAAAACw="
#define REAL "http://news.example/r.jpg"

static void a_lazy_picture_has_its_real_address(void **state)
{
    (void)state;
    static const struct {
        const char *in, *html;
    } rows[] = {
        { "<img src='" DOT "' data-src='/r.jpg' alt=x>", "<img src=\"" REAL "\" alt=\"x\" />" },
        { "<img data-lazy-src=../r.jpg>", "<img src=\"" REAL "\" />" },
        { "<img src='' data-original='" REAL "'>", "<img src=\"" REAL "\" />" },
        { "<img src='/img/blank.gif' data-src='/r.jpg'>", "<img src=\"" REAL "\" />" },
        { "<img class=lazyload src='/small.jpg' data-src='/r.jpg'>",
          "<img src=\"" REAL "\" class=\"lazyload\" />" },
        { "<img src='/r.jpg' data-src='/other.jpg'>", "<img src=\"" REAL "\" />" },
        { "<img src='/r.jpg' data-lazy=true loading=lazy>",
          "<img src=\"" REAL "\" loading=\"lazy\" />" },
        { "<img data-src='" DOT "' data-lazy-src='/r.jpg'>", "<img src=\"" REAL "\" />" },
        { "<img src='" DOT "' srcset='" DOT "' data-srcset='/r.jpg 2x, /s.jpg 1x'>",
          "<img srcset=\"" REAL " 2x, http://news.example/s.jpg 1x\" />" },
        { "<picture><source data-srcset='/r.jpg'><img src='" DOT "' alt=x></picture>",
          "<picture><source srcset=\"" REAL "\" /><img alt=\"x\" /></picture>" },
        { "<img srcset='" DOT " 1w, /r.jpg 2w'>", "<img srcset=\"" REAL " 2w\" />" },
        /* judged as any other address */
        { "a<img src='" DOT "' data-src='javascript:alert(1)//x.jpg'>b", "ab" },
        { "a<img data-src=' &#106;avascript:x/y'>b", "ab" },
        { "<img data-src='/my x.jpg?\" onerror=y'>",
          "<img src=\"http://news.example/my%20x.jpg?%22%20onerror=y\" />" },
        /* and without one it is none */
        { "a<img src='" DOT "' alt=x>b", "ab" },
        { "a<img alt=x>b", "ab" },
        { "a<img src='#' width=3>b", "ab" },
        { "a<img src='about:blank'>b", "ab" },
        { "a<img src='" DOT "' data-src='true'>b", "ab" },
        { "a<img>b", "a<img />b" },
    };
    wd_html *h = wd_html_new();
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(wd_html_clean(h, wd_span_of(rows[i].in), BASE).html, rows[i].html);
    assert_false(wd_html_clean(h, WD_SPAN_LIT("a<img src='" DOT "'>b"), BASE).rich);
    assert_true(wd_html_clean(h, WD_SPAN_LIT("a<img data-src='/r.jpg'>b"), BASE).rich);
    wd_html_free(h);
}

#define IMG(n)  "<img src=\"http://news.example/" #n ".jpg\" />"
#define LAZY(n) "<img src='" DOT "' data-src='/" #n ".jpg'>"
#define BARE(n) "<noscript><img src='/" #n ".jpg'></noscript>"

static void a_picture_is_shown_once(void **state)
{
    (void)state;
    static const struct {
        const char *in, *html;
    } rows[] = {
        { LAZY(a) BARE(a), IMG(a) },
        { BARE(a) LAZY(a), IMG(a) },
        { LAZY(a) " <noscript><img src='/a-300x200.jpg'></noscript>", IMG(a) },
        { "<p><a href='/x'>" LAZY(a) "</a></p>" BARE(a) "z",
          "<p><a href=\"http://news.example/x\">" IMG(a) "</a></p>z" },
        { LAZY(a) BARE(a) LAZY(b) BARE(b), IMG(a) IMG(b) },
        { BARE(a) LAZY(a) BARE(b) LAZY(b), IMG(a) IMG(b) },
        { LAZY(a) LAZY(b) BARE(a) BARE(b), IMG(a) IMG(b) },
        { "<img src='" DOT "'>" BARE(a), IMG(a) },
        { "<img src='/a.jpg'>" BARE(a), IMG(a) },
        { "<img src='/a.jpg'>" BARE(b), IMG(a) IMG(b) },
        { LAZY(a) "text" BARE(b), IMG(a) "text" IMG(b) },
        { LAZY(a) "<img src='/b.jpg'>" BARE(c), IMG(a) IMG(b) IMG(c) },
        { IMG(a) IMG(a), IMG(a) IMG(a) },
        { "a<noscript><img height=1 width=1 src='http://count.example/?x'></noscript>b", "ab" },
        { "<NOSCRIPT></NOSCRIPT>", "<noscript></noscript>" },
    };
    wd_html *h = wd_html_new();
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(wd_html_clean(h, wd_span_of(rows[i].in), BASE).html, rows[i].html);
    wd_html_free(h);
}

static void check_whole(wd_span html, const char *end)
{
    size_t opened = 0, closed = 0;
    for (size_t i = 0; i < html.len; i++) {
        opened += html.ptr[i] == '<';
        closed += html.ptr[i] == '>';
    }
    assert_true(wd_utf8_valid(html));
    assert_int_equal(opened, closed);
    assert_span(wd_span_from(html, html.len - strlen(end)), end);
}

/* Where the ceilings fall there is a whole character and a whole tag. */
static void what_is_cut_is_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text, *end;
    } rows[] = {
        { "\xE2\x82\xAC", "\xE2\x82\xAC" },
        { "&&&&&&&&&&&&\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC", "" },
        { "<a href=\"http://news.example/?a&b&c&d&&&&&&&&&&&&&&&&&&&&&&&&&&\">x</a>", "</a>" },
        { "<img src=\"http://news.example/?a&b&c&d&&&&&&&&&&&&&&&&&&&&&&&&&&\">", " />" },
    };
    wd_html *h = wd_html_new();
    wd_buf in = WD_BUF_INIT(4u << 20);
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        for (size_t shift = 0; shift < 3; shift++) {
            wd_buf_reset(&in);
            wd_buf_append(&in, "xyz", shift);
            while (in.len < 2u << 20)
                wd_buf_append(&in, rows[i].text, strlen(rows[i].text));
            wd_html_result r = wd_html_clean(h, wd_buf_span(&in), BASE);
            assert_true(r.cut);
            check_whole(r.html, rows[i].end);
        }
    wd_html_free(h);
    wd_buf_done(&in);
}

static void cleaning_twice_changes_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = { "<p>a<p>b<div><i>c</p>d", "&lt;script&gt;<b title='\"<>&'>",
                                        "<table><tr><td>1<td>2<tr></table></b>", "<<a>b</<a>",
                                        "<svg><math><path d='M0'/></svg>" };
    wd_html *first = wd_html_new(), *second = wd_html_new();
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_html_result once = wd_html_clean(first, wd_span_of(rows[i]), BASE);
        wd_html_result twice = wd_html_clean(second, once.html, BASE);
        assert_true(wd_span_eq(once.html, twice.html));
    }
    wd_html_free(first);
    wd_html_free(second);
}

static void titles_do_not_swallow_types(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } rows[] = { { "std::vector<T> is <b>back</b>", "std::vector<T> is back" },
                 { "a &amp; b", "a & b" },
                 { "1 < 2 > 0", "1 < 2 > 0" },
                 { "x <img src=y> z", "x z" },
                 { "The <script> tag, and <style>", "The <script> tag, and <style>" },
                 { "a <script>alert(1)</script> b", "a b" },
                 { "5 &lt; 6&#7; &#7", "5 < 6" } };
    wd_html *h = wd_html_new();
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(wd_html_title(h, wd_span_of(rows[i].in)), rows[i].want);
    wd_html_free(h);
}

static void depth_costs_tags_and_no_text(void **state)
{
    (void)state;
    wd_buf in = WD_BUF_INIT(1 << 20);
    wd_html *h = wd_html_new();
    for (int i = 0; i < 10000; i++)
        wd_buf_append(&in, "<div>", 5);
    wd_buf_append(&in, "deep", 4);
    wd_html_result r = wd_html_clean(h, wd_buf_span(&in), WD_SPAN_NONE);
    assert_span(wd_html_plain(h, r.html), "deep");
    assert_int_equal(r.html.len, WD_HTML_DEPTH * strlen("<div></div>") + 4);
    wd_html_free(h);
    wd_buf_done(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_may_be_shown),
        cmocka_unit_test(takes_out_what_acts),
        cmocka_unit_test(a_lazy_picture_has_its_real_address),
        cmocka_unit_test(a_picture_is_shown_once),
        cmocka_unit_test(what_is_cut_is_whole),
        cmocka_unit_test(cleaning_twice_changes_nothing),
        cmocka_unit_test(titles_do_not_swallow_types),
        cmocka_unit_test(depth_costs_tags_and_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
