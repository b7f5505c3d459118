/* daemon/verbs/control_client.c - connect, one line out, one line in. */
#include "daemon/verbs/control_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* A reload of a quarter of a million feeds takes seconds; nothing takes this long. */
#define PATIENCE_S 60

static wd_status cannot_connect(wd_error *err, const char *path, int error)
{
    switch (error) {
    case ENOENT:
    case ECONNREFUSED:
        return wd_fail(err, WD_NOTFOUND,
                       "no daemon takes orders at %s: is it running?  Try `systemctl status "
                       "wiredesk`, or name its configuration with --config",
                       path);
    case EACCES:
    case EPERM:
        return wd_fail(
            err, WD_DENIED,
            "%s is for the daemon's user and group: use sudo, or join the group wiredesk "
            "(`sudo adduser $USER wiredesk`, then log in again)",
            path);
    default:
        return wd_fail(err, WD_IO, "%s: %s", path, strerror(error));
    }
}

static wd_status connect_to(const char *path, int *out, wd_error *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const struct timeval patience = { .tv_sec = PATIENCE_S };
    if (strlen(path) >= sizeof(address.sun_path))
        return cannot_connect(err, path, ENAMETOOLONG);
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return cannot_connect(err, path, errno);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    int error;
    do
        error = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
    while (error == EINTR);
    if (error == 0) {
        *out = fd;
        return WD_OK;
    }
    close(fd);
    return cannot_connect(err, path, error);
}

static wd_status send_line(int fd, wd_span order, wd_error *err)
{
    wd_span newline = WD_SPAN_LIT("\n");
    wd_span parts[] = { order, newline };
    for (size_t i = 0; i < WD_COUNT(parts); i++) {
        for (wd_span rest = parts[i]; rest.len > 0;) {
            ssize_t n = send(fd, rest.ptr, rest.len, MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return wd_fail(err, WD_IO, "the daemon hung up: %s", strerror(errno));
            rest = wd_span_from(rest, (size_t)n);
        }
    }
    return WD_OK;
}

static wd_status read_line(int fd, wd_buf *answer, wd_error *err)
{
    char bytes[4096];
    for (;;) {
        ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
        if (n < 0 && errno == EINTR) /* also without a signal: where libuv has an io_uring */
            continue;
        if (n < 0 && errno == EAGAIN)
            return wd_fail(err, WD_IO, "the daemon did not answer in %d s", PATIENCE_S);
        if (n < 0)
            return wd_fail(err, WD_IO, "no answer from the daemon: %s", strerror(errno));
        if (n == 0)
            return wd_fail(err, WD_IO, "the daemon hung up; its log says why");
        const char *end = memchr(bytes, '\n', (size_t)n);
        wd_buf_append(answer, bytes, end ? (size_t)(end - bytes) : (size_t)n);
        if (wd_buf_status(answer) != WD_OK)
            return wd_fail(err, WD_LIMIT, "its answer is too long");
        if (end != NULL)
            return WD_OK;
    }
}

wd_status wd_control_ask(const char *path, wd_span order, wd_buf *answer, wd_error *err)
{
    int fd = -1;
    wd_status s = connect_to(path, &fd, err);
    if (s != WD_OK)
        return s;
    s = send_line(fd, order, err);
    if (s == WD_OK)
        s = read_line(fd, answer, err);
    close(fd);
    return s;
}
