/* HTML: harmless, readable, and the same when it is cleaned again. */
#include "core/buf.h"
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
        { "<img srcset alt=no>z", "<img alt=\"no\" />z", "z" },
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
        { "<svg onload=x><circle r=1 fill='url(x)' onclick=y /><script>z</script></svg>y",
          "<svg xmlns=\"http://www.w3.org/2000/svg\"><circle r=\"1\"></svg>y" },
        { "<svg><a xlink:href='javascript:x'>t</a><image href=x></svg><circle r=1>y",
          "<svg xmlns=\"http://www.w3.org/2000/svg\"><a>t</a></svg>y" },
        { "<form><plaintext>x", "<form>x</form>" },
        { "<noscript><p title=\"</noscript><img src=x onerror=y>\">",
          "<noscript><p title=\"&lt;/noscript&gt;&lt;img src=x onerror=y&gt;\"></noscript>" },
    };
    wd_html *h = wd_html_new();
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_span(wd_html_clean(h, wd_span_of(rows[i].in), WD_SPAN_NONE).html, rows[i].html);
    wd_html_free(h);
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
        cmocka_unit_test(cleaning_twice_changes_nothing),
        cmocka_unit_test(titles_do_not_swallow_types),
        cmocka_unit_test(depth_costs_tags_and_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
