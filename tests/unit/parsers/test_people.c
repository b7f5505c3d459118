/* People: name and address in any order. */
#include "core/buf.h"
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

static void an_address_tells_where_a_person_ends(void **state)
{
    (void)state;
    static const struct {
        const char *in, *people; /* "name/email", one a line */
    } rows[] = {
        { "Ann Mole <ann@x.example>, Bo Cee", "Ann Mole/ann@x.example\nBo Cee/\n" },
        { "ann@x.example (Ann), bo@x.example (Bo)", "Ann/ann@x.example\nBo/bo@x.example\n" },
        { "Ann <ann@x.example> and Bo <bo@x.example>;", "Ann/ann@x.example\nBo/bo@x.example\n" },
        { "Mole, Ann <ann@x.example>; Cee, Bo", "Mole, Ann/ann@x.example\nCee, Bo/\n" },
        { "ann@x.example,bo@x.example & cy@x.example",
          "/ann@x.example\n/bo@x.example\n/cy@x.example\n" },
        { "ann@x.example, Ann Mole", "Ann Mole/ann@x.example\n" },
        { "Ann (ann@x.example, Metro)", "Ann/ann@x.example\n" },
        { "Ann Mole, Bo Cee and Cy", "Ann Mole, Bo Cee and Cy/\n" },
        { "", "/\n" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_span left = wd_span_of(rows[i].in);
        wd_buf got = WD_BUF_INIT(1000);
        do {
            wd_person p = wd_person_next(&left);
            wd_buf_printf(&got, "%.*s/%.*s\n", WD_SPAN_ARG(p.name), WD_SPAN_ARG(p.email));
        } while (left.len > 0);
        assert_span(wd_buf_span(&got), rows[i].people);
        wd_buf_done(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(splits_name_and_address),
                                        cmocka_unit_test(an_address_tells_where_a_person_ends) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
