/* Digests of RFC 2202 and RFC 4231, and signatures that are none. */
#include "core/hmac.h"
#include "tests/support/check.h"

static bool signed_by(const char *method, wd_span key, wd_span body, const char *hex)
{
    wd_hmac *h = NULL;
    assert_ok(wd_hmac_new(&h, wd_span_of(method), key));
    for (size_t i = 0; i < body.len; i++) /* the worst way in which a body can arrive */
        wd_hmac_update(h, (wd_span){ body.ptr + i, 1 });
    bool ok = wd_hmac_matches(h, wd_span_of(hex));
    wd_hmac_free(h);
    return ok;
}

/* Test case 2 of both: a key shorter than any block. */
static const char *const jefe[][2] = {
    { "sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
    { "sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    { "sha384", "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                "8e2240ca5e69e2c78b3239ecfab21649" },
    { "sha512", "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
};

static void knows_the_digests_of_the_rfcs(void **state)
{
    (void)state;
    wd_span body = WD_SPAN_LIT("what do ya want for nothing?");
    for (size_t i = 0; i < WD_COUNT(jefe); i++)
        if (!signed_by(jefe[i][0], WD_SPAN_LIT("Jefe"), body, jefe[i][1]))
            fail_msg("%s", jefe[i][0]);
    char long_key[131]; /* longer than a block: test case 6 of RFC 4231 */
    memset(long_key, 0xaa, sizeof(long_key));
    assert_true(signed_by("SHA256", (wd_span){ long_key, sizeof(long_key) },
                          WD_SPAN_LIT("Test Using Larger Than Block-Size Key - Hash Key First"),
                          "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54"));
}

static void refuses_what_is_not_the_digest(void **state)
{
    (void)state;
    const char *good = jefe[1][1];
    wd_span key = WD_SPAN_LIT("Jefe"), body = WD_SPAN_LIT("what do ya want for nothing?");
    char wrong[80];
    for (size_t i = 0; i < 64; i++) {
        static const char others[] = "g/ :@`~";
        snprintf(wrong, sizeof(wrong), "%s", good);
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        assert_false(signed_by("sha256", key, body, wrong));
        wrong[i] = others[i % (sizeof(others) - 1)];
        assert_false(signed_by("sha256", key, body, wrong));
    }
    snprintf(wrong, sizeof(wrong), "%s0", good);
    assert_false(signed_by("sha256", key, body, wrong));
    snprintf(wrong, sizeof(wrong), "%.63s", good);
    assert_false(signed_by("sha256", key, body, wrong));
    assert_false(signed_by("sha256", key, body, ""));
    assert_false(signed_by("sha1", key, body, good));
    assert_false(signed_by("sha256", WD_SPAN_LIT("jefe"), body, good));
    assert_false(signed_by("sha256", key, WD_SPAN_LIT(""), good));
}

static void knows_no_other_method(void **state)
{
    (void)state;
    static const char *const names[] = { "", "md5", "sha", "sha224", "sha2567", "none" };
    wd_hmac *h;
    for (size_t i = 0; i < WD_COUNT(names); i++)
        assert_int_equal(wd_hmac_new(&h, wd_span_of(names[i]), WD_SPAN_LIT("k")), WD_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_digests_of_the_rfcs),
        cmocka_unit_test(refuses_what_is_not_the_digest),
        cmocka_unit_test(knows_no_other_method),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
