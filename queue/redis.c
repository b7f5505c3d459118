/*
 * queue/redis.c - hiredis under our own small libuv adapter.
 *
 * The stock adapter of 0.14 never reports a refused connection, and the library has no
 * deadlines and resolves names on the loop: so polling, timers and names are done here,
 * the same for every hiredis from 0.14 on.  hiredis frees its context by itself when a
 * connection ends; `ac` is therefore cleared in the callbacks that announce it.
 */
#include "queue/redis.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#define CONNECT_MS     3000
#define WHY_BYTES      256
#define SUN_PATH_BYTES 108u /* sockaddr_un.sun_path */

/* One per context: the handle outlives it until libuv has closed it. */
typedef struct adapter {
    uv_poll_t poll;
    redisAsyncContext *ac; /* NULL: hiredis has let go */
    wd_redis *owner;
    int events;
} adapter;

struct wd_redis {
    wd_redis_spec spec;
    wd_redis_url url;
    wd_redis_host where;
    redisAsyncContext *ac;
    uv_timer_t timer; /* the deadline; or a failure that waits for the loop */
    uv_getaddrinfo_t lookup;
    struct addrinfo *found, *next;
    wd_redis_call auth, select;
    int near_fd;        /* the directory of a socket whose path is too long, or -1 */
    unsigned handles;   /* open: timer, look-up, polls */
    unsigned in_flight; /* commands without an answer */
    bool up, down, closing;
    wd_status late_status; /* with why: said by the timer */
    char why[WHY_BYTES];
};

static void try_next(wd_redis *r);

static void release(wd_redis *r)
{
    if (--r->handles > 0)
        return;
    void (*closed)(void *) = r->spec.closed;
    void *ctx = r->spec.ctx;
    uv_freeaddrinfo(r->found);
    if (r->near_fd >= 0)
        close(r->near_fd);
    free(r);
    closed(ctx);
}

/* --- adapter ------------------------------------------------------------ */

static void poll_closed(uv_handle_t *handle)
{
    adapter *a = wd_owner(handle, adapter, poll);
    wd_redis *r = a->owner;
    free(a);
    release(r);
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

static wd_status attach(wd_redis *r, redisAsyncContext *ac)
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

/* --- going down ----------------------------------------------------------- */

/* Runs the calls in flight with no reply, at once or when hiredis' callback returns. */
static void drop_context(wd_redis *r)
{
    redisAsyncContext *ac = r->ac;
    r->ac = NULL;
    r->up = false;
    if (ac != NULL)
        redisAsyncFree(ac);
}

static void go_down(wd_redis *r, wd_status s, const char *why)
{
    if (r->down || r->closing)
        return;
    char said[WHY_BYTES]; /* `why` may be hiredis' own and go with its context */
    snprintf(said, sizeof(said), "%s", why != NULL && why[0] != '\0' ? why : "connection lost");
    r->down = true;
    uv_timer_stop(&r->timer);
    drop_context(r);
    r->spec.down(r->spec.ctx, s, said);
}

static void deadline_passed(uv_timer_t *timer)
{
    wd_redis *r = wd_owner(timer, wd_redis, timer);
    char why[WHY_BYTES];
    if (r->late_status != WD_OK) {
        go_down(r, r->late_status, r->why);
        return;
    }
    if (r->up)
        snprintf(why, sizeof(why), "no answer within %u ms", r->spec.answer_ms);
    else
        snprintf(why, sizeof(why), "no connection within %u ms", r->spec.connect_ms);
    go_down(r, WD_NET, why);
}

/* Not inside the call that started the work. */
static void go_down_later(wd_redis *r, wd_status s, const char *why)
{
    r->late_status = s;
    snprintf(r->why, sizeof(r->why), "%s", why);
    uv_timer_start(&r->timer, deadline_passed, 0, 0);
}

static void on_disconnect(const redisAsyncContext *ac, int status)
{
    wd_redis *r = ac->data;
    if (r->ac != ac)
        return; /* we let go of it first */
    r->ac = NULL;
    go_down(r, WD_NET, status == REDIS_OK ? "connection closed" : ac->errstr);
}

/* --- commands --------------------------------------------------------------- */

static void on_reply(redisAsyncContext *ac, void *reply, void *data)
{
    wd_redis *r = ac->data;
    wd_redis_call *call = data;
    r->in_flight--;
    if (reply == NULL)
        r->up = false;
    else if (r->up && r->in_flight > 0 && r->spec.answer_ms > 0)
        uv_timer_start(&r->timer, deadline_passed, r->spec.answer_ms, 0);
    else if (r->up)
        uv_timer_stop(&r->timer);
    call->done(call, (const wd_redis_reply *)reply);
}

#define ARGS_MAX 32u /* the longest command, a push, has 15 */

static wd_status send_command(wd_redis *r, size_t argc, const wd_span *argv, wd_redis_call *call)
{
    const char *arg[ARGS_MAX];
    size_t len[ARGS_MAX];
    if (argc == 0 || argc > ARGS_MAX)
        return WD_LIMIT;
    for (size_t i = 0; i < argc; i++) {
        arg[i] = argv[i].ptr != NULL ? argv[i].ptr : "";
        len[i] = argv[i].len;
    }
    if (r->ac == NULL ||
        redisAsyncCommandArgv(r->ac, on_reply, call, (int)argc, arg, len) != REDIS_OK)
        return WD_NET;
    r->in_flight++;
    return WD_OK;
}

wd_status wd_redis_command(wd_redis *r, size_t argc, const wd_span *argv, wd_redis_call *call)
{
    if (!r->up || r->closing)
        return WD_NET;
    wd_status s = send_command(r, argc, argv, call);
    if (s == WD_OK && r->in_flight == 1 && r->spec.answer_ms > 0)
        uv_timer_start(&r->timer, deadline_passed, r->spec.answer_ms, 0);
    return s;
}

/* --- coming up ----------------------------------------------------------------- */

static void come_up(wd_redis *r)
{
    r->up = true;
    uv_timer_stop(&r->timer);
    r->spec.up(r->spec.ctx);
}

/* AUTH or SELECT was refused. */
static void refused(wd_redis *r, const wd_redis_reply *reply)
{
    char why[WHY_BYTES];
    wd_span text = wd_redis_reply_text(reply);
    snprintf(why, sizeof(why), "%.*s", (int)(text.len < 200 ? text.len : 200), text.ptr);
    go_down(r, WD_DENIED, why);
}

static void select_done(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_redis *r = wd_owner(call, wd_redis, select);
    if (wd_redis_reply_type(reply) == WD_REDIS_ERROR)
        refused(r, reply);
    else if (reply != NULL)
        come_up(r);
}

static void select_db(wd_redis *r)
{
    char db[16];
    if (r->spec.plain || r->url.db == 0) {
        come_up(r);
        return;
    }
    snprintf(db, sizeof(db), "%d", r->url.db);
    wd_span argv[] = { WD_SPAN_LIT("SELECT"), wd_span_of(db) };
    r->select.done = select_done;
    if (send_command(r, WD_COUNT(argv), argv, &r->select) != WD_OK)
        go_down(r, WD_NET, "connection lost");
}

static void auth_done(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_redis *r = wd_owner(call, wd_redis, auth);
    if (wd_redis_reply_type(reply) == WD_REDIS_ERROR)
        refused(r, reply);
    else if (reply != NULL)
        select_db(r);
}

static void authenticate(wd_redis *r)
{
    wd_span argv[3] = { WD_SPAN_LIT("AUTH") };
    size_t n = 1;
    if (r->spec.plain || r->url.password[0] == '\0') {
        select_db(r);
        return;
    }
    if (r->url.username[0] != '\0')
        argv[n++] = wd_span_of(r->url.username);
    argv[n++] = wd_span_of(r->url.password);
    r->auth.done = auth_done;
    if (send_command(r, n, argv, &r->auth) != WD_OK)
        go_down(r, WD_NET, "connection lost");
}

static void on_connect(const redisAsyncContext *ac, int status)
{
    wd_redis *r = ac->data;
    if (r->ac != ac)
        return;
    if (status == REDIS_OK) {
        authenticate(r);
        return;
    }
    r->ac = NULL; /* hiredis frees it when this returns */
    snprintf(r->why, sizeof(r->why), "%s", ac->errstr != NULL ? ac->errstr : "refused");
    if (r->next != NULL)
        try_next(r);
    else
        go_down(r, WD_NET, r->why);
}

static void use(wd_redis *r, redisAsyncContext *ac)
{
    if (ac == NULL) {
        go_down_later(r, WD_NOMEM, "out of memory");
        return;
    }
    if (ac->err != 0 || attach(r, ac) != WD_OK) {
        char why[WHY_BYTES];
        snprintf(why, sizeof(why), "%s", ac->err != 0 ? ac->errstr : "the socket cannot be polled");
        redisAsyncFree(ac);
        if (r->next != NULL)
            try_next(r);
        else
            go_down_later(r, WD_NET, why);
        return;
    }
    r->ac = ac;
    redisAsyncSetConnectCallback(ac, on_connect);
    redisAsyncSetDisconnectCallback(ac, on_disconnect);
}

static void try_next(wd_redis *r)
{
    char ip[64] = "";
    struct addrinfo *at = r->next;
    r->next = at->ai_next;
    if (at->ai_family == AF_INET6)
        uv_ip6_name((const struct sockaddr_in6 *)(const void *)at->ai_addr, ip, sizeof(ip));
    else
        uv_ip4_name((const struct sockaddr_in *)(const void *)at->ai_addr, ip, sizeof(ip));
    use(r, redisAsyncConnect(ip, r->where.port));
}

static void looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *list)
{
    wd_redis *r = wd_owner(lookup, wd_redis, lookup);
    r->found = list;
    if (!r->closing && !r->down) {
        if (status == 0 && list != NULL) {
            r->next = list;
            try_next(r);
        } else {
            char why[WHY_BYTES];
            snprintf(why, sizeof(why), "%.200s: %s", r->where.host, uv_strerror(status));
            go_down(r, WD_NET, why);
        }
    }
    release(r);
}

/*
 * A path longer than sockaddr_un takes is reached through its open directory, which stays open
 * as long as the connection: hiredis 1 calls connect() once more to see whether it stands.
 */
static redisAsyncContext *connect_unix(wd_redis *r, const char *path)
{
    char dir[WD_REDIS_PATH_BYTES], near[SUN_PATH_BYTES];
    const char *name = strrchr(path, '/');
    if (strlen(path) < SUN_PATH_BYTES || name == NULL)
        return redisAsyncConnectUnix(path);
    snprintf(dir, sizeof(dir), "%.*s", (int)(name - path), path);
    r->near_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    snprintf(near, sizeof(near), "/proc/self/fd/%d/%.64s", r->near_fd, name + 1);
    return redisAsyncConnectUnix(near);
}

static void start(wd_redis *r)
{
    struct sockaddr_storage numeric;
    const char *host = r->where.host;
    if (r->url.kind == WD_REDIS_UNIX) {
        use(r, connect_unix(r, r->url.path));
    } else if (uv_ip4_addr(host, 0, (struct sockaddr_in *)(void *)&numeric) == 0 ||
               uv_ip6_addr(host, 0, (struct sockaddr_in6 *)(void *)&numeric) == 0) {
        use(r, redisAsyncConnect(host, r->where.port));
    } else {
        struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
        r->handles++;
        int code = uv_getaddrinfo(r->spec.loop, &r->lookup, looked_up, host, NULL, &hints);
        if (code != 0) {
            r->handles--;
            go_down_later(r, WD_NET, uv_strerror(code));
        }
    }
}

wd_status wd_redis_open(wd_redis **out, const wd_redis_spec *spec)
{
    wd_redis *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return WD_NOMEM;
    r->near_fd = -1;
    r->spec = *spec;
    r->url = *spec->url;
    r->where = spec->where != NULL ? *spec->where : spec->url->hosts[0];
    r->spec.url = &r->url;
    r->spec.where = &r->where;
    if (r->spec.connect_ms == 0)
        r->spec.connect_ms = CONNECT_MS;
    if (uv_timer_init(spec->loop, &r->timer) != 0) {
        free(r);
        return WD_NOMEM;
    }
    r->handles = 1;
    uv_timer_start(&r->timer, deadline_passed, r->spec.connect_ms, 0);
    *out = r;
    if (r->url.tls && !wd_redis_has_tls())
        go_down_later(r, WD_UNSUPPORTED, "this build has no TLS to Redis");
    else
        start(r);
    return WD_OK;
}

static void timer_closed(uv_handle_t *handle)
{
    release(wd_owner(handle, wd_redis, timer));
}

void wd_redis_close(wd_redis **redis)
{
    wd_redis *r = *redis;
    *redis = NULL;
    if (r == NULL || r->closing)
        return;
    r->closing = true;
    uv_cancel((uv_req_t *)&r->lookup); /* a no-op unless one waits for a thread */
    drop_context(r);
    uv_close((uv_handle_t *)&r->timer, timer_closed);
}

bool wd_redis_has_tls(void)
{
    return false;
}

/* --- replies -------------------------------------------------------------------- */

static const redisReply *theirs(const wd_redis_reply *reply)
{
    return (const redisReply *)(const void *)reply;
}

wd_redis_type wd_redis_reply_type(const wd_redis_reply *reply)
{
    if (reply == NULL)
        return WD_REDIS_NIL;
    switch (theirs(reply)->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        return WD_REDIS_TEXT;
    case REDIS_REPLY_INTEGER:
        return WD_REDIS_INT;
    case REDIS_REPLY_ERROR:
        return WD_REDIS_ERROR;
    case REDIS_REPLY_ARRAY:
        return WD_REDIS_LIST;
    default:
        return WD_REDIS_NIL;
    }
}

wd_span wd_redis_reply_text(const wd_redis_reply *reply)
{
    wd_redis_type type = wd_redis_reply_type(reply);
    if (type != WD_REDIS_TEXT && type != WD_REDIS_ERROR)
        return WD_SPAN_NONE;
    return (wd_span){ theirs(reply)->str, (size_t)theirs(reply)->len };
}

int64_t wd_redis_reply_int(const wd_redis_reply *reply)
{
    unsigned long long value = 0;
    if (wd_redis_reply_type(reply) == WD_REDIS_INT)
        return theirs(reply)->integer;
    return wd_span_u64(wd_redis_reply_text(reply), &value) && value <= INT64_MAX ? (int64_t)value
                                                                                 : 0;
}

size_t wd_redis_reply_count(const wd_redis_reply *reply)
{
    return wd_redis_reply_type(reply) == WD_REDIS_LIST ? theirs(reply)->elements : 0;
}

const wd_redis_reply *wd_redis_reply_at(const wd_redis_reply *reply, size_t at)
{
    if (at >= wd_redis_reply_count(reply))
        return NULL;
    return (const wd_redis_reply *)(const void *)theirs(reply)->element[at];
}
