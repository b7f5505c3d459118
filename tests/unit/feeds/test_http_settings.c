/* A feed's own request settings against a server: sent, tuned, and left at home elsewhere. */
#include "core/clock.h"
#include "feeds/http.h"
#include "tests/support/check.h"
#include "tests/support/feeds_server.h"
#include "tests/support/ticking_loop.h"

#define NOW_MS 1773133331384
#define BODY   "<rss version=\"2.0\"><channel><title>t</title></channel></rss>"

static const char *const loopback[] = { "127.0.0.0/29", NULL };
static const char *const secrets[] = { "X-Api-Key: canary", "Authorization: Bearer canary", NULL };

struct world {
    uv_loop_t loop;
    uv_timer_t tick;
    wd_http *http;
    feeds_server *server, *other; /* 127.0.0.1, and 127.0.0.2 on the same port */
    int port;
};

struct fetch {
    wd_http_request req;
    wd_http_reply reply;
    char url[256];
    bool done;
    const char *form; /* NULL: a GET */
};

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
    struct world *w = ctx;
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
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT(BODY));
}

static void world_open(struct world *w)
{
    memset(w, 0, sizeof(*w));
    ticking_loop_open(&w->loop, &w->tick, 5);
    w->server = feeds_server_open(&w->loop, "127.0.0.1", 0, answer, w);
    assert_non_null(w->server);
    w->port = feeds_server_port(w->server);
    w->other = feeds_server_open(&w->loop, "127.0.0.2", w->port, answer, w);
    assert_non_null(w->other);
    wd_http_config config = { .user_agent = "test/1",
                              .total_timeout_ms = 20000,
                              .allow_private = loopback };
    assert_ok(wd_http_open(&w->http, &w->loop, &config));
}

static void world_close(struct world *w)
{
    wd_http_close(&w->http);
    feeds_server_close(w->server);
    feeds_server_close(w->other);
    ticking_loop_close(&w->loop, &w->tick);
}

static void on_done(wd_http_request *req, const wd_http_reply *reply)
{
    struct fetch *f = req->ctx;
    f->reply = *reply;
    f->done = true;
}

static void fetch(struct world *w, struct fetch *f, const wd_feed_config *config, const char *path)
{
    wd_validators v = { .etag = "\"canary\"" };
    wd_feed_config c = *config;
    const char *form = f->form;
    memset(f, 0, sizeof(*f));
    if (path[0] == '/')
        snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d%s", w->port, path);
    else
        snprintf(f->url, sizeof(f->url), "%s", path);
    c.url = f->url;
    f->req = wd_http_request_of(&c);
    f->req.form = form;
    f->req.validators = form ? NULL : &v;
    f->req.arena = wd_arena_new(WD_POLL_ARENA_BYTES);
    f->req.now_ms = NOW_MS;
    f->req.done = on_done;
    f->req.ctx = f;
    assert_ok(wd_http_get(w->http, &f->req));
    while (!f->done)
        uv_run(&w->loop, UV_RUN_ONCE);
    wd_arena_free(f->req.arena);
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
    struct world w;
    struct fetch f = { .form = NULL };
    world_open(&w);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        fetch(&w, &f, &(wd_feed_config){ .lines = secrets }, rows[i].path);
        assert_int_equal(f.reply.status, 200);
        const char *head = last_head(rows[i].other ? w.other : w.server);
        has(head, "\r\nX-Api-Key: canary\r\n", rows[i].told);
        has(head, "\r\nAuthorization: Bearer canary\r\n", rows[i].told);
        has(head, "\r\nIf-None-Match: \"canary\"\r\n", rows[i].told);
        has(head, "\r\nAccept: application/rss+xml", true);
    }
    for (size_t i = 0; i < feeds_server_requests(w.other); i++)
        has(feeds_server_head(w.other, i), "canary", false);
    fetch(&w, &f, &(wd_feed_config){ .weight = 1 }, "/ok"); /* the next one of that handle */
    has(last_head(w.server), "X-Api-Key", false);
    world_close(&w);
}

static void an_accept_of_ones_own_replaces_ours(void **state)
{
    (void)state;
    static const char *const lines[] = { "accept: application/json", NULL };
    struct world w;
    struct fetch f = { .form = NULL };
    world_open(&w);
    fetch(&w, &f, &(wd_feed_config){ .lines = lines }, "/ok");
    has(last_head(w.server), "\r\naccept: application/json\r\n", true);
    has(last_head(w.server), "Accept: application/rss+xml", false);
    world_close(&w);
}

static void times_and_agent_are_the_feeds_own_and_end_with_it(void **state)
{
    (void)state;
    struct world w;
    struct fetch f = { .form = NULL };
    world_open(&w);
    fetch(&w, &f, &(wd_feed_config){ .timeout_ms = 100, .user_agent = "mine/2" }, "/silent");
    assert_int_equal(f.reply.reason, WD_REASON_TIMEOUT);
    has(last_head(w.server), "\r\nUser-Agent: mine/2\r\n", true);
    fetch(&w, &f, &(wd_feed_config){ .http1 = 1, .connect_timeout_ms = 500 }, "/ok");
    assert_int_equal(f.reply.status, 200);
    has(last_head(w.server), "\r\nUser-Agent: test/1\r\n", true);
    world_close(&w);
}

static void a_proxy_is_asked_for_its_feed_alone(void **state)
{
    (void)state;
    char proxy[64];
    struct world w;
    struct fetch f = { .form = NULL };
    world_open(&w);
    snprintf(proxy, sizeof(proxy), "http://name:canary@127.0.0.2:%d", w.port);
    fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, "http://feed.example/ok");
    assert_int_equal(f.reply.status, 200);
    assert_false(f.reply.private_address);
    has(last_head(w.other), "GET http://feed.example/ok HTTP/1.1\r\n", true);
    has(last_head(w.other), "\r\nProxy-Authorization: Basic bmFtZTpjYW5hcnk=\r\n", true);
    fetch(&w, &f, &(wd_feed_config){ .weight = 1 }, "/ok");
    has(last_head(w.server), "Proxy-", false);
    assert_int_equal(feeds_server_requests(w.other), 1);
    world_close(&w);
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
    struct world w;
    struct fetch f = { .form = NULL };
    world_open(&w);
    snprintf(proxy, sizeof(proxy), "http://127.0.0.2:%d", w.port);
    fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, "http://feed.example/ok");
    for (size_t i = 0; i < WD_COUNT(rows); i++) { /* over the connection kept, too */
        fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, rows[i].url);
        if (f.reply.reason != rows[i].reason)
            fail_msg("row %zu: %s (%s)", i, wd_reason_word(f.reply.reason), f.reply.detail);
    }
    assert_int_equal(feeds_server_requests(w.other), 2);
    world_close(&w);
}

static void a_proxy_that_refuses_is_no_fault_of_the_feed(void **state)
{
    (void)state;
    char proxy[64];
    struct world w;
    struct fetch f = { .form = NULL };
    world_open(&w);
    snprintf(proxy, sizeof(proxy), "http://127.0.0.2:%d", w.port);
    fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, "https://feed.example/ok");
    assert_int_equal(f.reply.reason, WD_REASON_PROXY);
    assert_int_equal(f.reply.status, 0);
    assert_non_null(strstr(f.reply.detail, "407"));
    snprintf(proxy, sizeof(proxy), "http://127.0.0.3:%d", w.port); /* nobody is there */
    fetch(&w, &f, &(wd_feed_config){ .proxy = proxy }, "http://feed.example/ok");
    assert_int_equal(f.reply.reason, WD_REASON_PROXY);
    world_close(&w);
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
    struct world w;
    struct fetch f = { .form = NULL };
    world_open(&w);
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        f.form = "hub.mode=subscribe&hub.secret=canary";
        fetch(&w, &f, &(wd_feed_config){ .weight = 1 }, rows[i].path);
        if (f.reply.reason != rows[i].reason || f.reply.status != rows[i].status)
            fail_msg("%s: %s, %d", rows[i].path, wd_reason_word(f.reply.reason), f.reply.status);
        has(last_head(w.server), "POST /", true);
        has(last_head(w.server), "\r\nContent-Type: application/x-www-form-urlencoded\r\n", true);
        has(last_head(w.server), "\r\nContent-Length: 36\r\n", true);
        has(last_head(w.server), "application/rss+xml", false);
        assert_int_equal(feeds_server_requests(w.other), rows[i].other != NULL);
        if (rows[i].other != NULL)
            has(last_head(w.other), rows[i].other, true);
        f.form = NULL; /* whoever has that handle next asks as ever */
        fetch(&w, &f, &(wd_feed_config){ .weight = 1 }, "/ok");
        has(last_head(w.server), "GET /ok HTTP/1.1\r\n", true);
        has(last_head(w.server), "Content-", false);
    }
    world_close(&w);
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
