/* Discovery, requests and signatures of WebSub, as bytes. */
#include "feeds/websub_wire.h"
#include "tests/support/check.h"
#include "tests/support/group_arena.h"

static void the_head_wins_over_the_document(void **state)
{
    (void)state;
    static const struct {
        const char *links, *self, *hubs[2];
        const char *topic, *want; /* hubs, with blanks between; NULL: no offer */
    } rows[] = {
        { "<https://h.example/>; rel=hub, <https://w.example/t>; rel=self",
          "https://w.example/doc",
          { "https://d.example/", "" },
          "https://w.example/t",
          "https://h.example/ " },
        { "",
          "https://w.example/doc",
          { "https://d.example/", "https://e.example/" },
          "https://w.example/doc",
          "https://d.example/ https://e.example/ " },
        { "</hub>; rel=hub", "", { "", "" }, NULL, NULL },
        { "</hub>; rel=hub, <?t=1>; rel=self",
          "",
          { "", "" },
          "https://w.example/feed?t=1",
          "https://w.example/hub " },
        { "<https://w.example/t>; rel=self",
          "",
          { "/hub", "" },
          "https://w.example/t",
          "https://w.example/hub " },
        { "<https://h.example/>; rel=\"hub self\"",
          "",
          { "", "" },
          "https://h.example/",
          "https://h.example/ " },
        { "",
          "https://w.example/t#top",
          { "https://d.example/", "https://d.example/" },
          "https://w.example/t",
          "https://d.example/ " },
        { "", "https://w.example/t", { "", "" }, NULL, NULL },
        { "<ftp://h.example/>; rel=hub", "https://w.example/t", { "", "" }, NULL, NULL },
        { "<https://name:word@h.example/>; rel=hub",
          "https://w.example/t",
          { "", "" },
          NULL,
          NULL },
        { "<javascript:alert(1)>; rel=hub",
          "https://w.example/t",
          { "file:///etc/passwd", "" },
          NULL,
          NULL },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        const wd_websub_source from = { .links = wd_span_of(rows[i].links),
                                        .url = WD_SPAN_LIT("https://w.example/feed#x"),
                                        .self = wd_span_of(rows[i].self),
                                        .hubs = { wd_span_of(rows[i].hubs[0]),
                                                  wd_span_of(rows[i].hubs[1]) } };
        wd_websub_offer offer;
        wd_buf hubs = WD_BUF_INIT(1000);
        bool any = wd_websub_discover(&from, arena, &offer);
        if (any != (rows[i].want != NULL))
            fail_msg("row %zu", i);
        for (size_t h = 0; any && h < offer.n_hubs; h++)
            wd_buf_printf(&hubs, "%.*s ", WD_SPAN_ARG(offer.hubs[h]));
        if (any) {
            assert_span(offer.topic, rows[i].topic);
            assert_span(wd_buf_span(&hubs), rows[i].want);
        }
        wd_buf_done(&hubs);
    }
}

static void a_delivery_says_of_what_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *links;
        bool ok;
    } rows[] = { { "", true },
                 { "<https://h.example/>; rel=hub", true },
                 { "<https://h.example/>; rel=hub, <https://w.example/t>; rel=self", true },
                 { "<https://w.example/other>; rel=self", false },
                 { "<https://w.example/t>;rel=self,<https://w.example/u>;rel=self", false } };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_websub_is_of(wd_span_of(rows[i].links), WD_SPAN_LIT("https://w.example/t")) !=
            rows[i].ok)
            fail_msg("%s", rows[i].links);
}

static void a_request_is_a_form(void **state)
{
    (void)state;
    wd_websub_form f = { .mode = WD_WEBSUB_SUBSCRIBE,
                         .topic = "https://w.example/f?a=1&b=ü %",
                         .callback = "https://us.example/websub/00ff",
                         .secret = "5ec",
                         .lease_ms = 7 * WD_DAY_MS };
    wd_buf out = WD_BUF_INIT(1000);
    wd_websub_form_write(&f, &out);
    assert_span(wd_buf_span(&out),
                "hub.mode=subscribe&hub.topic=https%3A%2F%2Fw.example%2Ff%3Fa%3D1%26b%3D%C3%BC%20"
                "%25&hub.callback=https%3A%2F%2Fus.example%2Fwebsub%2F00ff&hub.lease_seconds=604800"
                "&hub.secret=5ec");
    wd_buf_reset(&out);
    f.mode = WD_WEBSUB_UNSUBSCRIBE;
    f.topic = "https://w.example/f";
    wd_websub_form_write(&f, &out);
    assert_span(
        wd_buf_span(&out),
        "hub.mode=unsubscribe&hub.topic=https%3A%2F%2Fw.example%2Ff&hub.callback=https%3A%2F%"
        "2Fus.example%2Fwebsub%2F00ff");
    wd_buf_done(&out);
}

static void signatures_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool known, ok;
    } rows[] = {
        { "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", true, true },
        { " SHA1=EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79 ", true, true },
        { "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c78", true, false },
        { "sha256=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", true, false },
        { "sha1=", false, false },
        { "sha1", false, false },
        { "md5=750c783e6ab0b503eaa86e310a5db738", false, false },
        { "", false, false },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_hmac *h = NULL;
        wd_span hex;
        wd_status s = wd_websub_signature_begin(&h, wd_span_of(rows[i].header), "Jefe", &hex);
        assert_int_equal(s, rows[i].known ? WD_OK : WD_MALFORMED);
        if (s != WD_OK)
            continue;
        wd_hmac_update(h, WD_SPAN_LIT("what do ya want for nothing?"));
        if (wd_hmac_matches(h, hex) != rows[i].ok)
            fail_msg("%s", rows[i].header);
        wd_hmac_free(h);
    }
}

static void random_names_are_long_and_never_twice(void **state)
{
    (void)state;
    char a[WD_WEBSUB_TOKEN_CHARS + 1], b[WD_WEBSUB_TOKEN_CHARS + 1], odd[8];
    wd_websub_random(a, WD_WEBSUB_TOKEN_CHARS);
    wd_websub_random(b, WD_WEBSUB_TOKEN_CHARS);
    assert_int_equal(strlen(a), WD_WEBSUB_TOKEN_CHARS);
    assert_int_equal(strspn(a, "0123456789abcdef"), WD_WEBSUB_TOKEN_CHARS);
    assert_string_not_equal(a, b);
    wd_websub_random(odd, sizeof(odd) - 1);
    assert_int_equal(strlen(odd), sizeof(odd) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head_wins_over_the_document),
        cmocka_unit_test(a_delivery_says_of_what_it_is),
        cmocka_unit_test(a_request_is_a_form),
        cmocka_unit_test(signatures_are_checked),
        cmocka_unit_test(random_names_are_long_and_never_twice),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
