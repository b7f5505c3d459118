/* The ceilings of a body: what came, what it became, and what came without becoming anything. */
#include "feeds/http_body.h"
#include "tests/support/check.h"

#define MB UINT64_C(1048576)

/* A connection may have served others before: only what is new on it counts. */
static void what_comes_and_becomes_nothing_has_a_ceiling_too(void **state)
{
    (void)state;
    static const struct {
        uint64_t wire, socket;
        bool fine;
    } rows[] = {
        { 0, 0, true },
        { 4 * MB, 0, true },
        { 4 * MB, 900 * MB, true }, /* the first look */
        { 4 * MB, 908 * MB, true }, /* headers, chunks and TLS have their share */
        { 4 * MB, 910 * MB, false },
    };
    wd_http_body b = WD_HTTP_BODY_INIT(8 * MB, 32 * MB);
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_http_body_arrived(&b, rows[i].wire, rows[i].socket) != rows[i].fine)
            fail_msg("row %zu", i);
    assert_int_equal(b.stop, WD_BODY_WIRE);
    wd_http_body_reset(&b, true);
    assert_true(wd_http_body_arrived(&b, 8 * MB, 910 * MB));
    assert_false(wd_http_body_arrived(&b, 8 * MB + 1, 910 * MB));
    wd_http_body_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_and_becomes_nothing_has_a_ceiling_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
