/* tests/unit/queue/test_embedded_redis.c - a private Redis starts, comes back, and goes. */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue/embedded_redis.h"
#include "queue/redis.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

typedef struct watcher {
    uv_loop_t loop;
    wd_embedded_redis *redis;
    unsigned readies, deaths, closes;
    wd_status status;
    char url[8192];
} watcher;

static char dir[PATH_MAX];

static void ready(void *ctx, wd_status s, const char *url)
{
    watcher *w = ctx;
    w->readies++;
    w->status = s;
    snprintf(w->url, sizeof(w->url), "%s", url);
    uv_stop(&w->loop);
}

static void died(void *ctx, const char *why)
{
    (void)why;
    ((watcher *)ctx)->deaths++;
    uv_stop(&((watcher *)ctx)->loop);
}

static void closed(void *ctx)
{
    ((watcher *)ctx)->closes++;
}

static void start(watcher *w, const char *where)
{
    wd_error err = { 0 };
    memset(w, 0, sizeof(*w));
    uv_loop_init(&w->loop);
    wd_embedded_redis_spec spec = { .loop = &w->loop,
                                    .log = wd_log_silent(),
                                    .dir = where,
                                    .ready = ready,
                                    .died = died,
                                    .closed = closed,
                                    .ctx = w };
    if (wd_embedded_redis_open(&w->redis, &spec, &err) != WD_OK)
        fail_msg("%s", err.text);
    assert_int_equal(w->readies, 0);
}

static void stop(watcher *w)
{
    wd_embedded_redis_close(&w->redis);
    assert_null(w->redis);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(w->closes, 1);
    assert_int_equal(uv_loop_close(&w->loop), 0);
}

static long pid_in(const char *where)
{
    char path[2 * PATH_MAX];
    long pid = 0;
    snprintf(path, sizeof(path), "%s/redis.pid", where);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld", &pid), 1);
    fclose(f);
    return pid;
}

/* A process that has ended and waits for somebody to collect its exit code is gone too:
 * an orphan's collector is process 1, which may take its time in a container. */
static bool is_gone(long pid)
{
    char path[64], state = 'Z';
    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return true;
    if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(f);
    return state == 'Z' || state == 'X';
}

static void wait_gone(long pid)
{
    for (int i = 0; i < 2000 && !is_gone(pid); i++)
        usleep(5000);
    assert_true(is_gone(pid));
}

typedef struct asker {
    uv_loop_t *loop;
    wd_redis *redis;
    wd_redis_call call;
    unsigned ups, answers;
} asker;

static void asker_up(void *ctx)
{
    ((asker *)ctx)->ups++;
    uv_stop(((asker *)ctx)->loop);
}

static void asker_down(void *ctx, wd_status s, const char *why)
{
    (void)s;
    (void)why;
    uv_stop(((asker *)ctx)->loop);
}

static void asker_closed(void *ctx)
{
    (void)ctx;
}

/* The URL is one that the door understands, at any length. */
static void connects(watcher *w)
{
    asker a = { .loop = &w->loop };
    wd_redis_url url;
    assert_ok(wd_redis_url_parse(wd_span_of(w->url), &url, NULL));
    wd_redis_spec spec = { .loop = &w->loop,
                           .url = &url,
                           .up = asker_up,
                           .down = asker_down,
                           .closed = asker_closed,
                           .ctx = &a };
    for (int attempt = 0; attempt < 200 && a.ups == 0; attempt++) {
        assert_ok(wd_redis_open(&a.redis, &spec));
        uv_run(&w->loop, UV_RUN_DEFAULT);
        wd_redis_close(&a.redis);
        for (int i = 0; i < 10; i++)
            uv_run(&w->loop, UV_RUN_NOWAIT);
        usleep(a.ups == 0 ? 10000 : 0); /* it may be on its way up */
    }
    assert_int_equal(a.ups, 1);
}

static void starts_in_any_directory_and_stops(void **state)
{
    (void)state;
    static const char *const names[] = {
        "redis", "a %?# b",
        "a-name-that-makes-the-path-of-the-socket-longer-than-the-hundred-and-eight-bytes-that-fit-"
        "into-the-address-of-a-unix-socket-on-linux"
    };
    for (size_t i = 0; i < WD_COUNT(names); i++) {
        watcher w;
        char where[2 * PATH_MAX];
        struct stat st;
        snprintf(where, sizeof(where), "%s/%s", dir, names[i]);
        start(&w, where);
        uv_run(&w.loop, UV_RUN_DEFAULT);
        assert_int_equal(w.readies, 1);
        assert_ok(w.status);
        connects(&w);
        long pid = pid_in(where);
        stop(&w);
        assert_true(is_gone(pid));
        assert_int_equal(stat(where, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);
    }
}

static void comes_back_after_a_death(void **state)
{
    (void)state;
    watcher w;
    start(&w, dir);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    long first = pid_in(dir);
    kill((pid_t)first, SIGKILL);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(w.deaths, 1);
    while (pid_in(dir) == first)
        uv_run(&w.loop, UV_RUN_ONCE);
    for (int i = 0; i < 100; i++) {
        uv_run(&w.loop, UV_RUN_NOWAIT);
        usleep(5000);
    }
    assert_int_equal(w.readies, 1); /* said once */
    connects(&w);
    stop(&w);
}

static void closing_is_safe_at_any_turn(void **state)
{
    (void)state;
    for (int turns = 0; turns < 8; turns++) {
        watcher w;
        start(&w, dir);
        for (int i = 0; i < turns && w.readies == 0; i++)
            uv_run(&w.loop, UV_RUN_ONCE);
        stop(&w);
    }
}

/* A daemon that is killed takes its Redis with it; and one that could not is cleaned up
 * after: here SIGSTOP keeps the child from hearing its death signal. */
static void leaves_no_process_behind(void **state)
{
    (void)state;
    for (int stopped = 0; stopped < 2; stopped++) {
        int ends[2];
        char byte;
        assert_int_equal(pipe(ends), 0);
        pid_t daemon = fork();
        if (daemon == 0) {
            watcher w;
            start(&w, dir);
            uv_run(&w.loop, UV_RUN_DEFAULT);
            if (write(ends[1], "r", 1) != 1)
                _exit(1);
            pause();
        }
        assert_int_equal(read(ends[0], &byte, 1), 1);
        long pid = pid_in(dir);
        if (stopped)
            kill((pid_t)pid, SIGSTOP);
        kill(daemon, SIGKILL);
        waitpid(daemon, NULL, 0);
        close(ends[0]);
        close(ends[1]);
        if (!stopped) {
            wait_gone(pid);
            continue;
        }
        watcher w;
        start(&w, dir);
        usleep(20000);
        uv_run(&w.loop, UV_RUN_DEFAULT);
        assert_ok(w.status);
        assert_int_not_equal(pid_in(dir), pid);
        wait_gone(pid);
        stop(&w);
    }
}

static void a_server_that_cannot_start_is_told_once(void **state)
{
    (void)state;
    watcher w;
    char path[2 * PATH_MAX];
    snprintf(path, sizeof(path), "%s/redis.log", dir);
    assert_int_equal(mkdir(path, 0700), 0); /* its log cannot be opened */
    start(&w, dir);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(w.readies, 1);
    assert_int_equal(w.status, WD_IO);
    stop(&w);
}

/* As under systemd's SystemCallFilter. */
static void a_sandbox_that_refuses_setpriv_still_has_its_redis(void **state)
{
    (void)state;
    watcher w;
    char path[PATH_MAX], both[2 * PATH_MAX], old[4096];
    snprintf(path, sizeof(path), "%s/setpriv", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("#!/bin/sh\nexit 127\n", f);
    fclose(f);
    assert_int_equal(chmod(path, 0700), 0);
    snprintf(old, sizeof(old), "%s", getenv("PATH"));
    snprintf(both, sizeof(both), "%s:%s", dir, old);
    setenv("PATH", both, 1);
    start(&w, dir);
    setenv("PATH", old, 1);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_ok(w.status);
    assert_int_equal(w.readies, 1);
    connects(&w);
    stop(&w);
}

static void no_program_is_not_found(void **state)
{
    (void)state;
    uv_loop_t loop;
    wd_embedded_redis *r = NULL;
    wd_error err = { 0 };
    char path[4096];
    snprintf(path, sizeof(path), "%s", getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    uv_loop_init(&loop);
    wd_embedded_redis_spec spec = { .loop = &loop, .log = wd_log_silent(), .dir = dir };
    assert_int_equal(wd_embedded_redis_open(&r, &spec, &err), WD_NOTFOUND);
    assert_non_null(strstr(err.text, "redis-server"));
    setenv("PATH", path, 1);
    assert_int_equal(uv_loop_close(&loop), 0);
}

#define TEST(name) TEMP_DIR_TEST(name, dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(starts_in_any_directory_and_stops),
        TEST(comes_back_after_a_death),
        TEST(closing_is_safe_at_any_turn),
        TEST(leaves_no_process_behind),
        TEST(a_server_that_cannot_start_is_told_once),
        TEST(a_sandbox_that_refuses_setpriv_still_has_its_redis),
        TEST(no_program_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
