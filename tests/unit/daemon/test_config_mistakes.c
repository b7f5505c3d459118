/* All mistakes of a configuration are told at once, in the order of its files; what follows from
 * one is not. */

#include "core/buf.h"
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

static wd_status load(const char *text, wd_mistakes *wrong)
{
    char path[PATH_MAX];
    wd_config *c = NULL;
    temp_dir_write(dir, "w.yaml", text);
    snprintf(path, sizeof(path), "%s/w.yaml", dir);
    wd_status s = wd_config_load(&c, path, wrong);
    wd_config_free(c);
    return s;
}

/* `told` has a line a mistake: "where text", each the beginning of it, where without the
 * directory. */
static void assert_told(const wd_mistakes *wrong, const char *told)
{
    size_t at = 0;
    for (wd_span rest = wd_span_of(told); rest.len > 0; at++) {
        wd_span line = wd_span_cut(&rest, '\n');
        char all[1024];
        if (at >= wd_mistakes_told(wrong))
            fail_msg("nothing said of: %.*s", WD_SPAN_ARG(line));
        snprintf(all, sizeof(all), "%s %s", wrong->list[at].where + strlen(dir) + 1,
                 wrong->list[at].text);
        if (strncmp(all, line.ptr, line.len) != 0)
            fail_msg("%s\nis not: %.*s", all, WD_SPAN_ARG(line));
    }
    if (at != wrong->n)
        fail_msg("also said: %s %s", wrong->list[at].where, wrong->list[at].text);
}

static const struct {
    const char *text, *told;
} rows[] = {
    /* sections, keys and values, in the order of the file whenever each shows */
    { "feeds:\n  a: ftp://a.example/\n  b: { url: 'http://b.example/', intervall: 5m }\n"
      "producer: a b\nscedule: { min_interval: 5 }\nhttp: { max_body: lots, gap: 2 }\n"
      "redis: [a]\nhosts: { '*.*': {}, b.example: { parallel: 0, gaps: 1 } }\n",
      "w.yaml:2:6 url is an http or https address\n"
      "w.yaml:3:34 unknown key 'intervall'\n"
      "w.yaml:4:1 producer: it has letters\n"
      "w.yaml:5:1 unknown key 'scedule'; did you mean 'schedule'?\n"
      "w.yaml:6:19 max_body is a size\n"
      "w.yaml:6:25 unknown key 'gap'\n"
      "w.yaml:7:8 this section is a mapping\n"
      "w.yaml:8:10 a pattern is a host's name\n"
      "w.yaml:8:44 parallel must be\n"
      "w.yaml:8:47 unknown key 'gaps'" },
    /* all of one feed, of one list, of one header mapping */
    { "feeds:\n  a: { url: 'ftp://a.example/', trust: much, group: [g], headers: { Host: a, "
      "X-A: [b] } }\n"
      "lists:\n  l: { url: 'gopher://a', interval: soon }\n  l: { shrink: -5 }\n",
      "w.yaml:2:13 url is an http\n"
      "w.yaml:2:40 trust is one of\n"
      "w.yaml:2:53 group is a single value\n"
      "w.yaml:2:69 header 'Host'\n"
      "w.yaml:2:83 a header has one value\n"
      "w.yaml:4:13 url is an http\n"
      "w.yaml:4:37 interval is a duration\n"
      "w.yaml:5:3 this list is there twice\n"
      "w.yaml:5:16 shrink must be" },
    /* several that only the whole shows */
    { "feeds:\n  a: { url: 'http://a.example/', interval: 5s, min_interval: 2h, max_interval: 1h "
      "}\n"
      "  b: http://b.example/\n  b: http://c.example/\n"
      "control: { listen: nonsense }\nwebsub: { enabled: yes, listen: off }\n"
      "redis: { url: 'ftp://x', stream: a, copies_stream: a, password_file: /nonexistent/p }\n",
      "w.yaml:2:3 feed 'a': an interval under 60s\n"
      "w.yaml:2:3 feed 'a': its min_interval\n"
      "w.yaml:4:3 feed 'b' is already defined\n"
      "w.yaml:5:12 control.listen: it is off or\n"
      "w.yaml:6:11 websub.enabled: hubs must know\n"
      "w.yaml:6:25 websub.listen: it is address:port\n"
      "w.yaml:7:10 redis.url: \n"
      "w.yaml:7:37 redis.copies_stream: it must differ\n"
      "w.yaml:7:55 redis.password_file: /nonexistent/p cannot be opened" },
    /* a secret that cannot be read is one of them */
    { "feeds:\n  a: { url: 'http://a.example/', token: 'file:/nonexistent/t' }\n"
      "  b: { url: 'http://b.example/', password: open }\n",
      "w.yaml:2:41 the secret's file /nonexistent/t cannot be opened\n"
      "w.yaml:3:44 password is a secret" },
    /* what follows from a mistake is none */
    { "feeds: { a: { ulr: 'http://a.example/' }, b: { url: 'b c', interval: 5s } }\n",
      "w.yaml:1:15 unknown key 'ulr'\nw.yaml:1:53 url is an http" },
    { "http: { allow_private: [10.0.0.0/99] }\nfeeds: { a: { url: 'http://10.0.0.1/', interval: "
      "5s } }\n",
      "w.yaml:1:25 this is not a network" },
    { "http: { alow_private: [10.0.0.0/8] }\nfeeds: { a: { url: 'http://10.0.0.1/', interval: "
      "5s } }\n",
      "w.yaml:1:9 unknown key 'alow_private'" },
    { "defaults: { usernam: joe }\nfeeds: { a: { url: 'http://a.example/', password: "
      "'file:w.yaml' } }\n",
      "w.yaml:1:13 unknown key 'usernam'" },
    { "groups: { g: { username: [a] } }\nfeeds: { a: { url: 'http://a.example/', group: g, "
      "password: 'file:w.yaml' } }\n",
      "w.yaml:1:26 username is a single value" },
    { "websub: { enabled: yes, url: nowhere }\n", "w.yaml:1:30 url is an http" },
    { "websub: { enabled: yes, ulr: 'https://a.example/' }\n", "w.yaml:1:25 unknown key 'ulr'" },
    { "schedule: { min_interval: 2d, max_interval: 5 parsecs }\n",
      "w.yaml:1:27 min_interval must be\nw.yaml:1:45 max_interval is a duration" },
    /* what is no YAML stands alone */
    { "producer: a b\nfeeds: { a: ftp://a }\nredis: [\n", "w.yaml:4:1 " },
    { "producer: a b\nstate: &x a\nhttp: *x\n", "w.yaml:3:7 aliases" },
};

static void tells_all_and_only_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_mistakes wrong;
        assert_int_equal(load(rows[i].text, &wrong), WD_CONFIG);
        assert_told(&wrong, rows[i].told);
    }
}

static void goes_through_all_files(void **state)
{
    (void)state;
    wd_mistakes wrong;
    temp_dir_add(dir, "conf.d");
    temp_dir_add(dir, "feeds.d");
    temp_dir_add(dir, "feeds.d/20.yaml");
    temp_dir_write(dir, "conf.d/a.yaml", "redis: { maxlen: many }\n");
    temp_dir_write(dir, "feeds.d/10.yaml",
                   "feeds: { a: ftp://a.example/, b: http://b.example/ }\n");
    temp_dir_write(dir, "feeds.d/30.opml", "this is a poem\n");
    temp_dir_write(dir, "feeds.d/40.yaml", "feeds: { b: http://b.example/ }\n");
    assert_int_equal(load("producer: a b\n", &wrong), WD_CONFIG);
    assert_told(&wrong, "w.yaml:1:1 producer\n"
                        "conf.d/a.yaml:1:18 maxlen is\n"
                        "feeds.d/10.yaml:1:13 url is\n"
                        "feeds.d/20.yaml:1:1 is a directory\n"
                        "feeds.d/30.opml:1:1 this is not OPML\n"
                        "feeds.d/40.yaml:1:10 feed 'b' is already defined");
    temp_dir_write(dir, "feeds.d/40.yaml", "feeds: [\n");
    assert_int_equal(load("producer: a b\n", &wrong), WD_CONFIG);
    assert_told(&wrong, "feeds.d/40.yaml:2:1 ");
}

static void doubts_what_a_file_that_cannot_be_read_may_have_said(void **state)
{
    (void)state;
    wd_mistakes wrong;
    char command[2 * PATH_MAX + 32];
    snprintf(command, sizeof(command), "rm -rf '%s/conf.d' '%s/feeds.d'", dir, dir);
    assert_int_equal(system(command), 0);
    temp_dir_add(dir, "conf.d");
    temp_dir_add(dir, "conf.d/net.yaml");
    assert_int_equal(load("feeds: { a: { url: 'http://10.0.0.1/', interval: 5s } }\n"
                          "websub: { enabled: yes }\n",
                          &wrong),
                     WD_CONFIG);
    assert_told(&wrong, "conf.d/net.yaml:1:1 is a directory");
    snprintf(command, sizeof(command), "rm -rf '%s/conf.d'", dir);
    assert_int_equal(system(command), 0);
}

static void a_list_may_have_the_address_that_was_mistyped(void **state)
{
    (void)state;
    wd_mistakes wrong;
    temp_dir_add(dir, "feeds.d");
    temp_dir_write(dir, "feeds.d/all.opml",
                   "<opml version='2.0'><body><outline text='A' type='rss' "
                   "xmlUrl='http://a.example/'/></body></opml>");
    assert_int_equal(
        load("feeds:\n  a-example: http:/a.example/\n  b: nowhere\n  b: http://b.example/\n",
             &wrong),
        WD_CONFIG);
    assert_told(&wrong, "w.yaml:2:14 url is an http\n"
                        "w.yaml:3:6 url is an http\n"
                        "w.yaml:4:3 feed 'b' is already defined");
}

static void keeps_the_first_of_very_many(void **state)
{
    (void)state;
    wd_mistakes wrong;
    wd_buf text = WD_BUF_INIT(1 << 20);
    wd_buf_printf(&text, "feeds:\n");
    for (int i = 0; i < 500; i++) /* each second is found out late, by the whole */
        wd_buf_printf(
            &text,
            i % 2 ? "  f%d: nowhere\n" : "  f%d: { url: 'http://a.example/', interval: 5s }\n", i);
    wd_buf_append_char(&text, '\0');
    assert_int_equal(load(text.ptr, &wrong), WD_CONFIG);
    assert_int_equal(wrong.n, 500);
    assert_int_equal(wd_mistakes_told(&wrong), WD_MISTAKES_TOLD);
    for (size_t i = 0; i < WD_MISTAKES_TOLD; i++) {
        char where[128];
        snprintf(where, sizeof(where), "%s/w.yaml:%zu:", dir, i + 2);
        if (strncmp(wrong.list[i].where, where, strlen(where)) != 0)
            fail_msg("%s is not %s", wrong.list[i].where, where);
    }
    wd_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_all_and_only_them),
        cmocka_unit_test(goes_through_all_files),
        cmocka_unit_test(doubts_what_a_file_that_cannot_be_read_may_have_said),
        cmocka_unit_test(a_list_may_have_the_address_that_was_mistyped),
        cmocka_unit_test(keeps_the_first_of_very_many),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
