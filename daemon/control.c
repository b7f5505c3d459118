/* daemon/control.c - libmicrohttpd driven by the loop: its epoll descriptor is watched, its
 * timeout is a timer, and MHD_run() does the rest. */
#include "daemon/control.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>

#define PAGE_BYTES     (4u * 1024u * 1024u)
#define CONNECTIONS    32u /* a scraper, a person, and room for a stuck one */
#define IDLE_TIMEOUT_S 30u
#define REST_MS        1000u

struct wd_control {
    wd_control_spec spec;
    struct MHD_Daemon *mhd;
    uv_poll_t poll;
    uv_timer_t timer;
    unsigned open_handles;
};

static void turn(wd_control *c);

static void ready(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    turn(wd_owner(poll, wd_control, poll));
}

static void timed_out(uv_timer_t *timer)
{
    turn(wd_owner(timer, wd_control, timer));
}

static void turn(wd_control *c)
{
    MHD_UNSIGNED_LONG_LONG ms;
    MHD_run(c->mhd);
    /* At its limit the library stops listening, and takes it up again in the run after the
     * one in which connections left: nothing else may come to cause that run. */
    if (MHD_get_timeout(c->mhd, &ms) != MHD_YES || ms > REST_MS)
        ms = REST_MS;
    uv_timer_start(&c->timer, timed_out, ms, 0);
}

/* --- answering ----------------------------------------------------------- */

/* A Host that names this machine (security.md "the control surface"). */
static bool host_is_local(const char *host)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };
    for (size_t i = 0; host != NULL && i < WD_COUNT(names); i++) {
        size_t n = strlen(names[i]);
        if (strncasecmp(host, names[i], n) == 0 && (host[n] == '\0' || host[n] == ':'))
            return true;
    }
    return false;
}

static enum MHD_Result respond(struct MHD_Connection *conn,
                               int status,
                               wd_buf *body,
                               const char *type)
{
    char nothing[1] = ""; /* older libmicrohttpd takes a void *, and copies from it */
    struct MHD_Response *r = MHD_create_response_from_buffer(
        body->len, body->ptr ? body->ptr : nothing, MHD_RESPMEM_MUST_COPY);
    wd_buf_done(body);
    if (r == NULL)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", type);
    MHD_add_response_header(r, "Cache-Control", "no-store");
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    enum MHD_Result result = MHD_queue_response(conn, (unsigned)status, r);
    MHD_destroy_response(r);
    return result;
}

/* libmicrohttpd's signature. */
static enum MHD_Result on_request(void *ctx,
                                  struct MHD_Connection *conn,
                                  const char *url,
                                  const char *method,
                                  const char *version,
                                  const char *upload,
                                  size_t *upload_size,
                                  void **seen)
{
    static char marker; /* its address is all that matters */
    wd_control *c = ctx;
    wd_buf body = WD_BUF_INIT(PAGE_BYTES);
    const char *type = "text/plain; charset=utf-8";
    (void)version;
    (void)upload;
    (void)upload_size;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        wd_buf_printf(&body, "only GET is answered here\n");
        return respond(conn, 405, &body, type); /* before any body is read */
    }
    if (*seen == NULL) { /* the first call brings the headers only */
        *seen = &marker;
        return MHD_YES;
    }
    if (!host_is_local(MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "Host"))) {
        wd_buf_printf(&body, "the Host header does not name this machine\n");
        return respond(conn, 403, &body, type);
    }
    int status = c->spec.page(c->spec.ctx, url, &body, &type);
    return respond(conn, status, &body, type);
}

/* --- opening and closing ------------------------------------------------- */

wd_status wd_control_address(const char *text, struct sockaddr_storage *out, wd_error *err)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    unsigned long long port;
    size_t n = colon ? (size_t)(colon - text) : 0;
    if (colon == NULL || n >= sizeof(host) || !wd_span_u64(wd_span_of(colon + 1), &port) ||
        port > 65535)
        return wd_fail(err, WD_CONFIG, "control.listen is address:port, not '%s'", text);
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
    return wd_fail(err, WD_CONFIG, "control.listen wants a numeric address, not '%s'", text);
}

static void handle_closed(wd_control *c)
{
    if (--c->open_handles > 0)
        return;
    wd_control_spec spec = c->spec;
    MHD_stop_daemon(c->mhd);
    free(c);
    spec.closed(spec.ctx);
}

static void poll_closed(uv_handle_t *h)
{
    handle_closed(wd_owner(h, wd_control, poll));
}

static void timer_closed(uv_handle_t *h)
{
    handle_closed(wd_owner(h, wd_control, timer));
}

wd_status wd_control_open(wd_control **out, const wd_control_spec *spec, wd_error *err)
{
    struct sockaddr_storage address = { 0 };
    wd_status s = wd_control_address(spec->listen, &address, err);
    wd_control *c = s == WD_OK ? calloc(1, sizeof(*c)) : NULL;
    if (c == NULL)
        return s == WD_OK ? wd_fail(err, WD_NOMEM, "out of memory") : s;
    c->spec = *spec;
    unsigned flags = MHD_USE_EPOLL | (address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    c->mhd = MHD_start_daemon(flags, 0, NULL, NULL, on_request, c, MHD_OPTION_SOCK_ADDR,
                              (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
                              MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, MHD_OPTION_END);
    if (c->mhd == NULL) {
        free(c);
        return wd_fail(err, WD_CONFIG, "cannot listen on %s: %s", spec->listen, strerror(errno));
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(c->mhd, MHD_DAEMON_INFO_EPOLL_FD);
    uv_poll_init(spec->loop, &c->poll, info->epoll_fd);
    uv_timer_init(spec->loop, &c->timer);
    c->open_handles = 2;
    uv_poll_start(&c->poll, UV_READABLE, ready);
    *out = c;
    return WD_OK;
}

uint16_t wd_control_port(const wd_control *c)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(c->mhd, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

void wd_control_close(wd_control **control)
{
    wd_control *c = *control;
    *control = NULL;
    if (c == NULL)
        return;
    uv_close((uv_handle_t *)&c->poll, poll_closed);
    uv_close((uv_handle_t *)&c->timer, timer_closed);
}
