/* The earliest comes first, whatever was added, moved or removed in between. */
#include "feeds/due_heap.h"
#include "tests/support/check.h"

enum { N = 500 };

static void agrees_with_a_plain_search(void **state)
{
    (void)state;
    wd_due_heap h = { 0 };
    static wd_due e[N];
    unsigned seed = 12345;
    for (size_t i = 0; i < N; i++)
        e[i] = (wd_due){ .place = WD_DUE_NOWHERE };
    for (int step = 0; step < 20000; step++) {
        wd_due *one = &e[((seed = seed * 1103515245u + 12345u) >> 8) % N];
        if (seed >> 28 < 5)
            wd_due_heap_remove(&h, one);
        else
            assert_ok(wd_due_heap_put(&h, one, (int64_t)(seed >> 4 & 1023)));
        int64_t least = INT64_MAX;
        size_t in = 0;
        for (size_t i = 0; i < N; i++) {
            if (e[i].place == WD_DUE_NOWHERE)
                continue;
            in++;
            assert_ptr_equal(h.entries[e[i].place], &e[i]);
            least = e[i].at_ms < least ? e[i].at_ms : least;
        }
        assert_int_equal(h.n, in);
        if (in > 0)
            assert_int_equal(wd_due_heap_first(&h)->at_ms, least);
        else
            assert_null(wd_due_heap_first(&h));
    }
    wd_due_heap_done(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(agrees_with_a_plain_search) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
