/* A reload: what changes, what waits for a restart, and what is said of it. */
#include <unistd.h>

#include "daemon/config/change.h"
#include "tests/support/check.h"

static char said[64][96]; /* "event FIELD" of each log event */
static size_t n_said;

static void note(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *f, const char *text)
{
    (void)ctx;
    (void)level;
    (void)text;
    snprintf(said[n_said++], sizeof(said[0]), "%s %s", event, f && f->value ? f->value : "");
}

static const wd_log spy = { .sink = note, .level = WD_LOG_DEBUG };

static bool was_said(const char *what)
{
    for (size_t i = 0; i < n_said; i++)
        if (strcmp(said[i], what) == 0)
            return true;
    return false;
}

static wd_config *load(const char *text)
{
    char path[] = "/tmp/wd-change-XXXXXX";
    wd_config *c = NULL;
    wd_mistakes wrong;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    wd_status s = wd_config_load(&c, path, &wrong);
    unlink(path);
    if (s != WD_OK)
        fail_msg("%s: %s", wrong.list[0].where, wrong.list[0].text);
    return c;
}

static void fixed_values_stay_and_are_named(void **state)
{
    (void)state;
    n_said = 0;
    wd_config *old = load("state: /a\nredis: { stream: s }\nschedule: { min_interval: 5m }\n");
    wd_config *fresh = load("state: /b\nredis: { stream: s }\nschedule: { min_interval: 7m }\n");
    wd_config_keep_fixed(fresh, old, &spy);
    assert_string_equal(fresh->state, "/a");
    assert_ptr_not_equal(fresh->state, old->state);
    assert_int_equal(fresh->schedule.min_interval_ms, 7 * 60000);
    assert_int_equal(n_said, 1);
    assert_true(was_said("daemon.reload_ignored state"));
    wd_config_free(old);
    wd_config_free(fresh);
}

static void feeds_are_compared_by_slug(void **state)
{
    (void)state;
    n_said = 0;
    wd_config *old =
        load("feeds: { a: 'http://a.example/', b: 'http://b.example/', c: 'http://c.example/' }\n");
    wd_config *fresh = load(
        "feeds: { b: 'http://b.example/2', c: 'http://c.example/', d: 'http://d.example/' }\n");
    char text[128];
    wd_config_log_change(&spy, old, fresh, text, sizeof(text));
    assert_non_null(strstr(text, "1 added, 1 removed, 1 changed"));
    assert_true(was_said("feed.removed a"));
    assert_true(was_said("feed.changed b"));
    assert_true(was_said("feed.added d"));
    assert_true(was_said("daemon.reload_ok 1 added, 1 removed, 1 changed"));
    assert_int_equal(n_said, 4);
    wd_config_free(old);
    wd_config_free(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(fixed_values_stay_and_are_named),
                                        cmocka_unit_test(feeds_are_compared_by_slug) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
