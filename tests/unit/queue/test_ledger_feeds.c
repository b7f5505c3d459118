/* What is kept of a feed: its number, its validators, its state, and never a password. */
#include "queue/ledger_feeds.h"
#include "tests/support/check.h"
#include "tests/support/ledger.h"
#include "tests/support/ledger_past.h"
#include "tests/support/temp_dir.h"

static char dir[PATH_MAX];

typedef struct feeds_seen {
    size_t n;
    bool has_etag, has_modified;
    size_t state_len;
} feeds_seen;

static void see_feed(void *ctx, const wd_ledger_feed *feed)
{
    feeds_seen *seen = ctx;
    seen->n++;
    seen->has_etag = feed->etag.ptr != NULL;
    seen->has_modified = feed->last_modified.ptr != NULL;
    seen->state_len = feed->state.len;
}

/* Whether the ledger's file, or its log, holds these bytes. */
static bool file_holds(const char *name, const char *bytes)
{
    static char all[1 << 20];
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(all, 1, sizeof(all), f) : 0;
    if (f != NULL)
        fclose(f);
    return memmem(all, n, bytes, strlen(bytes)) != NULL;
}

static void feeds_keep_their_number(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    uint32_t first, second, again;
    assert_ok(
        wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/1"), &first));
    assert_ok(
        wd_ledger_feed_number(l, WD_SPAN_LIT("b"), WD_SPAN_LIT("http://b.example/"), &second));
    assert_int_not_equal(first, second);
    wd_ledger_close(&l);
    l = ledger_opened(dir);
    assert_ok(
        wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/1"), &again));
    assert_int_equal(again, first);
    wd_ledger_close(&l);
}

static void a_password_in_an_address_is_not_stored(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    uint32_t feed, again;
    feeds_seen seen = { 0 };
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://me:zq7@a.example/1"),
                                    &feed));
    assert_ok(wd_ledger_put_validators(l, feed, WD_SPAN_LIT("\"e\""), WD_SPAN_NONE));
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://me:new@a.example/1"),
                                    &again));
    assert_int_equal(feed, again);
    assert_ok(wd_ledger_each_feed(l, see_feed, &seen));
    assert_true(seen.has_etag);
    wd_ledger_close(&l);
    assert_true(file_holds("ledger.db", "http://a.example/1"));
    assert_false(file_holds("ledger.db", "zq7"));
}

static void a_password_that_was_stored_once_is_taken_out(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    feeds_seen seen = { 0 };
    wd_ledger_close(&l);
    ledger_past_make(dir, 3,
                     "INSERT INTO feed(slug, url, etag) VALUES"
                     "('a', 'https://me:zq7@a.example/?m=x@y', 'e'), ('b', 'http://b/@c', NULL)");
    assert_true(file_holds("ledger.db", "zq7"));
    l = ledger_opened(dir);
    assert_false(file_holds("ledger.db", "zq7"));
    assert_false(file_holds("ledger.db-wal", "zq7"));
    assert_true(file_holds("ledger.db", "https://a.example/?m=x@y"));
    assert_true(file_holds("ledger.db", "http://b/@c"));
    assert_ok(wd_ledger_each_feed(l, see_feed, &seen));
    assert_int_equal(seen.n, 2);
    wd_ledger_close(&l);
}

static void validators_stay_as_given_until_the_url_moves(void **state)
{
    (void)state;
    wd_ledger *l = ledger_opened(dir);
    uint32_t feed;
    feeds_seen seen = { 0 };
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/1"), &feed));
    assert_ok(wd_ledger_put_validators(l, feed, WD_SPAN_LIT("W/\"e\""), WD_SPAN_NONE));
    assert_ok(wd_ledger_put_feed_state(l, feed, (wd_span){ "a\0b", 3 }));
    assert_ok(wd_ledger_each_feed(l, see_feed, &seen));
    assert_true(seen.has_etag && !seen.has_modified);
    assert_ok(wd_ledger_feed_number(l, WD_SPAN_LIT("a"), WD_SPAN_LIT("http://a.example/2"), &feed));
    seen = (feeds_seen){ 0 };
    assert_ok(wd_ledger_each_feed(l, see_feed, &seen));
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.state_len, 3);
    assert_false(seen.has_etag);
    wd_ledger_close(&l);
}

#define TEST(name) TEMP_DIR_TEST(name, dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(feeds_keep_their_number),
        TEST(a_password_in_an_address_is_not_stored),
        TEST(a_password_that_was_stored_once_is_taken_out),
        TEST(validators_stay_as_given_until_the_url_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
