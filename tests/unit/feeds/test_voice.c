/* What is said of a feed is true of it: what an operator has fixed, no poll will change. */
#include "feeds/voice.h"
#include "tests/support/scheduled_poll.h"

static void keep(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    (void)level, (void)fields;
    snprintf(ctx, 512, "%s: %s", event, text);
}

static void what_becomes_of_a_feed_depends_on_who_times_it(void **state)
{
    (void)state;
    static const struct {
        int64_t interval_ms; /* the operator's; 0: none */
        uint32_t items_new, polls_without_304;
        const char *says; /* NULL: nothing */
    } rows[] = {
        { 0, 3, 0, NULL },
        { 0, 4, 0,
          "feed.window_overflow: f: all 4 items of its document are new, so some may "
          "have been missed; it is polled more often" },
        { HOUR, 4, 0, "missed; its interval may be too long" },
        { 0, 0, 20,
          "feed.validators_lie: f: sends validators, yet never answered 304 in 20 tries; "
          "it is polled once an hour at most" },
        { HOUR, 0, 20, "tries; each poll costs a whole document" },
        { 0, 0, 19, NULL },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        char said[512] = "";
        bool overflowing = false;
        const wd_log log = { .sink = keep, .ctx = said, .level = WD_LOG_INFO };
        wd_feed_config c;
        wd_poll p = scheduled_usual(&c);
        c.interval_ms = rows[i].interval_ms;
        p.answer = WD_ANSWER_DOCUMENT;
        p.http_status = 200;
        p.reading =
            (wd_poll_reading){ .accepted = true, .items = 4, .items_new = rows[i].items_new };
        p.state.polls_without_304 = rows[i].polls_without_304;
        wd_voice_noticed(&log, &p, &overflowing);
        if (rows[i].says == NULL ? said[0] != '\0' : strstr(said, rows[i].says) == NULL)
            fail_msg("row %zu: \"%s\"", i, said);
        assert_int_equal(overflowing, rows[i].items_new == 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_becomes_of_a_feed_depends_on_who_times_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
