/* A configuration is right, or one line says what is wrong and where. */
#include "daemon/config/config.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

static char dir[PATH_MAX];

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(dir);
    return 0;
}

static wd_status load(const char *text, wd_config **out, wd_mistakes *wrong)
{
    char path[PATH_MAX];
    temp_dir_write(dir, "w.yaml", text);
    snprintf(path, sizeof(path), "%s/w.yaml", dir);
    return wd_config_load(out, path, wrong);
}

static void reads_every_kind_of_value(void **state)
{
    (void)state;
    wd_config *c = NULL;
    wd_mistakes wrong;
    wd_status s =
        load("state: /tmp/s\n"
             "redis: { url: 'unix:///run/r.sock', maxlen: 5000 }\n"
             "http: { max_body: 2MiB, allow_private: [127.0.0.0/8, '::1/128'] }\n"
             "schedule: { min_interval: 90s, backfill: 'since:24h', start_rate: 2.5 }\n"
             "dedupe: { mode: annotate, window: 3d }\n"
             "defaults: { trust: low, group: world }\n"
             "feeds:\n"
             "  zeta: https://zeta.example/feed\n"
             "  alpha: { url: 'http://127.0.0.1:1/a', interval: 1s, trust: high, paused: yes }\n",
             &c, &wrong);
    if (s != WD_OK)
        fail_msg("%s: %s", wrong.list[0].where, wrong.list[0].text);
    assert_string_equal(c->redis.url, "unix:///run/r.sock");
    assert_int_equal(c->redis.maxlen, 5000);
    assert_string_equal(c->redis.channel, "wiredesk:items");
    assert_int_equal(c->http.max_body, 2 << 20);
    assert_string_equal(c->http.allow_private[1], "::1/128");
    assert_null(c->http.allow_private[2]);
    assert_int_equal(c->schedule.min_interval_ms, 90000);
    assert_int_equal(c->schedule.backfill.kind, WD_BACKFILL_SINCE);
    assert_int_equal(c->schedule.backfill.since_ms, 86400000);
    assert_int_equal(c->dedupe.mode, WD_DEDUPE_ANNOTATE);
    assert_int_equal(c->n_feeds, 2);
    assert_string_equal(c->feeds[0].slug, "alpha");
    assert_int_equal(c->feeds[0].interval_ms, 1000);
    assert_int_equal(c->feeds[0].trust, 2);
    assert_true(c->feeds[0].paused);
    assert_string_equal(c->feeds[1].group, "world");
    assert_int_equal(c->feeds[1].trust, 0);
    wd_config_free(c);
}

static void nothing_below_a_section_says_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "# nothing\n",
        "---\n",
        "redis:\nfeeds:\n",
        "feeds: {}\n",
        "redis: ~\n",
        "feeds: null\n",
        "\xef\xbb\xbf# a mark of the order of bytes\r\nfeeds:\r\n"
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_config *c = NULL;
        wd_mistakes wrong;
        if (load(rows[i], &c, &wrong) != WD_OK)
            fail_msg("row %zu: %s: %s", i, wrong.list[0].where, wrong.list[0].text);
        assert_int_equal(c->n_feeds, 0);
        wd_config_free(c);
    }
}

static void a_section_may_be_its_first_value(void **state)
{
    (void)state;
    wd_config *c = NULL;
    wd_mistakes wrong;
    assert_ok(load("redis: embedded\nfeeds:\n", &c, &wrong));
    assert_string_equal(c->redis.url, "embedded");
    assert_int_equal(c->n_feeds, 0);
    wd_config_free(c);
}

#define TEN "0123456789"

static const struct {
    const char *text, *where, *says;
} complaints[] = {
    { "feds: {}\n", ":1:1", "unknown key 'feds'; did you mean 'feeds'?" },
    { "redis:\n  maxln: 5\n", ":2:3",
      "unknown key 'maxln' in section 'redis'; did you mean 'maxlen'?" },
    { "http: { max_body: lots }\n", ":1:19",
      "max_body is a size such as 512KiB or 8MiB, not 'lots'" },
    { "http: { max_body: 1 }\n", ":1:19", "max_body must be between 65536 and 67108864" },
    { "schedule: { min_interval: soon }\n", ":1:27", "min_interval is a duration" },
    { "schedule: { min_interval: 1ms }\n", ":1:27", "min_interval must be between 1 s and 1 d" },
    { "dedupe: { mode: maybe }\n", ":1:17", "mode is one of suppress|annotate|off, not 'maybe'" },
    { "http: { allow_private: [10.0.0.0/33] }\n", ":1:25", "not a network" },
    { "redis: [a]\n", ":1:8", "mapping" },
    { "redis: { url: { a: b } }\n", ":1:15", "url is a single value" },
    { "feeds:\n  a: { interval: 15m }\n", ":2:3", "no url" },
    { "feeds:\n  a: { url: 'ftp://x.example/' }\n", ":2:13", "url is an http or https address" },
    { "feeds:\n  a: { url: 'http://x.example/', intervall: 5m }\n", ":2:34",
      "did you mean 'interval'?" },
    { "feeds:\n  'a b': 'http://x.example/'\n", ":2:3", "a feed's name has" },
    { "feeds:\n  a: http://x.example/\n  a: http://y.example/\n", ":3:3", "already defined at" },
    { "feeds:\n  a: { url: 'http://x.example/', interval: 5s }\n", ":2:3", "under 60s" },
    { "feeds: &x {}\nhttp: *x\n", ":2:7", "aliases" },
    { "redis: { stream: a, stream: b }\n", ":1:21", "already set" },
    { "a: [\n", ":2:1", "" },
    { "schedule: { min_interval: 5h, max_interval: 1h }\n", ":1:1", "above" },
    { "feeds: { a: { url: 'http://x.example/', min_interval: 2h, max_interval: 1h } }\n", ":1:10",
      "min_interval is above" },
    { "feeds: { a: { url: 'http://x.example/', user_agent: \"a\\nb\" } }\n", ":1:10", "one line" },
    { "feeds: { a: 'mailto:a@x.example' }\n", ":1:13", "http or https" },
    { "feeds: { a: 'http://x.example:99999/' }\n", ":1:13", "http or https" },
    { "feeds: { a: 'http://[::1/' }\n", ":1:13", "http or https" },
    { "state: ''\n", ":1:8", "state is empty" },
    { "redis: { stream: '' }\n", ":1:18", "stream is empty" },
    { "producer: a b/c\n", ":1:1", "producer: it has letters" },
    { "control: { listen: nonsense }\n", ":1:12", "address:port" },
    { "websub: { listen: off }\n", ":1:11", "address:port" },
    { "websub: { enabled: yes }\n", ":1:11", "set url" },
    { "websub: { url: \"https://a.example/?x\" }\n", ":1:11", "no '?'" },
    { "websub: { enabled: yes, url: \"https://a.example/\", listen: \"127.0.0.1:9753\" }\n",
      ":1:52", "control.listen" },
    { "websub: { lease: 31d }\n", ":1:18", "between" },
    { "feeds: { a: { url: \"https://a.example/\", websub: perhaps } }\n", ":1:50", "auto|on|off" },
    { "control: { socket: /tmp/" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "/sock }\n", ":1:12",
      "107 bytes" },
    { "- a\n", ":1:1", "not a mapping" },
    /* as people write it */
    { "redis: embedded\nfeeds:\n\ta: http://a.example/\n", ":3:1", "a tab:" },
    { "feeds:\n  a:\n  \turl: http://a.example/\n", ":3:3", "a tab:" },
    { "feeds:\n  - http://a.example/\n", ":2:3", "mapping of names to addresses" },
    { "feeds:\n  a:http://a.example/\n", ":2:3", "behind each colon is a blank" },
    { "feeds: {}\nredis:embedded\nstate: s\n", ":2:1", "a colon and a blank" },
    { "feeds:\n  a: \"http://a.example/\n  b: x\n", ":2:6", "never closed" },
    { "feeds:\n  a: http://a.example/\n b: http://b.example/\n", ":3:2", "indented" },
    { "state: a: b\n", ":1:9", "second colon" },
    { "hosts:\n  *.example.org: {}\n", ":2:3", "'*'" },
    { "state: %home\n", ":1:8", "'%' stands in quotes" },
    { "state: a\nfeeds:\n  a: http://a.example/\xe4\xe4\n", ":3:24", "not UTF-8" },
    { "state: a\n# \x01\n", ":2:3", "control" },
    { "feeds: { a: http://a.example/ \n", ":2:1", "closing '}'" },
    { "feeds:\n  a:\n", ":2:3", "no url" },
    { "feeds: { a: www.a.example/feed }\n", ":1:13", "did you mean 'https://www.a.example/feed'?" },
    { "feeds: { a: 'feed://a.example/x' }\n", ":1:13", "did you mean 'https://a.example/x'?" },
    { "feeds: { a: 'ftp://a.example/x' }\n", ":1:13", "not 'ftp://a.example/x'" },
    { "state: a\n---\nstate: b\n", ":2:1", "second document" },
    { "redis: { stream: a, copies_stream: a }\n", ":1:21", "must differ" },
    { "redis: { password_file: /nonexistent/x }\n", ":1:10",
      "redis.password_file: /nonexistent/x cannot be opened" },
    { "feeds:\n  a: { url: 'http://x.example/', password: abc }\n", ":2:44",
      "password is a secret and stands elsewhere: file:/path or credential:NAME" },
    { "feeds:\n  a: { url: 'http://x.example/', token: 'file:/nonexistent/x' }\n", ":2:41",
      "the secret's file /nonexistent/x cannot be opened" },
    { "defaults: { token: 'credential:x' }\n", ":1:20", "no $CREDENTIALS_DIRECTORY" },
    { "defaults: { headers: [a] }\n", ":1:22", "headers is a mapping" },
    { "defaults: { headers: { Host: a } }\n", ":1:24", "header 'Host': the URL says" },
    { "defaults: { headers: { X-A: 'a', x-a: 'b' } }\n", ":1:34", "twice" },
    { "defaults: { proxy: 'ftp://p:1' }\n", ":1:20", "a proxy is none, environment" },
    { "defaults: { http2: maybe }\n", ":1:20", "http2 is one of auto|off" },
    { "groups: { g: { url: 'http://x.example/' } }\n", ":1:11", "neither a url" },
    { "groups: { g: { intervall: 5m } }\n", ":1:16", "did you mean 'interval'?" },
    { "groups:\n  g: {}\n  g: {}\n", ":3:3", "already defined at" },
    { "groups: { g: 5m }\n", ":1:14", "a group is a mapping" },
    { "hosts: { '*.*': { gap: 5s } }\n", ":1:10", "a host's name, or *. and a name" },
    { "hosts: { a.example: { gaps: 5s } }\n", ":1:23", "did you mean 'gap'?" },
    { "hosts: { a.example: { parallel: 0 } }\n", ":1:33", "between 1 and 64" },
    { "hosts: { a.example: 5 }\n", ":1:21", "parallel, gap or both" },
    { "hosts:\n  a.example: {}\n  A.example: {}\n", ":3:3", "already in the list" },
    { "feeds: { a: { url: 'http://x.example/', username: 'a:b' } }\n", ":1:10", "no colon" },
};

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(complaints); i++) {
        wd_config *c = NULL;
        wd_mistakes wrong;
        if (load(complaints[i].text, &c, &wrong) != WD_CONFIG)
            fail_msg("row %zu was accepted: %s", i, complaints[i].text);
        assert_null(c);
        if (wrong.n != 1)
            fail_msg("row %zu: %zu mistakes, the second %s: %s", i, wrong.n, wrong.list[1].where,
                     wrong.list[1].text);
        if (strstr(wrong.list[0].where, complaints[i].where) == NULL ||
            strstr(wrong.list[0].text, complaints[i].says) == NULL)
            fail_msg("row %zu: %s: %s\nwant %s %s", i, wrong.list[0].where, wrong.list[0].text,
                     complaints[i].where, complaints[i].says);
    }
}

static void names_the_file_that_is_missing(void **state)
{
    (void)state;
    wd_config *c = NULL;
    wd_mistakes wrong;
    assert_int_equal(wd_config_load(&c, "/nonexistent/w.yaml", &wrong), WD_CONFIG);
    assert_string_equal(wrong.list[0].where, "/nonexistent/w.yaml:1:1");
    assert_non_null(strstr(wrong.list[0].text, "No such file"));
}

static void joins_the_files_beside_it(void **state)
{
    (void)state;
    wd_config *c = NULL;
    wd_mistakes wrong;
    temp_dir_add(dir, "feeds.d");
    temp_dir_add(dir, "conf.d");
    temp_dir_write(dir, "feeds.d/10.yaml", "feeds: { b: 'http://b.example/' }\n");
    temp_dir_write(dir, "feeds.d/20.yaml", "feeds: { c: 'http://c.example/' }\n");
    temp_dir_write(dir, "feeds.d/notes.txt", "not yaml: [\n");
    temp_dir_write(dir, "conf.d/redis.yaml", "redis: { maxlen: 2000 }\n");
    temp_dir_write(dir, "feeds.d/15.yaml",
                   "defaults: { trust: high }\nfeeds: { bb: 'http://bb.example/' }\n");
    assert_ok(load("defaults: { trust: low }\nfeeds: { a: 'http://a.example/' }\n", &c, &wrong));
    assert_int_equal(c->n_feeds, 4);
    assert_int_equal(c->feeds[1].trust, 0); /* the main file's defaults reach feeds.d */
    assert_int_equal(c->feeds[2].trust, 2); /* a list's own stay its own */
    assert_int_equal(c->feeds[3].trust, 0);
    assert_int_equal(c->redis.maxlen, 2000);
    wd_config_free(c);
    temp_dir_write(dir, "feeds.d/30.yaml", "feeds:\n  b: 'http://b.example/'\n");
    c = NULL;
    assert_int_equal(load("feeds: { a: 'http://a.example/' }\n", &c, &wrong), WD_CONFIG);
    assert_non_null(strstr(wrong.list[0].where, "feeds.d/30.yaml:2"));
    assert_non_null(strstr(wrong.list[0].text, "feeds.d/10.yaml:1"));
}

static void hosts_have_rules(void **state)
{
    (void)state;
    wd_config *c = NULL;
    wd_mistakes wrong;
    temp_dir_add(dir, "conf.d");
    temp_dir_write(dir, "conf.d/hosts.yaml", "hosts: { slow.example: { gap: 1m } }\n");
    wd_status s = load(
        "hosts: { '*.reddit.com': { parallel: 1, gap: 60s }, quick.example: { parallel: 4 } }\n",
        &c, &wrong);
    temp_dir_write(dir, "conf.d/hosts.yaml", "");
    if (s != WD_OK)
        fail_msg("%s: %s", wrong.list[0].where, wrong.list[0].text);
    assert_int_equal(c->n_hosts, 3);
    assert_string_equal(c->hosts[0].pattern, "*.reddit.com");
    assert_int_equal(c->hosts[0].gap_ms, 60000);
    assert_int_equal(c->hosts[1].parallel, 4);
    assert_int_equal(c->hosts[1].gap_ms, 2000);
    assert_string_equal(c->hosts[2].pattern, "slow.example");
    assert_int_equal(c->hosts[2].parallel, 1);
    wd_config_free(c);
}

static void a_group_stands_between_defaults_and_feed(void **state)
{
    (void)state;
    wd_config *c = NULL;
    wd_mistakes wrong;
    temp_dir_add(dir, "conf.d");
    temp_dir_write(dir, "conf.d/groups.yaml",
                   "groups:\n"
                   "  fast: { interval: 2m, trust: high, weight: 3 }\n");
    wd_status s = load("defaults: { trust: low, weight: 2, timeout: 5s, group: fast }\n"
                       "feeds:\n"
                       "  a: { url: 'http://a.example/', weight: 4 }\n"
                       "  b: { url: 'http://b.example/', group: other }\n"
                       "  c: http://c.example/\n",
                       &c, &wrong);
    if (s != WD_OK)
        fail_msg("%s: %s", wrong.list[0].where, wrong.list[0].text);
    const wd_feed_config *f = c->feeds;
    for (int i = 0; i < 3; i++)
        assert_int_equal(f[i].timeout_ms, 5000);
    assert_int_equal(f[0].interval_ms, 120000); /* the group's, from a file read later */
    assert_int_equal(f[0].trust, 2);
    assert_int_equal((int)f[0].weight, 4);
    assert_int_equal(f[1].interval_ms, 0);
    assert_int_equal(f[1].trust, 0);
    assert_int_equal((int)f[2].weight, 3);
    assert_string_equal(f[2].group, "fast");
    wd_config_free(c);
    temp_dir_write(dir, "conf.d/groups.yaml", "");
}

static void secrets_come_from_files_and_credentials(void **state)
{
    (void)state;
    wd_config *c = NULL;
    wd_mistakes wrong;
    char place[PATH_MAX + 8];
    temp_dir_add(dir, "creds");
    snprintf(place, sizeof(place), "%s/creds", dir);
    setenv("CREDENTIALS_DIRECTORY", place, 1);
    temp_dir_write(dir, "creds/token", "tok-1\n");
    temp_dir_write(dir, "key.txt", "key-1\r\nsecond line\n");
    temp_dir_write(dir, "proxy.txt", "http://u:p@proxy.example:3128");
    wd_status s = load("groups: { g: { proxy: 'file:proxy.txt', http2: off } }\n"
                       "feeds:\n"
                       "  a: { url: 'http://a.example/', token: 'credential:token', group: g,\n"
                       "       headers: { X-Key: 'file:key.txt', X-Plain: open } }\n"
                       "  b: { url: 'http://b.example/', group: g, proxy: none, username: joe,\n"
                       "       password: 'file:key.txt' }\n",
                       &c, &wrong);
    if (s != WD_OK)
        fail_msg("%s: %s", wrong.list[0].where, wrong.list[0].text);
    const wd_feed_config *a = &c->feeds[0], *b = &c->feeds[1];
    assert_string_equal(a->lines[0], "X-Key: key-1");
    assert_string_equal(a->lines[1], "X-Plain: open");
    assert_string_equal(a->lines[2], "Authorization: Bearer tok-1");
    assert_null(a->lines[3]);
    assert_string_equal(a->proxy, "http://u:p@proxy.example:3128");
    assert_int_equal(a->http1, 1);
    assert_null(b->proxy);
    assert_string_equal(b->lines[0], "Authorization: Basic am9lOmtleS0x");
    wd_config_free(c);
    unsetenv("CREDENTIALS_DIRECTORY");
}

static void complaints_never_repeat_a_secret(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "defaults: { password: canary }\n",
        "defaults: { token: canary }\n",
        "defaults: { proxy: 'canary' }\n",
        "defaults: { proxy: 'file:bad.txt' }\n",
        "defaults: { headers: { X-Key: 'file:bad.txt' } }\n",
        "defaults: { headers: { Host: canary } }\n",
        "defaults: { token: 'file:bad.txt' }\nfeeds: { a: 'http://a.example/' }\n",
        "defaults: { token: 'file:empty.txt' }\n",
        "defaults: { token: 'credential:../canary' }\n",
    };
    temp_dir_write(dir, "bad.txt", "canary\t\xc3\xa4\n");
    temp_dir_write(dir, "empty.txt", "\ncanary\n");
    setenv("CREDENTIALS_DIRECTORY", dir, 1);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_config *c = NULL;
        wd_mistakes wrong;
        if (load(rows[i], &c, &wrong) != WD_CONFIG)
            fail_msg("row %zu was accepted", i);
        if (strstr(wrong.list[0].text, "canary") != NULL)
            fail_msg("row %zu: %s", i, wrong.list[0].text);
    }
    unsetenv("CREDENTIALS_DIRECTORY");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads_every_kind_of_value),
                                        cmocka_unit_test(a_section_may_be_its_first_value),
                                        cmocka_unit_test(nothing_below_a_section_says_nothing),
                                        cmocka_unit_test(says_what_is_wrong_and_where),
                                        cmocka_unit_test(names_the_file_that_is_missing),
                                        cmocka_unit_test(hosts_have_rules),
                                        cmocka_unit_test(a_group_stands_between_defaults_and_feed),
                                        cmocka_unit_test(secrets_come_from_files_and_credentials),
                                        cmocka_unit_test(complaints_never_repeat_a_secret),
                                        cmocka_unit_test(joins_the_files_beside_it) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
