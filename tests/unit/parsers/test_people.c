/* People: name and address in any order. */
#include "parsers/people.h"
#include "tests/support/check.h"

static void splits_name_and_address(void **state)
{
    (void)state;
    static const struct {
        const char *in, *name, *email;
    } rows[] = { { "ann@x.example (Ann Mole)", "Ann Mole", "ann@x.example" },
                 { "Ann Mole <ann@x.example>", "Ann Mole", "ann@x.example" },
                 { "Ann Mole (ann@x.example)", "Ann Mole", "ann@x.example" },
                 { "Ann (mailto:ann@x.example)", "Ann", "ann@x.example" },
                 { "ann@x.example", "", "ann@x.example" },
                 { "  Ann Mole ", "Ann Mole", "" },
                 { "@ann", "@ann", "" },
                 { "", "", "" } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_person p = wd_person_parse(wd_span_of(rows[i].in));
        assert_span(p.name, rows[i].name);
        assert_span(p.email, rows[i].email);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(splits_name_and_address) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
