/* daemon/control_socket.c - a list of clients, each with one line being read or one order
 * being carried out.
 *
 * While its order is carried out a client is not read from: what it sends meanwhile waits in
 * the kernel, so nothing here grows.  The socket is made by hand rather than by libuv, for its
 * mode has to be right before anybody can connect. */
#include "daemon/control_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/list.h"

#define SOCKET_MODE 0660
#define BACKLOG     16

struct wd_control_socket {
    wd_control_socket_spec spec;
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    dev_t dev; /* of the file as we made it: another daemon may have put its own there */
    ino_t ino;
    uv_pipe_t listener;
    wd_link clients; /* the one silent longest first */
    unsigned n_clients, open_handles;
    uint64_t next_caller;
};

typedef struct client {
    wd_link link;
    wd_control_socket *owner;
    uv_pipe_t pipe;
    uint64_t caller;
    uid_t uid;
    size_t len;
    bool busy; /* its order is under way, or the answer is being written */
    bool last; /* it is to be closed behind this answer */
    char in[WD_ORDER_BYTES];
} client;

typedef struct answer {
    uv_write_t write;
    client *to;
    char bytes[];
} answer;

static void listen_on(client *c);

/* --- closing ------------------------------------------------------------- */

static void handle_closed(wd_control_socket *s)
{
    if (--s->open_handles > 0)
        return;
    wd_control_socket_spec spec = s->spec;
    free(s);
    if (spec.closed != NULL)
        spec.closed(spec.ctx);
}

static void client_closed(uv_handle_t *h)
{
    client *c = wd_owner(h, client, pipe);
    wd_control_socket *s = c->owner;
    free(c);
    handle_closed(s);
}

static void drop(client *c)
{
    if (uv_is_closing((uv_handle_t *)&c->pipe))
        return;
    wd_list_remove(&c->link);
    c->owner->n_clients--;
    uv_close((uv_handle_t *)&c->pipe, client_closed);
}

/* --- answering ----------------------------------------------------------- */

static void written(uv_write_t *write, int status)
{
    answer *a = wd_owner(write, answer, write);
    client *c = a->to;
    free(a);
    if (status != 0 || c->last) {
        drop(c);
        return;
    }
    c->busy = false;
    listen_on(c);
}

static void send_line(client *c, wd_span line)
{
    answer *a = malloc(sizeof(*a) + line.len + 1);
    if (a == NULL) {
        drop(c);
        return;
    }
    a->to = c;
    memcpy(a->bytes, line.ptr, line.len);
    a->bytes[line.len] = '\n';
    uv_buf_t buf = uv_buf_init(a->bytes, (unsigned)line.len + 1);
    if (uv_write(&a->write, (uv_stream_t *)&c->pipe, &buf, 1, written) != 0) {
        free(a);
        drop(c);
    }
}

static client *find(wd_control_socket *s, uint64_t caller)
{
    for (wd_link *l = s->clients.next; l != &s->clients; l = l->next)
        if (wd_owner(l, client, link)->caller == caller)
            return wd_owner(l, client, link);
    return NULL;
}

void wd_control_socket_answer(wd_control_socket *s, uint64_t caller, wd_span line)
{
    client *c = s ? find(s, caller) : NULL;
    if (c != NULL && c->busy)
        send_line(c, line);
}

/* --- reading ------------------------------------------------------------- */

/* True: a whole line was taken from the buffer and is being carried out. */
static bool take_line(client *c)
{
    char line[WD_ORDER_BYTES];
    const char *end = memchr(c->in, '\n', c->len);
    if (end == NULL)
        return false;
    wd_control_order order = { .caller = c->caller,
                               .uid = c->uid,
                               .line = { line, (size_t)(end - c->in) } };
    memcpy(line, c->in, order.line.len);
    c->len -= order.line.len + 1;
    memmove(c->in, end + 1, c->len);
    c->busy = true;
    c->owner->spec.order(c->owner->spec.ctx, &order);
    return true;
}

static void room(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    client *c = wd_owner(h, client, pipe);
    (void)suggested;
    *buf = uv_buf_init(c->in + c->len, (unsigned)(sizeof(c->in) - c->len));
}

static void too_long(client *c)
{
    c->busy = c->last = true;
    send_line(c, WD_SPAN_LIT("{\"ok\":false,\"text\":\"an order is one line of 4095 bytes at "
                             "most\"}"));
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    client *c = wd_owner(stream, client, pipe);
    (void)buf;
    if (n == 0)
        return;
    if (n < 0) {
        drop(c);
        return;
    }
    c->len += (size_t)n;
    wd_list_remove(&c->link);
    wd_list_push(&c->owner->clients, &c->link);
    uv_read_stop(stream);
    listen_on(c);
}

static void listen_on(client *c)
{
    if (uv_is_closing((uv_handle_t *)&c->pipe) || take_line(c))
        return;
    if (c->len == sizeof(c->in))
        too_long(c);
    else if (uv_read_start((uv_stream_t *)&c->pipe, room, got) != 0)
        drop(c);
}

/* --- clients come -------------------------------------------------------- */

static void make_way(wd_control_socket *s)
{
    for (wd_link *l = s->clients.next; l != &s->clients; l = l->next) {
        client *c = wd_owner(l, client, link);
        if (c->busy)
            continue;
        drop(c);
        return;
    }
}

static uid_t peer_of(const client *c)
{
    uv_os_fd_t fd;
    struct ucred who;
    socklen_t size = sizeof(who);
    if (uv_fileno((const uv_handle_t *)&c->pipe, &fd) == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0)
        return who.uid;
    return (uid_t)-1;
}

static void knocked(uv_stream_t *listener, int status)
{
    wd_control_socket *s = wd_owner(listener, wd_control_socket, listener);
    client *c = status == 0 ? calloc(1, sizeof(*c)) : NULL;
    if (c == NULL)
        return;
    if (s->n_clients >= WD_CONTROL_CLIENTS)
        make_way(s);
    c->owner = s;
    c->caller = ++s->next_caller;
    uv_pipe_init(s->spec.loop, &c->pipe, 0);
    s->open_handles++;
    s->n_clients++;
    wd_list_push(&s->clients, &c->link);
    /* Every seat taken by an order under way: this one is turned away. */
    if (uv_accept(listener, (uv_stream_t *)&c->pipe) != 0 || s->n_clients > WD_CONTROL_CLIENTS) {
        drop(c);
        return;
    }
    c->uid = peer_of(c);
    listen_on(c);
}

/* --- the file ------------------------------------------------------------ */

static wd_status refuse(wd_error *err, wd_status s, const char *path, const char *why)
{
    return wd_fail(err, s, "control.socket %s: %s", path, why);
}

/* What is there already: nothing or a dead daemon's socket, or a reason to stop. */
static wd_status clear_place(const char *path, const struct sockaddr_un *address, wd_error *err)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? WD_OK : refuse(err, WD_CONFIG, path, strerror(errno));
    if (!S_ISSOCK(st.st_mode))
        return refuse(err, WD_CONFIG, path, "something is there that is no socket");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return refuse(err, WD_CONFIG, path, strerror(errno));
    bool dead =
        connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 && errno != EAGAIN;
    close(fd);
    if (!dead)
        return refuse(err, WD_BUSY, path, "another wiredesk answers there");
    if (unlink(path) != 0 && errno != ENOENT)
        return refuse(err, WD_CONFIG, path, strerror(errno));
    return WD_OK;
}

/* fchmod before bind bounds the mode from the file's first moment; chmod widens what the
 * umask took away from the group. */
static wd_status make_file(wd_control_socket *s, int fd, wd_error *err)
{
    struct stat st;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memcpy(address.sun_path, s->path, sizeof(s->path));
    wd_status status = clear_place(s->path, &address, err);
    if (status != WD_OK)
        return status;
    if (fchmod(fd, SOCKET_MODE) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        chmod(s->path, SOCKET_MODE) != 0 || lstat(s->path, &st) != 0)
        return refuse(err, WD_CONFIG, s->path, strerror(errno));
    s->dev = st.st_dev;
    s->ino = st.st_ino;
    return WD_OK;
}

static void remove_file(const wd_control_socket *s)
{
    struct stat st;
    if (lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
        unlink(s->path);
}

/* --- opening and closing ------------------------------------------------- */

static void listener_closed(uv_handle_t *h)
{
    handle_closed(wd_owner(h, wd_control_socket, listener));
}

static wd_status start(wd_control_socket *s, wd_error *err)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return refuse(err, WD_CONFIG, s->path, strerror(errno));
    wd_status status = make_file(s, fd, err);
    if (status != WD_OK) {
        close(fd);
        return status;
    }
    uv_pipe_init(s->spec.loop, &s->listener, 0);
    s->open_handles = 1;
    int e = uv_pipe_open(&s->listener, fd);
    if (e == 0)
        e = uv_listen((uv_stream_t *)&s->listener, BACKLOG, knocked);
    else
        close(fd);
    return e == 0 ? WD_OK : refuse(err, WD_CONFIG, s->path, uv_strerror(e));
}

wd_status wd_control_socket_open(wd_control_socket **out,
                                 const wd_control_socket_spec *spec,
                                 wd_error *err)
{
    wd_control_socket *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return wd_fail(err, WD_NOMEM, "out of memory");
    s->spec = *spec;
    wd_list_init(&s->clients);
    wd_status status =
        strlen(spec->path) < sizeof(s->path)
            ? WD_OK
            : refuse(err, WD_CONFIG, spec->path, "the path of a socket has 107 bytes at most");
    if (status == WD_OK) {
        memcpy(s->path, spec->path, strlen(spec->path));
        status = start(s, err);
    }
    if (status == WD_OK) {
        *out = s;
    } else if (s->open_handles > 0) { /* libuv has it: it goes when the loop turns, unannounced */
        s->spec.closed = NULL;
        wd_control_socket_close(&s);
    } else {
        free(s);
    }
    return status;
}

void wd_control_socket_close(wd_control_socket **socket)
{
    wd_control_socket *s = *socket;
    *socket = NULL;
    if (s == NULL)
        return;
    remove_file(s);
    while (!wd_list_empty(&s->clients))
        drop(wd_owner(s->clients.next, client, link));
    uv_close((uv_handle_t *)&s->listener, listener_closed);
}
