/* The client and host names: whom it asks, what it remembers, which address it takes. */
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/check.h"
#include "tests/support/http_world.h"

#define HALF_OUT 3

static const char *const allowed[] = { "127.0.0.1/32", "127.0.0.9/32", "::1/128", NULL };

struct world {
    http_world up;
    atomic_int looks;
};

/* What the name servers of this world know. */
static const struct {
    const char *name;
    wd_dns_answer answer;
} names[] = {
    { "one.example", { .n = 1, .addresses = { { 4, { 127, 0, 0, 1 } } } } },
    { "xn--bcher-kva.example", { .n = 1, .addresses = { { 4, { 127, 0, 0, 1 } } } } },
    { "proxy.example", { .n = 1, .addresses = { { 4, { 127, 0, 0, 1 } } } } },
    { "two.example", { .n = 1, .addresses = { { 4, { 127, 0, 0, 1 } } } } },
    { "second.example",
      { .n = 2, .addresses = { { 4, { 127, 0, 0, 9 } }, { 4, { 127, 0, 0, 1 } } } } },
    { "dead.example", { .n = 1, .addresses = { { 4, { 127, 0, 0, 9 } } } } },
    { "inward.example", { .n = 1, .addresses = { { 4, { 127, 0, 0, 2 } } } } },
    { "half.example",
      { .n = 2, .addresses = { { 16, { [15] = 1 } }, { 4, { 127, 0, 0, 1 } } } } }, /* ::1 first */
    { "absent.example", { .absent = true } },
};

static void look(void *ctx, const char *name, wd_dns_answer *out)
{
    struct world *w = ctx;
    atomic_fetch_add(&w->looks, 1);
    for (size_t i = 0; i < WD_COUNT(names); i++)
        if (strcmp(names[i].name, name) == 0)
            *out = names[i].answer;
}

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    const http_world *w = ctx;
    char location[96];
    if (feeds_head_is(head, "/to-two")) {
        snprintf(location, sizeof(location), "Location: http://Two.example:%d/ok\r\n", w->port);
        feeds_conn_answer(c, "302 Found", location, WD_SPAN_LIT(""));
    } else if (feeds_head_is(head, "/to-absent")) {
        feeds_conn_answer(c, "302 Found", "Location: http://absent.example/\r\n", WD_SPAN_LIT(""));
    } else if (feeds_head_is(head, "/to-inward")) {
        feeds_conn_answer(c, "302 Found", "Location: http://inward.example/\r\n", WD_SPAN_LIT(""));
    } else {
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT(FEEDS_DOCUMENT));
    }
}

static void world_open(struct world *w)
{
    const wd_http_config config = {
        .user_agent = "test/1", .allow_private = allowed, .look = look, .look_ctx = w
    };
    atomic_init(&w->looks, 0);
    http_world_open(&w->up, answer, &config);
}

static void world_close(struct world *w)
{
    assert_int_equal(feeds_server_requests(w->up.second), 0); /* whom inward.example names */
    http_world_close(&w->up);
}

static wd_reason fetch_through(
    struct world *w, http_fetch *f, const char *proxy, const char *host, const char *path)
{
    char url[128];
    snprintf(url, sizeof(url), "http://%s:%d%s", host, w->up.port, path);
    http_fetch_begin(f, &w->up, url);
    f->req.proxy = proxy;
    f->req.one_off = true;
    http_fetch_wait(f);
    http_fetch_end(f);
    return f->reply.reason;
}

static wd_reason fetch(struct world *w, http_fetch *f, const char *host, const char *path)
{
    return fetch_through(w, f, NULL, host, path);
}

static void a_name_is_looked_up_once(void **state)
{
    (void)state;
    struct world w;
    http_fetch f;
    char host[64];
    world_open(&w);
    for (int i = 0; i < 3; i++)
        assert_int_equal(fetch(&w, &f, i ? "one.example" : "ONE.example", "/ok"), WD_REASON_NONE);
    assert_int_equal(atomic_load(&w.looks), 1);
    snprintf(host, sizeof(host), "Host: one.example:%d\r\n", w.up.port);
    assert_non_null(strstr(feeds_server_head(w.up.server, 2), host));
    assert_int_equal(fetch(&w, &f, "two.example", "/ok"), WD_REASON_NONE);
    assert_int_equal(fetch(&w, &f, "127.0.0.1", "/ok"), WD_REASON_NONE);
    assert_int_equal(fetch(&w, &f, "one.example", "/to-two"), WD_REASON_NONE);
    assert_int_equal(atomic_load(&w.looks), 2);
    world_close(&w);
}

static void a_name_in_any_script_is_asked_as_dns_has_it(void **state)
{
    (void)state;
    struct world w;
    http_fetch f;
    char host[64];
    world_open(&w);
    assert_int_equal(fetch(&w, &f, "B\u00fccher.example", "/ok"), WD_REASON_NONE);
    assert_int_equal(fetch(&w, &f, "xn--bcher-kva.example", "/ok"), WD_REASON_NONE);
    assert_int_equal(atomic_load(&w.looks), 1);
    snprintf(host, sizeof(host), "Host: xn--bcher-kva.example:%d\r\n", w.up.port);
    assert_non_null(strstr(feeds_server_head(w.up.server, 0), host));
    assert_int_equal(fetch(&w, &f, "\u2026.example", "/ok"), WD_REASON_PROTOCOL);
    assert_int_equal(atomic_load(&w.looks), 1);
    world_close(&w);
}

static void a_proxys_name_is_looked_up_and_its_targets_is_not(void **state)
{
    (void)state;
    struct world w;
    http_fetch f;
    char proxy[64];
    world_open(&w);
    snprintf(proxy, sizeof(proxy), "http://proxy.example:%d", w.up.port);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fetch_through(&w, &f, proxy, "far.example", "/ok"), WD_REASON_NONE);
    assert_int_equal(atomic_load(&w.looks), 1);
    assert_non_null(strstr(feeds_server_head(w.up.server, 0), "GET http://far.example"));
    assert_int_equal(fetch_through(&w, &f, "http://absent.example:1", "far.example", "/ok"),
                     WD_REASON_PROXY);
    assert_non_null(strstr(f.reply.detail, "the proxy: there is no such name: absent.example"));
    assert_int_equal(fetch(&w, &f, "one.example", "/ok"), WD_REASON_NONE);
    world_close(&w);
}

static const struct {
    const char *host, *path;
    wd_reason reason;
    const char *detail;
} outcomes[] = {
    { "second.example", "/ok", WD_REASON_NONE, "" },
    { "dead.example", "/ok", WD_REASON_REFUSED, "connect to 127.0.0.9" },
    { "inward.example", "/ok", WD_REASON_ADDRESS, "connect to 127.0.0.2: not a public address" },
    { "absent.example", "/ok", WD_REASON_DNS, "there is no such name: absent.example" },
    { "other.example", "/ok", WD_REASON_DNS, "the name cannot be resolved: other.example" },
    { "one.example", "/to-absent", WD_REASON_DNS, "there is no such name: absent.example" },
    { "one.example", "/to-inward", WD_REASON_ADDRESS, "127.0.0.2" },
};

static void each_outcome_has_its_reason(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < WD_COUNT(outcomes); i++) {
        http_fetch f;
        wd_reason got = fetch(&w, &f, outcomes[i].host, outcomes[i].path);
        if (got != outcomes[i].reason || strstr(f.reply.detail, outcomes[i].detail) == NULL)
            fail_msg("%s%s: %s, \"%s\"", outcomes[i].host, outcomes[i].path, wd_reason_word(got),
                     f.reply.detail);
    }
    world_close(&w);
}

static void what_failed_to_connect_is_looked_up_anew_and_what_is_absent_is_not(void **state)
{
    (void)state;
    struct world w;
    http_fetch f;
    world_open(&w);
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(fetch(&w, &f, "dead.example", "/ok"), WD_REASON_REFUSED);
        assert_int_equal(atomic_load(&w.looks), i);
    }
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(fetch(&w, &f, "absent.example", "/ok"), WD_REASON_DNS);
        assert_int_equal(atomic_load(&w.looks), 3);
    }
    world_close(&w);
}

/* A listener on ::1 that takes no connection: packets go in and nothing comes out.  -1 when
 * this machine has no IPv6. */
static int deaf_listener(int port, int out[HALF_OUT])
{
    struct sockaddr_in6 a = { .sin6_family = AF_INET6,
                              .sin6_port = htons((uint16_t)port),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (int i = 0; i < HALF_OUT; i++)
        out[i] = -1;
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 0) != 0) {
        close(fd);
        return -1;
    }
    for (int i = 0; i < HALF_OUT; i++) { /* its short queue is full now */
        out[i] = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(out[i], (struct sockaddr *)&a, sizeof(a));
    }
    return fd;
}

static void a_dead_family_does_not_hold_up_the_other(void **state)
{
    (void)state;
    struct world w;
    http_fetch f;
    int fds[HALF_OUT];
    world_open(&w);
    int fd = deaf_listener(w.up.port, fds);
    assert_int_equal(fetch(&w, &f, "half.example", "/ok"), WD_REASON_NONE);
    assert_true(f.reply.total_us < 5000000); /* not the 10 s that a connect may take */
    for (int i = 0; i < HALF_OUT; i++)
        close(fds[i]);
    close(fd);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_looked_up_once),
        cmocka_unit_test(a_name_in_any_script_is_asked_as_dns_has_it),
        cmocka_unit_test(a_proxys_name_is_looked_up_and_its_targets_is_not),
        cmocka_unit_test(each_outcome_has_its_reason),
        cmocka_unit_test(what_failed_to_connect_is_looked_up_anew_and_what_is_absent_is_not),
        cmocka_unit_test(a_dead_family_does_not_hold_up_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
