/* When a subscription list is too small to be true. */
#include "daemon/list_keeper.h"
#include "tests/support/check.h"

static void a_list_may_lose_its_share_and_no_more(void **state)
{
    (void)state;
    static const struct {
        size_t before, lost;
        double percent;
        bool shrank;
    } rows[] = {
        { 0, 0, 50, false }, { 10, 5, 50, false }, { 10, 6, 50, true },
        { 10, 0, 0, false }, { 10, 1, 0, true },   { 10, 10, 100, false },
        { 1, 1, 50, true },  { 3, 1, 33, true },   { 3, 1, 34, false },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_list_shrank(rows[i].before, rows[i].lost, rows[i].percent) != rows[i].shrank)
            fail_msg("row %zu", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_list_may_lose_its_share_and_no_more) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
