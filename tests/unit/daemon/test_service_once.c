/* What one pass amounts to: its counts, and the exit status that a cron job looks at. */
#include "daemon/exit.h"
#include "daemon/service_impl.h"
#include "tests/support/check.h"

static void one_thing_left_undone_is_a_failure(void **state)
{
    (void)state;
    static const struct {
        uint32_t failing, left_out;
        uint64_t waiting[2]; /* by lane, as of the last batch */
        bool drained;
        int before, after;
    } rows[] = {
        { .drained = true, .before = WD_EXIT_OK, .after = WD_EXIT_OK },
        { .failing = 1, .drained = true, .before = WD_EXIT_OK, .after = WD_EXIT_FAILED },
        { .left_out = 1, .drained = true, .before = WD_EXIT_OK, .after = WD_EXIT_FAILED },
        { .waiting = { 0, 1 }, .before = WD_EXIT_OK, .after = WD_EXIT_FAILED },
        { .waiting = { 2, 1 }, .drained = true, .before = WD_EXIT_OK, .after = WD_EXIT_OK },
        { .drained = false, .before = WD_EXIT_OK, .after = WD_EXIT_OK },
        { .failing = 1, .before = WD_EXIT_FENCED, .after = WD_EXIT_FENCED },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_once once = { .failing = rows[i].failing, .left_out = rows[i].left_out };
        wd_service *s = calloc(1, sizeof(*s));
        assert_non_null(s);
        s->once = &once;
        s->exit_code = rows[i].before;
        s->snap.started_ms = 1000;
        s->snap.now_ms = 4000;
        for (int lane = 0; lane < WD_LANE_COUNT; lane++)
            s->snap.desk.outbox[lane].waiting = rows[i].waiting[lane];
        wd_service_once_end(s, rows[i].drained);
        if (s->exit_code != rows[i].after)
            fail_msg("row %zu: %d", i, s->exit_code);
        assert_int_equal(once.took_ms, 3000);
        assert_int_equal(once.waiting,
                         rows[i].drained ? 0 : rows[i].waiting[0] + rows[i].waiting[1]);
        free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_thing_left_undone_is_a_failure) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
