/* tests/support/redis_server.c - fork, exec, wait until it answers. */
#include "tests/support/redis_server.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#define MAX_ARGS 40

static redisReply *last_reply;
static const char *const *extra_args;

/* WIREDESK_REDIS_SERVER: another one to test with, valkey-server for example. */
static const char *program(void)
{
    const char *given = getenv("WIREDESK_REDIS_SERVER");
    return given != NULL && given[0] != '\0' ? given : "redis-server";
}

static void child(const redis_server *r)
{
    const char *argv[MAX_ARGS] = {
        program(),  "--port",    "0",   "--unixsocket",           r->socket, "--dir",
        r->dir,     "--save",    "",    "--appendonly",           "yes",     "--appendfsync",
        "everysec", "--logfile", "log", "--enable-debug-command", "local",   "--daemonize",
        "no",
    };
    size_t n = 19;
    for (const char *const *e = extra_args; e != NULL && *e != NULL && n + 1 < MAX_ARGS; e++)
        argv[n++] = *e;
    argv[n] = NULL;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(argv[0], (char *const *)(void *)argv);
    if (getenv("WIREDESK_REDIS_SERVER") == NULL) { /* Debian 13 may have the other one alone */
        argv[0] = "valkey-server";
        execvp(argv[0], (char *const *)(void *)argv);
    }
    perror("redis-server");
    _exit(127);
}

static void run(redis_server *r)
{
    r->pid = fork();
    if (r->pid == 0)
        child(r);
    for (int i = 0; i < 1000; i++) {
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
        r->client = redisConnectUnix(r->socket);
        if (r->client != NULL && r->client->err == 0) {
            redisReply *pong = redisCommand(r->client, "PING");
            int fine = pong != NULL && pong->type == REDIS_REPLY_STATUS;
            if (pong != NULL)
                freeReplyObject(pong);
            if (fine)
                return;
        }
        if (r->client != NULL)
            redisFree(r->client);
        r->client = NULL;
        int status;
        if (waitpid((pid_t)r->pid, &status, WNOHANG) == r->pid)
            fail_msg("redis-server ended with %d: is it installed?", status);
    }
    fail_msg("redis-server did not start");
}

void redis_server_start(redis_server *r, const char *const *extra)
{
    memset(r, 0, sizeof(*r));
    extra_args = extra;
    temp_dir_make(r->dir);
    snprintf(r->socket, sizeof(r->socket), "%.90s/s", r->dir);
    snprintf(r->url, sizeof(r->url), "unix://%s", r->socket);
    run(r);
}

void redis_server_kill(redis_server *r)
{
    int status;
    if (r->client != NULL)
        redisFree(r->client);
    r->client = NULL;
    if (r->pid > 0) {
        kill((pid_t)r->pid, SIGKILL);
        waitpid((pid_t)r->pid, &status, 0);
    }
    r->pid = 0;
}

void redis_server_restart(redis_server *r)
{
    redis_server_kill(r);
    run(r);
}

void redis_server_stop(redis_server *r)
{
    redis_server_kill(r);
    if (last_reply != NULL)
        freeReplyObject(last_reply);
    last_reply = NULL;
    temp_dir_remove(r->dir);
}

static redisReply *vdo(redis_server *r, const char *format, va_list args)
{
    if (last_reply != NULL)
        freeReplyObject(last_reply);
    last_reply = redisvCommand(r->client, format, args);
    if (last_reply == NULL)
        fail_msg("%s: %s", format, r->client->errstr);
    return last_reply;
}

redisReply *redis_server_do(redis_server *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    redisReply *reply = vdo(r, format, args);
    va_end(args);
    return reply;
}

long long redis_server_int(redis_server *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    redisReply *reply = vdo(r, format, args);
    va_end(args);
    return reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;
}
