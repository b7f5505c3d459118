/* When memory goes back to the system: after much was read, and not again and again. */
#include "core/clock.h"
#include "daemon/heap.h"
#include "tests/support/check.h"

#define MB (1u << 20)

static void it_goes_back_after_much_and_not_often(void **state)
{
    (void)state;
    static const struct {
        uint64_t read_bytes;
        int64_t now_ms;
        bool given;
    } rows[] = {
        { 0, 1000, false },
        { MB - 1, 2000, false },
        { MB, 3000, true },
        { 100 * MB, 4000, false }, /* a minute at least */
        { 100 * MB, 3000 + WD_MINUTE_MS, true },
        { 101 * MB - 1, 3000 + WD_HOUR_MS, false }, /* nothing was read meanwhile */
        { 101 * MB, 4000 + WD_HOUR_MS, true },
    };
    uv_loop_t loop;
    wd_heap heap = { .busy = false };
    assert_int_equal(uv_loop_init(&loop), 0);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        if (wd_heap_tick(&heap, &loop, rows[i].read_bytes, rows[i].now_ms) != rows[i].given)
            fail_msg("row %zu", i);
        assert_int_equal(heap.busy, rows[i].given);
        uv_run(&loop, UV_RUN_DEFAULT);
        assert_false(heap.busy);
    }
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(it_goes_back_after_much_and_not_often) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
