/* The listener answers this machine's GETs and nobody else's. */
#include "daemon/control.h"
#include "tests/support/http_visitor.h"

static void page(void *ctx, const wd_control_request *r, wd_control_answer *out)
{
    const char *who = wd_control_query(r, "who");
    (void)ctx;
    if (strcmp(wd_control_path(r), "/fixed") == 0) {
        out->fixed = WD_SPAN_LIT("always the same\n");
        out->etag = "\"one\"";
        out->policy = "default-src 'self'";
        return;
    }
    out->status = strcmp(wd_control_path(r), "/x") == 0 ? 200 : 404;
    wd_buf_printf(&out->body, "you asked %s, %s\n", wd_control_path(r), who ? who : "nobody");
}

static void closed(void *ctx)
{
    ++*(int *)ctx;
}

static void exchange(http_visitor *v)
{
    uv_loop_t loop;
    wd_control *control = NULL;
    wd_error err;
    int n_closed = 0;
    wd_control_spec spec = {
        .loop = &loop, .listen = "127.0.0.1:0", .page = page, .closed = closed, .ctx = &n_closed
    };
    uv_loop_init(&loop);
    assert_ok(wd_control_open(&control, &spec, &err));
    http_visitor_begin(v, &loop, wd_control_port(control));
    http_visitor_wait(v);
    wd_control_close(&control);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(n_closed, 1);
}

static void answers_by_path_method_and_host(void **state)
{
    (void)state;
    static const struct {
        const char *request, *want;
    } rows[] = {
        { "GET /x HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n", "200 OK" },
        { "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "you asked /x" },
        { "GET /y HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n", "404" },
        { "GET /x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "403" },
        { "GET /x HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\nConnection: close\r\n\r\n", "403" },
        { "GET /x HTTP/1.0\r\n\r\n", "403" },
        { "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
          "405" },
        { "GET /x?who=a%20b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
          "you asked /x, a b" },
        { "GET /fixed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
          "Content-Security-Policy: default-src 'self'" },
        { "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
          "Content-Security-Policy: default-src 'none'" },
        { "GET /fixed HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"one\"\r\nConnection: "
          "close\r\n\r\n",
          "304" },
        { "GET /fixed HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"two\"\r\nConnection: "
          "close\r\n\r\n",
          "always the same" },
        { "GET /x HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: "
          "cors\r\nConnection: close\r\n\r\n",
          "403" },
        { "GET /x HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-site\r\nConnection: close"
          "\r\n\r\n",
          "403" },
        { "GET /x HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nConnection: close"
          "\r\n\r\n",
          "200 OK" },
        { "GET /x HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: "
          "navigate\r\nConnection: close\r\n\r\n",
          "200 OK" },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        http_visitor v = { .request = rows[i].request };
        exchange(&v);
        if (strstr(v.answer, rows[i].want) == NULL)
            fail_msg("row %zu: want %s in\n%s", i, rows[i].want, v.answer);
    }
}

struct dripping {
    wd_control *control;
    uv_timer_t timer;
    int drops, n_filled, n_ended;
};

static size_t drip(void *ctx, char *out, size_t room)
{
    struct dripping *d = ctx;
    assert_true(room >= 8);
    if (d->n_filled == d->drops)
        return 0;
    d->n_filled++;
    memcpy(out, "drop", 4);
    return 4;
}

static void drip_ended(void *ctx)
{
    ((struct dripping *)ctx)->n_ended++;
}

static void dripping_page(void *ctx, const wd_control_request *r, wd_control_answer *out)
{
    (void)r;
    out->stream = (wd_control_stream){ .fill = drip, .end = drip_ended, .ctx = ctx };
}

static void nothing(void *ctx)
{
    (void)ctx;
}

/* Three times more to say, and then the listener closes over a stream that rests. */
static void on_drip(uv_timer_t *timer)
{
    struct dripping *d = wd_owner(timer, struct dripping, timer);
    if (d->n_filled < d->drops)
        return; /* the client is not there yet */
    if (d->drops == 3) {
        wd_control_close(&d->control);
        uv_close((uv_handle_t *)timer, NULL);
        return;
    }
    d->drops++;
    wd_control_wake(d->control);
}

static void a_stream_rests_is_woken_and_ends_once(void **state)
{
    (void)state;
    uv_loop_t loop;
    wd_error err;
    struct dripping d = { .drops = 1 };
    http_visitor v = { .request = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n" };
    wd_control_spec spec = {
        .loop = &loop, .listen = "127.0.0.1:0", .page = dripping_page, .closed = nothing, .ctx = &d
    };
    uv_loop_init(&loop);
    assert_ok(wd_control_open(&d.control, &spec, &err));
    uv_timer_init(&loop, &d.timer);
    uv_timer_start(&d.timer, on_drip, 5, 5);
    http_visitor_begin(&v, &loop, wd_control_port(d.control));
    http_visitor_wait(&v);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(d.n_ended, 1);
    assert_int_equal(d.n_filled, 3);
    const char *first = strstr(v.answer, "drop");
    assert_non_null(first);
    const char *second = strstr(first + 4, "drop");
    assert_non_null(second);
    assert_non_null(strstr(second + 4, "drop"));
}

static void says_what_is_wrong_with_an_address(void **state)
{
    (void)state;
    static const char *const bad[] = { "nonsense", "127.0.0.1", "example.org:80", "127.0.0.1:99999",
                                       ":80" };
    uv_loop_t loop;
    uv_loop_init(&loop);
    for (size_t i = 0; i < WD_COUNT(bad); i++) {
        wd_control *control = NULL;
        wd_error err = { 0 };
        wd_control_spec spec = { .loop = &loop, .listen = bad[i], .page = page, .closed = closed };
        assert_int_equal(wd_control_open(&control, &spec, &err), WD_CONFIG);
        assert_non_null(strstr(err.text, "control.listen"));
    }
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(answers_by_path_method_and_host),
                                        cmocka_unit_test(a_stream_rests_is_woken_and_ends_once),
                                        cmocka_unit_test(says_what_is_wrong_with_an_address) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
