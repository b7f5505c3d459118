/* daemon/listener.c - its epoll descriptor is watched, its timeout is a timer, and MHD_run() does
 * the rest. */
#include "daemon/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/span.h"

#define REST_MS 1000u

static void ready(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    wd_listener_turn(wd_owner(poll, wd_listener, poll));
}

static void timed_out(uv_timer_t *timer)
{
    wd_listener_turn(wd_owner(timer, wd_listener, timer));
}

void wd_listener_turn(wd_listener *l)
{
    MHD_UNSIGNED_LONG_LONG ms;
    MHD_run(l->mhd);
    if (l->turned != NULL)
        l->turned(l);
    /* At its limit the library stops listening, and takes it up again in the run after the
     * one in which connections left: nothing else may come to cause that run. */
    if (MHD_get_timeout(l->mhd, &ms) != MHD_YES || ms > REST_MS)
        ms = REST_MS;
    uv_timer_start(&l->timer, timed_out, ms, 0);
}

wd_status wd_listener_address(const char *text,
                              const char *name,
                              struct sockaddr_storage *out,
                              wd_error *err)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    unsigned long long port;
    size_t n = colon ? (size_t)(colon - text) : 0;
    if (colon == NULL || n >= sizeof(host) || !wd_span_u64(wd_span_of(colon + 1), &port) ||
        port > 65535)
        return wd_fail(err, WD_CONFIG, "%s is address:port, not '%s'", name, text);
    bool v6 = text[0] == '[' && n > 2 && text[n - 1] == ']';
    snprintf(host, sizeof(host), "%.*s", (int)(v6 ? n - 2 : n), v6 ? text + 1 : text);
    struct sockaddr_in *in4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, host, &in4->sin_addr) == 1) {
        in4->sin_family = AF_INET;
        in4->sin_port = htons((uint16_t)port);
        return WD_OK;
    }
    if (v6 && inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)port);
        return WD_OK;
    }
    return wd_fail(err, WD_CONFIG, "%s wants a numeric address, not '%s'", name, text);
}

static struct MHD_Daemon *start(const wd_listener_spec *spec, struct sockaddr_storage *address)
{
    struct MHD_OptionItem options[8] = {
        { MHD_OPTION_SOCK_ADDR, 0, (struct sockaddr *)address },
        { MHD_OPTION_CONNECTION_LIMIT, spec->connections, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, spec->idle_s, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)spec->head_bytes, NULL },
    };
    size_t n = 4;
    if (spec->completed != NULL)
        options[n++] = (struct MHD_OptionItem){ MHD_OPTION_NOTIFY_COMPLETED,
                                                (intptr_t)spec->completed, spec->ctx };
    if (spec->visited != NULL)
        options[n++] = (struct MHD_OptionItem){ MHD_OPTION_NOTIFY_CONNECTION,
                                                (intptr_t)spec->visited, spec->ctx };
    options[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
                     (address->ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    return MHD_start_daemon(flags, 0, NULL, NULL, spec->answer, spec->ctx, MHD_OPTION_ARRAY,
                            options, MHD_OPTION_END);
}

/* Some versions of libmicrohttpd close the socket before they return, and errno is of that. */
static const char *why_not(const struct sockaddr_storage *address)
{
    int failed = errno, one = 1;
    socklen_t n =
        address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return strerror(errno);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (const struct sockaddr *)address, n) < 0 || listen(fd, 1) < 0)
        failed = errno;
    close(fd);
    return strerror(failed);
}

wd_status wd_listener_open(wd_listener *l, const wd_listener_spec *spec, wd_error *err)
{
    struct sockaddr_storage address;
    wd_status s = wd_listener_address(spec->listen, spec->name, &address, err);
    if (s != WD_OK)
        return s;
    *l = (wd_listener){ .turned = spec->turned, .closed = spec->closed };
    l->mhd = start(spec, &address);
    if (l->mhd == NULL)
        return wd_fail(err, WD_CONFIG, "%s: cannot listen on %s: %s", spec->name, spec->listen,
                       why_not(&address));
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->mhd, MHD_DAEMON_INFO_EPOLL_FD);
    uv_poll_init(spec->loop, &l->poll, info->epoll_fd);
    uv_timer_init(spec->loop, &l->timer);
    l->open_handles = 2;
    uv_poll_start(&l->poll, UV_READABLE, ready);
    if (l->turned != NULL)
        uv_timer_start(&l->timer, timed_out, REST_MS, 0);
    return WD_OK;
}

uint16_t wd_listener_port(const wd_listener *l)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->mhd, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

static void handle_closed(wd_listener *l)
{
    if (--l->open_handles > 0)
        return;
    MHD_stop_daemon(l->mhd);
    l->closed(l);
}

static void poll_closed(uv_handle_t *h)
{
    handle_closed(wd_owner(h, wd_listener, poll));
}

static void timer_closed(uv_handle_t *h)
{
    handle_closed(wd_owner(h, wd_listener, timer));
}

void wd_listener_close(wd_listener *l)
{
    MHD_run(l->mhd);
    uv_close((uv_handle_t *)&l->poll, poll_closed);
    uv_close((uv_handle_t *)&l->timer, timer_closed);
}
