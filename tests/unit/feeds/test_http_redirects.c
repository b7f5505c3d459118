/* Where redirects lead, where they must not, and what stays behind with the origin. */
#include "tests/support/check.h"
#include "tests/support/http_world.h"

static const char *const loopback[] = { "127.0.0.1/32", NULL };

static const wd_http_config config = { .user_agent = "test/1", .allow_private = loopback };

static void redirect(feeds_conn *c, const char *status, const char *location)
{
    char lines[1024];
    snprintf(lines, sizeof(lines), "Location: %s\r\n", location);
    feeds_conn_answer(c, status, lines, WD_SPAN_LIT(""));
}

static void answer_redirect(const http_world *w, feeds_conn *c, const char *head)
{
    static const struct {
        const char *path, *status, *location; /* %d: our port */
    } rows[] = {
        { "/r/ok", "302 Found", "/ok" },
        { "/r/permanent", "301 Moved", "/r/permanent2" },
        { "/r/permanent2", "308 Moved", "http://127.0.0.1:%d/ok" },
        { "/r/mixed", "301 Moved", "/r/ok" },
        { "/r/loop", "302 Found", "/r/loop" },
        { "/r/inward", "302 Found", "http://127.0.0.2:%d/x" },
        { "/r/metadata", "302 Found", "http://169.254.169.254/latest/meta-data/" },
        { "/r/decimal", "302 Found", "http://2130706434:%d/x" },
        { "/r/octal", "302 Found", "http://0177.0.0.2:%d/x" },
        { "/r/mapped", "302 Found", "http://[::ffff:127.0.0.2]:%d/x" },
        { "/r/v6", "302 Found", "http://[::1]:%d/x" },
        { "/r/zero", "302 Found", "http://0.0.0.0:%d/ok" },
        { "/r/file", "302 Found", "file:///etc/passwd" },
        { "/r/gopher", "302 Found", "gopher://127.0.0.1:6379/_FLUSHALL" },
        { "/r/userinfo", "302 Found", "http://user:pass@127.0.0.1:%d/secret" },
        { "/r/away", "302 Found", "http://127.0.0.3:%d/away" },
        { "/r/empty", "302 Found", "" },
        { "/r/5", "302 Found", "/r/4" },
        { "/r/4", "302 Found", "/r/3" },
        { "/r/3", "302 Found", "/r/2" },
        { "/r/2", "302 Found", "/r/ok" },
        { "/r/6", "302 Found", "/r/5" },
    };
    char location[256];
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        if (!feeds_head_is(head, rows[i].path))
            continue;
        const char *mark = strstr(rows[i].location, "%d");
        if (mark == NULL)
            snprintf(location, sizeof(location), "%s", rows[i].location);
        else
            snprintf(location, sizeof(location), "%.*s%d%s", (int)(mark - rows[i].location),
                     rows[i].location, w->port, mark + 2);
        redirect(c, rows[i].status, location);
        return;
    }
    feeds_conn_answer(c, "302 Found", "", WD_SPAN_LIT("")); /* without a Location */
}

static void answer(void *ctx, feeds_conn *c, const char *head)
{
    if (strncmp(head, "GET /r/", 7) == 0)
        answer_redirect(ctx, c, head);
    else if (feeds_head_is(head, "/ok") || feeds_head_is(head, "/secret"))
        feeds_conn_answer(c, "200 OK", "", WD_SPAN_LIT(FEEDS_DOCUMENT));
    else
        feeds_conn_answer(c, "404 Not Found", "", WD_SPAN_LIT("no"));
}

static const struct {
    const char *path;
    wd_reason reason;
    bool permanent;
    const char *detail;
} redirects[] = {
    { "/r/ok", WD_REASON_NONE, false, "" },
    { "/r/permanent", WD_REASON_NONE, true, "" },
    { "/r/mixed", WD_REASON_NONE, false, "" },
    { "/r/5", WD_REASON_NONE, false, "" },
    { "/r/6", WD_REASON_REDIRECTS, false, "more than 5" },
    { "/r/loop", WD_REASON_REDIRECTS, false, "more than 5" },
    { "/r/file", WD_REASON_REDIRECTS, false, "not an http" },
    { "/r/gopher", WD_REASON_REDIRECTS, false, "not an http" },
    { "/r/empty", WD_REASON_REDIRECTS, false, "without a usable Location" },
    { "/r/none", WD_REASON_REDIRECTS, false, "without a usable Location" },
    { "/r/inward", WD_REASON_ADDRESS, false, "connect to 127.0.0.2: not a public address" },
    { "/r/metadata", WD_REASON_ADDRESS, false, "169.254.169.254" },
    { "/r/decimal", WD_REASON_ADDRESS, false, "127.0.0.2" },
    { "/r/octal", WD_REASON_ADDRESS, false, "127.0.0.2" },
    { "/r/mapped", WD_REASON_ADDRESS, false, "127.0.0.2" },
    { "/r/v6", WD_REASON_ADDRESS, false, "::1" },
    { "/r/zero", WD_REASON_ADDRESS, false, "0.0.0.0" },
};

static void check_redirect(size_t i, const http_fetch *f)
{
    const wd_http_reply *r = &f->reply;
    if (r->reason != redirects[i].reason || r->permanent_redirect != redirects[i].permanent ||
        strstr(r->detail, redirects[i].detail) == NULL)
        fail_msg("%s: %s, \"%s\"", redirects[i].path, wd_reason_word(r->reason), r->detail);
    if (r->reason != WD_REASON_NONE)
        return;
    assert_span(r->body, FEEDS_DOCUMENT);
    assert_true(wd_span_find_nocase(r->final_url, "/ok") < r->final_url.len);
}

static void redirects_are_followed_and_judged(void **state)
{
    (void)state;
    http_world w;
    http_world_open(&w, answer, &config);
    for (size_t i = 0; i < WD_COUNT(redirects); i++) {
        http_fetch f;
        http_fetch_make(&f, &w, redirects[i].path);
        check_redirect(i, &f);
        http_fetch_end(&f);
    }
    assert_int_equal(feeds_server_requests(w.second), 0); /* where many of them lead */
    http_world_close(&w);
}

static void credentials_stay_with_their_origin(void **state)
{
    (void)state;
    static const char *const both[] = { "127.0.0.1", "127.0.0.3", NULL };
    http_world w;
    http_fetch f;
    wd_validators v = { "\"v9\"", "" };
    char url[128];
    http_world_open(&w, answer, &config);
    feeds_server *away = feeds_server_open(&w.loop, "127.0.0.3", w.port, answer, &w);
    assert_non_null(away);
    snprintf(url, sizeof(url), "http://me:canary@127.0.0.1:%d/r/away", w.port);
    http_fetch_begin(&f, &w, url);
    f.req.allow_private = both;
    f.req.validators = &v;
    http_fetch_wait(&f);
    const char *head = feeds_server_head(w.server, 0);
    assert_non_null(strstr(head, "Authorization: Basic bWU6Y2FuYXJ5\r\n"));
    assert_non_null(strstr(head, "If-None-Match: \"v9\"\r\n"));
    head = feeds_server_head(away, 0);
    assert_non_null(head);
    assert_null(strstr(head, "Authorization"));
    assert_null(strstr(head, "If-"));
    assert_true(wd_span_find_nocase(f.reply.final_url, "canary") == f.reply.final_url.len);
    http_fetch_end(&f);

    snprintf(url, sizeof(url), "http://me:canary@127.0.0.1:%d/r/ok", w.port);
    http_fetch_make(&f, &w, url); /* within the origin they are kept */
    assert_non_null(
        strstr(feeds_server_head(w.server, 2), "Authorization: Basic bWU6Y2FuYXJ5\r\n"));
    assert_true(wd_span_find_nocase(f.reply.final_url, "canary") == f.reply.final_url.len);
    http_fetch_end(&f);

    http_fetch_make(&f, &w, "/r/userinfo"); /* those that a Location brings are not sent */
    assert_int_equal(f.reply.status, 200);
    assert_null(strstr(feeds_server_head(w.server, 4), "Authorization"));
    http_fetch_end(&f);
    feeds_server_close(away);
    http_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redirects_are_followed_and_judged),
        cmocka_unit_test(credentials_stay_with_their_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
