/* A value falls into the first range that holds it. */
#include "core/histogram.h"
#include "tests/support/check.h"

static void a_value_counts_where_it_belongs(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        size_t bucket;
    } rows[] = { { -3, 0 },   { 0, 0 }, { 0.1, 0 },   { 0.1001, 1 },
                 { 0.25, 1 }, { 5, 5 }, { 3600, 13 }, { 3601, WD_HISTOGRAM_BUCKETS } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_histogram h = { .sum = 0 };
        wd_histogram_observe(&h, &wd_scale_delay, rows[i].seconds, 2);
        assert_int_equal(h.counts[rows[i].bucket], 2);
        double want = rows[i].seconds > 0 ? 2 * rows[i].seconds : 0;
        assert_true(h.sum > want - 1e-9 && h.sum < want + 1e-9);
    }
}

static void every_scale_rises(void **state)
{
    (void)state;
    const wd_histogram_scale *scales[] = { &wd_scale_work, &wd_scale_network, &wd_scale_delay,
                                           &wd_scale_age };
    for (size_t i = 0; i < WD_COUNT(scales); i++)
        for (size_t j = 1; j < WD_HISTOGRAM_BUCKETS; j++)
            assert_true(scales[i]->bounds[j] > scales[i]->bounds[j - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_value_counts_where_it_belongs),
                                        cmocka_unit_test(every_scale_rises) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
