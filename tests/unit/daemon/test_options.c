/* Options by table. */
#include "daemon/options.h"
#include "tests/support/check.h"

static bool parse(char **argv, const char **value, bool *flag, int *rest)
{
    const wd_option options[] = { { "--value", value, NULL }, { "--flag", NULL, flag } };
    int argc = 0;
    while (argv[argc] != NULL)
        argc++;
    return wd_options_parse(argc, argv, options, 2, rest);
}

static void reads_both_forms_and_stops_at_the_first_word(void **state)
{
    (void)state;
    const char *value = NULL;
    bool flag = false;
    int rest = 0;
    char *a[] = { "v", "--value", "x", "--flag", "file", "--value", NULL };
    assert_true(parse(a, &value, &flag, &rest));
    assert_string_equal(value, "x");
    assert_true(flag);
    assert_int_equal(rest, 4);
    char *b[] = { "v", "--value=y=z", "--", "--flag", NULL };
    flag = false;
    assert_true(parse(b, &value, &flag, &rest));
    assert_string_equal(value, "y=z");
    assert_false(flag);
    assert_int_equal(rest, 3);
}

static void refuses_what_it_does_not_know(void **state)
{
    (void)state;
    const char *value = NULL;
    bool flag = false;
    int rest = 0;
    char *unknown[] = { "v", "--valu", "x", NULL }, *missing[] = { "v", "--value", NULL };
    char *too_much[] = { "v", "--flag=1", NULL }, *word[] = { "v", "word", NULL };
    assert_false(parse(unknown, &value, &flag, &rest));
    assert_false(parse(missing, &value, &flag, &rest));
    assert_false(parse(too_much, &value, &flag, &rest));
    assert_false(parse(word, &value, &flag, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(
                                            reads_both_forms_and_stops_at_the_first_word),
                                        cmocka_unit_test(refuses_what_it_does_not_know) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
