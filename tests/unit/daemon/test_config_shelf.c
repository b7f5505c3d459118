/* Old configurations live as long as something points into them, and no longer. */
#include <unistd.h>

#include "daemon/config/shelf.h"
#include "tests/support/check.h"

static wd_config *load(void)
{
    char path[] = "/tmp/wd-shelf-XXXXXX";
    const char *text = "feeds: { a: 'http://a.example/', b: 'http://b.example/' }\n";
    wd_config *c = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    assert_ok(wd_config_load(&c, path, NULL));
    unlink(path);
    return c;
}

/* Use after free and leaks are the sanitizer's to find: every feed is read once more
 * before it is given back. */
static void release(wd_config_shelf *shelf, const wd_config *c, size_t i)
{
    assert_non_null(strstr(c->feeds[i].url, ".example/"));
    wd_config_shelf_release(shelf, &c->feeds[i]);
    wd_config_shelf_sweep(shelf);
}

static void an_old_one_stays_until_its_last_feed_is_back(void **state)
{
    (void)state;
    wd_config_shelf *shelf = NULL;
    wd_config *first = load(), *second = load(), *third = load();
    assert_ok(wd_config_shelf_new(&shelf, first));
    assert_ok(wd_config_shelf_put(shelf, second));
    assert_ok(wd_config_shelf_put(shelf, third));
    release(shelf, second, 0);
    release(shelf, first, 1);
    release(shelf, second, 1); /* freed now */
    assert_string_equal(first->feeds[0].slug, "a");
    assert_string_equal(third->feeds[1].slug, "b");
    wd_config_shelf_free(shelf);
}

static void one_that_nobody_took_is_undone(void **state)
{
    (void)state;
    wd_config_shelf *shelf = NULL;
    wd_config *first = load();
    assert_ok(wd_config_shelf_new(&shelf, first));
    assert_ok(wd_config_shelf_put(shelf, load()));
    wd_config_shelf_undo(shelf);
    assert_string_equal(first->feeds[0].slug, "a");
    wd_config_shelf_free(shelf);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(
                                            an_old_one_stays_until_its_last_feed_is_back),
                                        cmocka_unit_test(one_that_nobody_took_is_undone) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
