/* tests/unit/queue/test_event.c - events of every kind, as written; check_events.py then
 * validates the samples that this program leaves behind. */
#include "core/clock.h"
#include "core/item.h"
#include "core/limits.h"
#include "queue/event.h"
#include "tests/support/check.h"

#define URI "9b3f6a0c4d1e2f7788990011"
#define NOW INT64_C(1773133331384) /* 2026-03-10T09:02:11.384Z */

static wd_item plain_item(void)
{
    return (wd_item){ .id = WD_SPAN_LIT("tag:news.example,2026:rates"),
                      .id_kind = WD_ID_GUID,
                      .link = WD_SPAN_LIT("https://news.example/2026/rates"),
                      .title_text = WD_SPAN_LIT("Rates held, bank says"),
                      .content_text =
                          WD_SPAN_LIT("The bank held rates on Tuesday: 3 \xE2\x82\xAC."),
                      .content_html = WD_SPAN_LIT("<p>The bank held rates on Tuesday.</p>"),
                      .published_ms = NOW - 131384,
                      .updated_ms = WD_TIME_NONE,
                      .published_raw = WD_SPAN_LIT("Tue, 10 Mar 2026 09:00:00 GMT"),
                      .language = WD_SPAN_LIT("en") };
}

static wd_event_item event_of(const wd_item *item)
{
    return (wd_event_item){
        .slot = { .lane = WD_LANE_ITEMS, .generation = 0x5f0c9a1e77b2d410, .seq = 7, .ms = NOW },
        .type = "item.new",
        .now_ms = NOW,
        .source = "urn:wiredesk:desk1",
        .item = item,
        .uri_hex = URI,
        .revision = 1,
        .feed_slug = "example-times-top",
        .feed_url = WD_SPAN_LIT("https://www.news.example/rss"),
        .feed_title = WD_SPAN_LIT("Example Times"),
        .fetched_ms = NOW - 400,
        .first_seen_ms = NOW - 400,
        .cluster_hex = URI,
        .role = "single",
        .cluster_size = 1
    };
}

static void leave_sample(const wd_buf *event, const char *mode)
{
    FILE *f = fopen(WD_EVENT_SAMPLES, mode);
    assert_non_null(f);
    assert_int_equal(fwrite(event->ptr, 1, event->len, f), event->len);
    fputc('\n', f);
    assert_int_equal(fclose(f), 0);
}

static wd_buf write_event(const wd_event_item *e)
{
    wd_buf out = WD_BUF_INIT(WD_EVENT_BYTES);
    assert_ok(wd_event_write_item(e, &out));
    leave_sample(&out, "ab");
    return out;
}

static void has(const wd_buf *event, const char *what)
{
    if (strstr(event->ptr, what) == NULL)
        fail_msg("no %s in %.2000s", what, event->ptr);
}

static void has_not(const wd_buf *event, const char *what)
{
    if (strstr(event->ptr, what) != NULL)
        fail_msg("%s in %.2000s", what, event->ptr);
}

static void carries_its_numbers_first(void **state)
{
    (void)state;
    wd_item item = plain_item();
    wd_event_item e = event_of(&item);
    wd_buf out = write_event(&e);
    static const char head[] = "{\"specversion\":\"1.0\",\"id\":\"5f0c9a1e77b2d410-7\","
                               "\"sequence\":\"7\",\"streamid\":\"1773133331384-7\","
                               "\"source\":\"urn:wiredesk:desk1\","
                               "\"type\":\"org.wiredesk.item.new\","
                               "\"time\":\"2026-03-10T09:02:11.384Z\"";
    assert_memory_equal(out.ptr, head, sizeof(head) - 1);
    has(&out, "\"subject\":\"urn:wiredesk:item:" URI "\"");
    has(&out, "\"wordCount\":8,\"charCount\":36");
    has(&out, "\"publisherDomain\":\"news.example\"");
    has(&out, "\"id\":\"c-9b3f6a0c4d1e\"");
    has(&out, "\"firstCreated\":\"2026-03-10T09:00:00Z\"");
    wd_buf_done(&out);
    e.slot.lane = WD_LANE_COPIES; /* counts from 1 as well: another id all the same */
    out = write_event(&e);
    has(&out, "\"id\":\"5f0c9a1e77b2d411-7\"");
    wd_buf_done(&out);
}

static void renumbering_changes_nothing_but_the_numbers(void **state)
{
    (void)state;
    wd_item item = plain_item();
    wd_event_item e = event_of(&item);
    wd_buf was = write_event(&e), now = WD_BUF_INIT(WD_EVENT_BYTES);
    wd_outbox_slot slot = { .lane = WD_LANE_ITEMS, .generation = 1, .seq = 123456, .ms = NOW + 5 };
    assert_ok(wd_event_renumber(wd_buf_span(&was), &slot, &now));
    e.slot = slot;
    wd_buf want = write_event(&e);
    assert_string_equal(now.ptr, want.ptr);
    assert_int_equal(wd_event_renumber(WD_SPAN_LIT("{\"id\":1}"), &slot, &now), WD_MALFORMED);
    wd_buf_done(&was);
    wd_buf_done(&now);
    wd_buf_done(&want);
}

static void a_copy_says_of_what_and_why(void **state)
{
    (void)state;
    wd_item item = plain_item();
    wd_event_item e = event_of(&item);
    wd_event_evidence why = { .kind = "shingle-containment",
                              .score = 0.93,
                              .with = WD_SPAN_LIT("urn:wiredesk:item:" URI),
                              .cover_this = 0.93,
                              .cover_other = 1.0 / 0.0, /* out of range is nearest in range */
                              .longest_run = 41,
                              .numbers = 5,
                              .numbers_agreed = 5,
                              .note = "same-lead" };
    e.type = "item.copy";
    e.uri_hex = "0123456789abcdef01234567";
    e.role = "copy";
    e.cluster_size = 2;
    e.evidence = &why;
    e.n_evidence = 1;
    e.agency =
        (wd_event_agency){ .name = WD_SPAN_LIT("AFP"), .evidence = "byline", .confidence = .9 };
    wd_buf out = write_event(&e);
    has(&out, "\"canonicalUri\":\"urn:wiredesk:item:" URI "\"");
    has(&out, "\"agency\":{\"name\":\"AFP\",\"evidence\":\"byline\",\"confidence\":0.900}");
    has(&out, "\"coverThis\":0.930,\"coverOther\":1.000,\"longestRun\":41");
    has(&out, "{\"name\":\"AFP\",\"role\":\"credit\"}");
    wd_buf_done(&out);
}

static void an_update_names_its_changes(void **state)
{
    (void)state;
    wd_item item = plain_item();
    wd_event_item e = event_of(&item);
    e.type = "item.updated";
    e.changes = 1u << 0 | 1u << 2 | 1u << 6 | 1u << 20; /* the last is from the future */
    e.revision = 3;
    wd_buf out = write_event(&e);
    has(&out, "\"changes\":[\"headline\",\"body\",\"media\"]");
    has(&out, "\"version\":\"3\"");
    wd_buf_done(&out);
    e.type = "item.revision";
    e.changes = 0;
    out = write_event(&e);
    has_not(&out, "changes");
    wd_buf_done(&out);
}

static void an_item_with_everything_is_still_ninjs(void **state)
{
    (void)state;
    wd_item item = plain_item();
    wd_person people[] = { { .name = WD_SPAN_LIT("Jane Roe") },
                           { .email = WD_SPAN_LIT("j@x.example") } };
    wd_span categories[] = { WD_SPAN_LIT("economy"), WD_SPAN_LIT("") };
    wd_media media[] = {
        { .kind = WD_MEDIA_ENCLOSURE,
          .url = WD_SPAN_LIT("https://a.example/1.mp3"),
          .length_bytes = 9 },
        { .kind = WD_MEDIA_THUMBNAIL,
          .url = WD_SPAN_LIT("https://a.example/i.jpg?x=%20"),
          .type = WD_SPAN_LIT("image/jpeg"),
          .width = 640,
          .height = 360,
          .length_bytes = -1 },
        { .kind = WD_MEDIA_CONTENT, .url = WD_SPAN_LIT("not a uri"), .length_bytes = 0 },
        { .kind = WD_MEDIA_CONTENT, .url = WD_SPAN_LIT("https://a.example/%zz") },
    };
    item.authors = people;
    item.n_authors = 2;
    item.categories = categories;
    item.n_categories = 2;
    item.media = media;
    item.n_media = 4;
    item.summary_text = WD_SPAN_LIT("In short.");
    item.rights = WD_SPAN_LIT("(c) Example Times");
    item.updated_ms = NOW - 1000;
    item.source_title = WD_SPAN_LIT("Other Wire");
    item.source_url = WD_SPAN_LIT("https://other.example/");
    wd_event_item e = event_of(&item);
    e.flags = (1u << WD_ITEM_FLAG_COUNT) - 1;
    e.etag = WD_SPAN_LIT("W/\"\\\"x\"");
    e.publisher = WD_SPAN_LIT("Example Times Ltd");
    wd_buf out = write_event(&e);
    has(&out, "\"by\":\"Jane Roe, j@x.example\"");
    has(&out, "\"sizeInBytes\":9");
    has(&out, "\"width\":640,\"height\":360");
    has(&out, "\"backfill\"");
    has_not(&out, "not a uri");
    has_not(&out, "%zz");
    wd_buf_done(&out);
}

/* Every text of an item at once, for tables of hostile values. */
static wd_item item_of(wd_span text)
{
    static wd_person person;
    static wd_span category;
    static wd_media medium;
    person = (wd_person){ .name = text, .email = text, .uri = text };
    category = text;
    medium = (wd_media){ .kind = WD_MEDIA_CONTENT, .url = text, .type = text, .title = text };
    return (wd_item){ .id = text,
                      .id_kind = WD_ID_HASH,
                      .link = text,
                      .title_text = text,
                      .summary_text = text,
                      .summary_html = text,
                      .content_text = text,
                      .content_html = text,
                      .published_ms = INT64_MAX,
                      .updated_ms = INT64_MIN + 1,
                      .published_raw = text,
                      .language = text,
                      .rights = text,
                      .source_title = text,
                      .source_url = text,
                      .authors = &person,
                      .n_authors = 1,
                      .categories = &category,
                      .n_categories = 1,
                      .media = &medium,
                      .n_media = 1 };
}

static void hostile_texts_stay_inside_their_strings(void **state)
{
    (void)state;
    static char long_text[8192];
    memset(long_text, 'x', sizeof(long_text));
    const wd_span texts[] = {
        WD_SPAN_NONE,
        WD_SPAN_LIT(""),
        WD_SPAN_LIT("\"},{\"a\":\"\\\\\""),
        WD_SPAN_LIT("\x00\x01\x1b[31m\x7f\r\n\t"),
        WD_SPAN_LIT("\xff\xfe\xc0\x80\xed\xa0\x80 bad bytes"),
        WD_SPAN_LIT("\xe2\x80\xae\xf0\x9f\x98\x80"),
        WD_SPAN_LIT("%s%n{}"),
        WD_SPAN_LIT("javascript:alert(1)"),
        WD_SPAN_LIT("https://a.example/\xff"),
        { long_text, sizeof(long_text) },
    };
    for (size_t i = 0; i < WD_COUNT(texts); i++) {
        wd_item item = item_of(texts[i]);
        wd_event_item e = event_of(&item);
        e.feed_title = e.publisher = e.etag = e.agency.name = texts[i];
        e.agency.evidence = "trailer";
        e.agency.confidence = -1;
        wd_buf out = write_event(&e);
        assert_null(memchr(out.ptr, '\n', out.len));
        assert_int_equal(strlen(out.ptr), out.len);
        wd_buf_done(&out);
    }
}

static void a_huge_item_is_cut_and_says_so(void **state)
{
    (void)state;
    size_t n = WD_FIELD_BYTES;
    char *text = malloc(n);
    for (size_t i = 0; i < n; i++)
        text[i] = i % 3 == 2 ? '\x1b' : "\xc3\xbc"[i % 3]; /* six bytes each once escaped */
    wd_item item = item_of((wd_span){ text, n });
    wd_media media[WD_LIST_PER_ITEM];
    static char url[8000] = "https://a.example/";
    memset(url + 18, 'u', sizeof(url) - 18);
    for (size_t i = 0; i < WD_LIST_PER_ITEM; i++)
        media[i] = (wd_media){ .kind = WD_MEDIA_CONTENT, .url = { url, sizeof(url) } };
    item.media = media;
    item.n_media = WD_LIST_PER_ITEM;
    wd_event_item e = event_of(&item);
    wd_buf out = write_event(&e);
    has(&out, "\"truncated-body\"");
    wd_buf_done(&out);
    out = WD_BUF_INIT(100);
    assert_int_equal(wd_event_write_item(&e, &out), WD_LIMIT);
    wd_buf_done(&out);
    free(text);
}

static void what_stood_in_the_buffer_before_stays(void **state)
{
    (void)state;
    wd_item item = plain_item();
    wd_event_item e = event_of(&item);
    wd_buf out = WD_BUF_INIT(WD_EVENT_BYTES);
    wd_buf_append(&out, "before", 6);
    assert_ok(wd_event_write_item(&e, &out));
    assert_memory_equal(out.ptr, "before{\"spec", 12);
    wd_buf_done(&out);
}

static void a_gap_names_what_will_never_come(void **state)
{
    (void)state;
    wd_buf out = WD_BUF_INIT(WD_EVENT_BYTES);
    wd_outbox_slot slot = {
        .lane = WD_LANE_COPIES, .generation = 0, .seq = UINT64_MAX >> 1, .ms = 0
    };
    assert_ok(wd_event_write_gap(&(wd_event_gap){ slot, NOW, "urn:wiredesk:x", "wiredesk:copies",
                                                  12, 99, "outbox-retention" },
                                 &out));
    leave_sample(&out, "ab");
    has(&out, "\"data\":{\"from\":\"12\",\"to\":\"99\",\"reason\":\"outbox-retention\"}}");
    wd_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_its_numbers_first),
        cmocka_unit_test(renumbering_changes_nothing_but_the_numbers),
        cmocka_unit_test(a_copy_says_of_what_and_why),
        cmocka_unit_test(an_update_names_its_changes),
        cmocka_unit_test(an_item_with_everything_is_still_ninjs),
        cmocka_unit_test(hostile_texts_stay_inside_their_strings),
        cmocka_unit_test(a_huge_item_is_cut_and_says_so),
        cmocka_unit_test(what_stood_in_the_buffer_before_stays),
        cmocka_unit_test(a_gap_names_what_will_never_come),
    };
    remove(WD_EVENT_SAMPLES);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
