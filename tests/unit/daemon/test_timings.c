/* What is acknowledged is measured from when it was seen, a lane at a time, within bounds. */
#include "core/clock.h"
#include "daemon/reading.h"
#include "daemon/timings.h"
#include "tests/support/check.h"

#define SEEN 1773133331000

static uint64_t count(const wd_histogram *h)
{
    uint64_t n = 0;
    for (size_t i = 0; i <= WD_HISTOGRAM_BUCKETS; i++)
        n += h->counts[i];
    return n;
}

/* A poll of two stories: one told as `seq` of the lane, one not told. */
static void store(wd_timings *t, wd_lane lane, uint64_t seq, int64_t seen_ms)
{
    wd_item item = { .published_ms = seen_ms - 45000 };
    wd_story stories[] = {
        { .item = &item, .slot = { .lane = lane, .seq = seq }, .verdict = { .kind = WD_NEW } },
        { .item = &item, .verdict = { .kind = WD_SEEN } }
    };
    wd_reading reading = { .stories = stories, .n_stories = 2 };
    wd_poll poll = { .answer = WD_ANSWER_DOCUMENT, .fetched_ms = seen_ms, .payload = &reading };
    wd_timings_stored(t, &poll);
}

static void measures_from_seen_to_acknowledged(void **state)
{
    (void)state;
    static wd_timings t;
    store(&t, WD_LANE_ITEMS, 7, SEEN);
    store(&t, WD_LANE_ITEMS, 8, SEEN + 500);
    store(&t, WD_LANE_COPIES, 3, SEEN);
    assert_int_equal(count(&t.parse), 3);
    assert_int_equal(count(&t.dedupe), 6);
    assert_int_equal(count(&t.discovery), 3);
    assert_true(t.discovery.sum > 134.9 && t.discovery.sum < 135.1);
    wd_timings_acked(&t, WD_LANE_ITEMS, 7, SEEN + 1000);
    assert_int_equal(count(&t.pipeline), 1);
    wd_timings_acked(&t, WD_LANE_ITEMS, 6, SEEN + 9000);
    assert_int_equal(count(&t.pipeline), 1);
    wd_timings_acked(&t, WD_LANE_ITEMS, 9, SEEN + 1500);
    wd_timings_acked(&t, WD_LANE_COPIES, 3, SEEN + 2000);
    assert_int_equal(count(&t.pipeline), 3);
    assert_true(t.pipeline.sum > 3.99 && t.pipeline.sum < 4.01); /* 1 + 1 + 2 */
}

/* Redis has what the disk has, and may have said so before the poll is home. */
static void an_acknowledgement_may_come_first(void **state)
{
    (void)state;
    static wd_timings t;
    wd_timings_acked(&t, WD_LANE_ITEMS, 7, SEEN + 1000);
    store(&t, WD_LANE_ITEMS, 7, SEEN);
    assert_int_equal(count(&t.pipeline), 1);
    store(&t, WD_LANE_ITEMS, 8, SEEN);
    assert_int_equal(count(&t.pipeline), 1);
}

static void a_long_outage_costs_no_memory(void **state)
{
    (void)state;
    static wd_timings t;
    for (uint64_t seq = 1; seq <= 3 * WD_TIMING_MARKS; seq++)
        store(&t, WD_LANE_ITEMS, seq, SEEN);
    wd_timings_acked(&t, WD_LANE_ITEMS, 3 * WD_TIMING_MARKS, SEEN + 1);
    assert_int_equal(count(&t.pipeline), WD_TIMING_MARKS);
    store(&t, WD_LANE_ITEMS, 3 * WD_TIMING_MARKS + 1, SEEN);
    wd_timings_acked(&t, WD_LANE_ITEMS, UINT64_MAX, SEEN + 1);
    assert_int_equal(count(&t.pipeline), WD_TIMING_MARKS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(measures_from_seen_to_acknowledged),
                                        cmocka_unit_test(an_acknowledgement_may_come_first),
                                        cmocka_unit_test(a_long_outage_costs_no_memory) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
