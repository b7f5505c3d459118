/* tests/unit/daemon/test_tail_view.c - one event as a person reads it. */
#include "daemon/verbs/tail_view.h"
#include "tests/support/check.h"

#define TIME "\"time\":\"2026-03-10T09:02:11.384Z\""

static const char rates[] =
    "{\"type\":\"org.wiredesk.item.new\"," TIME
    ",\"data\":{\"item\":{\"uri\":\"urn:wiredesk:item:1\","
    "\"headlines\":[{\"value\":\"Rates held\"}]},\"origin\":{\"feed\":\"times\"},"
    "\"cluster\":{\"agency\":{\"name\":\"AFP\"}}}}";
static const char copy[] =
    "{\"type\":\"org.wiredesk.item.copy\"," TIME
    ",\"data\":{\"item\":{\"uri\":\"urn:wiredesk:item:2\","
    "\"headlines\":[{\"value\":\"Bank holds rates\"}]},\"origin\":{\"feed\":\"other\"},"
    "\"cluster\":{\"canonicalUri\":\"urn:wiredesk:item:1\",\"evidence\":[{\"kind\":"
    "\"shingle-containment\",\"coverThis\":0.931,\"coverOther\":1,\"longestRun\":41,\"numbers\":5,"
    "\"numbersAgreed\":4}]}}}";

static void shows(const wd_tail_style *style, const char *const *events, const char *want)
{
    wd_tail_view *v = wd_tail_view_new(style);
    wd_buf out = WD_BUF_INIT(65536);
    setenv("TZ", "UTC", 1);
    for (; *events != NULL; events++)
        wd_tail_view_show(v, wd_span_of(*events), &out);
    assert_string_equal(out.ptr, want);
    wd_buf_done(&out);
    wd_tail_view_free(v);
}

static void a_line_has_time_headline_feed_and_credit(void **state)
{
    (void)state;
    shows(&(wd_tail_style){ 0 }, (const char *[]){ rates, copy, NULL },
          "09:02:11  Rates held  times \xC2\xB7 AFP\n09:02:11  copy Bank holds rates  other\n");
}

static void a_copy_says_whose_and_why(void **state)
{
    (void)state;
    static const char why[] = ": shingle-containment, 93 % of this text and 100 % of the other, 41 "
                              "words in one run, 4 of 5 numbers agree\n";
    char want[512];
    snprintf(want, sizeof(want),
             "09:02:11  Rates held  times \xC2\xB7 AFP\n09:02:11  copy Bank holds rates  other\n"
             "            of \"Rates held\" in times%s",
             why);
    shows(&(wd_tail_style){ .why = true }, (const char *[]){ rates, copy, NULL }, want);
    snprintf(want, sizeof(want),
             "09:02:11  copy Bank holds rates  other\n            of urn:wiredesk:item:1%s", why);
    shows(&(wd_tail_style){ .why = true }, (const char *[]){ copy, NULL }, want);
}

static void colour_only_when_asked(void **state)
{
    (void)state;
    wd_tail_view *v = wd_tail_view_new(&(wd_tail_style){ .colour = true });
    wd_buf out = WD_BUF_INIT(65536);
    wd_tail_view_show(v, wd_span_of(rates), &out);
    assert_non_null(strstr(out.ptr, "\033[1mRates held\033[0m"));
    wd_buf_done(&out);
    wd_tail_view_free(v);
}

static void what_feeds_say_cannot_reach_the_terminal(void **state)
{
    (void)state;
    shows(&(wd_tail_style){ 0 },
          (const char *[]){
              "{\"type\":\"org.wiredesk.item.new\"," TIME ",\"data\":{\"item\":{\"headlines\":"
              "[{\"value\":\"a\\u001b[2Jb\\u202ec\\u0000\"}]},\"origin\":{\"feed\":\"x\\ny\"}}}",
              NULL },
          "09:02:11  a\\x1b[2Jb\\u{202e}c\\x00  x y\n");
}

static void other_events_and_rubbish_have_a_line_too(void **state)
{
    (void)state;
    shows(&(wd_tail_style){ .why = true },
          (const char *[]){ "{\"type\":\"org.wiredesk.stream.gap\"," TIME
                            ",\"data\":{\"from\":\"3\",\"to\":\"9\","
                            "\"reason\":\"outbox-retention\"}}",
                            "{\"type\":\"org.wiredesk.feed.state\",\"subject\":\"times\"}",
                            "{\"type\":\"org.wiredesk.item.updated\"," TIME
                            ",\"data\":{\"item\":{},\"origin\":{},"
                            "\"changes\":[\"headline\",\"body\"]}}",
                            "{\"type\":7}", "[1,2", "", NULL },
          "09:02:11  gap events 3 to 9 will never come: outbox-retention\n"
          "--:--:--  feed.state times\n"
          "09:02:11  updated headline, body (without a headline)  \n"
          "--:--:--  (an entry that is no event of wiredesk)\n"
          "--:--:--  (an entry that is no event of wiredesk)\n"
          "--:--:--  (an entry that is no event of wiredesk)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_headline_feed_and_credit),
        cmocka_unit_test(a_copy_says_whose_and_why),
        cmocka_unit_test(colour_only_when_asked),
        cmocka_unit_test(what_feeds_say_cannot_reach_the_terminal),
        cmocka_unit_test(other_events_and_rubbish_have_a_line_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
