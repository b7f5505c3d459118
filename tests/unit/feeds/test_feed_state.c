/* The ledger's bytes of a feed: what goes in comes out, and damage is noticed. */
#include "feeds/feed_state.h"
#include "tests/support/check.h"

static wd_feed_state full(void)
{
    return (wd_feed_state){ .feed = 77,
                            .next_due_ms = 1773133331384,
                            .last_poll_ms = 1773133331000,
                            .last_success_ms = -5,
                            .last_new_ms = WD_TIME_NONE,
                            .failing_since_ms = 12,
                            .rate_per_day = 17.25,
                            .failure_weight = 2.75,
                            .last_reason = WD_REASON_HTTP_429,
                            .same_reason = 4,
                            .last_http = 429,
                            .polls = 4000000000U,
                            .polls_unchanged = 3,
                            .polls_without_304 = 19,
                            .body_hash = 0xfedcba9876543210U,
                            .url_hash = 0x0123456789abcdefU,
                            .document_items = 30,
                            .document_window_ms = 86400000,
                            .ttl_min = 15,
                            .skip_hours = 0xffffffU,
                            .skip_days = 0x41,
                            .contacted = true,
                            .last_probe_ms = 99,
                            .moved_hash = 7,
                            .moved_seen = 10,
                            .moved_since_ms = 98,
                            .moved_said = true,
                            .guid_shared = true,
                            .due_why = 3,
                            .held = true,
                            .moved_same = true,
                            .adopted = true,
                            .moved_failures = 2,
                            .validators_hash = 0x1122334455667788U,
                            .titled_ids = 0x8000000000000001U };
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    wd_buf b = WD_BUF_INIT(4096), again = WD_BUF_INIT(4096);
    wd_feed_state in = full(), out = { .feed = 77 };
    wd_feed_state_pack(&in, &b);
    assert_ok(wd_buf_status(&b));
    assert_in_range(b.len, 60, 300);
    assert_true(wd_feed_state_unpack(wd_buf_span(&b), &out));
    wd_feed_state_pack(&out, &again);
    assert_true(wd_span_eq(wd_buf_span(&b), wd_buf_span(&again)));
    assert_int_equal(out.feed, 77);
    assert_true(out.next_due_ms == in.next_due_ms && out.last_success_ms == -5);
    assert_true(out.rate_per_day == 17.25 && out.body_hash == in.body_hash);
    assert_int_equal(out.last_reason, WD_REASON_HTTP_429);
    assert_int_equal(out.skip_days, 0x41);
    assert_true(out.contacted && out.guid_shared && out.held);
    assert_true(out.adopted && out.validators_hash == in.validators_hash);
    assert_true(out.titled_ids == in.titled_ids);
    wd_buf_done(&b);
    wd_buf_done(&again);
}

static void damaged_or_later_bytes_are_refused(void **state)
{
    (void)state;
    wd_buf b = WD_BUF_INIT(4096);
    wd_feed_state in = full(), out = { .polls = 5 };
    wd_feed_state_pack(&in, &b);
    for (size_t n = 0; n < b.len; n++)
        assert_false(wd_feed_state_unpack(wd_span_head(wd_buf_span(&b), n), &out));
    b.ptr[0] = 8;
    assert_false(wd_feed_state_unpack(wd_buf_span(&b), &out));
    b.ptr[0] = 0;
    assert_false(wd_feed_state_unpack(wd_buf_span(&b), &out));
    b.ptr[0] = 3;
    for (size_t i = 1 + 5 * 8; i < 1 + 6 * 8; i++)
        b.ptr[i] = (char)0xff; /* the rate: not a number */
    assert_false(wd_feed_state_unpack(wd_buf_span(&b), &out));
    assert_int_equal(out.polls, 5);
    wd_buf_done(&b);
}

static void older_bytes_leave_later_fields_at_their_defaults(void **state)
{
    (void)state;
    wd_buf b = WD_BUF_INIT(4096);
    wd_feed_state in = full(), out = wd_feed_state_new(1);
    wd_feed_state_pack(&in, &b);
    b.ptr[0] = 1;
    assert_true(wd_feed_state_unpack(wd_span_head(wd_buf_span(&b), b.len - 68), &out));
    assert_true(out.contacted && out.polls == in.polls);
    assert_true(out.last_probe_ms == WD_TIME_NONE && out.moved_hash == 0 && !out.moved_said);
    b.ptr[0] = 2;
    assert_true(wd_feed_state_unpack(wd_span_head(wd_buf_span(&b), b.len - 35), &out));
    assert_true(out.moved_said && !out.guid_shared);
    b.ptr[0] = 3;
    assert_true(wd_feed_state_unpack(wd_span_head(wd_buf_span(&b), b.len - 34), &out));
    assert_true(out.guid_shared && out.due_why == 0 && !out.adopted);
    b.ptr[0] = 6;
    assert_true(wd_feed_state_unpack(wd_span_head(wd_buf_span(&b), b.len - 8), &out));
    assert_true(out.validators_hash == in.validators_hash && out.titled_ids == 0);
    wd_buf_done(&b);
}

static void an_id_told_apart_by_titles_is_not_forgotten(void **state)
{
    (void)state;
    wd_feed_state s = wd_feed_state_new(1);
    uint64_t id = 0x123456789abcdefU, other = 0xfedcba987654321U;
    assert_false(wd_feed_state_is_titled(&s, id));
    wd_feed_state_add_titled(&s, id);
    assert_true(wd_feed_state_is_titled(&s, id));
    assert_false(wd_feed_state_is_titled(&s, other));
    wd_feed_state_add_titled(&s, other);
    assert_true(wd_feed_state_is_titled(&s, id) && wd_feed_state_is_titled(&s, other));
}

static void unknown_reasons_become_none(void **state)
{
    (void)state;
    wd_buf b = WD_BUF_INIT(4096);
    wd_feed_state in = full(), out = wd_feed_state_new(1);
    wd_feed_state_pack(&in, &b);
    char *word = strstr(b.ptr + 58, "http-429");
    assert_non_null(word);
    word[0] = 'z';
    assert_true(wd_feed_state_unpack(wd_buf_span(&b), &out));
    assert_int_equal(out.last_reason, WD_REASON_NONE);
    wd_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(damaged_or_later_bytes_are_refused),
        cmocka_unit_test(older_bytes_leave_later_fields_at_their_defaults),
        cmocka_unit_test(an_id_told_apart_by_titles_is_not_forgotten),
        cmocka_unit_test(unknown_reasons_become_none)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
