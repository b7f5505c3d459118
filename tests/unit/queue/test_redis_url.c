/* tests/unit/queue/test_redis_url.c - addresses as operators write them. */
#include "queue/redis_reason.h"
#include "queue/redis_url.h"
#include "tests/support/check.h"

static void reads_every_kind(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        wd_redis_kind kind;
        const char *host;
        int port, db;
        const char *user, *password, *path, *shown;
    } rows[] = {
        { "redis://127.0.0.1", WD_REDIS_TCP, "127.0.0.1", 6379, 0, "", "", "",
          "redis://127.0.0.1:6379" },
        { "redis://h.example:7000/3", WD_REDIS_TCP, "h.example", 7000, 3, "", "", "",
          "redis://h.example:7000" },
        { "rediss://u:p%40w@h:1/0", WD_REDIS_TCP, "h", 1, 0, "u", "p@w", "", "rediss://h:1" },
        { "redis://:pw@h", WD_REDIS_TCP, "h", 6379, 0, "", "pw", "", "redis://h:6379" },
        { "redis://u:p@ss@h/", WD_REDIS_TCP, "h", 6379, 0, "u", "p@ss", "", "redis://h:6379" },
        { "redis://[::1]:6380/2", WD_REDIS_TCP, "::1", 6380, 2, "", "", "", "redis://[::1]:6380" },
        { "unix:///run/r.sock", WD_REDIS_UNIX, "", 0, 0, "", "", "/run/r.sock",
          "unix:///run/r.sock" },
        { "unix:///run/a%20b?db=4", WD_REDIS_UNIX, "", 0, 4, "", "", "/run/a b",
          "unix:///run/a b" },
        { "sentinel://a:1,b/wd/2", WD_REDIS_SENTINEL, "a", 1, 2, "", "", "", "sentinel://a:1/wd" },
        { "cluster://a:7000,b:7001", WD_REDIS_CLUSTER, "a", 7000, 0, "", "", "",
          "cluster://a:7000" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_redis_url url;
        wd_error err = { 0 };
        char shown[WD_REDIS_SHOW_BYTES];
        if (wd_redis_url_parse(wd_span_of(rows[i].text), &url, &err) != WD_OK)
            fail_msg("%s: %s", rows[i].text, err.text);
        assert_int_equal(url.kind, rows[i].kind);
        assert_string_equal(url.hosts[0].host, rows[i].host);
        assert_int_equal(url.hosts[0].port, rows[i].port);
        assert_int_equal(url.db, rows[i].db);
        assert_string_equal(url.username, rows[i].user);
        assert_string_equal(url.password, rows[i].password);
        assert_string_equal(url.path, rows[i].path);
        assert_string_equal(wd_redis_url_show(&url, shown), rows[i].shown);
    }
}

static void refuses_what_it_would_have_to_guess(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "127.0.0.1:6379",
        "http://h",
        "redis://",
        "redis://h:0",
        "redis://h:70000",
        "redis://h:6379x",
        "redis://h/x",
        "redis://a,b",
        "redis://u:%zz@h",
        "redis://u:p%00@h",
        "redis://[::1",
        "unix://run/r.sock",
        "unix:///r?x=1",
        "unix:///%zz",
        "sentinel://a:1",
        "sentinel://a:1/",
        "cluster://a/1",
        "redis://a:1,",
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_redis_url url;
        wd_error err = { 0 };
        if (wd_redis_url_parse(wd_span_of(rows[i]), &url, &err) != WD_CONFIG)
            fail_msg("%s was taken", rows[i]);
        assert_true(err.text[0] != '\0');
    }
}

static void a_password_is_never_repeated(void **state)
{
    (void)state;
    static const char *const rows[] = { "redis://u:canary%zz@h", "redis://u:canary@h:x",
                                        "sentinel://u:canary@h", "cluster://u:canary@h/1" };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_redis_url url;
        wd_error err = { 0 };
        assert_int_equal(wd_redis_url_parse(wd_span_of(rows[i]), &url, &err), WD_CONFIG);
        assert_null(strstr(err.text, "canary"));
    }
}

static void an_error_word_has_a_remedy(void **state)
{
    (void)state;
    static const struct {
        const char *error;
        wd_redis_remedy remedy;
        const char *name;
    } rows[] = {
        { "LOADING Redis is loading the dataset in memory", WD_REDIS_WAIT, "LOADING" },
        { "OOM command not allowed when used memory > 'maxmemory'.", WD_REDIS_WAIT, "OOM" },
        { "ERR Error running script (call to f_x): @user_script:22: -OOM command not allowed",
          WD_REDIS_WAIT, "OOM" },
        { "NOSCRIPT No matching script. Please use EVAL.", WD_REDIS_RELOAD, "NOSCRIPT" },
        { "READONLY You can't write against a read only replica.", WD_REDIS_RECONNECT, "READONLY" },
        { "MOVED 3999 127.0.0.1:6381", WD_REDIS_RECONNECT, "MOVED" },
        { "WRONGPASS invalid username-password pair or user is disabled.", WD_REDIS_OPERATOR,
          "WRONGPASS" },
        { "ERR invalid password", WD_REDIS_OPERATOR, "WRONGPASS" },
        { "ERR The ID specified in XADD is equal or smaller than the target stream top item",
          WD_REDIS_OPERATOR, "FOREIGN" },
        { "WRONGTYPE Operation against a key", WD_REDIS_OPERATOR, "WRONGTYPE" },
        { "ERR something never heard of", WD_REDIS_RECONNECT, "UNKNOWN" },
        { "", WD_REDIS_RECONNECT, "UNKNOWN" },
        { "BUSYGROUP x", WD_REDIS_RECONNECT, "UNKNOWN" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_redis_reason reason = wd_redis_reason_of(wd_span_of(rows[i].error));
        assert_string_equal(wd_redis_reason_name(reason), rows[i].name);
        assert_int_equal(wd_redis_reason_remedy(reason), rows[i].remedy);
        assert_true(strlen(wd_redis_reason_text(reason)) > 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind),
        cmocka_unit_test(refuses_what_it_would_have_to_guess),
        cmocka_unit_test(a_password_is_never_repeated),
        cmocka_unit_test(an_error_word_has_a_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
