/* The control socket answers a line with a line, whoever shouts, stalls or hangs up beside it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/control_socket.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#define LATE     16
#define TURNS_MS 10000 /* nothing here takes a hundredth of it */

struct world {
    uv_loop_t loop;
    wd_control_socket *socket;
    char dir[PATH_MAX], path[PATH_MAX + 16];
    uint64_t late[LATE]; /* callers of "later", to be answered by answer_late() */
    size_t n_late;
    int orders, closed;
    uid_t uid;
};

static void on_order(void *ctx, const wd_control_order *order)
{
    struct world *w = ctx;
    char text[WD_ORDER_BYTES + 16];
    w->orders++;
    w->uid = order->uid;
    if (wd_span_is(order->line, "later")) {
        w->late[w->n_late++] = order->caller;
        return;
    }
    int n = snprintf(text, sizeof(text), "heard %.*s", WD_SPAN_ARG(order->line));
    wd_control_socket_answer(w->socket, order->caller, (wd_span){ text, (size_t)n });
}

static void on_closed(void *ctx)
{
    ((struct world *)ctx)->closed++;
}

static wd_status open_at(struct world *w, const char *path, wd_error *err)
{
    wd_control_socket_spec spec = {
        .loop = &w->loop, .path = path, .order = on_order, .closed = on_closed, .ctx = w
    };
    return wd_control_socket_open(&w->socket, &spec, err);
}

static void world_open(struct world *w)
{
    wd_error err;
    memset(w, 0, sizeof(*w));
    uv_loop_init(&w->loop);
    temp_dir_make(w->dir);
    snprintf(w->path, sizeof(w->path), "%s/s", w->dir);
    assert_ok(open_at(w, w->path, &err));
}

static void world_close(struct world *w)
{
    wd_control_socket_close(&w->socket);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    assert_int_equal(w->closed, 1);
    assert_int_equal(access(w->path, F_OK), -1);
    temp_dir_remove(w->dir);
}

static void turn(struct world *w)
{
    uv_run(&w->loop, UV_RUN_NOWAIT);
    usleep(500);
}

static int knock(struct world *w)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    snprintf(to.sun_path, sizeof(to.sun_path), "%.100s", w->path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    turn(w);
    return fd;
}

static void shout(struct world *w, int fd, const char *bytes, size_t n)
{
    assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
    turn(w);
}

/* What came by the time `want` bytes are there, or the other side hung up. */
static const char *hear(struct world *w, int fd, size_t want)
{
    static char text[1 << 16];
    size_t n = 0;
    for (int i = 0; i < TURNS_MS && n < want; i++) {
        ssize_t got = recv(fd, text + n, sizeof(text) - 1 - n, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            break;
        n += got > 0 ? (size_t)got : 0;
        turn(w);
    }
    text[n] = '\0';
    return text;
}

static void assert_answers(struct world *w)
{
    int fd = knock(w);
    shout(w, fd, "x\n", 2);
    assert_string_equal(hear(w, fd, 8), "heard x\n");
    close(fd);
}

static void a_line_for_a_line(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    int fd = knock(&w);
    shout(&w, fd, "one\ntwo\nth", 10); /* two and a half at once */
    assert_string_equal(hear(&w, fd, 20), "heard one\nheard two\n");
    shout(&w, fd, "ree\n", 4);
    assert_string_equal(hear(&w, fd, 12), "heard three\n");
    assert_int_equal(w.uid, getuid());
    close(fd);
    world_close(&w);
}

static void a_late_answer_finds_its_caller_or_nobody(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    int stays = knock(&w), leaves = knock(&w);
    shout(&w, stays, "later\nnext\n", 11);
    shout(&w, leaves, "later\n", 6);
    assert_int_equal(w.orders, 2); /* "next" waits for its turn */
    close(leaves);
    turn(&w);
    for (size_t i = 0; i < w.n_late; i++)
        wd_control_socket_answer(w.socket, w.late[i], WD_SPAN_LIT("done"));
    wd_control_socket_answer(w.socket, 999, WD_SPAN_LIT("nobody"));
    assert_string_equal(hear(&w, stays, 16), "done\nheard next\n");
    close(stays);
    world_close(&w);
}

static void rubbish_harms_nobody(void **state)
{
    (void)state;
    struct world w;
    static char flood[3 * WD_ORDER_BYTES];
    world_open(&w);
    int fd = knock(&w);
    memset(flood, 'a', sizeof(flood));
    shout(&w, fd, flood, sizeof(flood));
    assert_non_null(strstr(hear(&w, fd, sizeof(flood)), "\"ok\":false"));
    assert_int_equal(w.orders, 0);
    close(fd);
    fd = knock(&w);
    shout(&w, fd, "\0\xff\n\n", 4); /* bytes of every kind are the order's own business */
    hear(&w, fd, 8);
    assert_int_equal(w.orders, 2);
    shout(&w, fd, "half a li", 9);
    close(fd); /* and away in the middle */
    assert_answers(&w);
    world_close(&w);
}

static void who_is_silent_makes_way(void **state)
{
    (void)state;
    struct world w;
    int fds[3 * WD_CONTROL_CLIENTS];
    world_open(&w);
    for (size_t i = 0; i < WD_COUNT(fds); i++)
        fds[i] = knock(&w);
    assert_answers(&w);
    assert_string_equal(hear(&w, fds[0], 1), ""); /* hung up on */
    for (size_t i = 0; i < WD_COUNT(fds); i++)
        close(fds[i]);
    for (size_t i = 0; i < WD_CONTROL_CLIENTS; i++) {
        fds[i] = knock(&w);
        shout(&w, fds[i], "later\n", 6);
    }
    int extra = knock(&w); /* every seat has an order under way: nobody is cut short */
    assert_string_equal(hear(&w, extra, 1), "");
    for (size_t i = 0; i < w.n_late; i++)
        wd_control_socket_answer(w.socket, w.late[i], WD_SPAN_LIT("done"));
    for (size_t i = 0; i < WD_CONTROL_CLIENTS; i++) {
        assert_string_equal(hear(&w, fds[i], 5), "done\n");
        close(fds[i]);
    }
    close(extra);
    assert_answers(&w);
    world_close(&w);
}

static void closes_over_clients_and_orders_under_way(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    int idle = knock(&w), busy = knock(&w);
    shout(&w, busy, "later\n", 6);
    world_close(&w);
    close(idle);
    close(busy);
}

static void the_file_is_for_user_and_group(void **state)
{
    (void)state;
    struct world w;
    struct stat st;
    mode_t old = umask(0077);
    world_open(&w);
    umask(old);
    assert_int_equal(stat(w.path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);
    world_close(&w);
}

static void a_dead_socket_is_replaced_a_live_one_respected(void **state)
{
    (void)state;
    struct world w, other;
    wd_error err = { 0 };
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    world_open(&w);
    memset(&other, 0, sizeof(other));
    other.loop = w.loop;
    assert_int_equal(open_at(&other, w.path, &err), WD_BUSY);
    assert_non_null(strstr(err.text, "another wiredesk"));
    assert_answers(&w);
    world_close(&w);

    world_open(&w); /* what a killed daemon leaves: a file that nobody listens to */
    snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/dead", w.dir);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    close(fd);
    wd_control_socket *first = w.socket;
    assert_ok(open_at(&w, at.sun_path, &err));
    wd_control_socket_close(&first);
    snprintf(w.path, sizeof(w.path), "%s", at.sun_path);
    assert_answers(&w);
    w.closed--;
    world_close(&w);
}

static void what_is_no_socket_is_left_alone(void **state)
{
    (void)state;
    struct world w;
    wd_error err = { 0 };
    char file[PATH_MAX + 16];
    world_open(&w);
    wd_control_socket *first = w.socket;
    snprintf(file, sizeof(file), "%s/file", w.dir);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(open_at(&w, file, &err), WD_CONFIG);
    assert_int_equal(access(file, F_OK), 0);
    char name[200];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(open_at(&w, name, &err), WD_CONFIG);
    assert_non_null(strstr(err.text, "107"));
    w.socket = first;
    assert_answers(&w);
    world_close(&w);
}

static void a_file_that_is_no_longer_ours_is_not_removed(void **state)
{
    (void)state;
    struct world w;
    wd_error err;
    world_open(&w);
    wd_control_socket *old = w.socket;
    assert_int_equal(unlink(w.path), 0);
    assert_ok(open_at(&w, w.path, &err)); /* another daemon took the place */
    wd_control_socket_close(&old);
    turn(&w);
    assert_answers(&w);
    w.closed--;
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_for_a_line),
        cmocka_unit_test(a_late_answer_finds_its_caller_or_nobody),
        cmocka_unit_test(rubbish_harms_nobody),
        cmocka_unit_test(who_is_silent_makes_way),
        cmocka_unit_test(closes_over_clients_and_orders_under_way),
        cmocka_unit_test(the_file_is_for_user_and_group),
        cmocka_unit_test(a_dead_socket_is_replaced_a_live_one_respected),
        cmocka_unit_test(what_is_no_socket_is_left_alone),
        cmocka_unit_test(a_file_that_is_no_longer_ours_is_not_removed),
    };
    signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
