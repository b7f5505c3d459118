/*
 * queue/embedded_redis.c - one child process: what an older one left is ended first, then
 * start, wait until it answers, start again when it dies, end.
 *
 * The socket's name is relative for the server, which works in the directory: a path of
 * any depth fits (sun_path has 108 bytes).  The child has a session of its own, so that
 * Ctrl-C on a terminal reaches the daemon alone and the outbox can still drain.
 */
#include "queue/embedded_redis.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "queue/redis.h"

#define STOP_MS         5000 /* from SIGTERM to SIGKILL */
#define LOOK_MS         25   /* is it up?  is the old one gone? */
#define RESTART_MS      1000 /* between a death and the next start, doubled up to the last */
#define RESTART_LAST_MS 30000
/* setpriv's "set privileges failed": it wants capset(2), which our own service's sandbox
 * refuses.  There the control group ends the child with the daemon anyway. */
#define SETPRIV_REFUSED 127
#define LOG_BYTES       (1024 * 1024) /* an older log is started anew beyond */

enum state {
    ENDING_OLD, /* of a crashed daemon: not our child, looked at by the timer */
    STARTING,   /* spawned; the timer asks whether it answers */
    RUNNING,
    RESTARTING, /* died; the timer starts it again */
    STOPPING,   /* SIGTERM sent */
    CLOSED,
};

struct wd_embedded_redis {
    wd_embedded_redis_spec spec;
    enum state state;
    char dir[PATH_MAX], program[PATH_MAX], setpriv[PATH_MAX];
    char url[3 * PATH_MAX + 8];
    wd_redis_url address;
    uv_process_t process;
    bool alive; /* process is a child of ours */
    uv_timer_t timer;
    wd_redis *client; /* asks until it answers */
    wd_redis_call ping;
    pid_t old;
    unsigned old_looks, deaths, handles;
    bool said_ready;
};

static void spawn_server(wd_embedded_redis *r);
static void look(uv_timer_t *timer);

/* --- files ---------------------------------------------------------------------- */

static const char *in_dir(const wd_embedded_redis *r, const char *name, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/%s", r->dir, name);
    return out;
}

static bool find_program(const char *name, char out[PATH_MAX])
{
    const char *path = getenv("PATH");
    wd_span rest = wd_span_of(path != NULL && path[0] != '\0' ? path : "/usr/bin:/usr/local/bin");
    while (rest.ptr != NULL) {
        wd_span dir = wd_span_cut(&rest, ':');
        int n = snprintf(out, PATH_MAX, "%.*s/%s", WD_SPAN_ARG(dir), name);
        if (dir.len > 0 && n > 0 && n < PATH_MAX && access(out, X_OK) == 0)
            return true;
    }
    out[0] = '\0';
    return false;
}

static void write_pid(const wd_embedded_redis *r, pid_t pid)
{
    char path[PATH_MAX];
    FILE *f = fopen(in_dir(r, "redis.pid", path), "we");
    if (f == NULL)
        return; /* a full disk: Redis will say more about that */
    fprintf(f, "%ld\n", (long)pid);
    fclose(f);
}

/* The process that the pid file names, if it is still a Redis at work in our directory:
 * numbers are used again. */
static pid_t find_old(const wd_embedded_redis *r)
{
    char path[PATH_MAX], name[64] = "", cwd[PATH_MAX], cwd_link[64];
    long pid = 0;
    FILE *f = fopen(in_dir(r, "redis.pid", path), "re");
    if (f == NULL)
        return 0;
    bool read = fscanf(f, "%ld", &pid) == 1;
    fclose(f);
    if (!read || pid <= 1 || pid > INT_MAX)
        return 0;
    snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
    f = fopen(path, "re");
    if (f == NULL)
        return 0;
    bool named = fgets(name, sizeof(name), f) != NULL && strstr(name, "-server") != NULL;
    fclose(f);
    snprintf(cwd_link, sizeof(cwd_link), "/proc/%ld/cwd", pid);
    ssize_t n = readlink(cwd_link, cwd, sizeof(cwd) - 1);
    cwd[n > 0 ? n : 0] = '\0';
    return named && strcmp(cwd, r->dir) == 0 ? (pid_t)pid : 0;
}

static void trim_log(const wd_embedded_redis *r)
{
    char path[PATH_MAX];
    struct stat st;
    if (stat(in_dir(r, "redis.log", path), &st) == 0 && st.st_size > LOG_BYTES &&
        truncate(path, 0) != 0)
        return; /* it grows on: no reason not to start */
}

/* Bytes that mean something in a URL's path are escaped. */
static void make_url(wd_embedded_redis *r)
{
    size_t n = (size_t)snprintf(r->url, sizeof(r->url), "unix://");
    for (const char *c = r->dir; *c != '\0' && n + 16 < sizeof(r->url); c++)
        n += (size_t)snprintf(r->url + n, sizeof(r->url) - n, strchr("%?#", *c) ? "%%%02X" : "%c",
                              *c);
    snprintf(r->url + n, sizeof(r->url) - n, "/redis.sock");
}

/* --- the end ---------------------------------------------------------------------- */

static void released(wd_embedded_redis *r)
{
    if (--r->handles > 0)
        return;
    void (*closed)(void *) = r->spec.closed;
    void *ctx = r->spec.ctx;
    free(r);
    closed(ctx);
}

static void process_closed(uv_handle_t *handle)
{
    released(wd_owner(handle, wd_embedded_redis, process));
}

static void timer_closed(uv_handle_t *handle)
{
    released(wd_owner(handle, wd_embedded_redis, timer));
}

static void finish(wd_embedded_redis *r)
{
    r->state = CLOSED;
    uv_close((uv_handle_t *)&r->timer, timer_closed);
}

static void kill_late(uv_timer_t *timer)
{
    wd_embedded_redis *r = wd_owner(timer, wd_embedded_redis, timer);
    uv_process_kill(&r->process, SIGKILL);
}

void wd_embedded_redis_close(wd_embedded_redis **redis)
{
    wd_embedded_redis *r = *redis;
    *redis = NULL;
    if (r == NULL)
        return;
    wd_redis_close(&r->client);
    uv_timer_stop(&r->timer);
    if (!r->alive) {
        finish(r);
        return;
    }
    r->state = STOPPING;
    uv_process_kill(&r->process, SIGTERM);
    uv_timer_start(&r->timer, kill_late, STOP_MS, 0);
}

/* --- life ---------------------------------------------------------------------------- */

static void again(wd_embedded_redis *r, void (*what)(uv_timer_t *), uint64_t ms)
{
    uv_timer_start(&r->timer, what, ms, 0);
}

static void restart(uv_timer_t *timer)
{
    spawn_server(wd_owner(timer, wd_embedded_redis, timer));
}

static void could_not_start(wd_embedded_redis *r, const char *why)
{
    wd_error_event(r->spec.log, "redis.embedded", WD_FIELDS({ "REASON", why }),
                   "the embedded Redis did not start: %s; see %s/redis.log", why, r->dir);
    r->said_ready = true;
    r->state = RESTARTING;
    r->spec.ready(r->spec.ctx, WD_IO, "");
}

static void exited(uv_process_t *process, int64_t code, int signal)
{
    wd_embedded_redis *r = wd_owner(process, wd_embedded_redis, process);
    char why[64];
    snprintf(why, sizeof(why), signal ? "signal %d" : "exit code %d", signal ? signal : (int)code);
    r->alive = false;
    uv_close((uv_handle_t *)process, process_closed);
    wd_redis_close(&r->client);
    uv_timer_stop(&r->timer);
    if (r->state == STOPPING) {
        finish(r);
    } else if (code == SETPRIV_REFUSED && r->setpriv[0] != '\0') {
        r->setpriv[0] = '\0';
        r->state = RESTARTING;
        again(r, restart, LOOK_MS);
    } else if (!r->said_ready) {
        could_not_start(r, why);
    } else {
        uint64_t ms = RESTART_MS;
        for (unsigned i = 0; i < r->deaths && ms < RESTART_LAST_MS; i++)
            ms *= 2;
        r->deaths++;
        r->state = RESTARTING;
        again(r, restart, ms);
        r->spec.died(r->spec.ctx, why);
    }
}

static void spawn_server(wd_embedded_redis *r)
{
    /* setpriv gives the child a death signal for the parent: uv_spawn cannot run code
     * between fork and exec.  Without it a leftover is ended at the next start. */
    char *args[] = { r->setpriv,           (char *)"--pdeathsig",
                     (char *)"TERM",       (char *)"--",
                     r->program,           (char *)"--port",
                     (char *)"0",          (char *)"--unixsocket",
                     (char *)"redis.sock", (char *)"--unixsocketperm",
                     (char *)"700",        (char *)"--dir",
                     (char *)".",          (char *)"--save",
                     (char *)"",           (char *)"--appendonly",
                     (char *)"yes",        (char *)"--appendfsync",
                     (char *)"everysec",   (char *)"--maxmemory-policy",
                     (char *)"noeviction", (char *)"--logfile",
                     (char *)"redis.log",  (char *)"--daemonize",
                     (char *)"no",         NULL };
    char **argv = r->setpriv[0] != '\0' ? args : args + 4;
    uv_process_options_t options = { .exit_cb = exited,
                                     .file = argv[0],
                                     .args = argv,
                                     .cwd = r->dir,
                                     .flags = UV_PROCESS_DETACHED };
    char path[PATH_MAX];
    trim_log(r);
    unlink(in_dir(r, "redis.sock", path));
    int code = uv_spawn(r->spec.loop, &r->process, &options);
    r->handles++; /* the handle is initialised even when it fails */
    if (code != 0) {
        uv_close((uv_handle_t *)&r->process, process_closed);
        could_not_start(r, uv_strerror(code));
        return;
    }
    r->alive = true;
    r->state = STARTING;
    write_pid(r, r->process.pid);
    again(r, look, LOOK_MS);
}

static void client_closed(void *ctx)
{
    released(ctx);
}

static void ponged(wd_redis_call *call, const wd_redis_reply *reply)
{
    wd_embedded_redis *r = wd_owner(call, wd_embedded_redis, ping);
    wd_redis_type type = wd_redis_reply_type(reply);
    if (reply == NULL || r->state != STARTING)
        return;
    wd_redis_close(&r->client);
    if (type == WD_REDIS_ERROR) { /* LOADING: as long as it takes */
        again(r, look, LOOK_MS);
        return;
    }
    r->state = RUNNING;
    r->deaths = r->deaths > 0 ? r->deaths - 1 : 0;
    bool first = !r->said_ready;
    r->said_ready = true;
    if (first)
        r->spec.ready(r->spec.ctx, WD_OK, r->url);
}

static void client_up(void *ctx)
{
    wd_embedded_redis *r = ctx;
    wd_span ping = WD_SPAN_LIT("PING");
    r->ping.done = ponged;
    wd_status s = wd_redis_command(r->client, 1, &ping, &r->ping);
    (void)s; /* it is going down: client_down follows */
}

static void client_down(void *ctx, wd_status s, const char *why)
{
    wd_embedded_redis *r = ctx;
    (void)s;
    (void)why; /* not yet: its exit would be told by `exited` */
    wd_redis_close(&r->client);
    if (r->state == STARTING)
        again(r, look, LOOK_MS);
}

static void ask_server(wd_embedded_redis *r)
{
    wd_redis_spec spec = { .loop = r->spec.loop,
                           .url = &r->address,
                           .answer_ms = 5000,
                           .up = client_up,
                           .down = client_down,
                           .closed = client_closed,
                           .ctx = r };
    if (wd_redis_open(&r->client, &spec) == WD_OK)
        r->handles++;
    else
        again(r, look, LOOK_MS);
}

static void end_old(wd_embedded_redis *r)
{
    if (r->old_looks++ == STOP_MS / LOOK_MS)
        kill(r->old, SIGKILL);
    if (find_old(r) == r->old)
        again(r, look, LOOK_MS);
    else
        spawn_server(r);
}

static void look(uv_timer_t *timer)
{
    wd_embedded_redis *r = wd_owner(timer, wd_embedded_redis, timer);
    if (r->state == ENDING_OLD)
        end_old(r);
    else if (r->state == STARTING)
        ask_server(r);
}

static void begin(uv_timer_t *timer)
{
    wd_embedded_redis *r = wd_owner(timer, wd_embedded_redis, timer);
    r->old = find_old(r);
    if (r->old == 0) {
        spawn_server(r);
        return;
    }
    wd_notice(r->spec.log, "redis.embedded", WD_NO_FIELDS,
              "ending the Redis (pid %ld) that an earlier run left behind", (long)r->old);
    kill(r->old, SIGTERM);
    again(r, look, LOOK_MS);
}

wd_status wd_embedded_redis_open(wd_embedded_redis **out,
                                 const wd_embedded_redis_spec *spec,
                                 wd_error *err)
{
    wd_embedded_redis *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return wd_fail(err, WD_NOMEM, "out of memory");
    r->spec = *spec;
    wd_status s = WD_OK;
    if (!find_program("redis-server", r->program) && !find_program("valkey-server", r->program))
        s = wd_fail(err, WD_NOTFOUND,
                    "`redis: embedded` needs redis-server on PATH (apt-get install redis-server)");
    else if ((mkdir(spec->dir, 0700) != 0 && errno != EEXIST) ||
             realpath(spec->dir, r->dir) == NULL)
        s = wd_fail(err, WD_IO, "cannot make the directory %s: %s", spec->dir, strerror(errno));
    if (s == WD_OK) {
        make_url(r);
        s = wd_redis_url_parse(wd_span_of(r->url), &r->address, err);
    }
    if (s != WD_OK) {
        free(r);
        return s;
    }
    find_program("setpriv", r->setpriv);
    uv_timer_init(spec->loop, &r->timer);
    r->handles = 1;
    again(r, begin, 0); /* nothing is called inside this call */
    *out = r;
    return WD_OK;
}
