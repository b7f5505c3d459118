/* tests/fuzz/fuzz_html.c - any text as HTML: the output is clean, harmless and a fixed point. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "parsers/clean.h"
#include "parsers/html.h"

#define INPUT_BYTES (3u * 1024u * 1024u)

static void must(bool ok)
{
    if (!ok)
        abort();
}

static bool has(wd_span s, const char *text)
{
    return wd_span_find_nocase(s, text) < s.len;
}

static void check_harmless(wd_span html)
{
    static const char *const never[] = { "<script", "<style", "<iframe", "<object", "<embed",
                                         "<meta",   "<base",  "<link",   "<!--",    "<form on" };
    for (size_t i = 0; i < WD_COUNT(never); i++)
        must(!has(html, never[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t flags = 0;
    wd_buf clean = WD_BUF_INIT(INPUT_BYTES);
    wd_html *first = wd_html_new(), *second = wd_html_new();
    const wd_span base = WD_SPAN_LIT("http://news.example/a/b");
    if (first != NULL && second != NULL &&
        wd_clean_copy((wd_span){ (const char *)data, size }, &clean, &flags) == WD_OK) {
        wd_html_result a = wd_html_clean(first, wd_buf_span(&clean), base);
        must(wd_clean_until(a.html) == a.html.len);
        wd_span text = wd_html_plain(first, a.html);
        must(wd_clean_until(text) == text.len);
        check_harmless(a.html);
        wd_html_result b = wd_html_clean(second, a.html, base);
        must(a.cut || wd_span_eq(a.html, b.html));
        (void)wd_html_looks_like(wd_buf_span(&clean));
        (void)wd_html_title(first, wd_buf_span(&clean));
    }
    wd_html_free(first);
    wd_html_free(second);
    wd_buf_done(&clean);
    return 0;
}
