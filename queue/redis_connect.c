/*
 * queue/redis_connect.c - a name becomes addresses, one of them a connection, and that one is
 * up when Redis has taken user, password and database.
 *
 * hiredis resolves names on the loop and knows one address only: so both are done here.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "queue/redis_impl.h"

#define SUN_PATH_BYTES 108u /* sockaddr_un.sun_path */

static void try_next(wd_redis *r);

static void come_up(wd_redis *r)
{
    r->up = true;
    uv_timer_stop(&r->timer);
    r->spec.up(r->spec.ctx);
}

/* AUTH or SELECT was refused. */
static void refused(wd_redis *r, const wd_redis_reply *reply)
{
    char why[WD_REDIS_WHY_BYTES];
    wd_span text = wd_redis_reply_text(reply);
    snprintf(why, sizeof(why), "%.*s", (int)(text.len < 200 ? text.len : 200), text.ptr);
    wd_redis_go_down(r, WD_DENIED, why);
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
    if (wd_redis_send(r, WD_COUNT(argv), argv, &r->select) != WD_OK)
        wd_redis_go_down(r, WD_NET, "connection lost");
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
    if (wd_redis_send(r, n, argv, &r->auth) != WD_OK)
        wd_redis_go_down(r, WD_NET, "connection lost");
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
        wd_redis_go_down(r, WD_NET, r->why);
}

static void use(wd_redis *r, redisAsyncContext *ac)
{
    if (ac == NULL) {
        wd_redis_go_down_later(r, WD_NOMEM, "out of memory");
        return;
    }
    wd_error tls = { .status = WD_OK };
    bool secured = ac->err != 0 || !r->url.tls || wd_redis_tls_start(&ac->c, r, &tls) == WD_OK;
    if (ac->err != 0 || !secured || wd_redis_attach(r, ac) != WD_OK) {
        char why[WD_REDIS_WHY_BYTES];
        snprintf(why, sizeof(why), "%s",
                 !secured       ? tls.text
                 : ac->err != 0 ? ac->errstr
                                : "the socket cannot be polled");
        redisAsyncFree(ac);
        if (r->next != NULL)
            try_next(r);
        else
            wd_redis_go_down_later(r, WD_NET, why);
        return;
    }
    r->ac = ac;
    redisAsyncSetConnectCallback(ac, on_connect);
    redisAsyncSetDisconnectCallback(ac, wd_redis_on_disconnect);
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
            char why[WD_REDIS_WHY_BYTES];
            snprintf(why, sizeof(why), "%.200s: %s", r->where.host, uv_strerror(status));
            wd_redis_go_down(r, WD_NET, why);
        }
    }
    wd_redis_release(r);
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

void wd_redis_connect(wd_redis *r)
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
            wd_redis_go_down_later(r, WD_NET, uv_strerror(code));
        }
    }
}
