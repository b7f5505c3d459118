/* A fingerprint survives being bytes, and bytes that are none are refused. */
#include "core/clock.h"
#include "dedup/packed.h"
#include "dedup/words.h"
#include "tests/support/check.h"

static wd_fingerprint make(wd_arena *a, const char *title, const char *body)
{
    wd_fingerprint fp;
    wd_item item = { .id = WD_SPAN_LIT("1"),
                     .title_text = wd_span_of(title),
                     .content_text = wd_span_of(body) };
    assert_true(wd_fingerprint_make(&item, 5, a, &fp));
    return fp;
}

static const char body[] = "HARBOUR (AFP) - Two ferries met in the fog on Monday and nobody was "
                           "hurt, the port authority said in a short statement at noon.";

static void comes_back_as_it_was(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1 << 20);
    wd_fingerprint fp = make(a, "Two ferries met", body), back;
    fp.joined = 77;
    assert_true(wd_fingerprint_unpack(wd_fingerprint_pack(&fp, a), a, &back));
    assert_int_equal(back.joined, 77);
    assert_true(back.text_hash == fp.text_hash && back.title_hash == fp.title_hash);
    assert_int_equal(back.n_tokens, fp.n_tokens);
    assert_int_equal(back.n_title_tokens, fp.n_title_tokens);
    assert_memory_equal(back.tokens, fp.tokens, fp.n_tokens * sizeof(*fp.tokens));
    assert_memory_equal(back.shingles, fp.shingles, fp.n_tokens * sizeof(*fp.shingles));
    assert_string_equal(back.credit.agency, "AFP");
    assert_true(back.credit.confidence > 0.9f && back.credit.confidence <= 1);
    wd_arena_free(a);
}

static void refuses_other_bytes(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1 << 20);
    wd_fingerprint fp = make(a, "Two ferries met", body), back;
    fp.joined = 77;
    wd_span packed = wd_fingerprint_pack(&fp, a);
    for (size_t n = 0; n < packed.len; n++)
        assert_false(wd_fingerprint_unpack(wd_span_head(packed, n), a, &back));
    char *bytes = (char *)packed.ptr;
    bytes[0] = 99;
    assert_false(wd_fingerprint_unpack(packed, a, &back));
    assert_false(wd_fingerprint_unpack(WD_SPAN_NONE, a, &back));
    wd_arena_free(a);
}

static void an_empty_item_has_a_fingerprint_too(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1 << 20);
    wd_fingerprint fp = make(a, NULL, NULL), back;
    assert_int_equal(fp.n_tokens, 0);
    assert_true(wd_fingerprint_unpack(wd_fingerprint_pack(&fp, a), a, &back));
    wd_arena_free(a);
}

static void says_so_when_the_arena_is_exhausted(void **state)
{
    (void)state;
    wd_fingerprint fp;
    wd_item item = { .id = WD_SPAN_LIT("1"), .content_text = wd_span_of(body) };
    for (size_t budget = 0; budget < 240; budget += 16) {
        wd_arena *a = wd_arena_new(budget);
        assert_false(wd_fingerprint_make(&item, 5, a, &fp));
        wd_arena_free(a);
    }
}

static void a_new_date_changes_what_it_should(void **state)
{
    (void)state;
    wd_arena *a = wd_arena_new(1 << 20);
    wd_item item = { .id = WD_SPAN_LIT("1"),
                     .title_text = WD_SPAN_LIT("Ferry"),
                     .published_ms = 1000,
                     .updated_ms = 2000 };
    wd_fingerprint one, two;
    assert_true(wd_fingerprint_make(&item, 5, a, &one));
    item.updated_ms = 3000; /* bumped on every fetch by many feeds */
    assert_true(wd_fingerprint_make(&item, 5, a, &two));
    assert_true(one.content_hash == two.content_hash);
    item.published_ms = 1001;
    assert_true(wd_fingerprint_make(&item, 5, a, &two));
    assert_false(one.content_hash == two.content_hash);
    assert_true(one.text_hash == two.text_hash);
    wd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(comes_back_as_it_was),
                                        cmocka_unit_test(refuses_other_bytes),
                                        cmocka_unit_test(an_empty_item_has_a_fingerprint_too),
                                        cmocka_unit_test(says_so_when_the_arena_is_exhausted),
                                        cmocka_unit_test(a_new_date_changes_what_it_should) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
