/* Politeness per host and domain, on a clock of our own. */
#include "core/clock.h"
#include "feeds/host_gate.h"
#include "tests/support/check.h"

#define SEATS 64

struct world {
    wd_host_gate *gate;
    wd_gate_seat seats[SEATS];
    wd_gate_seat *woken[SEATS];
    size_t n_woken;
    int64_t at_ms;
};

static const wd_gate_result fine = { .latency_ms = 100, .retry_after_ms = -1 };

static void on_woken(void *ctx, wd_gate_seat *seat)
{
    struct world *w = ctx;
    w->woken[w->n_woken++ % SEATS] = seat;
}

static void world_open(struct world *w)
{
    memset(w, 0, sizeof(*w));
    assert_ok(wd_host_gate_open(&w->gate, on_woken, w));
}

static void sit(struct world *w, size_t i, const char *url)
{
    assert_ok(wd_host_gate_sit(w->gate, &w->seats[i], wd_span_of(url)));
}

static wd_gate_answer ask(struct world *w, size_t i, int64_t now_ms)
{
    return wd_host_gate_ask(w->gate, &w->seats[i], now_ms, &w->at_ms);
}

static int64_t done(struct world *w, size_t i, int64_t now_ms, const wd_gate_result *r)
{
    return wd_host_gate_done(w->gate, &w->seats[i], r, now_ms);
}

static void world_close(struct world *w)
{
    for (size_t i = 0; i < SEATS; i++)
        wd_host_gate_leave(w->gate, &w->seats[i]);
    wd_host_gate_close(&w->gate);
    assert_null(w->gate);
}

/* In another script, as DNS has it, in capitals: one machine, one gate, one rule. */
static void spellings_of_one_host_share_its_gate(void **state)
{
    (void)state;
    static const char *const names[] = { "https://b\xc3\xbc"
                                         "cher.example/",
                                         "https://B\xc3\x9c"
                                         "CHER.example./f",
                                         "https://xn--bcher-kva.example/other",
                                         "https://XN--Bcher-KVA.example:8443/" };
    static const wd_host_rule rule = { "*.xn--bcher-kva.example", 1, 60000 };
    for (size_t ruled = 0; ruled < 2; ruled++) {
        struct world w;
        world_open(&w);
        assert_ok(wd_host_gate_set_rules(w.gate, &rule, ruled));
        for (size_t i = 0; i < WD_COUNT(names); i++)
            sit(&w, i, names[i]);
        assert_span(wd_host_gate_name(&w.seats[0]), "xn--bcher-kva.example");
        assert_int_equal(ask(&w, 0, 1000), WD_GATE_GO);
        for (size_t i = 1; i < WD_COUNT(names); i++) {
            assert_ptr_equal(w.seats[i].host, w.seats[0].host);
            assert_true(wd_host_gate_is_of(&w.seats[0], wd_span_of(names[i])));
            assert_int_equal(ask(&w, i, 1000), WD_GATE_WAIT);
        }
        (void)done(&w, 0, 1100, &fine);
        sit(&w, 10, "https://\xff\xfe.example/"); /* no host has that name */
        assert_int_equal(ask(&w, 10, 1000), WD_GATE_GO);
        (void)done(&w, 10, 1100, &fine);
        world_close(&w);
    }
}

static void one_at_a_time_and_a_pause_per_host(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    sit(&w, 0, "https://a.example/1");
    sit(&w, 1, "https://A.example:8443/2"); /* another port is the same machine */
    sit(&w, 2, "https://b.example/");
    assert_int_equal(ask(&w, 0, 1000), WD_GATE_GO);
    assert_int_equal(ask(&w, 1, 1000), WD_GATE_WAIT);
    assert_int_equal(ask(&w, 2, 1000), WD_GATE_GO);
    assert_int_equal(w.n_woken, 0);
    done(&w, 0, 1500, &fine);
    assert_int_equal(w.n_woken, 1);
    assert_ptr_equal(w.woken[0], &w.seats[1]);
    assert_int_equal(ask(&w, 1, 1500), WD_GATE_AT);
    assert_int_equal(w.at_ms, 3500);
    assert_int_equal(ask(&w, 1, 3499), WD_GATE_AT);
    assert_int_equal(ask(&w, 1, 3500), WD_GATE_GO);
    world_close(&w);
}

static void a_slow_host_gets_twice_its_own_time(void **state)
{
    (void)state;
    static const struct {
        int64_t latency_ms, want_ms;
    } rows[] = { { 10, 2000 }, { 1000, 2000 }, { 1001, 2002 }, { 25000, 50000 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world w;
        world_open(&w);
        sit(&w, 0, "https://a.example/");
        assert_int_equal(ask(&w, 0, 0), WD_GATE_GO);
        done(&w, 0, 100,
             &(wd_gate_result){ .latency_ms = rows[i].latency_ms, .retry_after_ms = -1 });
        assert_int_equal(ask(&w, 0, 100), WD_GATE_AT);
        assert_int_equal(w.at_ms, 100 + rows[i].want_ms);
        world_close(&w);
    }
}

/* All feeds of a host are due at once: each request comes after the pause, and nobody is
 * asked to come back more than a few times. */
static void a_crowd_is_served_one_after_another(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    int64_t when[SEATS] = { 0 }, last = -10000, now = 0;
    int asked = 0, served = 0, inside = -1;
    for (size_t i = 0; i < SEATS; i++)
        sit(&w, i, "https://a.example/");
    for (; served < SEATS && now < 1000000; now += 100) {
        if (inside >= 0) {
            done(&w, (size_t)inside, now, &fine);
            last = now;
            inside = -1;
        }
        for (; w.n_woken > 0; w.n_woken--)
            when[w.woken[w.n_woken - 1] - w.seats] = now;
        for (size_t i = 0; i < SEATS; i++) {
            if (when[i] < 0 || when[i] > now)
                continue;
            asked++;
            wd_gate_answer a = ask(&w, i, now);
            when[i] = a == WD_GATE_AT ? w.at_ms : -1;
            if (a != WD_GATE_GO)
                continue;
            assert_true(now - last >= 2000);
            inside = (int)i;
            served++;
        }
    }
    assert_int_equal(served, SEATS);
    assert_true(now <= SEATS * 2200);
    assert_true(asked <= SEATS * 4);
    world_close(&w);
}

static void a_domain_lets_four_in_and_half_a_second_apart(void **state)
{
    (void)state;
    struct world w;
    char url[64];
    world_open(&w);
    for (size_t i = 0; i < 6; i++) {
        snprintf(url, sizeof(url), "https://h%zu.news.co.uk/", i);
        sit(&w, i, url);
    }
    sit(&w, 6, "https://h0.other.co.uk/"); /* co.uk is nobody's domain */
    assert_int_equal(ask(&w, 0, 0), WD_GATE_GO);
    assert_int_equal(ask(&w, 6, 0), WD_GATE_GO);
    assert_int_equal(ask(&w, 1, 0), WD_GATE_AT);
    assert_int_equal(w.at_ms, 500);
    assert_int_equal(ask(&w, 2, 0), WD_GATE_AT);
    assert_int_equal(w.at_ms, 1000); /* a moment of its own */
    assert_int_equal(ask(&w, 1, 500), WD_GATE_GO);
    assert_int_equal(ask(&w, 2, 1000), WD_GATE_GO);
    assert_int_equal(ask(&w, 3, 1500), WD_GATE_GO);
    assert_int_equal(ask(&w, 4, 2000), WD_GATE_WAIT);
    done(&w, 0, 2100, &fine);
    assert_int_equal(w.n_woken, 1);
    assert_int_equal(ask(&w, 4, 2100), WD_GATE_GO);
    world_close(&w);
}

static void private_machines_need_no_pause_but_no_flood(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < 17; i++)
        sit(&w, i, "http://127.0.0.1:8080/");
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(ask(&w, i, 0), WD_GATE_GO);
    assert_int_equal(ask(&w, 16, 0), WD_GATE_WAIT);
    done(&w, 3, 1, &fine);
    assert_ptr_equal(w.woken[0], &w.seats[16]);
    assert_int_equal(ask(&w, 16, 1), WD_GATE_GO);
    sit(&w, 20, "http://intranet.example/"); /* known as private only by its answer */
    assert_int_equal(ask(&w, 20, 0), WD_GATE_GO);
    done(&w, 20, 5,
         &(wd_gate_result){ .latency_ms = 5, .retry_after_ms = -1, .private_address = true });
    assert_int_equal(ask(&w, 20, 5), WD_GATE_GO);
    world_close(&w);
}

static void too_many_requests_close_the_host(void **state)
{
    (void)state;
    static const struct {
        int64_t retry_ms;
        int64_t want_ms[3];
    } rows[] = { { -1, { 15 * WD_MINUTE_MS, 30 * WD_MINUTE_MS, 60 * WD_MINUTE_MS } },
                 { 20 * WD_MINUTE_MS, { 20 * WD_MINUTE_MS, 30 * WD_MINUTE_MS, 60 * WD_MINUTE_MS } },
                 { 100 * WD_DAY_MS, { WD_DAY_MS, WD_DAY_MS, WD_DAY_MS } } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world w;
        int64_t now = 0;
        world_open(&w);
        sit(&w, 0, "https://a.example/1");
        sit(&w, 1, "https://a.example/2");
        for (size_t k = 0; k < 3; k++) {
            wd_gate_result r = { .retry_after_ms = rows[i].retry_ms, .reason = WD_REASON_HTTP_429 };
            assert_int_equal(ask(&w, 0, now), WD_GATE_GO);
            assert_int_equal(done(&w, 0, now, &r), rows[i].want_ms[k]);
            assert_int_equal(ask(&w, 1, now), WD_GATE_AT); /* its neighbour waits too */
            assert_true(w.at_ms == now + rows[i].want_ms[k]);
            now = w.at_ms;
        }
        assert_int_equal(ask(&w, 0, now), WD_GATE_GO);
        assert_int_equal(done(&w, 0, now, &fine), 0);
        assert_int_equal(ask(&w, 1, now), WD_GATE_AT);
        assert_true(w.at_ms == now + 2000);
        world_close(&w);
    }
}

static void two_throttled_hosts_close_their_domain(void **state)
{
    (void)state;
    const wd_gate_result many = { .retry_after_ms = -1, .reason = WD_REASON_HTTP_429 };
    struct world w;
    world_open(&w);
    sit(&w, 0, "https://a.news.example/");
    sit(&w, 1, "https://b.news.example/");
    sit(&w, 2, "https://c.news.example/");
    assert_int_equal(ask(&w, 0, 0), WD_GATE_GO);
    done(&w, 0, 10, &many);
    assert_int_equal(ask(&w, 2, 1000), WD_GATE_GO);
    done(&w, 2, 1010, &fine);
    assert_int_equal(ask(&w, 1, 2000), WD_GATE_GO);
    done(&w, 1, 2010, &many);
    assert_int_equal(ask(&w, 2, 10000), WD_GATE_AT);
    assert_true(w.at_ms >= 2010 + 15 * WD_MINUTE_MS);
    world_close(&w);
}

static void what_was_let_go_and_not_asked_leaves_no_trace(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    sit(&w, 0, "https://a.example/1");
    sit(&w, 1, "https://a.example/2");
    assert_int_equal(ask(&w, 0, 1000), WD_GATE_GO);
    assert_int_equal(ask(&w, 1, 1000), WD_GATE_WAIT);
    wd_host_gate_undo(w.gate, &w.seats[0]);
    assert_int_equal(w.n_woken, 1);
    assert_int_equal(ask(&w, 1, 1600), WD_GATE_GO); /* after its domain's half second, not two */
    done(&w, 1, 1700, &fine);
    wd_host_gate_begun(&w.seats[0]); /* led there by a redirect: it counts all the same */
    assert_int_equal(ask(&w, 1, 9000), WD_GATE_WAIT);
    done(&w, 0, 9100, &fine);
    assert_int_equal(ask(&w, 1, 9200), WD_GATE_AT);
    assert_int_equal(w.at_ms, 11100);
    world_close(&w);
}

static void it_is_known_who_shares_a_gate(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same, share;
    } rows[] = {
        { "https://a.example/1", "http://A.example.:81/2", true, true },
        { "https://example.org/", "https://www.example.org/", false, true },
        { "https://a.example/", "https://b.example/", false, false },
        { "http://10.0.0.1/", "http://10.0.0.2/", false, false },
        { "https://one.test/", "https://two.test/", false, true }, /* by a rule */
    };
    static const wd_host_rule rules[] = { { "*.test", 1, 1000 } };
    struct world w;
    world_open(&w);
    assert_ok(wd_host_gate_set_rules(w.gate, rules, 1));
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        sit(&w, 2 * i, rows[i].a);
        sit(&w, 2 * i + 1, rows[i].b);
        const wd_gate_seat *a = &w.seats[2 * i], *b = &w.seats[2 * i + 1];
        if (wd_host_gate_is_of(a, wd_span_of(rows[i].b)) != rows[i].same ||
            wd_host_gate_share(a, b) != rows[i].share)
            fail_msg("row %zu", i);
    }
    world_close(&w);
}

static void who_leaves_gives_its_turn_to_the_next(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < 3; i++)
        sit(&w, i, "https://a.example/");
    assert_span(wd_host_gate_name(&w.seats[0]), "a.example");
    assert_int_equal(ask(&w, 0, 0), WD_GATE_GO);
    assert_false(wd_host_gate_has_company(&w.seats[0], 0));
    assert_int_equal(ask(&w, 1, 0), WD_GATE_WAIT);
    assert_true(wd_host_gate_has_company(&w.seats[0], 0));
    assert_int_equal(ask(&w, 2, 0), WD_GATE_WAIT);
    done(&w, 0, 10, &fine); /* wakes 1, which is then dropped by a reload */
    assert_ptr_equal(w.woken[0], &w.seats[1]);
    wd_host_gate_leave(w.gate, &w.seats[1]);
    assert_int_equal(w.n_woken, 2);
    assert_ptr_equal(w.woken[1], &w.seats[2]);
    wd_host_gate_leave(w.gate, &w.seats[1]); /* empty: nothing happens */
    assert_int_equal(ask(&w, 0, 3000), WD_GATE_GO);
    assert_int_equal(ask(&w, 2, 3000), WD_GATE_WAIT);
    wd_host_gate_stand_back(w.gate, &w.seats[2]);
    done(&w, 0, 3010, &fine);
    assert_int_equal(w.n_woken, 2); /* it was paused: nobody is woken */
    world_close(&w);
}

static const struct {
    const char *host;
    int rule; /* -1: none */
} matches[] = {
    { "www.reddit.com", 2 }, /* below both patterns: the longer one says more of it */
    { "news.reddit.com", 0 },
    { "reddit.com", 0 },
    { "old.www.reddit.com", 2 },
    { "notreddit.com", -1 },
    { "com", -1 },
    { "news.example", 1 },
    { "www.news.example", -1 },
    { "www.www.reddit.com", 2 },
};

static void the_closest_rule_counts(void **state)
{
    (void)state;
    static const wd_host_rule rules[] = { { "*.reddit.com", 1, 60000 },
                                          { "News.example", 4, 0 },
                                          { "*.www.reddit.com", 2, 0 } };
    for (size_t i = 0; i < WD_COUNT(matches); i++) {
        const wd_host_rule *r = wd_host_rule_find(rules, 3, wd_span_of(matches[i].host));
        if ((r ? (int)(r - rules) : -1) != matches[i].rule)
            fail_msg("%s: rule %d", matches[i].host, r ? (int)(r - rules) : -1);
    }
}

static void patterns_are_names_only(void **state)
{
    (void)state;
    static const char *const good[] = { "a.example", "*.a.example", "127.0.0.1", "x_y.example" };
    static const char *const bad[] = { "", "*", "*.", "a.*", "**.a", "a.example/x", "http://a" };
    for (size_t i = 0; i < WD_COUNT(good); i++)
        assert_null(wd_host_rule_fault(wd_span_of(good[i])));
    for (size_t i = 0; i < WD_COUNT(bad); i++)
        assert_non_null(wd_host_rule_fault(wd_span_of(bad[i])));
}

static void all_hosts_of_a_pattern_share_its_gate(void **state)
{
    (void)state;
    static const wd_host_rule slow = { "*.reddit.com", 1, 60000 };
    struct world w;
    world_open(&w);
    assert_ok(wd_host_gate_set_rules(w.gate, &slow, 1));
    sit(&w, 0, "https://www.reddit.com/r/a.rss");
    sit(&w, 1, "https://old.reddit.com/r/b.rss");
    sit(&w, 2, "https://www.other.com/");
    assert_int_equal(ask(&w, 0, 0), WD_GATE_GO);
    assert_int_equal(ask(&w, 1, 0), WD_GATE_WAIT);
    assert_int_equal(ask(&w, 2, 0), WD_GATE_GO);
    done(&w, 0, 1000, &fine);
    assert_ptr_equal(w.woken[0], &w.seats[1]);
    assert_int_equal(ask(&w, 1, 1000), WD_GATE_AT);
    assert_int_equal(w.at_ms, 60000);
    assert_int_equal(ask(&w, 1, 60000), WD_GATE_GO);
    world_close(&w);
}

static void a_rule_may_also_loosen(void **state)
{
    (void)state;
    static const wd_host_rule quick = { "api.news.example", 3, 0 };
    struct world w;
    world_open(&w);
    assert_ok(wd_host_gate_set_rules(w.gate, &quick, 1));
    for (size_t i = 0; i < 4; i++)
        sit(&w, i, "https://api.news.example/");
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ask(&w, i, 0), WD_GATE_GO);
    assert_int_equal(ask(&w, 3, 0), WD_GATE_WAIT);
    done(&w, 0, 10, &fine);
    assert_int_equal(ask(&w, 3, 10), WD_GATE_GO);
    world_close(&w);
}

static void new_rules_hold_at_once(void **state)
{
    (void)state;
    static const wd_host_rule slow = { "*.news.example", 1, 5000 };
    struct world w;
    world_open(&w);
    sit(&w, 0, "https://a.news.example/");
    sit(&w, 1, "https://b.news.example/");
    sit(&w, 2, "https://a.news.example/2");
    assert_int_equal(ask(&w, 0, 0), WD_GATE_GO);
    assert_int_equal(ask(&w, 2, 0), WD_GATE_WAIT);
    assert_ok(wd_host_gate_set_rules(w.gate, &slow, 1));
    assert_int_equal(w.n_woken, 1);                    /* who waited asks anew */
    assert_int_equal(ask(&w, 1, 10000), WD_GATE_WAIT); /* what is inside already counts */
    done(&w, 0, 10001, &fine);
    assert_int_equal(ask(&w, 1, 10001), WD_GATE_GO);
    done(&w, 1, 10100, &fine);
    assert_ok(wd_host_gate_set_rules(w.gate, NULL, 0)); /* and go as they came */
    assert_int_equal(ask(&w, 2, 20000), WD_GATE_GO);
    assert_int_equal(ask(&w, 1, 20500), WD_GATE_GO);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_of_one_host_share_its_gate),
        cmocka_unit_test(one_at_a_time_and_a_pause_per_host),
        cmocka_unit_test(a_slow_host_gets_twice_its_own_time),
        cmocka_unit_test(a_crowd_is_served_one_after_another),
        cmocka_unit_test(a_domain_lets_four_in_and_half_a_second_apart),
        cmocka_unit_test(private_machines_need_no_pause_but_no_flood),
        cmocka_unit_test(too_many_requests_close_the_host),
        cmocka_unit_test(two_throttled_hosts_close_their_domain),
        cmocka_unit_test(what_was_let_go_and_not_asked_leaves_no_trace),
        cmocka_unit_test(it_is_known_who_shares_a_gate),
        cmocka_unit_test(who_leaves_gives_its_turn_to_the_next),
        cmocka_unit_test(the_closest_rule_counts),
        cmocka_unit_test(patterns_are_names_only),
        cmocka_unit_test(all_hosts_of_a_pattern_share_its_gate),
        cmocka_unit_test(a_rule_may_also_loosen),
        cmocka_unit_test(new_rules_hold_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
