/* How long names are remembered, on a clock of our own. */
#include "feeds/dns_cache.h"
#include "tests/support/check.h"

static const wd_dns_answer found = { .n = 1, .addresses = { { 4, { 192, 0, 2, 7 } } } };
static const wd_dns_answer absent = { .absent = true };
static const wd_dns_answer failed = { .absent = false };

static const struct {
    const char *what;
    const wd_dns_answer *answer;
    int64_t life_ms;
} lives[] = {
    { "an address, five minutes", &found, 300000 },
    { "no such name, a minute", &absent, 60000 },
    { "no answer, ten seconds", &failed, 10000 },
};

static void each_answer_has_its_life(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(lives); i++) {
        wd_dns_cache *c = wd_dns_cache_new(16);
        assert_non_null(c);
        wd_dns_cache_put(c, WD_SPAN_LIT("a.example"), lives[i].answer, 1000);
        if (wd_dns_cache_find(c, WD_SPAN_LIT("A.Example"), 999 + lives[i].life_ms) == NULL)
            fail_msg("too short: %s", lives[i].what);
        if (wd_dns_cache_find(c, WD_SPAN_LIT("a.example"), 1000 + lives[i].life_ms) != NULL)
            fail_msg("too long: %s", lives[i].what);
        assert_null(wd_dns_cache_find(c, WD_SPAN_LIT("b.example"), 1000));
        wd_dns_cache_free(c);
    }
}

static void a_new_answer_replaces_and_a_distrusted_one_goes(void **state)
{
    (void)state;
    wd_dns_cache *c = wd_dns_cache_new(16);
    assert_non_null(c);
    wd_dns_cache_put(c, WD_SPAN_LIT("a.example"), &absent, 0);
    wd_dns_cache_put(c, WD_SPAN_LIT("a.example"), &found, 1);
    assert_int_equal(wd_dns_cache_count(c), 1);
    const wd_dns_answer *a = wd_dns_cache_find(c, WD_SPAN_LIT("a.example"), 2);
    assert_non_null(a);
    assert_int_equal(a->n, 1);
    assert_int_equal(a->addresses[0].bytes[3], 7);
    wd_dns_cache_forget(c, WD_SPAN_LIT("A.EXAMPLE"));
    wd_dns_cache_forget(c, WD_SPAN_LIT("never.example"));
    assert_null(wd_dns_cache_find(c, WD_SPAN_LIT("a.example"), 2));
    assert_int_equal(wd_dns_cache_count(c), 0);
    wd_dns_cache_free(c);
}

static void it_has_a_ceiling_and_lets_the_oldest_go(void **state)
{
    (void)state;
    char name[32];
    wd_dns_cache *c = wd_dns_cache_new(100);
    assert_non_null(c);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "h%d.example", i);
        wd_dns_cache_put(c, wd_span_of(name), &found, i);
    }
    assert_int_equal(wd_dns_cache_count(c), 100);
    assert_null(wd_dns_cache_find(c, WD_SPAN_LIT("h899.example"), 1000));
    assert_non_null(wd_dns_cache_find(c, WD_SPAN_LIT("h900.example"), 1000));
    wd_dns_cache_put(c, WD_SPAN_LIT("late.example"), &found, 400000);
    assert_int_equal(wd_dns_cache_count(c), 1); /* what has aged takes no memory */
    wd_dns_cache_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_has_its_life),
        cmocka_unit_test(a_new_answer_replaces_and_a_distrusted_one_goes),
        cmocka_unit_test(it_has_a_ceiling_and_lets_the_oldest_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
