/* Which feeds belong to an address: in which order it is looked, and when it is enough. */
#include <pthread.h>

#include "daemon/verbs/discovery.h"
#include "tests/support/check.h"
#include "tests/support/feeds_server.h"

#define FEED                                                                                       \
    "<rss version=\"2.0\"><channel><title>Wire</title><item><title>a</title></item>"               \
    "</channel></rss>"
#define ANCHOR "<a href=\"/anchored/rss\">RSS</a>"

static const char *const loopback[] = { "127.0.0.1/32", NULL };
static const wd_config config = { .http = { .allow_private = loopback, .timeout_ms = 10000 } };

/* The verb runs a loop of its own and waits, so the server has a thread. */
struct site {
    uv_loop_t loop;
    uv_async_t stop;
    uv_sem_t ready;
    pthread_t thread;
    feeds_server *server;
    int port;
};

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    static const struct {
        const char *path, *status, *lines, *body;
    } rows[] = {
        { "/feed-itself", "200 OK", "", FEED },
        { "/declares", "200 OK", "Content-Type: text/html\r\n",
          "<html><head><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/one\">"
          "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/one\">"
          "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/no-feed\">"
          "</head><body>" ANCHOR "</body></html>" },
        { "/anchors", "200 OK", "Content-Type: text/html\r\n",
          "<html><body>" ANCHOR "</body></html>" },
        { "/silent-page", "200 OK", "Content-Type: text/html\r\n", "<html><body>hi</body></html>" },
        { "/moved", "301 Moved Permanently", "Location: /feed-itself\r\n", "" },
        { "/away", "302 Found", "Location: /feed-itself\r\n", "" },
        { "/forbidden", "403 Forbidden", "Content-Type: text/html\r\n", ANCHOR },
        { "/one", "200 OK", "", FEED },
        { "/anchored/rss", "200 OK", "", FEED },
        { "/atom.xml", "200 OK", "", FEED },
    };
    (void)ctx;
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (feeds_head_is(head, rows[i].path)) {
            feeds_conn_answer(c, rows[i].status, rows[i].lines, wd_span_of(rows[i].body));
            return;
        }
    feeds_conn_answer(c, "404 Not Found", "", WD_SPAN_LIT("no"));
}

static void on_stop(uv_async_t *stop)
{
    struct site *s = wd_owner(stop, struct site, stop);
    feeds_server_close(s->server);
    uv_close((uv_handle_t *)stop, NULL);
}

static void *serve(void *arg)
{
    struct site *s = arg;
    s->server = feeds_server_open(&s->loop, "127.0.0.1", 0, answer, s);
    s->port = s->server ? feeds_server_port(s->server) : 0;
    uv_sem_post(&s->ready);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    return NULL;
}

static void site_open(struct site *s)
{
    assert_int_equal(uv_loop_init(&s->loop), 0);
    assert_int_equal(uv_async_init(&s->loop, &s->stop, on_stop), 0);
    assert_int_equal(uv_sem_init(&s->ready, 0), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    uv_sem_wait(&s->ready);
    assert_int_not_equal(s->port, 0);
}

static void site_close(struct site *s)
{
    uv_async_send(&s->stop);
    pthread_join(s->thread, NULL);
    uv_sem_destroy(&s->ready);
    assert_int_equal(uv_loop_close(&s->loop), 0);
}

static const struct {
    const char *path, *found, *how; /* found NULL: nothing */
    size_t requests;
    int32_t status;
} rows[] = {
    { "/feed-itself", "/feed-itself", "itself", 1, 200 },
    { "/declares", "/one", "declared", 3, 200 }, /* twice declared, asked once */
    { "/anchors", "/anchored/rss", "anchor", 2, 200 },
    { "/silent-page", "/atom.xml", "well-known", 4, 200 }, /* /feed, /rss.xml, /atom.xml */
    { "/moved", "/feed-itself", "itself", 1, 200 },
    { "/away", "/away", "itself", 1, 200 }, /* nobody said for how long */
    { "/forbidden", NULL, NULL, 1, 403 },   /* a refusal is no page to look into */
};

static void each_stage_is_asked_only_when_the_one_before_gave_nothing(void **state)
{
    (void)state;
    struct site s;
    site_open(&s);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        char url[128], found[128];
        wd_discovery d;
        snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", s.port, rows[i].path);
        assert_true(wd_discovery_make(&d, &config, url, NULL));
        if (d.n != (rows[i].found != NULL) || d.requests != rows[i].requests ||
            d.status != rows[i].status)
            fail_msg("%s: %zu found, %zu requests, status %d", rows[i].path, d.n, d.requests,
                     d.status);
        if (rows[i].found != NULL) {
            snprintf(found, sizeof(found), "http://127.0.0.1:%d%s", s.port, rows[i].found);
            assert_true(wd_span_is(d.feeds[0].url, found));
            assert_string_equal(d.feeds[0].how, rows[i].how);
            assert_int_equal(d.feeds[0].items, 1);
        }
        wd_discovery_done(&d);
    }
    site_close(&s);
}

static void an_address_that_may_not_be_asked_is_trouble(void **state)
{
    (void)state;
    wd_discovery d;
    const wd_config strict = { .http = { .timeout_ms = 10000 } };
    assert_true(wd_discovery_make(&d, &strict, "http://127.0.0.1:9/", NULL));
    assert_int_equal(d.trouble, WD_REASON_ADDRESS);
    assert_int_equal(d.n, 0);
    assert_int_equal(d.requests, 1);
    wd_discovery_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_is_asked_only_when_the_one_before_gave_nothing),
        cmocka_unit_test(an_address_that_may_not_be_asked_is_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
