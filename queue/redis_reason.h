/*
 * queue/redis_reason.h - what an error word of Redis asks of us (docs/queue.md rule 9).
 *
 * An unknown error is never an acknowledgement: it closes the connection, and
 * everything unacknowledged is compared and sent again.
 */
#pragma once

#include "core/span.h"

typedef enum wd_redis_remedy {
    WD_REDIS_WAIT,      /* keep the connection, back off, compare, send again */
    WD_REDIS_RELOAD,    /* the server forgot our scripts: load them, compare */
    WD_REDIS_RECONNECT, /* another server is the master now: ask again who */
    WD_REDIS_OPERATOR,  /* only a person can mend it: say so, try again every 30 s */
} wd_redis_remedy;

#define WD_REDIS_REASON_LIST(X)                                                                    \
    X(LOADING, WAIT, "Redis is loading its data")                                                  \
    X(BUSY, WAIT, "a script keeps Redis busy")                                                     \
    X(MASTERDOWN, WAIT, "the replica has lost its master")                                         \
    X(CLUSTERDOWN, WAIT, "the cluster is down")                                                    \
    X(TRYAGAIN, WAIT, "a slot is moving between nodes")                                            \
    X(MISCONF, WAIT, "Redis cannot write to its disk and refuses writes")                          \
    X(NOREPLICAS, WAIT, "Redis has too few replicas and refuses writes")                           \
    X(OOM, WAIT, "Redis has reached its maxmemory and refuses writes")                             \
    X(NOSCRIPT, RELOAD, "the server does not know our script")                                     \
    X(READONLY, RECONNECT, "the server is a replica")                                              \
    X(MOVED, RECONNECT, "the slot lives on another node")                                          \
    X(ASK, WAIT, "the slot is moving to another node")                                             \
    X(UNBLOCKED, RECONNECT, "the server changed its role")                                         \
    X(NOAUTH, OPERATOR, "Redis wants a password")                                                  \
    X(WRONGPASS, OPERATOR, "Redis refuses user or password")                                       \
    X(NOPERM, OPERATOR, "the Redis user lacks a permission")                                       \
    X(WRONGTYPE, OPERATOR, "the key holds another type: is it used by something else?")            \
    X(FOREIGN, OPERATOR, "something else writes to the stream: give wiredesk one of its own")      \
    X(NOPROTO, OPERATOR, "the server is too old")                                                  \
    X(NOMASTER, OPERATOR, "no sentinel knows a master of that name")                               \
    X(TLS, RECONNECT, "the TLS handshake failed")                                                  \
    X(REFUSED, RECONNECT, "nothing listens there")                                                 \
    X(TIMEOUT, RECONNECT, "no answer in time")                                                     \
    X(CLOSED, RECONNECT, "the connection was closed")                                              \
    X(NAME, RECONNECT, "the name has no address")                                                  \
    X(NETWORK, RECONNECT, "the connection failed")                                                 \
    X(UNKNOWN, RECONNECT, "Redis answered with an error")

typedef enum wd_redis_reason {
#define X(name, remedy, text) WD_REDIS_REASON_##name,
    WD_REDIS_REASON_LIST(X)
#undef X
} wd_redis_reason;

/* Of a connection that failed or ended, by what was said of it: never UNKNOWN. */
wd_redis_reason wd_redis_reason_of_loss(wd_span why);

/* From a whole error reply, "OOM command not allowed ..."; also finds the word inside
 * the wrapping that servers before 7.0 put around errors of scripts. */
wd_redis_reason wd_redis_reason_of(wd_span error);

wd_redis_remedy wd_redis_reason_remedy(wd_redis_reason reason);

/* Redis is not there, or not yet: a restart or a failover goes through several of these, and a
 * reader of the log wants to hear of one. */
bool wd_redis_reason_is_away(wd_redis_reason reason);
const char *wd_redis_reason_name(wd_redis_reason reason); /* "OOM" */
const char *wd_redis_reason_text(wd_redis_reason reason); /* the sentence */
