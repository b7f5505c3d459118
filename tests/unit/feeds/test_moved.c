/* When a permanent redirect is believed, on a clock of our own. */
#include "core/hash.h"
#include "feeds/feed_state.h"
#include "feeds/moved.h"
#include "tests/support/check.h"

#define START 1000000000000

struct world {
    wd_feed_config config;
    wd_poll poll;
};

static void world_open(struct world *w)
{
    *w = (struct world){ .config = { .slug = "f", .url = "http://old.example/feed" } };
    w->poll = (wd_poll){ .config = &w->config,
                         .state = wd_feed_state_new(1),
                         .answer = WD_ANSWER_DOCUMENT,
                         .permanent_redirect = true,
                         .final_url = WD_SPAN_LIT("https://new.example/feed"),
                         .reading = { .accepted = true, .items = 10, .items_new = 1 } };
    w->poll.state.last_poll_ms = START;
}

/* So many polls, so far apart. */
static void see(struct world *w, int times, int64_t apart_ms)
{
    for (int i = 0; i < times; i++) {
        wd_moved_answered(&w->poll.state, &w->poll);
        w->poll.state.last_poll_ms += apart_ms;
    }
    w->poll.state.last_poll_ms -= apart_ms;
}

static void prepare(struct world *w, const char *what)
{
    static const char *const lines[] = { "X-Key: canary", NULL };
    if (strcmp(what, "other items") == 0)
        w->poll.reading.items_new = w->poll.reading.items;
    else if (strcmp(what, "never answers 200") == 0)
        w->poll.answer = WD_ANSWER_NOT_MODIFIED;
    else if (strcmp(what, "own headers") == 0)
        w->config.lines = lines;
    else if (strcmp(what, "a password") == 0)
        w->config.url = "http://me:secret@old.example/feed";
    else if (strcmp(what, "temporary") == 0)
        w->poll.permanent_redirect = false;
}

static const struct {
    const char *what;
    int times;
    int64_t apart_ms;
    bool adopted;
} rows[] = {
    { "ten in a week", 10, 19 * WD_HOUR_MS, true },
    { "ten in six days", 10, 16 * WD_HOUR_MS, false },
    { "nine in a month", 9, 80 * WD_HOUR_MS, false },
    { "twenty in a week", 20, 9 * WD_HOUR_MS, true },
    { "other items", 20, WD_DAY_MS, false },
    { "never answers 200", 20, WD_DAY_MS, true },
    { "own headers", 20, WD_DAY_MS, false },
    { "a password", 20, WD_DAY_MS, false },
    { "temporary", 20, WD_DAY_MS, false },
};

static void a_move_is_adopted_when_it_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world w;
        world_open(&w);
        prepare(&w, rows[i].what);
        see(&w, rows[i].times, rows[i].apart_ms);
        if (w.poll.state.adopted != rows[i].adopted)
            fail_msg("%s: %s", rows[i].what, w.poll.state.adopted ? "adopted" : "not adopted");
    }
}

static void another_place_begins_anew(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    see(&w, 9, WD_DAY_MS);
    w.poll.final_url = WD_SPAN_LIT("https://newer.example/feed");
    see(&w, 9, WD_DAY_MS);
    assert_false(w.poll.state.adopted);
    see(&w, 1, WD_DAY_MS);
    assert_true(w.poll.state.adopted);
    w.poll.permanent_redirect = false; /* the old one answers again */
    see(&w, 1, WD_DAY_MS);
    assert_false(w.poll.state.adopted);
    assert_int_equal(w.poll.state.moved_hash, 0);
}

static void fail_there(struct world *w, wd_reason reason)
{
    w->poll.answer = WD_ANSWER_FAILED;
    w->poll.state.last_reason = reason;
    wd_moved_failed(&w->poll.state, &w->poll);
    w->poll.answer = WD_ANSWER_NOT_MODIFIED;
}

static void three_failures_there_undo_it(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    see(&w, 10, WD_DAY_MS);
    w.poll.at_new_url = true;
    w.poll.permanent_redirect = false; /* no redirect is needed any more */
    see(&w, 3, WD_DAY_MS);
    assert_true(w.poll.state.adopted);
    fail_there(&w, WD_REASON_TIMEOUT);
    fail_there(&w, WD_REASON_HTTP_4XX);
    see(&w, 1, WD_DAY_MS); /* it works: they are forgotten */
    fail_there(&w, WD_REASON_TIMEOUT);
    fail_there(&w, WD_REASON_HTTP_429);
    fail_there(&w, WD_REASON_INTERNAL);
    fail_there(&w, WD_REASON_HTTP_4XX);
    assert_true(w.poll.state.adopted);
    fail_there(&w, WD_REASON_DNS);
    assert_false(w.poll.state.adopted);
    w.poll.at_new_url = false;
    w.poll.permanent_redirect = true;
    see(&w, 9, WD_DAY_MS); /* and it is believed only after another ten */
    assert_false(w.poll.state.adopted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_move_is_adopted_when_it_holds),
        cmocka_unit_test(another_place_begins_anew),
        cmocka_unit_test(three_failures_there_undo_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
