/* tests/unit/parsers/test_html_linear.c - what looks ahead in vain does so once a text, not once a
 * tag: eight times the text may not take sixty-four times the work. */
#include <time.h>

#include "core/buf.h"
#include "core/limits.h"
#include "parsers/html.h"
#include "tests/support/check.h"

#define PART 8u
/* So little is no attack, and too little to compare. */
#define HARMLESS_S 0.5
/* Between eight and sixty-four; a machine's caches make eight a little more. */
#define MOST_TIMES 24.0

/* CPU, not the clock on the wall: a busy machine changes little of it. */
static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double work_of(wd_html *h, const char *piece, size_t bytes, bool title)
{
    wd_buf text = WD_BUF_INIT(2 * WD_FIELD_BYTES);
    while (text.len < bytes)
        wd_buf_append_span(&text, wd_span_of(piece));
    double from = cpu_s();
    if (title)
        (void)wd_html_title(h, wd_buf_span(&text));
    else
        (void)wd_html_clean(h, wd_buf_span(&text), WD_SPAN_LIT("http://news.example/"));
    double took = cpu_s() - from;
    wd_buf_done(&text);
    return took;
}

static void nothing_is_looked_for_again_and_again(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "<?x",
        "<!x",
        "</ ",
        "<![if ",
        "<!--",
        "<xmp><template>",
        "<script><style><textarea>",
        "<noscript><img src=x><b></b>",
        "<img data-src=/y.png><i></i>",
        "<a href=\"",
        "<a b='",
        "<foo ",
        "<svg><math>",
        "<p style=\"color:red;/*\">",
        "<img srcset=\"a 1x, b 2x\">",
        "<table><tr><li>",
        "<b><p>",
        "&#55357;",
        "&",
    };
    wd_html *h = wd_html_new();
    assert_non_null(h);
    for (size_t i = 0; i < 2 * WD_COUNT(pieces); i++) {
        const char *piece = pieces[i / 2];
        double whole = work_of(h, piece, WD_FIELD_BYTES, i % 2);
        if (whole < HARMLESS_S)
            continue;
        double part = work_of(h, piece, WD_FIELD_BYTES / PART, i % 2);
        if (whole > MOST_TIMES * part)
            fail_msg("%s: %.3f s, and %.3f s for an eighth of it", piece, whole, part);
    }
    wd_html_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_looked_for_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
