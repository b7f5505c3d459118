/* tests/unit/queue/test_redis.c - one connection: up, refused, stalled, lost, closed. */
#include <sys/socket.h>
#include <sys/un.h>

#include "queue/redis.h"
#include "tests/support/check.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_dir.h"

typedef struct client {
    uv_loop_t loop;
    wd_redis *redis;
    wd_redis_call call;
    unsigned ups, downs, closes, answers, nothings;
    wd_status status;
    char why[256], answer[256];
} client;

static client *of_call(wd_redis_call *call)
{
    return wd_owner(call, client, call);
}

static void on_up(void *ctx)
{
    client *c = ctx;
    c->ups++;
    uv_stop(&c->loop);
}

static void on_down(void *ctx, wd_status s, const char *why)
{
    client *c = ctx;
    c->downs++;
    c->status = s;
    snprintf(c->why, sizeof(c->why), "%s", why);
    uv_stop(&c->loop);
}

static void on_closed(void *ctx)
{
    ((client *)ctx)->closes++;
}

static void on_answer(wd_redis_call *call, const wd_redis_reply *reply)
{
    client *c = of_call(call);
    wd_span text = wd_redis_reply_text(reply);
    c->answers++;
    c->nothings += reply == NULL;
    snprintf(c->answer, sizeof(c->answer), "%.*s", WD_SPAN_ARG(text));
    if (reply != NULL)
        uv_stop(&c->loop);
}

static void open_client(client *c, const char *url, uint32_t connect_ms, uint32_t answer_ms)
{
    wd_redis_url parsed;
    memset(c, 0, sizeof(*c));
    assert_ok(wd_redis_url_parse(wd_span_of(url), &parsed, NULL));
    assert_int_equal(uv_loop_init(&c->loop), 0);
    wd_redis_spec spec = { .loop = &c->loop,
                           .url = &parsed,
                           .connect_ms = connect_ms,
                           .answer_ms = answer_ms,
                           .up = on_up,
                           .down = on_down,
                           .closed = on_closed,
                           .ctx = c };
    assert_ok(wd_redis_open(&c->redis, &spec));
    assert_int_equal(c->ups + c->downs, 0); /* nothing is called inside the call */
}

static void send_text(client *c, size_t argc, const char *const *args)
{
    wd_span argv[8];
    for (size_t i = 0; i < argc; i++)
        argv[i] = wd_span_of(args[i]);
    c->call.done = on_answer;
    assert_ok(wd_redis_command(c->redis, argc, argv, &c->call));
}

#define SEND(c, ...)                                                                               \
    send_text(c, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),                         \
              (const char *[]){ __VA_ARGS__ })

static void close_client(client *c)
{
    wd_redis_close(&c->redis);
    assert_null(c->redis);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    assert_int_equal(c->closes, 1);
    assert_int_equal(uv_loop_close(&c->loop), 0);
}

static redis_server server;

static int start_server(void **state)
{
    static const char *const extra[] = { "--databases", "4", NULL };
    (void)state;
    redis_server_start(&server, extra);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    redis_server_stop(&server);
    return 0;
}

static void asks_and_gets_an_answer(void **state)
{
    (void)state;
    client c;
    open_client(&c, server.url, 0, 1000);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_int_equal(c.ups, 1);
    SEND(&c, "ECHO", "");
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_string_equal(c.answer, "");
    SEND(&c, "PING");
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_string_equal(c.answer, "PONG");
    SEND(&c, "NOSUCH");
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_memory_equal(c.answer, "ERR unknown command", 19);
    assert_int_equal(c.downs, 0);
    close_client(&c);
}

static void selects_its_database(void **state)
{
    (void)state;
    client c;
    char url[4300];
    snprintf(url, sizeof(url), "%s?db=3", server.url);
    open_client(&c, url, 0, 1000);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    SEND(&c, "SET", "where", "here");
    uv_run(&c.loop, UV_RUN_DEFAULT);
    close_client(&c);
    redis_server_do(&server, "SELECT 3");
    assert_int_equal(redis_server_int(&server, "EXISTS where"), 1);
    redis_server_do(&server, "SELECT 0");
    snprintf(url, sizeof(url), "%s?db=9", server.url);
    open_client(&c, url, 0, 1000);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_int_equal(c.downs, 1);
    assert_int_equal(c.status, WD_DENIED);
    assert_non_null(strstr(c.why, "DB index"));
    close_client(&c);
}

static void a_wrong_password_is_redis_own_word(void **state)
{
    (void)state;
    client c;
    wd_redis_url url;
    redis_server_do(&server, "ACL SETUSER wd on >right ~* +@all");
    assert_ok(wd_redis_url_parse(wd_span_of(server.url), &url, NULL));
    static const struct {
        const char *password;
        unsigned ups;
    } rows[] = { { "right", 1 }, { "wrong", 0 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        snprintf(url.username, sizeof(url.username), "wd");
        snprintf(url.password, sizeof(url.password), "%s", rows[i].password);
        memset(&c, 0, sizeof(c));
        uv_loop_init(&c.loop);
        wd_redis_spec spec = { .loop = &c.loop,
                               .url = &url,
                               .up = on_up,
                               .down = on_down,
                               .closed = on_closed,
                               .ctx = &c };
        assert_ok(wd_redis_open(&c.redis, &spec));
        uv_run(&c.loop, UV_RUN_DEFAULT);
        assert_int_equal(c.ups, rows[i].ups);
        if (c.downs > 0) {
            assert_int_equal(c.status, WD_DENIED);
            assert_memory_equal(c.why, "WRONGPASS ", 10);
        }
        close_client(&c);
    }
}

static void a_refused_connection_is_told(void **state)
{
    (void)state;
    static const char *const urls[] = { "redis://127.0.0.1:1",          "redis://[::1]:1",
                                        "unix:///nonexistent/socket",   "redis://localhost:1",
                                        "redis://no-such-host.invalid", "rediss://127.0.0.1:1" };
    for (size_t i = 0; i < WD_COUNT(urls); i++) {
        client c;
        open_client(&c, urls[i], 20000, 1000);
        uv_run(&c.loop, UV_RUN_DEFAULT);
        assert_int_equal(c.downs, 1);
        assert_int_equal(c.ups, 0);
        assert_true(strlen(c.why) > 4);
        wd_redis_call call;
        wd_span ping = WD_SPAN_LIT("PING");
        assert_int_equal(wd_redis_command(c.redis, 1, &ping, &call), WD_NET);
        close_client(&c);
    }
}

/* A listener that never accepts: connected, and no answer will ever come. */
static int listen_in(const char *dir, char url[PATH_MAX])
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/stall", dir);
    unlink(at.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 4), 0);
    snprintf(url, PATH_MAX, "unix://%s", at.sun_path);
    return fd;
}

static void silence_has_a_deadline(void **state)
{
    (void)state;
    client c;
    char url[PATH_MAX], with_db[PATH_MAX + 8];
    int fd = listen_in(server.dir, url);
    snprintf(with_db, sizeof(with_db), "%s?db=1", url);
    open_client(&c, with_db, 50, 1000); /* SELECT is never answered */
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_int_equal(c.ups, 0);
    assert_int_equal(c.status, WD_NET);
    assert_non_null(strstr(c.why, "no connection within 50 ms"));
    close_client(&c);

    open_client(&c, url, 1000, 50);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_int_equal(c.ups, 1);
    SEND(&c, "PING");
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_int_equal(c.downs, 1);
    assert_int_equal(c.nothings, 1);
    assert_non_null(strstr(c.why, "no answer within 50 ms"));
    close_client(&c);
    close(fd);
}

static void a_lost_server_answers_with_nothing(void **state)
{
    (void)state;
    client c;
    open_client(&c, server.url, 0, 5000);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    SEND(&c, "BLPOP", "nothing", "0");
    uv_run(&c.loop, UV_RUN_NOWAIT);
    redis_server_restart(&server);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_int_equal(c.nothings, 1);
    assert_int_equal(c.downs, 1);
    close_client(&c);
}

static void closing_is_safe_at_any_time(void **state)
{
    (void)state;
    client c;
    open_client(&c, server.url, 0, 1000);
    close_client(&c); /* before anything happened */
    assert_int_equal(c.ups + c.downs, 0);
    open_client(&c, "redis://localhost:1", 0, 1000);
    close_client(&c); /* during the look-up */
    assert_int_equal(c.ups + c.downs, 0);
    open_client(&c, server.url, 0, 1000);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    SEND(&c, "BLPOP", "nothing", "0");
    close_client(&c); /* with a command in flight */
    assert_int_equal(c.nothings, 1);
    assert_int_equal(c.downs, 0);
}

static void close_in_answer(wd_redis_call *call, const wd_redis_reply *reply)
{
    client *c = of_call(call);
    c->nothings += reply == NULL;
    c->answers++;
    wd_redis_close(&c->redis);
}

static void closing_inside_an_answer_ends_the_others(void **state)
{
    (void)state;
    client c;
    open_client(&c, server.url, 0, 1000);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    wd_span ping = WD_SPAN_LIT("PING");
    c.call.done = close_in_answer;
    for (int i = 0; i < 5; i++)
        assert_ok(wd_redis_command(c.redis, 1, &ping, &c.call));
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_int_equal(c.answers, 5);
    assert_int_equal(c.nothings, 4);
    assert_int_equal(c.closes, 1);
    assert_int_equal(uv_loop_close(&c.loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_and_gets_an_answer),
        cmocka_unit_test(selects_its_database),
        cmocka_unit_test(a_wrong_password_is_redis_own_word),
        cmocka_unit_test(a_refused_connection_is_told),
        cmocka_unit_test(silence_has_a_deadline),
        cmocka_unit_test(a_lost_server_answers_with_nothing),
        cmocka_unit_test(closing_is_safe_at_any_time),
        cmocka_unit_test(closing_inside_an_answer_ends_the_others),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
