/* Link fields as servers write them, and as they should not. */
#include "feeds/link_header.h"
#include "tests/support/check.h"

/* All links as "target rel|target rel". */
static const char *read_all(const char *value)
{
    static char out[512];
    size_t n = 0;
    wd_span rest = wd_span_of(value);
    wd_link_value link;
    out[0] = '\0';
    for (int guard = 0; wd_link_header_next(&rest, &link); guard++) {
        assert_true(guard < 100);
        n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s %.*s", n ? "|" : "",
                              WD_SPAN_ARG(link.target), WD_SPAN_ARG(link.rel));
    }
    return out;
}

static void reads_links_one_after_the_other(void **state)
{
    (void)state;
    static const struct {
        const char *value, *want;
    } rows[] = {
        { "<https://hub.example/>; rel=\"hub\"", "https://hub.example/ hub" },
        { "<https://a.example/>;rel=hub,<https://b.example/f>;rel=self",
          "https://a.example/ hub|https://b.example/f self" },
        { "<https://a.example/x,y;z>; rel=\"hub\"", "https://a.example/x,y;z hub" },
        { "<a>; title=\"x, <b>; rel=hub\"; rel=self", "a self" },
        { "<a>; title=\"\\\"\"; rel=\"self hub\"", "a self hub" },
        { "<a>;rel=\"self\";rel=\"hub\"", "a self" }, /* only the first counts */
        { "<a> ; REL = \"Hub\" ; foo", "a Hub" },
        { "<a>; rel*=UTF-8''hub", "a " },
        { "<a>; rel=hub; anchor=\"#other\", <b>; rel=self", "b self" },
        { "<>; rel=self", " self" },
        { ", ,<a>;rel=hub,", "a hub" },
        { "nonsense, <a>;rel=hub", "a hub" },
        { "<a;rel=hub", "" },
        { "<a>;rel=\"hub", "a hub" },
        { "<a>;rel=\"hub\\", "a hub\\" },
        { "<a>;;;rel=hub", "a hub" },
        { "<a> rel=hub, <b>;rel=self", "a |b self" },
        { "", "" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        assert_string_equal(read_all(rows[i].value), rows[i].want);
}

static void a_relation_is_a_whole_word(void **state)
{
    (void)state;
    static const struct {
        const char *rel;
        bool hub;
    } rows[] = { { "hub", true },      { "HUB", true },
                 { "self hub", true }, { " self   hub ", true },
                 { "hubs", false },    { "github", false },
                 { "", false },        { "self", false } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_link_value link = { .rel = wd_span_of(rows[i].rel) };
        if (wd_link_value_is(&link, "hub") != rows[i].hub)
            fail_msg("\"%s\"", rows[i].rel);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_links_one_after_the_other),
        cmocka_unit_test(a_relation_is_a_whole_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
