/* feeds/http_sockets.c - libcurl's multi interface driven by libuv.
 *
 * curl tells us which sockets and which time it cares about (want_*); libuv tells us
 * when they fire (socket_ready, timer_fired); both end in drive(), which looks at what
 * has finished. */
#include <assert.h>
#include <stdlib.h>

#include "feeds/http_impl.h"

struct sock { /* one curl socket watched by one uv_poll_t */
    uv_poll_t poll;
    wd_http *http;
    curl_socket_t fd;
};

/* --- uv handle lifetime ----------------------------------------------------- */

static void release(wd_http *http)
{
    assert(http->open_handles > 0);
    if (--http->open_handles > 0)
        return;
    curl_global_cleanup();
    wd_whole_gzip_free(http->gzip);
    free(http);
}

static void sock_closed(uv_handle_t *h)
{
    struct sock *s = wd_owner(h, struct sock, poll);
    wd_http *http = s->http;
    free(s);
    release(http);
}

static void timer_closed(uv_handle_t *h)
{
    release(wd_owner(h, wd_http, timer));
}

static void later_closed(uv_handle_t *h)
{
    release(wd_owner(h, wd_http, later));
}

/* --- libuv -> curl ------------------------------------------------------------ */

static void drive(wd_http *http, curl_socket_t fd, int flags)
{
    int running = 0, left = 0;
    curl_multi_socket_action(http->multi, fd, flags, &running);
    for (CURLMsg *m; (m = curl_multi_info_read(http->multi, &left)) != NULL;) {
        wd_transfer *t = NULL;
        CURLcode rc = m->data.result;
        CURL *easy = m->easy_handle;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
        curl_multi_remove_handle(http->multi, easy);
        wd_http_transfer_finished(t, rc);
    }
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
    struct sock *s = wd_owner(poll, struct sock, poll);
    int flags = 0;
    if (status < 0) {
        /* Let curl read what came before the error, and the error itself.  libuv has
         * stopped watching: whoever still waits after that has to be told. */
        drive(s->http, s->fd, CURL_CSELECT_IN | CURL_CSELECT_OUT);
        if (!uv_is_closing((uv_handle_t *)poll) && !uv_is_active((uv_handle_t *)poll))
            drive(s->http, s->fd, CURL_CSELECT_ERR);
        return;
    }
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    drive(s->http, s->fd, flags);
}

static void timer_fired(uv_timer_t *timer)
{
    drive(wd_owner(timer, wd_http, timer), CURL_SOCKET_TIMEOUT, 0);
}

/* --- curl -> libuv ------------------------------------------------------------ */

static struct sock *sock_watch(wd_http *http, curl_socket_t fd)
{
    struct sock *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    if (uv_poll_init_socket(http->loop, &s->poll, fd) != 0) {
        free(s);
        return NULL;
    }
    s->http = http;
    s->fd = fd;
    http->open_handles++;
    curl_multi_assign(http->multi, fd, s);
    return s;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *http, void *sock)
{
    wd_transfer *t = NULL; /* libcurl's own handle has none */
    if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t) == CURLE_OK && t != NULL)
        t->fd = fd;
    struct sock *s = sock;
    if (what == CURL_POLL_REMOVE) {
        if (s != NULL)
            uv_close((uv_handle_t *)&s->poll, sock_closed);
        return 0;
    }
    if (s == NULL)
        s = sock_watch(http, fd);
    if (s == NULL)
        return -1;
    int events = 0;
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    return uv_poll_start(&s->poll, events, socket_ready) == 0 ? 0 : -1;
}

static int want_timeout(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    wd_http *http = arg;
    if (ms < 0) /* cancel, not "in one millisecond" */
        return uv_timer_stop(&http->timer);
    return uv_timer_start(&http->timer, timer_fired, (uint64_t)ms, 0);
}

/* --- interface ------------------------------------------------------------------ */

void wd_http_sockets_set_up(wd_http *http)
{
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timeout);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    /* One request at a time on a connection, HTTP/2 too: the gate asks for no more, and a
     * server that writes "HTTP/2 200" on a plain connection would else get several
     * requests mixed into one (libcurl 7.88 believes it). */
    curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)http->config.max_connections);
    curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    uv_timer_init(http->loop, &http->timer);
    uv_timer_init(http->loop, &http->later);
    http->open_handles = 2;
}

void wd_http_sockets_close(wd_http *http)
{
    curl_multi_cleanup(http->multi); /* closes the remaining sockets */
    curl_share_cleanup(http->share);
    uv_close((uv_handle_t *)&http->timer, timer_closed);
    uv_close((uv_handle_t *)&http->later, later_closed);
}
