/* A feed's own request settings against a server: sent, tuned, and left at home elsewhere. */
#include "tests/support/check.h"
#include "tests/support/http_world.h"

static const char *const loopback[] = { "127.0.0.0/29", NULL };
static const char *const secrets[] = { "X-Api-Key: canary", "Authorization: Bearer canary", NULL };

static const wd_http_config client = { .user_agent = "test/1",
                                       .total_timeout_ms = 20000,
                                       .allow_private = loopback };

static void redirect_as(
    feeds_conn *c, const char *status, const char *host, int port, const char *path)
{
    char lines[256];
    snprintf(lines, sizeof(lines), "Location: http://%s:%d%s\r\nConnection: close\r\n", host, port,
             path);
    feeds_conn_answer(c, status, lines, WD_SPAN_LIT(""));
}

static void redirect(feeds_conn *c, const char *host, int port, const char *path)
{
    redirect_as(c, "302 Found", host, port, path);
}

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    const http_world *w = ctx;
    if (strncmp(head, "CONNECT ", 8) == 0)
        feeds_conn_answer(c, "407 Who", "Proxy-Authenticate: Basic\r\n", WD_SPAN_LIT(""));
    else if (feeds_head_is(head, "/silent"))
        return;
    else if (feeds_head_is(head, "/here"))
        redirect(c, "127.0.0.1", w->port, "/ok");
    else if (feeds_head_is(head, "/away"))
        redirect(c, "127.0.0.2", w->port, "/ok");
    else if (feeds_head_is(head, "/there-and-back"))
        redirect(c, "127.0.0.2", w->port, "/back");
    else if (feeds_head_is(head, "/back"))
        redirect(c, "127.0.0.1", w->port, "/ok");
    else if (feeds_head_is(head, "/307"))
        redirect_as(c, "307 Temporary Redirect", "127.0.0.1", w->port, "/308");
    else if (feeds_head_is(head, "/308"))
        redirect_as(c, "308 Permanent Redirect", "127.0.0.2", w->port, "/accepted");
    else if (feeds_head_is(head, "/private"))
        redirect_as(c, "307 Temporary Redirect", "10.0.0.1", w->port, "/accepted");
    else if (feeds_head_is(head, "/accepted"))
        feeds_conn_answer(c, "202 Accepted", "", WD_SPAN_LIT(""));
    else
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT(FEEDS_DOCUMENT));
}

static void post(
    http_world *w, http_fetch *f, const wd_feed_config *config, const char *path, const char *form)
{
    wd_validators v = { .etag = "\"canary\"" };
    http_fetch_begin_as(f, w, config, path);
    f->req.form = form;
    f->req.validators = form ? NULL : &v;
    http_fetch_wait(f);
    http_fetch_end(f);
}

static void fetch(http_world *w, http_fetch *f, const wd_feed_config *config, const char *path)
{
    post(w, f, config, path, NULL);
}

static const char *last_head(const feeds_server *s)
{
    size_t n = feeds_server_requests(s);
    assert_true(n > 0);
    return feeds_server_head(s, n - 1);
}

static void has(const char *head, const char *line, bool want)
{
    if ((strstr(head, line) != NULL) != want)
        fail_msg("%s \"%s\" in:\n%s", want ? "no" : "there is", line, head);
}

static void secrets_reach_their_own_origin_and_no_other(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool other, told; /* who got the last request, and whether it heard the secrets */
    } rows[] = {
        { "/ok", false, true },
        { "/here", false, true },
        { "/away", true, false },
        { "/there-and-back", false, false }, /* once away, what comes back is not ours to trust */
    };
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &client);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        fetch(&w, &f, &(wd_feed_config){ .lines = secrets }, rows[i].path);
        assert_int_equal(f.reply.status, 200);
        const char *head = last_head(rows[i].other ? w.second : w.server);
        has(head, "\r\nX-Api-Key: canary\r\n", rows[i].told);
        has(head, "\r\nAuthorization: Bearer canary\r\n", rows[i].told);
        has(head, "\r\nIf-None-Match: \"canary\"\r\n", rows[i].told);
        has(head, "\r\nAccept: application/rss+xml", true);
    }
    for (size_t i = 0; i < feeds_server_requests(w.second); i++)
        has(feeds_server_head(w.second, i), "canary", false);
    fetch(&w, &f, &(wd_feed_config){ .weight = 1 }, "/ok"); /* the next one of that handle */
    has(last_head(w.server), "X-Api-Key", false);
    http_world_close(&w);
}

static void an_accept_of_ones_own_replaces_ours(void **state)
{
    (void)state;
    static const char *const lines[] = { "accept: application/json", NULL };
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &client);
    fetch(&w, &f, &(wd_feed_config){ .lines = lines }, "/ok");
    has(last_head(w.server), "\r\naccept: application/json\r\n", true);
    has(last_head(w.server), "Accept: application/rss+xml", false);
    http_world_close(&w);
}

static void times_and_agent_are_the_feeds_own_and_end_with_it(void **state)
{
    (void)state;
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &client);
    fetch(&w, &f, &(wd_feed_config){ .timeout_ms = 100, .user_agent = "mine/2" }, "/silent");
    assert_int_equal(f.reply.reason, WD_REASON_TIMEOUT);
    has(last_head(w.server), "\r\nUser-Agent: mine/2\r\n", true);
    fetch(&w, &f, &(wd_feed_config){ .http1 = 1, .connect_timeout_ms = 500 }, "/ok");
    assert_int_equal(f.reply.status, 200);
    has(last_head(w.server), "\r\nUser-Agent: test/1\r\n", true);
    http_world_close(&w);
}

static void a_proxy_is_asked_for_its_feed_alone(void **state)
{
    (void)state;
    char proxy[64];
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &client);
    snprintf(proxy, sizeof(proxy), "http://name:canary@127.0.0.2:%d", w.port);
    fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, "http://feed.example/ok");
    assert_int_equal(f.reply.status, 200);
    assert_false(f.reply.private_address);
    has(last_head(w.second), "GET http://feed.example/ok HTTP/1.1\r\n", true);
    has(last_head(w.second), "\r\nProxy-Authorization: Basic bmFtZTpjYW5hcnk=\r\n", true);
    fetch(&w, &f, &(wd_feed_config){ .weight = 1 }, "/ok");
    has(last_head(w.server), "Proxy-", false);
    assert_int_equal(feeds_server_requests(w.second), 1);
    http_world_close(&w);
}

static void a_proxy_leads_nowhere_inward(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        wd_reason reason;
    } rows[] = {
        { "http://10.0.0.1/feed", WD_REASON_ADDRESS },
        { "http://0x0a000001/feed", WD_REASON_ADDRESS },
        { "https://[fd00::1]/feed", WD_REASON_ADDRESS },
        { "http://127.0.0.9/feed", WD_REASON_ADDRESS },
        { "http://localhost/feed", WD_REASON_NONE }, /* 127.0.0.1 is allowed here */
    };
    char proxy[64];
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &client);
    snprintf(proxy, sizeof(proxy), "http://127.0.0.2:%d", w.port);
    fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, "http://feed.example/ok");
    for (size_t i = 0; i < WD_COUNT(rows); i++) { /* over the connection kept, too */
        fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, rows[i].url);
        if (f.reply.reason != rows[i].reason)
            fail_msg("row %zu: %s (%s)", i, wd_reason_word(f.reply.reason), f.reply.detail);
    }
    assert_int_equal(feeds_server_requests(w.second), 2);
    http_world_close(&w);
}

static void a_proxy_that_refuses_is_no_fault_of_the_feed(void **state)
{
    (void)state;
    char proxy[64];
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &client);
    snprintf(proxy, sizeof(proxy), "http://127.0.0.2:%d", w.port);
    fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, "https://feed.example/ok");
    assert_int_equal(f.reply.reason, WD_REASON_PROXY);
    assert_int_equal(f.reply.status, 0);
    assert_non_null(strstr(f.reply.detail, "407"));
    snprintf(proxy, sizeof(proxy), "http://127.0.0.3:%d", w.port); /* nobody is there */
    fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, "http://feed.example/ok");
    assert_int_equal(f.reply.reason, WD_REASON_PROXY);
    http_world_close(&w);
}

/* WebSub: the subscriber follows 307 and 308; any other redirect is an answer of its own. */
static void a_form_is_posted_and_repeated_only_where_that_is_meant(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        wd_reason reason;
        int status;
        const char *other; /* what the second server saw last; NULL: nothing */
    } rows[] = {
        { "/accepted", WD_REASON_NONE, 202, NULL },
        { "/here", WD_REASON_NONE, 302, NULL },
        { "/private", WD_REASON_ADDRESS, 0, NULL },
        { "/307", WD_REASON_NONE, 202, "POST /accepted HTTP/1.1\r\n" },
    };
    http_world w;
    http_fetch f;
    http_world_open(&w, answer, &client);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        post(&w, &f, &(wd_feed_config){ .weight = 1 }, rows[i].path,
             "hub.mode=subscribe&hub.secret=canary");
        if (f.reply.reason != rows[i].reason || f.reply.status != rows[i].status)
            fail_msg("%s: %s, %d", rows[i].path, wd_reason_word(f.reply.reason), f.reply.status);
        has(last_head(w.server), "POST /", true);
        has(last_head(w.server), "\r\nContent-Type: application/x-www-form-urlencoded\r\n", true);
        has(last_head(w.server), "\r\nContent-Length: 36\r\n", true);
        has(last_head(w.server), "application/rss+xml", false);
        assert_int_equal(feeds_server_requests(w.second), rows[i].other != NULL);
        if (rows[i].other != NULL)
            has(last_head(w.second), rows[i].other, true);
        /* Whoever has that handle next asks as ever. */
        fetch(&w, &f, &(wd_feed_config){ .weight = 1 }, "/ok");
        has(last_head(w.server), "GET /ok HTTP/1.1\r\n", true);
        has(last_head(w.server), "Content-", false);
    }
    http_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_reach_their_own_origin_and_no_other),
        cmocka_unit_test(an_accept_of_ones_own_replaces_ours),
        cmocka_unit_test(times_and_agent_are_the_feeds_own_and_end_with_it),
        cmocka_unit_test(a_proxy_is_asked_for_its_feed_alone),
        cmocka_unit_test(a_proxy_leads_nowhere_inward),
        cmocka_unit_test(a_proxy_that_refuses_is_no_fault_of_the_feed),
        cmocka_unit_test(a_form_is_posted_and_repeated_only_where_that_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
