/* The listener answers this machine's GETs and nobody else's. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/control.h"
#include "tests/support/check.h"

static int page(void *ctx, const char *path, wd_buf *out, const char **type)
{
    (void)ctx;
    (void)type;
    wd_buf_printf(out, "you asked %s\n", path);
    return strcmp(path, "/x") == 0 ? 200 : 404;
}

static void closed(void *ctx)
{
    ++*(int *)ctx;
}

struct client {
    uv_thread_t thread;
    uv_async_t finished;
    uint16_t port;
    const char *request;
    char answer[2048];
};

static void ask(void *arg)
{
    struct client *c = arg;
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(c->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t n = 0;
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
        write(fd, c->request, strlen(c->request)) > 0) {
        ssize_t got;
        while (n < sizeof(c->answer) - 1 &&
               (got = read(fd, c->answer + n, sizeof(c->answer) - 1 - n)) > 0)
            n += (size_t)got;
    }
    c->answer[n] = '\0';
    close(fd);
    uv_async_send(&c->finished);
}

static void stop_loop(uv_async_t *async)
{
    uv_stop(async->loop);
    uv_close((uv_handle_t *)async, NULL);
}

static void exchange(const char *request, char *answer, size_t size)
{
    uv_loop_t loop;
    wd_control *control = NULL;
    wd_error err;
    int n_closed = 0;
    struct client c = { .request = request };
    wd_control_spec spec = {
        .loop = &loop, .listen = "127.0.0.1:0", .page = page, .closed = closed, .ctx = &n_closed
    };
    uv_loop_init(&loop);
    assert_ok(wd_control_open(&control, &spec, &err));
    c.port = wd_control_port(control);
    uv_async_init(&loop, &c.finished, stop_loop);
    uv_thread_create(&c.thread, ask, &c);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_thread_join(&c.thread);
    wd_control_close(&control);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(n_closed, 1);
    snprintf(answer, size, "%s", c.answer);
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
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        char answer[2048];
        exchange(rows[i].request, answer, sizeof(answer));
        if (strstr(answer, rows[i].want) == NULL)
            fail_msg("row %zu: want %s in\n%s", i, rows[i].want, answer);
    }
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
                                        cmocka_unit_test(says_what_is_wrong_with_an_address) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
