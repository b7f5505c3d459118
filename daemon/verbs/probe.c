/* daemon/verbs/probe.c - one function a thing that a start needs; each says what it found. */
#include "daemon/verbs/probe.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <uv.h>

#include "core/buf.h"
#include "core/url.h"
#include "daemon/config/place.h"
#include "daemon/control.h"
#include "daemon/verbs/control_client.h"
#include "daemon/verbs/redis_address.h"
#include "queue/redis.h"

#define LEAST_FREE_BYTES ((uint64_t)1 << 30) /* a full outbox needs more, a quiet day far less */
#define ANSWER_BYTES     (1u << 20)

static bool found(wd_probe_result *r, bool ok, const char *fmt, ...) WD_PRINTF(3, 4);

static bool found(wd_probe_result *r, bool ok, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(r->text, sizeof(r->text), fmt, args);
    va_end(args);
    return ok;
}

/* --- state ------------------------------------------------------------------ */

static bool cannot_write(const char *path, wd_probe_result *r)
{
    bool rights = errno == EACCES || errno == EPERM;
    return found(r, false, "%s cannot be written by this user: %s%s", path, strerror(errno),
                 rights ? " (try as the daemon's user)" : "");
}

/* The start makes the directory, and none above it. */
static bool probe_parent(const char *state, wd_probe_result *r)
{
    char above[PATH_MAX];
    snprintf(above, sizeof(above), "%s", state);
    const char *parent = dirname(above);
    if (access(parent, F_OK) != 0)
        return found(r, false, "%s: %s is not there either, and the start does not make it", state,
                     parent);
    if (access(parent, W_OK | X_OK) != 0)
        return cannot_write(parent, r);
    return found(r, true, "%s is not there yet; the start makes it", state);
}

static bool probe_state(const wd_config *c, wd_probe_result *r)
{
    struct statvfs fs;
    struct stat st;
    if (stat(c->state, &st) != 0 && errno == ENOENT)
        return probe_parent(c->state, r);
    if (stat(c->state, &st) == 0 && !S_ISDIR(st.st_mode))
        return found(r, false, "%s is no directory", c->state);
    if (access(c->state, W_OK | X_OK) != 0)
        return cannot_write(c->state, r);
    if (statvfs(c->state, &fs) != 0)
        return found(r, false, "%s: %s", c->state, strerror(errno));
    uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    return found(r, free_bytes >= LEAST_FREE_BYTES, "%s can be written, %.1f GB free%s", c->state,
                 (double)free_bytes / 1e9,
                 free_bytes < LEAST_FREE_BYTES ? ": too little for an outbox that fills" : "");
}

/* --- Redis ------------------------------------------------------------------ */

struct ask_redis {
    wd_redis *redis;
    wd_redis_call ping;
    bool ok;
    char why[200];
};

static void ponged(wd_redis_call *call, const wd_redis_reply *reply)
{
    struct ask_redis *a = wd_owner(call, struct ask_redis, ping);
    if (reply == NULL)
        return; /* down() says why */
    a->ok = wd_redis_reply_type(reply) != WD_REDIS_ERROR;
    snprintf(a->why, sizeof(a->why), "%.*s", WD_SPAN_ARG(wd_redis_reply_text(reply)));
    wd_redis_close(&a->redis);
}

static void redis_up(void *ctx)
{
    struct ask_redis *a = ctx;
    wd_span argv[] = { WD_SPAN_LIT("PING") };
    a->ping.done = ponged;
    if (wd_redis_command(a->redis, 1, argv, &a->ping) != WD_OK)
        wd_redis_close(&a->redis);
}

static void redis_down(void *ctx, wd_status s, const char *why)
{
    struct ask_redis *a = ctx;
    (void)s;
    snprintf(a->why, sizeof(a->why), "%s", why);
    wd_redis_close(&a->redis);
}

static void redis_closed(void *ctx)
{
    (void)ctx;
}

static void ask_redis(struct ask_redis *a, const wd_redis_url *url)
{
    uv_loop_t loop;
    wd_redis_spec spec = { .loop = &loop,
                           .url = url,
                           .plain = url->kind == WD_REDIS_SENTINEL,
                           .answer_ms = 3000,
                           .up = redis_up,
                           .down = redis_down,
                           .closed = redis_closed,
                           .ctx = a };
    if (uv_loop_init(&loop) != 0)
        return;
    if (wd_redis_open(&a->redis, &spec) == WD_OK)
        uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
}

static bool is_installed(const char *program)
{
    char file[4096];
    const char *path = getenv("PATH");
    for (wd_span rest = wd_span_of(path ? path : "/usr/bin:/bin"); rest.ptr != NULL;) {
        wd_span dir = wd_span_cut(&rest, ':');
        snprintf(file, sizeof(file), "%.*s/%s", WD_SPAN_ARG(dir), program);
        if (access(file, X_OK) == 0)
            return true;
    }
    return false;
}

static bool probe_redis(const wd_config *c, wd_probe_result *r)
{
    wd_error err;
    wd_redis_url url;
    struct ask_redis a = { .why = "it did not answer" };
    char shown[WD_REDIS_SHOW_BYTES];
    if (strcmp(c->redis.url, "embedded") == 0)
        return is_installed("redis-server")
                   ? found(r, true, "embedded: redis-server is installed")
                   : found(r, false, "embedded: install redis-server (apt install redis-server)");
    if (wd_redis_url_parse(wd_span_of(c->redis.url), &url, &err) != WD_OK)
        return found(r, false, "%s", err.text);
    if (c->redis.username != NULL)
        snprintf(url.username, sizeof(url.username), "%s", c->redis.username);
    if (c->redis.password != NULL)
        snprintf(url.password, sizeof(url.password), "%s", c->redis.password);
    ask_redis(&a, &url);
    return found(r, a.ok, "%s: %s%s", wd_redis_url_show(&url, shown), a.why,
                 a.ok ? "" : wd_redis_hint(a.why));
}

/* --- names ------------------------------------------------------------------ */

static bool probe_names(const wd_config *c, wd_probe_result *r)
{
    char host[256];
    wd_url_parts p;
    struct addrinfo *list = NULL;
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    if (c->n_feeds == 0)
        return found(r, true, "no feed, no name to look up");
    wd_url_split(wd_span_of(c->feeds[0].url), &p);
    snprintf(host, sizeof(host), "%.*s", WD_SPAN_ARG(p.host));
    int e = getaddrinfo(host, NULL, &hints, &list);
    if (e == 0)
        freeaddrinfo(list);
    return found(r, e == 0, e == 0 ? "%s has an address" : "%s: %s (try: getent hosts NAME)", host,
                 e == 0 ? "" : gai_strerror(e));
}

/* --- port and socket ---------------------------------------------------------- */

static bool daemon_answers(const wd_config *c)
{
    wd_error err;
    char path[WD_SOCKET_PATH_BYTES];
    wd_buf answer = WD_BUF_INIT(ANSWER_BYTES);
    bool ok = wd_config_find_socket(c, path) &&
              wd_control_ask(path, WD_SPAN_LIT("{\"order\":\"status\"}"), &answer, &err) == WD_OK;
    wd_buf_done(&answer);
    return ok;
}

/* `key` is what the configuration calls it, with what else it could be. */
static bool probe_listen(const wd_config *c,
                         const char *listen,
                         const char *key,
                         wd_probe_result *r)
{
    struct sockaddr_storage address = { 0 };
    wd_error err;
    if (wd_control_address(listen, &address, &err) != WD_OK)
        return found(r, false, "%s", err.text);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    bool free_port = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (free_port)
        return found(r, true, "%s is free", listen);
    if (error == EADDRINUSE && daemon_answers(c))
        return found(r, true, "%s is in use, and the daemon runs", listen);
    return found(r, false, "%s: %s; choose another %s", listen, strerror(error), key);
}

static bool probe_port(const wd_config *c, wd_probe_result *r)
{
    if (strcmp(c->control.listen, "off") == 0)
        return found(r, true, "off");
    return probe_listen(c, c->control.listen, "control.listen, or off", r);
}

static bool probe_hubs(const wd_config *c, wd_probe_result *r)
{
    if (!c->websub.enabled)
        return found(r, true, "off");
    return probe_listen(c, c->websub.listen, "websub.listen", r);
}

static bool probe_socket(const wd_config *c, wd_probe_result *r)
{
    char path[WD_SOCKET_PATH_BYTES];
    if (!wd_config_find_socket(c, path))
        return found(r, true, "off");
    if (daemon_answers(c))
        return found(r, true, "the daemon answers at %s", path);
    return found(r, true, "nobody answers at %s: the daemon does not run", path);
}

/* --- all of them ----------------------------------------------------------------- */

void wd_probe_all(const wd_config *config, wd_probe_result out[WD_PROBES])
{
    static const struct {
        const char *name;
        bool (*probe)(const wd_config *c, wd_probe_result *r);
    } probes[WD_PROBES] = { { "state", probe_state }, { "redis", probe_redis },
                            { "names", probe_names }, { "port", probe_port },
                            { "hubs", probe_hubs },   { "socket", probe_socket } };
    for (size_t i = 0; i < WD_PROBES; i++) {
        out[i].name = probes[i].name;
        out[i].ok = probes[i].probe(config, &out[i]);
    }
}
