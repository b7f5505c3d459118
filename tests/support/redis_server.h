/*
 * tests/support/redis_server.h - a real redis-server of a test's own, on a unix socket in
 * a directory of its own; ended by pid.  A missing redis-server is a failure.
 */
#pragma once

#include <hiredis/hiredis.h>

typedef struct redis_server {
    char dir[4096];
    char socket[4096];
    char url[4200];
    int port; /* 0: none */
    long pid;
    redisContext *client;
} redis_server;

/* `extra`: more arguments, ending with NULL; may be NULL. */
void redis_server_start(redis_server *r, const char *const *extra);
void redis_server_kill(redis_server *r); /* SIGKILL; the data stay */
void redis_server_restart(redis_server *r);
void redis_server_stop(redis_server *r); /* and removes the directory */

/* The reply lives until the next call; fails the test when there is none. */
redisReply *redis_server_do(redis_server *r, const char *format, ...);
long long redis_server_int(redis_server *r, const char *format, ...);
