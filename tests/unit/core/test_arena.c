/* Many pieces, one free, one budget. */
#include "core/arena.h"
#include "tests/support/check.h"

static void over_budget_is_sticky(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(64);
    assert_non_null(wd_arena_alloc(a, 48));
    assert_null(wd_arena_alloc(a, 32));
    assert_null(wd_arena_alloc(a, 1));
    assert_int_equal(wd_arena_status(a), WD_LIMIT);
    wd_arena_reset(a);
    assert_non_null(wd_arena_alloc(a, 64));
    wd_arena_free(a);
}

/* Pieces stand one behind the other, with a few bytes between them under AddressSanitizer. */
#define assert_next(p, before) assert_in_range((p) - (before), 16, 32)

static void large_pieces_keep_the_small_block(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(10u << 20);
    char *first = wd_arena_alloc(a, 16);
    memset(wd_arena_alloc(a, 1u << 20), 7, 1u << 20);
    char *second = wd_arena_alloc(a, 16);
    assert_next(second, first);
    assert_int_equal((uintptr_t)second % 16, 0);
    wd_arena_free(a);
}

static void trim_gives_the_tail_back(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1u << 20);
    char *p = wd_arena_alloc(a, 1000);
    wd_arena_trim(a, p, 1000, 10);
    assert_int_equal(wd_arena_used(a), 16);
    assert_next((char *)wd_arena_alloc(a, 1), p);
    wd_arena_free(a);
}

static void copies_end_with_nul_and_absent_stays_absent(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1u << 20);
    wd_span s = wd_arena_copy(a, (wd_span){ "abcdef", 3 });
    assert_string_equal(s.ptr, "abc");
    assert_null(wd_arena_copy(a, WD_SPAN_NONE).ptr);
    wd_arena_free(a);
}

static void adopts_within_the_budget(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(100);
    void *small = malloc(50), *large = malloc(100);
    assert_true(wd_arena_adopt(a, small, 50));
    assert_int_equal(wd_arena_used(a), 66);
    assert_false(wd_arena_adopt(a, large, 100));
    assert_int_equal(wd_arena_status(a), WD_LIMIT);
    free(large);
    wd_arena_reset(a); /* a leak checker sees what was not given back */
    assert_true(wd_arena_adopt(a, malloc(10), 10));
    wd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adopts_within_the_budget), cmocka_unit_test(over_budget_is_sticky),
        cmocka_unit_test(large_pieces_keep_the_small_block),
        cmocka_unit_test(trim_gives_the_tail_back),
        cmocka_unit_test(copies_end_with_nul_and_absent_stays_absent)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
