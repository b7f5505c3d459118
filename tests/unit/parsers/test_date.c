/* Dates: every way people write them, and none for what is impossible. */
#include "core/clock.h"
#include "parsers/date.h"
#include "tests/support/check.h"

static void reads_what_people_write(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } rows[] = {
        { "Tue, 10 Mar 2026 09:01:00 GMT", "2026-03-10T09:01:00Z" },
        { "10 Mar 26 09:01 +0130", "2026-03-10T07:31:00Z" },
        { "2026-03-10T09:02:11.384+01:00", "2026-03-10T08:02:11Z" },
        { "2026-03-10", "2026-03-10T00:00:00Z" },
        { "20260310", "2026-03-10T00:00:00Z" },
        { "2026-069", "2026-03-10T00:00:00Z" },
        /* the basic format, in hours, minutes, seconds */
        { "20260310T090211Z", "2026-03-10T09:02:11Z" },
        { "20260310T0902+0130", "2026-03-10T07:32:00Z" },
        { "2026-03-10T09", "2026-03-10T09:00:00Z" },
        /* a minus sign proper; a plus that became a blank; an offset that a name contradicts */
        { "2026-03-10T09:02:11\u221205:00", "2026-03-10T14:02:11Z" },
        { "2026-03-10T09:02:11 05:00", "2026-03-10T04:02:11Z" },
        { "Tue, 10 Mar 2026 09:02:11 +0100 (PST)", "2026-03-10T08:02:11Z" },
        { "2026-03-10T09:02:11+0100Z", "2026-03-10T08:02:11Z" },
        /* what lasts is dated by its beginning */
        { "10 March 2026, 09:00 - 13:30", "2026-03-10T09:00:00Z" },
        { "10 March 2026 09:00 13:30", "2026-03-10T09:00:00Z" },
        { "1199145600", "2008-01-01T00:00:00Z" },
        { "Mon, 26 January 2004 16:31:00 ET", "2004-01-26T21:31:00Z" },
        { "Fri, 31 Mar 2023 20:19:00 America/Los_Angeles", "2023-04-01T03:19:00Z" },
        { "Thu, 30 Jul 2015 08:57:00 Europe/Berlin", "2015-07-30T06:57:00Z" },
        { "2004-05-25 오후 11:23:17", "2004-05-25T14:23:17Z" },
        { "2004년 05월 28일  01:31:15", "2004-05-27T16:31:15Z" },
        { "Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z" },
        { "2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z" },
        { "mar. 5 août 2014, 10:00", "2014-08-05T10:00:00Z" },
        { "Do, 29 Mär 2018 00:00:00 +0200", "2018-03-28T22:00:00Z" },
        { "Di, 10 Mrz 2026 09:00 MEZ", "2026-03-10T08:00:00Z" },
        { "1773133200.123", "2026-03-10T09:00:00Z" },
        { "Mon, 03/30/2020 - 19:19", "2020-03-30T19:19:00Z" },
        { "30.10.23", "2023-10-30T00:00:00Z" },
        { "Nov. 16, 2020, 10:57 p.m.", "2020-11-16T22:57:00Z" },
        { "Sun Jul 15 01:16:00 +0000 2012", "2012-07-15T01:16:00Z" },
        { "Thu, 01 Jan 2004 24:00:00 GMT", "2004-01-02T00:00:00Z" },
        { "2026-03-10T09:00:00+99:00", "2026-03-10T09:00:00Z" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        int64_t ms = 0;
        char text[WD_TIME_TEXT_BYTES];
        if (!wd_date_parse(wd_span_of(rows[i].in), &ms))
            fail_msg("\"%s\" is a date", rows[i].in);
        assert_string_equal(wd_time_text(ms, 0, text), rows[i].want);
    }
}

static void the_impossible_is_no_date(void **state)
{
    (void)state;
    static const char *const rows[] = { "",
                                        "yesterday",
                                        "Fri, 30 Feb 2026 09:00:00 GMT",
                                        "0001-01-01T00:00:00Z",
                                        "Sun, Dec x 2012 11:47:32 GMT",
                                        "Sun, 16 Dec 2012 11:47:32 +zz:00",
                                        "2026-03-10T25:00:00Z",
                                        "2026-13-01",
                                        "99999-01-01T00:00:00Z" };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        int64_t ms = 0;
        if (wd_date_parse(wd_span_of(rows[i]), &ms))
            fail_msg("\"%s\" is no date", rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads_what_people_write),
                                        cmocka_unit_test(the_impossible_is_no_date) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
