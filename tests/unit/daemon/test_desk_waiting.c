/* Who waits for company, how long, and that nobody is lost or overtaken. */
#include "daemon/desk_waiting.h"
#include "daemon/reading.h"
#include "tests/support/check.h"

enum { JOBS = 300, MS = 1000000 };

typedef struct queue {
    wd_desk_waiting waiting;
    wd_desk_job job[JOBS];
    wd_poll poll[JOBS];
    wd_reading reading[JOBS];
    wd_feed_config config[JOBS];
    wd_link batch;
    size_t n;
} queue;

static queue q;

static void fresh(void)
{
    memset(&q, 0, sizeof(q));
    wd_desk_waiting_init(&q.waiting);
    wd_list_init(&q.batch);
}

static void add_of(int64_t interval_ms, size_t stories, uint64_t now_ms)
{
    size_t i = q.n++;
    q.config[i].interval_ms = interval_ms;
    q.poll[i].config = &q.config[i];
    q.reading[i].n_stories = stories;
    q.poll[i].payload = stories > 0 ? &q.reading[i] : NULL;
    q.job[i] = (wd_desk_job){ .kind = WD_JOB_STORE, .poll = &q.poll[i] };
    wd_desk_waiting_add(&q.waiting, &q.job[i], now_ms * MS);
}

static void add(size_t stories, uint64_t now_ms)
{
    add_of(1000, stories, now_ms);
}

static uint64_t left_ms(uint64_t now_ms)
{
    return wd_desk_waiting_left_ms(&q.waiting, now_ms * MS);
}

/* The batch is jobs first, first + 1, ... */
static void check_batch(size_t first, size_t n)
{
    size_t at = first;
    for (wd_link *l = q.batch.next; l != &q.batch; l = l->next)
        assert_ptr_equal(l, &q.job[at++].link);
    assert_int_equal(at - first, n);
}

static void take(void)
{
    wd_list_init(&q.batch);
    wd_desk_waiting_take(&q.waiting, &q.batch);
}

static void a_quiet_poll_waits_for_company(void **state)
{
    (void)state;
    fresh();
    assert_int_equal(left_ms(1000), 0);
    add(0, 1000);
    assert_int_equal(left_ms(1000), 250);
    add(0, 1100); /* the first one's clock counts */
    assert_int_equal(left_ms(1100), 150);
    assert_int_equal(left_ms(1250), 0);
    take();
    check_batch(0, 2);
    assert_int_equal(left_ms(1250), 0);
    add(0, 2000);
    assert_int_equal(left_ms(2000), 250);
}

static void patience_is_a_part_of_the_interval(void **state)
{
    (void)state;
    static const struct {
        int64_t interval_ms;
        uint64_t expected;
    } rows[] = { { 1, 250 }, { 1000, 250 }, { 3000, 750 }, { 60000, 1000 }, { 0, 1000 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        fresh();
        add_of(rows[i].interval_ms, 0, 0);
        assert_int_equal(left_ms(0), rows[i].expected);
    }
    fresh();
    add_of(0, 0, 0);
    add_of(2000, 0, 100); /* the least patient speaks for all */
    add_of(60000, 0, 200);
    assert_int_equal(left_ms(200), 300);
    take();
    add_of(60000, 0, 1000);
    assert_int_equal(left_ms(1000), 1000);
    q.poll[q.n].pushed = true;
    add_of(60000, 0, 1100);
    assert_int_equal(left_ms(1100), 150);
}

static void a_story_takes_all_along(void **state)
{
    (void)state;
    fresh();
    add(0, 0);
    add(3, 10);
    assert_int_equal(left_ms(10), 0);
    take();
    check_batch(0, 2);
    add(0, 20);
    assert_int_equal(left_ms(20), 250);
}

static void many_polls_wait_no_longer(void **state)
{
    (void)state;
    fresh();
    for (int i = 0; i < 127; i++)
        add(0, 0);
    assert_int_equal(left_ms(0), 250);
    add(0, 0);
    assert_int_equal(left_ms(0), 0);
}

static void a_batch_is_bounded_and_the_rest_is_next(void **state)
{
    (void)state;
    static const struct {
        size_t polls, stories_each, first_batch;
    } rows[] = { { 300, 0, 128 }, { 4, 100, 2 }, { 3, 256, 1 }, { 2, 1000, 1 }, { 200, 1, 128 } };
    for (size_t r = 0; r < WD_COUNT(rows); r++) {
        fresh();
        for (size_t i = 0; i < rows[r].polls; i++)
            add(rows[r].stories_each, 0);
        take();
        check_batch(0, rows[r].first_batch);
        assert_int_equal(left_ms(0), 0); /* what is left behind has waited already */
        take();
        assert_ptr_equal(q.batch.next, &q.job[rows[r].first_batch].link);
    }
}

/* New feeds: what comes behind the first of them shares a transaction; news never waits. */
static void in_a_rush_stories_gather(void **state)
{
    (void)state;
    fresh();
    add(30, 0);
    assert_int_equal(left_ms(0), 0);
    take();
    check_batch(0, 1);
    wd_desk_waiting_stored(&q.waiting, 1);
    add(30, 2);
    assert_int_equal(left_ms(2), 0); /* one of thirty was new: no rush */
    take();
    wd_desk_waiting_stored(&q.waiting, 30);
    add(30, 5);
    assert_int_equal(left_ms(5), 20);
    add(30, 8); /* the first one's clock counts */
    assert_int_equal(left_ms(8), 17);
    assert_int_equal(left_ms(25), 0);
    for (int i = 0; i < 7; i++)
        add(30, 8);
    assert_int_equal(left_ms(8), 0); /* a transaction is full */
    take();
    check_batch(2, 8);
    wd_desk_waiting_stored(&q.waiting, 30);
    assert_int_equal(left_ms(9), 0); /* what is left behind has waited already */
    take();
    check_batch(10, 1);
    wd_desk_waiting_stored(&q.waiting, 30);
    add(2, 20);
    assert_int_equal(left_ms(20), 20);
    take();
    wd_desk_waiting_stored(&q.waiting, 2);
    add(2, 30); /* the rush is over */
    assert_int_equal(left_ms(30), 0);
}

static void what_could_not_be_stored_comes_first_again(void **state)
{
    (void)state;
    fresh();
    for (int i = 0; i < 200; i++)
        add(0, 0);
    take();
    wd_desk_waiting_put_back(&q.waiting, &q.batch);
    assert_int_equal(q.waiting.n, 200);
    add(0, 5);
    take();
    check_batch(0, 128);
    take();
    check_batch(128, 73);
    assert_int_equal(q.waiting.n, 0);
}

static void giving_up_leaves_nobody(void **state)
{
    (void)state;
    fresh();
    for (int i = 0; i < 200; i++)
        add(1, 0);
    wd_desk_waiting_give_up(&q.waiting, &q.batch);
    check_batch(0, 200);
    assert_int_equal(q.waiting.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_poll_waits_for_company),
        cmocka_unit_test(patience_is_a_part_of_the_interval),
        cmocka_unit_test(a_story_takes_all_along),
        cmocka_unit_test(many_polls_wait_no_longer),
        cmocka_unit_test(a_batch_is_bounded_and_the_rest_is_next),
        cmocka_unit_test(in_a_rush_stories_gather),
        cmocka_unit_test(what_could_not_be_stored_comes_first_again),
        cmocka_unit_test(giving_up_leaves_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
