/* Order, and who is woken by what. */
#include "daemon/mailbox.h"
#include "tests/support/check.h"

#define LONG_MS  60000u
#define SHORT_MS 30u

struct letter {
    wd_link link;
    int n;
};

struct reader {
    wd_mailbox box;
    uv_thread_t thread;
    wd_link got;
    uint64_t wait_ms;
    bool rests;
};

static void read_once(void *arg)
{
    struct reader *r = arg;
    if (r->rests)
        wd_mailbox_rest(&r->box, &r->got, r->wait_ms);
    else
        wd_mailbox_take(&r->box, &r->got, r->wait_ms);
}

static void reader_start(struct reader *r, bool rests, uint64_t wait_ms)
{
    wd_mailbox_init(&r->box);
    wd_list_init(&r->got);
    r->rests = rests;
    r->wait_ms = wait_ms;
    assert_int_equal(uv_thread_create(&r->thread, read_once, r), 0);
    for (bool ready = false; !ready; uv_sleep(1)) { /* nothing to be seen of one who takes */
        uv_mutex_lock(&r->box.lock);
        ready = !rests || r->box.rests;
        uv_mutex_unlock(&r->box.lock);
    }
}

static void reader_end(struct reader *r, int n)
{
    uv_thread_join(&r->thread);
    for (int i = 1; i <= n; i++) {
        assert_false(wd_list_empty(&r->got));
        assert_int_equal(wd_owner(wd_list_pop(&r->got), struct letter, link)->n, i);
    }
    assert_true(wd_list_empty(&r->got));
    assert_false(r->box.rests);
    wd_mailbox_done(&r->box);
}

static void a_letter_left_waits_for_one_that_is_put(void **state)
{
    (void)state;
    struct reader r;
    struct letter letters[] = { { .n = 1 }, { .n = 2 }, { .n = 3 } };
    reader_start(&r, true, LONG_MS);
    wd_mailbox_leave(&r.box, &letters[0].link);
    uv_sleep(SHORT_MS); /* time to be woken, if it were */
    wd_mailbox_leave(&r.box, &letters[1].link);
    wd_mailbox_put(&r.box, &letters[2].link);
    reader_end(&r, 3);
}

static void one_who_rests_looks_in_the_end(void **state)
{
    (void)state;
    struct reader r;
    struct letter letter = { .n = 1 };
    reader_start(&r, true, SHORT_MS * 10);
    wd_mailbox_leave(&r.box, &letter.link);
    reader_end(&r, 1);
}

static void one_who_waits_is_woken(void **state)
{
    (void)state;
    struct reader r;
    struct letter letter = { .n = 1 };
    reader_start(&r, false, LONG_MS);
    wd_mailbox_leave(&r.box, &letter.link);
    reader_end(&r, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_letter_left_waits_for_one_that_is_put),
                                        cmocka_unit_test(one_who_rests_looks_in_the_end),
                                        cmocka_unit_test(one_who_waits_is_woken) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
