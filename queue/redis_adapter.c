/*
 * queue/redis_adapter.c - hiredis on a libuv loop.
 *
 * The stock adapter of 0.14 never reports a refused connection: so polling is done here, the
 * same for every hiredis from 0.14 on.
 *
 * Commands are sent by us, unless they are encrypted: hiredis would double its buffer for each
 * window anew, copying what is in it.  They leave in the loop's next turn, all together, and the
 * socket is watched for room only when it had none: to begin and to end that are four system calls.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "queue/redis_impl.h"

/* So much is not kept waiting: Redis may begin with it. */
#define WAITING_BYTES (64u * 1024u)

/* A buffer that one long event made is not kept. */
#define KEPT_BYTES (256u * 1024u)

/* One per context: the handles outlive it until libuv has closed them. */
typedef struct adapter {
    uv_poll_t poll;
    uv_idle_t soon;        /* sends; the loop does not sleep before */
    redisAsyncContext *ac; /* NULL: hiredis has let go */
    wd_redis *owner;
    int events;
    unsigned open; /* handles */
    bool full;     /* the socket has no room: `poll` tells when it has */
} adapter;

static void released(adapter *a)
{
    wd_redis *r = a->owner;
    if (--a->open > 0)
        return;
    free(a);
    wd_redis_release(r);
}

static void poll_closed(uv_handle_t *handle)
{
    released(wd_owner(handle, adapter, poll));
}

static void soon_closed(uv_handle_t *handle)
{
    released(wd_owner(handle, adapter, soon));
}

static void send_soon(uv_idle_t *soon);

static void poll_ready(uv_poll_t *handle, int status, int events)
{
    adapter *a = wd_owner(handle, adapter, poll);
    if (status < 0) /* let hiredis run into the error and tell it */
        events = a->events;
    if (a->ac != NULL && (events & UV_READABLE))
        redisAsyncHandleRead(a->ac);
    if (a->ac != NULL && (events & UV_WRITABLE) && a->full)
        send_soon(&a->soon);
    else if (a->ac != NULL && (events & UV_WRITABLE))
        redisAsyncHandleWrite(a->ac);
}

static void watch(adapter *a, int events)
{
    if (events == a->events)
        return;
    a->events = events;
    if (events != 0)
        uv_poll_start(&a->poll, events, poll_ready);
    else
        uv_poll_stop(&a->poll);
}

static void add_read(void *data)
{
    watch(data, ((adapter *)data)->events | UV_READABLE);
}

static void del_read(void *data)
{
    watch(data, ((adapter *)data)->events & ~UV_READABLE);
}

/* --- sending ---------------------------------------------------------------- */

/* What was sent goes, at the price of at most as much again. */
static void drop_sent(wd_redis *r)
{
    size_t left = r->out.len - r->sent;
    if (left == 0 && r->out.cap > KEPT_BYTES)
        wd_buf_done(&r->out);
    if (left > r->sent)
        return;
    if (left > 0)
        memmove(r->out.ptr, r->out.ptr + r->sent, left);
    r->out.len = left;
    r->sent = 0;
}

/* False: the connection is lost, and errno says how. */
static bool send_some(wd_redis *r)
{
    size_t left = r->out.len - r->sent;
    if (left == 0)
        return true;
    ssize_t n = send(r->ac->c.fd, r->out.ptr + r->sent, left, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    r->sent += (size_t)n;
    drop_sent(r);
    return true;
}

static void send_soon(uv_idle_t *soon)
{
    adapter *a = wd_owner(soon, adapter, soon);
    uv_idle_stop(soon);
    if (!send_some(a->owner)) {
        wd_redis_go_down(a->owner, WD_NET, strerror(errno));
        return;
    }
    a->full = a->owner->out.len > 0;
    watch(a, a->full ? a->events | UV_WRITABLE : a->events & ~UV_WRITABLE);
}

bool wd_redis_sends_itself(const wd_redis *r)
{
    return r->ac != NULL && (r->ac->c.flags & REDIS_CONNECTED) != 0 && !r->url.tls;
}

/* No callback runs in here: what went wrong shows when `soon` tries again. */
void wd_redis_relieve(wd_redis *r)
{
    const adapter *a = r->ac->ev.data;
    if (r->out.len - r->sent >= WAITING_BYTES && !a->full)
        (void)send_some(r);
}

/* A connection is made, and a handshake spoken, when the socket says so. */
static void add_write(void *data)
{
    adapter *a = data;
    if (!wd_redis_sends_itself(a->owner))
        watch(a, a->events | UV_WRITABLE);
    else if (!a->full)
        uv_idle_start(&a->soon, send_soon);
}

static void del_write(void *data)
{
    adapter *a = data;
    if (!a->full)
        watch(a, a->events & ~UV_WRITABLE);
}

/* --- interface -------------------------------------------------------------- */

static void cleanup(void *data)
{
    adapter *a = data;
    a->ac = NULL;
    uv_close((uv_handle_t *)&a->soon, soon_closed);
    uv_close((uv_handle_t *)&a->poll, poll_closed);
}

wd_status wd_redis_attach(wd_redis *r, redisAsyncContext *ac)
{
    adapter *a = calloc(1, sizeof(*a));
    if (a == NULL)
        return WD_NOMEM;
    if (uv_poll_init_socket(r->spec.loop, &a->poll, ac->c.fd) != 0) {
        free(a);
        return WD_NET;
    }
    uv_idle_init(r->spec.loop, &a->soon);
    a->open = 2;
    a->ac = ac;
    a->owner = r;
    r->handles++;
    ac->data = r;
    ac->ev.data = a;
    ac->ev.addRead = add_read;
    ac->ev.delRead = del_read;
    ac->ev.addWrite = add_write;
    ac->ev.delWrite = del_write;
    ac->ev.cleanup = cleanup;
    return WD_OK;
}
