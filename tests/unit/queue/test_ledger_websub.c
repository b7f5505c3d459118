/* Subscriptions outlive the process, and a ledger from before there were any. */
#include "queue/ledger_feeds.h"
#include "queue/ledger_websub.h"
#include "tests/support/check.h"
#include "tests/support/ledger.h"
#include "tests/support/ledger_past.h"
#include "tests/support/temp_dir.h"

static char dir[PATH_MAX];

static wd_ledger_websub row_of(const char *token)
{
    return (wd_ledger_websub){ .token = wd_span_of(token),
                               .slug = WD_SPAN_LIT("wire"),
                               .hub = WD_SPAN_LIT("https://hub.example/"),
                               .topic = WD_SPAN_LIT("https://wire.example/feed"),
                               .secret = WD_SPAN_LIT("5ec"),
                               .phase = 1,
                               .failures = 2,
                               .lease_ms = 1773133331384,
                               .next_ms = INT64_MIN,
                               .pushed_ms = 7,
                               .self_hash = UINT64_MAX - 3,
                               .delivers = true };
}

struct seen {
    size_t n;
    wd_ledger_websub last;
    char text[512];
};

static void see(void *ctx, const wd_ledger_websub *row)
{
    struct seen *s = ctx;
    s->n++;
    s->last = *row;
    snprintf(s->text, sizeof(s->text), "%.*s %.*s %.*s %.*s %.*s", WD_SPAN_ARG(row->token),
             WD_SPAN_ARG(row->slug), WD_SPAN_ARG(row->hub), WD_SPAN_ARG(row->topic),
             WD_SPAN_ARG(row->secret));
}

static void a_subscription_is_there_again_after_a_restart(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    wd_ledger_websub row = row_of("aa"), other = row_of("bb");
    assert_ok(wd_ledger_put_websub(l, &other));
    assert_ok(wd_ledger_put_websub(l, &row));
    row.failures = 0;
    assert_ok(wd_ledger_put_websub(l, &row)); /* changed in place */
    assert_ok(wd_ledger_drop_websub(l, WD_SPAN_LIT("bb")));
    assert_ok(wd_ledger_drop_websub(l, WD_SPAN_LIT("no such")));
    wd_ledger_close(&l);

    struct seen s = { 0 };
    l = ledger_opened(dir);
    assert_ok(wd_ledger_each_websub(l, see, &s));
    assert_int_equal(s.n, 1);
    assert_string_equal(s.text, "aa wire https://hub.example/ https://wire.example/feed 5ec");
    assert_true(s.last.phase == 1 && s.last.failures == 0 && s.last.delivers);
    assert_true(s.last.lease_ms == row.lease_ms && s.last.next_ms == INT64_MIN);
    assert_true(s.last.pushed_ms == 7 && s.last.self_hash == UINT64_MAX - 3);
    wd_ledger_close(&l);
}

static void a_ledger_from_before_is_brought_up_to_date(void **state)
{
    (void)state;
    uint32_t feed, again;
    wd_ledger *l = ledger_opened(dir);
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("wire"), WD_SPAN_LIT("u"), &feed));
    wd_ledger_close(&l);
    ledger_past_make(dir, 2, "");

    wd_error err = { 0 };
    assert_int_equal(wd_ledger_open_read(&l, dir, &err), WD_UNSUPPORTED);
    l = ledger_opened(dir);
    wd_ledger_websub row = row_of("aa");
    struct seen s = { 0 };
    assert_ok(wd_ledger_put_websub(l, &row));
    assert_ok(wd_ledger_each_websub(l, see, &s));
    assert_int_equal(s.n, 1);
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("wire"), WD_SPAN_LIT("u"), &again));
    assert_int_equal(again, feed); /* what was there is there */
    wd_ledger_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEMP_DIR_TEST(a_subscription_is_there_again_after_a_restart, dir),
        TEMP_DIR_TEST(a_ledger_from_before_is_brought_up_to_date, dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
