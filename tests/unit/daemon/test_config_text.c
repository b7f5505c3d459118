/* What is shown of a value is read back as the same value. */
#include "core/arena.h"
#include "daemon/config/config.h"
#include "daemon/config/text.h"
#include "tests/support/check.h"

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static const struct {
        const char *section, *key, *text;
    } rows[] = {
        { "", "log_level", "debug" },         { "schedule", "min_interval", "90m" },
        { "schedule", "max_interval", "1d" }, { "schedule", "backfill", "since:36h" },
        { "schedule", "backfill", "none" },   { "schedule", "backfill", "all" },
        { "schedule", "backfill", "12" },     { "http", "max_body", "8MiB" },
        { "http", "max_body", "70001" },      { "http", "timeout", "45s" },
        { "dedupe", "mode", "annotate" },     { "schedule", "start_rate", "0.25" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_config c;
        wd_buf out = WD_BUF_INIT(1000);
        wd_arena *arena = wd_arena_new(10000);
        const wd_config_row *row = wd_config_row_find(
            wd_config_rows, wd_config_n_rows, wd_span_of(rows[i].section), wd_span_of(rows[i].key));
        memset(&c, 0, sizeof(c));
        assert_ok(wd_config_set(row, &c, wd_span_of(rows[i].text), arena, NULL));
        if (strcmp(rows[i].key, "log_level") == 0)
            c.log_level += 3; /* as the loader does */
        assert_true(wd_config_text(row, &c, false, &out));
        assert_span(wd_buf_span(&out), rows[i].text);
        wd_buf_done(&out);
        wd_arena_free(arena);
    }
}

static void secrets_are_not_shown(void **state)
{
    (void)state;
    const char *const headers[] = { "X-Key: sesame", NULL };
    const wd_feed_config f = { .url = "https://me:sesame@n.example/f?k=sesame",
                               .headers = headers,
                               .password = "sesame",
                               .proxy = "http://me:sesame@proxy.example:3128" };
    for (size_t i = 0; i < wd_feed_n_rows; i++) {
        wd_buf out = WD_BUF_INIT(1000);
        wd_config_text(&wd_feed_rows[i], &f, true, &out);
        assert_null(out.ptr ? strstr(out.ptr, "sesame") : NULL);
        wd_buf_reset(&out);
        wd_config_text(&wd_feed_rows[i], &f, false, &out);
        bool url = strcmp(wd_feed_rows[i].key, "url") == 0;
        assert_int_equal(out.ptr != NULL && strstr(out.ptr, "sesame") != NULL, url);
        wd_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_written_is_read_back),
                                        cmocka_unit_test(secrets_are_not_shown) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
