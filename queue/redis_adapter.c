/*
 * queue/redis_adapter.c - hiredis on a libuv loop.
 *
 * The stock adapter of 0.14 never reports a refused connection: so polling is done here, the
 * same for every hiredis from 0.14 on.
 */
#include <stdlib.h>

#include "queue/redis_impl.h"

/* One per context: the handle outlives it until libuv has closed it. */
typedef struct adapter {
    uv_poll_t poll;
    redisAsyncContext *ac; /* NULL: hiredis has let go */
    wd_redis *owner;
    int events;
} adapter;

static void poll_closed(uv_handle_t *handle)
{
    adapter *a = wd_owner(handle, adapter, poll);
    wd_redis *r = a->owner;
    free(a);
    wd_redis_release(r);
}

static void poll_ready(uv_poll_t *handle, int status, int events)
{
    adapter *a = wd_owner(handle, adapter, poll);
    if (status < 0) /* let hiredis run into the error and tell it */
        events = a->events;
    if (a->ac != NULL && (events & UV_READABLE))
        redisAsyncHandleRead(a->ac);
    if (a->ac != NULL && (events & UV_WRITABLE))
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

static void add_write(void *data)
{
    watch(data, ((adapter *)data)->events | UV_WRITABLE);
}

static void del_write(void *data)
{
    watch(data, ((adapter *)data)->events & ~UV_WRITABLE);
}

static void cleanup(void *data)
{
    adapter *a = data;
    a->ac = NULL;
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
