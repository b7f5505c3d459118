/* Options by table. */
#include "daemon/verbs/options.h"
#include "tests/support/check.h"

static char *argv[8]; /* as it was left */

static bool parse(const char *const *words, const char **value, bool *flag, int *rest)
{
    wd_error err;
    const wd_option options[] = { { .name = "--value", .value = value },
                                  { .name = "--flag", .flag = flag },
                                  { .name = NULL } };
    static char storage[8][16]; /* what is read points into argv */
    int argc = 0;
    for (; words[argc] != NULL; argc++) {
        snprintf(storage[argc], sizeof(storage[0]), "%s", words[argc]);
        argv[argc] = storage[argc];
    }
    argv[argc] = NULL;
    return wd_options_parse(argc, argv, options, rest, &err) == WD_OK;
}

static void reads_both_forms_wherever_they_stand(void **state)
{
    (void)state;
    const char *value = NULL;
    bool flag = false;
    int rest = 0;
    const char *const a[] = { "v", "one", "--value", "x", "two", "--flag", "three", NULL };
    assert_true(parse(a, &value, &flag, &rest));
    assert_string_equal(value, "x");
    assert_true(flag);
    assert_int_equal(rest, 4);
    assert_string_equal(argv[4], "one");
    assert_string_equal(argv[5], "two");
    assert_string_equal(argv[6], "three");
    const char *const b[] = { "v", "--value=y=z", "--", "--flag", NULL };
    flag = false;
    assert_true(parse(b, &value, &flag, &rest));
    assert_string_equal(value, "y=z");
    assert_false(flag);
    assert_int_equal(rest, 3);
    assert_string_equal(argv[3], "--flag");
    const char *const c[] = { "v", "one", "--", "--flag", NULL };
    assert_true(parse(c, &value, &flag, &rest));
    assert_false(flag);
    assert_int_equal(rest, 2);
    assert_string_equal(argv[2], "one");
    assert_string_equal(argv[3], "--flag");
}

static void says_how_a_configuration_is_given(void **state)
{
    (void)state;
    static const char *const words[] = { "w.yaml", "-c", "w.txt" };
    wd_error err;
    const char *file = NULL;
    const wd_option options[] = { { .name = "--config", .value = &file }, { .name = NULL } };
    for (size_t i = 0; i < WD_COUNT(words); i++) {
        char word[16], verb[] = "check";
        char *given[] = { verb, word, NULL };
        snprintf(word, sizeof(word), "%s", words[i]);
        assert_int_equal(wd_options_parse(2, given, options, NULL, &err), WD_CONFIG);
        assert_int_equal(strstr(err.text, "--config FILE") != NULL, i < 2);
    }
}

static void refuses_what_it_does_not_know(void **state)
{
    (void)state;
    const char *value = NULL;
    bool flag = false;
    int rest = 0;
    const char *const unknown[] = { "v", "--valu", "x", NULL };
    const char *const missing[] = { "v", "--value", NULL };
    const char *const too_much[] = { "v", "--flag=1", NULL };
    const char *const word[] = { "v", "word", NULL };
    assert_false(parse(unknown, &value, &flag, &rest));
    assert_false(parse(missing, &value, &flag, &rest));
    assert_false(parse(too_much, &value, &flag, &rest));
    assert_false(parse(word, &value, &flag, NULL));
}

static void repeats_where_it_may(void **state)
{
    (void)state;
    wd_error err;
    const char *values[WD_OPTION_REPEATS] = { NULL };
    size_t count = 0;
    const wd_option options[] = { { .name = "-o", .value = values },
                                  { .name = "--o", .value = values, .count = &count },
                                  { .name = NULL } };
    char o[] = "--o", x[] = "--o=x", y[] = "y", verb[] = "v";
    char *twice[] = { verb, x, o, y, NULL };
    assert_int_equal(wd_options_parse(4, twice, options, NULL, &err), WD_OK);
    assert_int_equal(count, 2);
    assert_string_equal(values[0], "x");
    assert_string_equal(values[1], "y");
    char *often[WD_OPTION_REPEATS + 3] = { verb };
    for (size_t i = 1; i < WD_OPTION_REPEATS + 2; i++)
        often[i] = x;
    count = 0;
    assert_int_equal(wd_options_parse((int)WD_OPTION_REPEATS + 2, often, options, NULL, &err),
                     WD_CONFIG);
    assert_string_equal(err.text, "too often '--o'");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads_both_forms_wherever_they_stand),
                                        cmocka_unit_test(says_how_a_configuration_is_given),
                                        cmocka_unit_test(refuses_what_it_does_not_know),
                                        cmocka_unit_test(repeats_where_it_may) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
