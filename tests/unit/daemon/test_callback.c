/* Visitors of the hubs' listener: how long they may take, and how much they may leave. */
#include "daemon/websub/callback.h"
#include "tests/support/http_visitor.h"

#define TOKEN    "0123456789abcdef0123456789abcdef0123456789abcdef"
#define VISIT_MS 300
#define MAX_BODY 1000

struct world {
    uv_loop_t loop;
    wd_callback *callback;
    int delivered, closed;
    wd_callback_proof proof;
    bool later;               /* deliveries wait for their answer */
    wd_callback_visit *visit; /* the last that does */
};

static int verify(void *ctx, const char *token, const wd_websub_query *q, wd_buf *out)
{
    (void)ctx;
    (void)token;
    wd_buf_append_span(out, q->challenge);
    return 200;
}

static int admit(void *ctx, const char *token, const char **secret)
{
    (void)ctx;
    *secret = "Jefe";
    return strcmp(token, TOKEN) == 0 ? 200 : 404;
}

static int deliver(void *ctx, const wd_callback_delivery *d)
{
    struct world *w = ctx;
    w->delivered++;
    w->proof = d->proof;
    w->visit = d->visit;
    return w->later ? WD_CALLBACK_LATER : 202;
}

static void too_large(void *ctx, const char *token)
{
    (void)ctx;
    (void)token;
}

static void closed(void *ctx)
{
    ((struct world *)ctx)->closed++;
}

static void world_open(struct world *w)
{
    wd_error err;
    memset(w, 0, sizeof(*w));
    uv_loop_init(&w->loop);
    const wd_callback_spec spec = { .loop = &w->loop,
                                    .listen = "127.0.0.1:0",
                                    .max_body = MAX_BODY,
                                    .visit_ms = VISIT_MS,
                                    .verify = verify,
                                    .admit = admit,
                                    .deliver = deliver,
                                    .too_large = too_large,
                                    .closed = closed,
                                    .ctx = w };
    assert_ok(wd_callback_open(&w->callback, &spec, &err));
}

static void world_close(struct world *w)
{
    assert_int_equal(wd_callback_bytes(w->callback), 0);
    wd_callback_close(&w->callback);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(w->closed, 1);
    assert_int_equal(uv_loop_close(&w->loop), 0);
}

static const char *run(struct world *w, http_visitor *v)
{
    http_visitor_begin(v, &w->loop, wd_callback_port(w->callback));
    return http_visitor_wait(v);
}

#define POST(length, body)                                                                         \
    "POST /hubs/" TOKEN " HTTP/1.1\r\nHost: x\r\nX-Hub-Signature: "                                \
    "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79\r\nContent-Length: " length "\r\n\r\n" body

static void a_delivery_is_proved_and_answered(void **state)
{
    (void)state;
    struct world w;
    http_visitor v = { .request = POST("28", "what do ya want for nothing?") };
    world_open(&w);
    const char *answer = run(&w, &v);
    assert_non_null(strstr(answer, " 202 "));
    assert_non_null(strstr(answer, "Connection: close"));
    assert_true(w.delivered == 1 && w.proof == WD_PROOF_GOOD);
    v.request = POST("28", "what do ya want for nothing!");
    run(&w, &v);
    assert_true(w.delivered == 2 && w.proof == WD_PROOF_WRONG);
    v.request = "GET /hubs/" TOKEN "?hub.challenge=a%20%3Cb%3E+c HTTP/1.1\r\nHost: x\r\n\r\n";
    answer = run(&w, &v);
    assert_non_null(strstr(answer, "\r\n\r\na <b> c"));
    assert_non_null(strstr(answer, "Content-Type: text/plain"));
    world_close(&w);
}

static void an_answer_may_come_later(void **state)
{
    (void)state;
    static const char good[] = POST("28", "what do ya want for nothing?");
    struct world w;
    http_visitor first = { .request = good }, other = { .request = good }, last = other;
    world_open(&w);
    w.later = true;
    http_visitor_begin(&first, &w.loop, wd_callback_port(w.callback));
    while (w.delivered == 0)
        uv_run(&w.loop, UV_RUN_ONCE);
    wd_callback_visit *waits = w.visit;
    assert_true(wd_callback_bytes(w.callback) > 0);
    w.later = false;
    assert_non_null(strstr(run(&w, &other), " 202 ")); /* others do not wait for it */
    assert_false(first.done);
    wd_callback_answer(w.callback, waits, 202);
    assert_non_null(strstr(http_visitor_wait(&first), " 202 "));
    assert_int_equal(w.delivered, 2); /* it was not delivered once more */
    assert_int_equal(wd_callback_bytes(w.callback), 0);

    w.later = true;
    http_visitor_begin(&last, &w.loop, wd_callback_port(w.callback));
    while (w.delivered == 2)
        uv_run(&w.loop, UV_RUN_ONCE);
    wd_callback_close(&w.callback); /* while somebody waits: not for long */
    assert_non_null(strstr(http_visitor_wait(&last), " 503 "));
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(w.closed, 1);
    assert_int_equal(uv_loop_close(&w.loop), 0);
}

static void nothing_else_is_answered(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        "PUT /hubs/" TOKEN " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "HEAD /hubs/" TOKEN " HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /hubs/" TOKEN "0 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody",
        "POST /hubs/f" TOKEN " HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody",
    };
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < WD_COUNT(requests); i++) {
        http_visitor v = { .request = requests[i] };
        const char *answer = run(&w, &v), *end = strstr(answer, "\r\n\r\n");
        if (strstr(answer, " 404 ") == NULL || end == NULL || end[4] != '\0')
            fail_msg("%s\n%s", requests[i], answer);
    }
    assert_int_equal(w.delivered, 0);
    world_close(&w);
}

static void bodies_have_a_ceiling_alone_and_together(void **state)
{
    (void)state;
    struct world w;
    http_visitor v = { .request = POST("1001", "x") };
    world_open(&w);
    assert_non_null(strstr(run(&w, &v), " 413 "));
    wd_callback_hold(w.callback, WD_CALLBACK_BYTES - 20);
    v.request = POST("28", "what do ya want for nothing?");
    const char *answer = run(&w, &v);
    assert_non_null(strstr(answer, " 503 "));
    assert_non_null(strstr(answer, "Retry-After: "));
    wd_callback_release(w.callback, WD_CALLBACK_BYTES - 20);
    assert_non_null(strstr(run(&w, &v), " 202 "));
    assert_int_equal(w.delivered, 1);
    world_close(&w);
}

static void who_takes_too_long_is_sent_off(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "a",
    };
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < WD_COUNT(requests); i++) {
        http_visitor v = { .request = requests[i], .dribbles = true };
        uint64_t begun_ns = uv_hrtime();
        run(&w, &v); /* ten seconds, if nobody minded */
        assert_true(uv_hrtime() - begun_ns < 9000000000ULL);
    }
    http_visitor v = { .request = POST("900", "x"), .runs_off = true };
    run(&w, &v);
    for (int i = 0; i < 100 && wd_callback_bytes(w.callback) > 0; i++)
        uv_run(&w.loop, UV_RUN_ONCE);
    v = (http_visitor){ .request = POST("28", "what do ya want for nothing?") };
    assert_non_null(strstr(run(&w, &v), " 202 "));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivery_is_proved_and_answered),
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(nothing_else_is_answered),
        cmocka_unit_test(bodies_have_a_ceiling_alone_and_together),
        cmocka_unit_test(who_takes_too_long_is_sent_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
