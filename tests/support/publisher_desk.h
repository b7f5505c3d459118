/*
 * tests/support/publisher_desk.h - a real ledger in front of a real redis-server, and the
 * publisher between them.
 *
 * The pipeline in one thread: the ledger answers at once.  One server for a group of tests,
 * emptied before each; a test that waits for ever fails instead.
 */
#pragma once

#include <limits.h>

#include "queue/publisher.h"
#include "tests/support/check.h"
#include "tests/support/redis_server.h"

typedef struct publisher_desk {
    redis_server *server;
    char dir[PATH_MAX];
    uv_loop_t loop;
    uv_timer_t limit;
    wd_ledger *ledger;
    wd_publisher *publisher;
    wd_publisher_config config; /* its url is the server's */
    unsigned closes, drains, late_drains, gaps, asked;
    uint64_t gap_from, gap_to;
    uint64_t safe;   /* of the items: what is on Redis' disk */
    char said[4096]; /* event ids of the log, one a line */
    wd_log log;
} publisher_desk;

/* cmocka's: the group's, then each test's. */
int publisher_desk_start_server(void **state);
int publisher_desk_stop_server(void **state);
int publisher_desk_setup(void **state);
int publisher_desk_teardown(void **state);

/* As d->config says. */
void publisher_desk_open(publisher_desk *d);
void publisher_desk_close(publisher_desk *d);

/* A row of at least `pad` bytes, inside a transaction. */
void publisher_desk_add_row(publisher_desk *d, wd_lane lane, int64_t ms, size_t pad);

/* A transaction of n rows, and the publisher is woken. */
void publisher_desk_add(publisher_desk *d, wd_lane lane, int n, int64_t ms);

/* Until all is handed on; fails when it is not. */
void publisher_desk_drain(publisher_desk *d);

/* Until Redis takes nothing any more. */
wd_publisher_stats publisher_desk_until_down(publisher_desk *d);

/* The stream holds every number from `from` to `to`, once, in order; nothing else. */
void publisher_desk_check(publisher_desk *d,
                          const char *key,
                          unsigned long long from,
                          unsigned long long to);

#define PUBLISHER_TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, publisher_desk_setup, publisher_desk_teardown)
