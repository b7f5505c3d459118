/* A table that grows a bucket at a time keeps what was put into it. */
#include "core/hash.h"
#include "dedup/buckets.h"
#include "tests/support/check.h"

static uint64_t hash_of(uint32_t n)
{
    return wd_hash_mix(99, n);
}

static void put(wd_buckets *b, uint32_t n)
{
    b->entries++;
    wd_buckets_grow(b);
    wd_bucket *bucket = wd_buckets_find(b, hash_of(n));
    wd_bucket_set(bucket, bucket->cursor, hash_of(n), n + 1);
    bucket->cursor = (uint8_t)((bucket->cursor + 1) % WD_BUCKET_ENTRIES);
}

static bool has(const wd_buckets *b, uint32_t n)
{
    const wd_bucket *bucket = wd_buckets_find(b, hash_of(n));
    for (uint32_t m = wd_bucket_match(bucket, hash_of(n)); m != 0; m &= m - 1)
        if (wd_bucket_value(bucket, (unsigned)__builtin_ctz(m)) == n + 1)
            return true;
    return false;
}

static void keeps_nearly_everything_while_growing(void **state)
{
    (void)state;
    wd_buckets b;
    enum { N = 1000000 };
    assert_ok(wd_buckets_init(&b, 2 * N));
    size_t born = wd_buckets_bytes(&b);
    uint32_t lost = 0;
    for (uint32_t i = 0; i < N; i++)
        put(&b, i);
    for (uint32_t i = 0; i < N; i++)
        lost += !has(&b, i);
    assert_true(lost < N / 25);
    assert_true(wd_buckets_bytes(&b) > 16 * born);
    wd_buckets_done(&b);
}

static void forgets_the_oldest_when_full(void **state)
{
    (void)state;
    wd_buckets b;
    enum { ROOM = 100000, N = 400000 };
    assert_ok(wd_buckets_init(&b, ROOM));
    for (uint32_t i = 0; i < N; i++)
        put(&b, i);
    uint32_t old = 0, recent = 0;
    for (uint32_t i = 0; i < ROOM; i++)
        old += has(&b, i);
    for (uint32_t i = N - ROOM / 2; i < N; i++)
        recent += has(&b, i);
    assert_true(old < ROOM / 1000); /* a bucket that few came to since */
    assert_true(recent > ROOM / 2 - ROOM / 20);
    assert_true(wd_buckets_bytes(&b) <= (size_t)ROOM * 8);
    wd_buckets_done(&b);
}

static void finds_nothing_in_an_empty_table(void **state)
{
    (void)state;
    wd_buckets b;
    assert_ok(wd_buckets_init(&b, 1000));
    for (uint32_t i = 0; i < 1000; i++)
        assert_false(has(&b, i));
    assert_int_equal(wd_bucket_match(wd_buckets_find(&b, 0), 0), 0);
    wd_buckets_done(&b);
}

static void refuses_what_it_cannot_address(void **state)
{
    (void)state;
    wd_buckets b = { 0 };
    assert_int_not_equal(wd_buckets_init(&b, UINT64_MAX / 2), WD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_nearly_everything_while_growing),
        cmocka_unit_test(forgets_the_oldest_when_full),
        cmocka_unit_test(finds_nothing_in_an_empty_table),
        cmocka_unit_test(refuses_what_it_cannot_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
