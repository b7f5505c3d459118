/* Whole documents: what a poll sees of them. */
#include "core/buf.h"
#include "core/clock.h"
#include "core/limits.h"
#include "parsers/bodies.h"
#include "parsers/parse.h"
#include "tests/support/check.h"

static wd_parse_outcome parse(wd_arena *a, const char *text, wd_feed_doc *doc)
{
    const wd_parse_input in = { .body = wd_span_of(text),
                                .url = WD_SPAN_LIT("http://wire.example/feed"),
                                .now_ms = 1773219600000 }; /* 2026-03-11T09:00Z */
    wd_parse_outcome outcome = wd_parse(&in, a, doc);
    wd_html *html = wd_html_new();
    for (size_t i = 0; i < doc->n_items; i++)
        wd_bodies_complete(html, &doc->items[i], a);
    wd_html_free(html);
    return outcome;
}

static void says_what_a_document_is(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        wd_parse_outcome want;
    } rows[] = {
        { "", WD_PARSE_EMPTY },
        { " \n ", WD_PARSE_EMPTY },
        { "<!DOCTYPE html><html><body>x</body></html>", WD_PARSE_HTML },
        { "<opml version='2.0'><body/></opml>", WD_PARSE_NOT_A_FEED },
        { "just text", WD_PARSE_NOT_A_FEED },
        { "{\"error\":\"rate limited\"}", WD_PARSE_NOT_A_FEED },
        { "<rss><channel><item><guid>1</guid></item>", WD_PARSE_TRUNCATED },
        { "<!DOCTYPE r [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><rss/>", WD_PARSE_ENTITY_POLICY },
        { "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///x'>]><rss/>", WD_PARSE_ENTITY_POLICY },
        { "<?xml version='1.0' encoding='utf-7'?><rss/>", WD_PARSE_ENCODING },
        { "<rss version='2.0'><channel/></rss>", WD_PARSE_COMPLETE },
        { "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[]}", WD_PARSE_COMPLETE },
        { "{\"version\":\"1.1\",\"items\":[{\"id\":1},{\"id\":", WD_PARSE_TRUNCATED },
    };
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_doc doc;
        if (parse(a, rows[i].in, &doc) != rows[i].want)
            fail_msg("\"%s\" is %s", rows[i].in, wd_parse_outcome_word(doc.outcome));
    }
    wd_arena_free(a);
}

static void an_item_that_is_cut_off_is_there_unfinished(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t items;
        bool unfinished; /* the last */
    } rows[] = {
        { "<rss><channel><item><guid>1</guid><title>a</title></item><item>", 1, false },
        { "<rss><channel><item><guid>1</guid><title>a</title></item><item><ti", 1, false },
        { "<rss><channel><item><guid>1</guid><title>a</title></item><item><title><![CD", 2, true },
        { "<rss><channel><item><title>a</title><link>http://a.example/1</link>", 1, true },
        { "<rss><channel><item><title>a</title><guid>1</guid><description>b", 1, false },
    };
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_doc doc;
        assert_int_equal(parse(a, rows[i].in, &doc), WD_PARSE_TRUNCATED);
        assert_int_equal(doc.n_items, rows[i].items);
        const wd_item *last = &doc.items[doc.n_items - 1];
        assert_int_equal(last->unfinished, rows[i].unfinished);
        assert_true(last->id.len > 0);
    }
    wd_arena_free(a);
}

static void check_lists(const wd_item *item)
{
    assert_span(item->authors[0].name, "Ann");
    assert_span(item->categories[0], "sea");
    assert_span(item->media[0].url, "http://wire.example/1.mp3");
    assert_true(item->media[0].length_bytes == -1);
}

static void an_item_has_everything_it_says(void **state)
{
    (void)state;
    static const char text[] =
        "<rss version='2.0' xmlns:c='http://purl.org/rss/1.0/modules/content/' "
        "xmlns:dc='http://purl.org/dc/elements/1.1'><channel><title>Wire</title>"
        "<link>http://wire.example/</link><ttl>30</ttl><language>en</language>"
        "<item><title>A &amp;amp; B</title><link>/1</link><guid isPermaLink='false'>g</guid>"
        "<pubDate>Tue, 10 Mar 2026 09:01:00 GMT</pubDate><dc:creator>Ann</dc:creator>"
        "<category>sea</category><enclosure url='/1.mp3' length='junk' type='audio/mpeg'/>"
        "<description>short</description>"
        "<c:encoded><![CDATA[<p>long<script>x</script></p>]]></c:encoded></item>"
        "</channel></rss>";
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_feed_doc doc;
    assert_int_equal(parse(a, text, &doc), WD_PARSE_COMPLETE);
    assert_span(doc.title_text, "Wire");
    assert_int_equal(doc.ttl_min, 30);
    assert_int_equal(doc.n_items, 1);
    const wd_item *item = &doc.items[0];
    assert_span(item->id, "g");
    assert_span(item->link, "http://wire.example/1");
    assert_span(item->title_text, "A & B");
    assert_span(item->content_html, "<p>long</p>");
    assert_span(item->content_text, "long");
    assert_span(item->summary_text, "short");
    assert_span(item->language, "en");
    assert_true(item->published_ms == 1773133260000);
    check_lists(item);
    wd_arena_free(a);
}

static void a_document_may_name_several_hubs(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *hubs[WD_HUBS_PER_DOC];
    } rows[] = {
        { "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='hub' href='/a'/><link rel='self' "
          "href='/s'/><link rel='hub' href=' '/><link rel='hub' href='https://b.example/'/></feed>",
          { "http://wire.example/a", "https://b.example/", "", "" } },
        { "<rss xmlns:a='http://www.w3.org/2005/Atom'><channel><a:link rel='hub' "
          "href='/1'/><a:link "
          "rel='hub' href='/2'/><a:link rel='hub' href='/3'/><a:link rel='hub' href='/4'/><a:link "
          "rel='hub' href='/5'/></channel></rss>",
          { "http://wire.example/1", "http://wire.example/2", "http://wire.example/3",
            "http://wire.example/4" } },
        { "{\"version\":\"1.1\",\"hubs\":[{\"type\":\"WebSub\",\"url\":\"https://a.example/\"},"
          "{\"url\":\"https://b.example/\"}],\"items\":[]}",
          { "https://a.example/", "https://b.example/", "", "" } },
    };
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_doc doc;
        assert_int_equal(parse(a, rows[i].in, &doc), WD_PARSE_COMPLETE);
        for (size_t h = 0; h < WD_HUBS_PER_DOC; h++)
            assert_span(doc.hub_links[h], rows[i].hubs[h]);
    }
    wd_arena_free(a);
}

static void dates_ahead_are_flagged_and_none_is_invented(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_feed_doc doc;
    parse(a,
          "<rss><channel><item><guid>1</guid><pubDate>2038-01-19</pubDate></item>"
          "<item><guid>2</guid><pubDate>soon</pubDate></item></channel></rss>",
          &doc);
    assert_int_equal(doc.n_items, 2);
    assert_true(doc.items[0].flags & WD_ITEM_FUTURE_DATE);
    assert_true(doc.items[1].flags & WD_ITEM_BAD_DATE);
    assert_true(doc.items[1].published_ms == WD_TIME_NONE);
    assert_span(doc.items[1].published_raw, "soon");
    wd_arena_free(a);
}

static void an_item_without_an_id_keeps_the_same_one(void **state)
{
    (void)state;
    static const char text[] = "<rss><channel><item><title>x</title></item></channel></rss>";
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_feed_doc one, two;
    parse(a, text, &one);
    parse(a, text, &two);
    assert_int_equal(one.items[0].id_kind, WD_ID_HASH);
    assert_true(wd_span_eq(one.items[0].id, two.items[0].id));
    wd_arena_free(a);
}

static void news_sitemaps_are_feeds(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_feed_doc doc;
    assert_int_equal(
        parse(a,
              "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
              "xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
              "<url><loc>http://wire.example/1</loc><n:news><n:publication><n:name>Wire</n:name>"
              "<n:language>en</n:language></n:publication>"
              "<n:publication_date>2026-03-10</n:publication_date><n:title>One</n:title>"
              "</n:news></url></urlset>",
              &doc),
        WD_PARSE_COMPLETE);
    assert_int_equal(doc.format, WD_FORMAT_NEWS_SITEMAP);
    assert_int_equal(doc.n_items, 1);
    assert_span(doc.items[0].title_text, "One");
    assert_span(doc.items[0].link, "http://wire.example/1");
    assert_span(doc.items[0].source_title, "Wire");
    assert_span(doc.items[0].language, "en");
    wd_arena_free(a);
}

/* One transparent dot. */
#define PIXEL                                                                                      \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"                                 \
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

/* Atom sends what is neither text nor markup as base64 (RFC 4287 4.1.3.3). */
static void binary_content_is_text_or_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *content, *want;
    } rows[] = {
        { "<content type='application/octet-stream'>T25lIDxiPnR3bzwvYj4=</content>", "One two" },
        { "<content type='application/octet-stream'>T25lIDxiPnR3bzwvYj4</content>", "One two" },
        { "<content type='image/png'>" PIXEL "</content>", "" },
        { "<content type='image/png'>see below</content>", "see below" },
        { "<content type='audio/ogg'>tone?</content>", "tone?" },
    };
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        char text[512];
        wd_feed_doc doc;
        snprintf(text, sizeof(text),
                 "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>a</id>%s</entry></feed>",
                 rows[i].content);
        assert_int_equal(parse(a, text, &doc), WD_PARSE_COMPLETE);
        assert_int_equal(doc.n_items, 1);
        assert_span(doc.items[0].content_text, rows[i].want);
    }
    wd_arena_free(a);
}

#define OPEN_SECTION  "&lt;![CDATA["
#define CLOSE_SECTION "]]&gt;"

static void a_section_that_was_escaped_is_opened(void **state)
{
    (void)state;
    static const char text[] =
        "<rss><channel><item><guid> " OPEN_SECTION "a" CLOSE_SECTION "\n</guid>"
        "<title>" OPEN_SECTION "Ann &amp; Bo" CLOSE_SECTION "</title>"
        "<link>" OPEN_SECTION "http://wire.example/1" CLOSE_SECTION "</link>"
        "<description>" OPEN_SECTION "&lt;p&gt;One&lt;/p&gt;" CLOSE_SECTION "</description></item>"
        "<item><guid>b</guid><title>" OPEN_SECTION "x" CLOSE_SECTION " or " OPEN_SECTION
        "y" CLOSE_SECTION "</title></item></channel></rss>";
    wd_feed_doc doc;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    assert_int_equal(parse(a, text, &doc), WD_PARSE_COMPLETE);
    assert_int_equal(doc.n_items, 2);
    assert_span(doc.items[0].id, "a");
    assert_span(doc.items[0].title_text, "Ann & Bo");
    assert_span(doc.items[0].link, "http://wire.example/1");
    assert_span(doc.items[0].content_html, "<p>One</p>");
    assert_span(doc.items[1].title_text, "<![CDATA[x]]> or <![CDATA[y]]>"); /* about sections */
    wd_arena_free(a);
}

static void an_item_alone_is_a_feed_of_its_language(void **state)
{
    (void)state;
    wd_feed_doc doc;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    (void)parse(a, "<item xml:lang='en-GB'><title>a</title></item>", &doc);
    assert_span(doc.language, "en-GB");
    assert_int_equal(doc.n_items, 1);
    assert_span(doc.items[0].language, "en-GB");
    wd_arena_free(a);
}

static void a_byline_may_name_several(void **state)
{
    (void)state;
    static const char text[] =
        "<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item><guid>a</guid>"
        "<dc:creator>Ann &lt;ann@wire.example&gt;, Bo Cee</dc:creator>"
        "<dc:creator>&lt;a href='/cy'&gt;Cy Dee&lt;/a&gt;</dc:creator></item></channel></rss>";
    wd_feed_doc doc;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    assert_int_equal(parse(a, text, &doc), WD_PARSE_COMPLETE);
    assert_int_equal(doc.items[0].n_authors, 3);
    assert_span(doc.items[0].authors[0].email, "ann@wire.example");
    assert_span(doc.items[0].authors[1].name, "Bo Cee");
    assert_span(doc.items[0].authors[2].name, "Cy Dee");
    wd_arena_free(a);
}

/* What PHP and converters from XML make of lists. */
static void lists_of_json_need_not_be_arrays(void **state)
{
    (void)state;
    static const char text[] =
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"items\":{"
        "\"0\":{\"id\":\"a\",\"tags\":{\"1\":\"x\",\"3\":\"y\"},\"authors\":{\"name\":\"Ann\"},"
        "\"attachments\":{\"url\":\"/a.mp3\"}},"
        "\"2\":{\"id\":\"b\",\"tags\":\"one, two\",\"authors\":\"Bo\",\"attachments\":null}}}";
    wd_feed_doc doc;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    assert_int_equal(parse(a, text, &doc), WD_PARSE_COMPLETE);
    assert_int_equal(doc.n_items, 2);
    const wd_item *first = &doc.items[0], *second = &doc.items[1];
    assert_span(first->id, "a");
    assert_int_equal(first->n_categories, 2);
    assert_span(first->categories[1], "y");
    assert_span(first->authors[0].name, "Ann");
    assert_span(first->media[0].url, "http://wire.example/a.mp3");
    assert_span(second->id, "b");
    assert_int_equal(second->n_categories, 1);
    assert_span(second->categories[0], "one, two");
    assert_span(second->authors[0].name, "Bo");
    assert_int_equal(second->n_media, 0);
    static const char none[] = "{\"items\":{\"error\":\"none\"},\"title\":\"T\"}";
    assert_int_equal(parse(a, none, &doc), WD_PARSE_NOT_A_FEED);
    wd_arena_free(a);
}

static void a_small_arena_is_a_limit_and_no_crash(void **state)
{
    (void)state;
    wd_buf text = WD_BUF_INIT(1 << 20);
    wd_buf_append_span(&text, wd_span_of("<rss><channel>"));
    for (int i = 0; i < 100; i++)
        wd_buf_printf(&text, "<item><guid>%d</guid><title>t %d</title></item>", i, i);
    wd_buf_append_span(&text, wd_span_of("</channel></rss>"));
    for (size_t budget = 0; budget < 16384; budget += 512) {
        wd_feed_doc doc;
        wd_arena *a = wd_arena_new(budget);
        wd_parse_outcome o = parse(a, text.ptr, &doc);
        assert_true(o == WD_PARSE_LIMITED || o == WD_PARSE_NOMEM || o == WD_PARSE_COMPLETE);
        wd_arena_free(a);
    }
    wd_buf_done(&text);
}

static void an_item_that_was_never_closed_lends_nothing_to_the_next(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_feed_doc doc;
    parse(a,
          "<rss><channel><link>http://site.example/</link><item xml:base='http://a.example/'"
          " xml:lang='de'><guid>1</guid><link>x</link><item><guid>2</guid><link>x</link></item>"
          "<item><guid>3</guid><link>x</link></item></channel></rss>",
          &doc);
    assert_int_equal(doc.n_items, 3);
    assert_span(doc.items[0].link, "http://a.example/x");
    assert_span(doc.items[1].link, "http://site.example/x");
    assert_int_equal(doc.items[1].language.len, 0);
    assert_span(doc.items[2].link, "http://site.example/x");
    wd_arena_free(a);
}

/* A feed whose items are mostly HTML, as large as asked for. */
static wd_buf large_feed(size_t bytes)
{
    wd_buf b = WD_BUF_INIT(2 * bytes);
    wd_buf_printf(&b, "<rss><channel><title>x</title>");
    for (unsigned i = 0; b.len < bytes; i++) {
        wd_buf_printf(&b, "<item><guid>%u</guid><title>Story %u</title><description><![CDATA[", i,
                      i);
        for (int line = 0; line < 40; line++)
            wd_buf_printf(&b, "<p>Line %d<br>with <a href='/x'>a link</a> &amp; more</p>\n", line);
        wd_buf_printf(&b, "]]></description></item>");
    }
    wd_buf_printf(&b, "</channel></rss>");
    return b;
}

static void items_are_put_where_they_stood(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_buf body = large_feed(1u << 20);
    wd_feed_doc doc, kept;
    wd_parse_input in = { .body = wd_buf_span(&body) };
    assert_int_equal(wd_parse(&in, a, &kept), WD_PARSE_COMPLETE);
    size_t copied = wd_arena_used(a);
    char *again = malloc(body.len);
    memcpy(again, body.ptr, body.len);
    in = (wd_parse_input){ .body = { again, body.len }, .may_write = true };
    assert_int_equal(wd_parse(&in, a, &doc), WD_PARSE_COMPLETE);
    assert_in_range(wd_arena_used(a) - copied, 1, body.len / 4);
    assert_int_equal(doc.n_items, kept.n_items);
    for (size_t i = 0; i < doc.n_items; i++) {
        assert_true(wd_span_eq(doc.items[i].id, kept.items[i].id));
        assert_true(wd_span_eq(doc.items[i].content_html, kept.items[i].content_html));
    }
    free(again);
    wd_buf_done(&body);
    wd_arena_free(a);
}

/* 64 bytes for three, again and again. */
static void entities_cannot_fill_the_memory(void **state)
{
    (void)state;
    wd_buf body = WD_BUF_INIT(4u << 20);
    wd_buf_printf(&body, "<!DOCTYPE rss [<!ENTITY e '%064d'>]><rss><channel>", 0);
    for (unsigned i = 0; i < 1000; i++) {
        wd_buf_printf(&body, "<item><guid>%u</guid><description>", i);
        for (int n = 0; n < 300; n++)
            wd_buf_append(&body, "&e;", 3);
        wd_buf_printf(&body, "</description></item>");
    }
    wd_buf_printf(&body, "</channel></rss>");
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_feed_doc doc;
    const wd_parse_input in = { .body = wd_buf_span(&body), .may_write = true };
    assert_int_equal(wd_parse(&in, a, &doc), WD_PARSE_LIMITED);
    assert_in_range(wd_arena_used(a), 1, 5u << 20);
    assert_true(doc.items_kept && doc.n_items > 10);
    wd_arena_free(a);
    wd_buf_done(&body);
}

#define APP07 "http://www.w3.org/2007/app"
#define APP04 "http://purl.org/atom/app#"
#define ENTRY(ns, control)                                                                         \
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:app='" ns "'><entry><id>1</id><title>t"       \
    "</title>" control "</entry></feed>"

static void a_draft_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool draft;
    } rows[] = {
        { ENTRY(APP07, "<app:control><app:draft>yes</app:draft></app:control>"), true },
        { ENTRY(APP04, "<app:control><app:draft> Yes </app:draft></app:control>"), true },
        { ENTRY("", "<control xmlns='" APP07 "'><draft>yes</draft></control>"), true },
        { ENTRY(APP07, "<app:control><app:draft>no</app:draft></app:control>"), false },
        { ENTRY(APP07, "<app:control/><app:edited>2026-03-10T09:00:00Z</app:edited>"), false },
        { ENTRY(APP07, "<control><draft>yes</draft></control>"), false },
        { ENTRY(APP07, "<source><app:control><app:draft>yes</app:draft></app:control></source>"),
          false },
        { "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><title>t</title><app:control>"
          "<app:draft>yes</app:draft></app:control></entry></feed>",
          true },
    };
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_feed_doc doc;
        assert_int_equal(parse(a, rows[i].in, &doc), WD_PARSE_COMPLETE);
        assert_int_equal(doc.n_items, 1);
        if (doc.items[0].draft != rows[i].draft)
            fail_msg("row %zu is %s draft", i, rows[i].draft ? "no" : "a");
        assert_span(doc.items[0].title_text, "t");
    }
    wd_arena_free(a);
}

/* The published one is told under its own id, wherever the draft of it stands. */
static void a_draft_takes_nothing_from_the_entry(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_feed_doc doc;
    const char *in =
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:app='" APP07 "'>"
        "<entry><id>1</id><title>t</title><app:control><app:draft>yes</app:draft></app:control>"
        "</entry><entry><id>1</id><title>t</title></entry>"
        "<entry><id>2</id><title>u</title><link href='http://a.example/u'/></entry>"
        "<entry><id>2</id><title>u2</title><link href='http://a.example/u2'/><app:control>"
        "<app:draft>yes</app:draft></app:control></entry></feed>";
    assert_int_equal(parse(a, in, &doc), WD_PARSE_COMPLETE);
    assert_int_equal(doc.n_items, 4);
    assert_true(doc.items[0].draft && !doc.items[1].draft && !doc.items[2].draft);
    assert_span(doc.items[1].id, "1");
    assert_span(doc.items[2].id, "2");
    wd_arena_free(a);
}

static const wd_item *only_item(wd_arena *a, wd_feed_doc *doc, const char *inside)
{
    char text[1024];
    snprintf(text, sizeof(text),
             "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'"
             " xmlns:media='http://search.yahoo.com/mrss/'><channel><title>T</title><item>"
             "<guid isPermaLink='false'>1</guid>%s</item></channel></rss>",
             inside);
    /* The item points into its document. */
    assert_int_equal(parse(a, wd_arena_copy(a, wd_span_of(text)).ptr, doc), WD_PARSE_COMPLETE);
    assert_int_equal(doc->n_items, 1);
    return &doc->items[0];
}

static void links_are_read_as_they_are_meant(void **state)
{
    (void)state;
    static const struct {
        const char *in, *link;
    } rows[] = {
        { "<link><![CDATA[https://a.example/?x=1&amp;y=2&amp;z]]></link>",
          "https://a.example/?x=1&y=2&z" },
        { "<link>https://a.example/?x=1&amp;y=2</link>", "https://a.example/?x=1&y=2" },
        { "<link>www.a.example/b</link>", "http://www.a.example/b" },
        { "<link>wwwb</link>", "http://wire.example/wwwb" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
        wd_feed_doc doc;
        assert_span(only_item(a, &doc, rows[i].in)->link, rows[i].link);
        wd_arena_free(a);
    }
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_feed_doc doc;
    const char *json = "{\"version\":\"1.1\",\"home_page_url\":\"www.a.example\",\"items\":[{}]}";
    assert_int_equal(parse(a, json, &doc), WD_PARSE_COMPLETE);
    assert_span(doc.link, "http://www.a.example");
    wd_arena_free(a);
}

/* What a consumer might follow or show is never a script or a pixel. */
static void media_and_people_lead_somewhere(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_feed_doc doc;
    const wd_item *item =
        only_item(a, &doc,
                  "<enclosure url='data:image/gif;base64,R0' type='image/gif' length='2'/>"
                  "<media:thumbnail url='javascript:alert(1)'/><media:content url='about:blank'/>"
                  "<media:content url='/a.jpg'/><enclosure url='magnet:?xt=1' length='1'/>"
                  "<category><![CDATA[Food &amp; Drink]]></category>"
                  "<dc:creator><![CDATA[Ann &amp; Bob]]></dc:creator>");
    assert_int_equal(item->n_media, 2);
    assert_span(item->media[0].url, "magnet:?xt=1");
    assert_span(item->media[1].url, "http://wire.example/a.jpg");
    assert_span(item->categories[0], "Food & Drink");
    assert_span(item->authors[0].name, "Ann & Bob");
    const char *json = "{\"version\":\"1.1\",\"items\":[{\"id\":\"1\",\"image\":\"data:image/gif;"
                       "base64,R0\",\"authors\":[{\"name\":\"Ann\",\"url\":\"javascript:x\"}]}]}";
    assert_int_equal(parse(a, json, &doc), WD_PARSE_COMPLETE);
    assert_int_equal(doc.items[0].n_media, 0);
    assert_int_equal(doc.items[0].authors[0].uri.len, 0);
    assert_span(doc.items[0].authors[0].name, "Ann");
    wd_arena_free(a);
}

static void a_blank_body_gives_way(void **state)
{
    (void)state;
    static const struct {
        const char *content, *want, *text;
    } rows[] = {
        { "&lt;p&gt;&amp;nbsp;&lt;/p&gt;", "real", "real" },
        { "&#160;", "real", "real" },
        { "&lt;p&gt;&lt;br&gt;&lt;/p&gt;", "real", "real" },
        { "&lt;img src=\"https://a.example/1.png\"&gt;", "<img src=\"https://a.example/1.png\" />",
          "" },
        { "&lt;b&gt;x&lt;/b&gt;", "<b>x</b>", "x" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_arena *a = wd_arena_new(WD_POLL_ARENA_BYTES);
        wd_feed_doc doc;
        char text[512];
        snprintf(text, sizeof(text),
                 "<description>%s</description><summary xmlns='http://www.itunes.com/dtds/"
                 "podcast-1.0.dtd'>real</summary>",
                 rows[i].content);
        const wd_item *item = only_item(a, &doc, text);
        assert_span(item->content_html, rows[i].want);
        assert_span(item->content_text, rows[i].text);
        wd_arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_that_was_never_closed_lends_nothing_to_the_next),
        cmocka_unit_test(items_are_put_where_they_stood),
        cmocka_unit_test(entities_cannot_fill_the_memory),
        cmocka_unit_test(says_what_a_document_is),
        cmocka_unit_test(an_item_that_is_cut_off_is_there_unfinished),
        cmocka_unit_test(an_item_has_everything_it_says),
        cmocka_unit_test(a_document_may_name_several_hubs),
        cmocka_unit_test(dates_ahead_are_flagged_and_none_is_invented),
        cmocka_unit_test(an_item_without_an_id_keeps_the_same_one),
        cmocka_unit_test(news_sitemaps_are_feeds),
        cmocka_unit_test(lists_of_json_need_not_be_arrays),
        cmocka_unit_test(a_section_that_was_escaped_is_opened),
        cmocka_unit_test(an_item_alone_is_a_feed_of_its_language),
        cmocka_unit_test(a_byline_may_name_several),
        cmocka_unit_test(binary_content_is_text_or_nothing),
        cmocka_unit_test(a_draft_says_so),
        cmocka_unit_test(links_are_read_as_they_are_meant),
        cmocka_unit_test(media_and_people_lead_somewhere),
        cmocka_unit_test(a_blank_body_gives_way),
        cmocka_unit_test(a_draft_takes_nothing_from_the_entry),
        cmocka_unit_test(a_small_arena_is_a_limit_and_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
