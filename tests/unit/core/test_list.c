#include "core/list.h"
#include "tests/support/check.h"

static void comes_out_in_the_order_it_went_in(void **state)
{
    wd_link list, a, b;
    (void)state;
    wd_list_init(&list);
    wd_list_push(&list, &a);
    wd_list_push(&list, &b);
    assert_ptr_equal(wd_list_pop(&list), &a);
    assert_ptr_equal(wd_list_pop(&list), &b);
    assert_true(wd_list_empty(&list));
}

static void is_linked_to_itself_when_taken_off(void **state)
{
    wd_link list, a, b;
    (void)state;
    wd_list_init(&list);
    wd_list_push(&list, &a);
    wd_list_push(&list, &b);
    wd_list_remove(wd_list_pop(&list)); /* once more is harmless */
    assert_ptr_equal(list.next, &b);
    assert_ptr_equal(list.prev, &b);
    assert_ptr_equal(b.next, &list);
    assert_ptr_equal(b.prev, &list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_out_in_the_order_it_went_in),
        cmocka_unit_test(is_linked_to_itself_when_taken_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
