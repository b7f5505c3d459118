/*
 * feeds/host_gate.h - who may be asked now: one at a time and with a pause per host, a few
 * per registrable domain, and nobody who asked for fewer requests (polling.md rules 6, 7).
 *
 * Thread: loop thread only.  Times are boot milliseconds, given from outside.
 * A feed has a seat at its host's gate.  It asks; it may go, or is told when to ask again,
 * or waits in its seat until somebody before it is done: then `woken` is called.  Others who
 * ask the same hosts (WebSub's hubs) sit there too, each with a `woken` of its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"
#include "core/span.h"
#include "core/status.h"
#include "feeds/host_rule.h"
#include "feeds/reason.h"

typedef struct wd_host_gate wd_host_gate;
typedef struct wd_gate_host wd_gate_host;

typedef struct wd_gate_seat {
    wd_link waiting;
    wd_gate_host *host;                       /* NULL: no seat */
    void (*woken)(struct wd_gate_seat *seat); /* NULL: the gate's */
} wd_gate_seat;

typedef enum wd_gate_answer {
    WD_GATE_GO,   /* counted as begun until wd_host_gate_done() */
    WD_GATE_AT,   /* ask again at *at_ms; that moment is kept for this seat */
    WD_GATE_WAIT, /* `woken` will be called */
} wd_gate_answer;

/* What a finished request tells about its host. */
typedef struct wd_gate_result {
    int64_t latency_ms;
    int64_t retry_after_ms; /* -1: not said */
    wd_reason reason;
    bool private_address; /* allowed and not public: no pause between requests */
} wd_gate_result;

typedef void (*wd_gate_woken)(void *ctx, wd_gate_seat *seat);

WD_MUST_USE wd_status wd_host_gate_open(wd_host_gate **out, wd_gate_woken woken, void *ctx);
void wd_host_gate_close(wd_host_gate **gate);

/* The operator's rules (copied), for all hosts from now on; who waits asks anew.
 * WD_NOMEM: the old ones stay. */
WD_MUST_USE wd_status wd_host_gate_set_rules(wd_host_gate *gate,
                                             const wd_host_rule *rules,
                                             size_t n);

/* Takes a seat at the gate of the URL's host; the seat must be empty. */
WD_MUST_USE wd_status wd_host_gate_sit(wd_host_gate *gate, wd_gate_seat *seat, wd_span url);

/* Gives the seat up; not between WD_GATE_GO and done.  An empty one may be given. */
void wd_host_gate_leave(wd_host_gate *gate, wd_gate_seat *seat);

/* Steps out of the line, keeps the seat: a feed that was paused. */
void wd_host_gate_stand_back(wd_host_gate *gate, wd_gate_seat *seat);

wd_gate_answer wd_host_gate_ask(wd_host_gate *gate,
                                wd_gate_seat *seat,
                                int64_t now_ms,
                                int64_t *at_ms);

/* The request let go before has ended.  Returns how long the host is left alone from now
 * on, when this answer closed its gate for long; else 0. */
int64_t wd_host_gate_done(wd_host_gate *gate,
                          wd_gate_seat *seat,
                          const wd_gate_result *result,
                          int64_t now_ms);

/* It was let go and has nothing to say, for nobody was asked. */
void wd_host_gate_undo(wd_host_gate *gate, wd_gate_seat *seat);

/* A request that did not ask has been there (a redirect led it); wd_host_gate_done() follows. */
void wd_host_gate_begun(wd_gate_seat *seat);

/* Whether the seat is at the gate of the URL's host. */
bool wd_host_gate_is_of(const wd_gate_seat *seat, wd_span url);

/* Whether both pass one gate: of a host, of a domain, of a rule. */
bool wd_host_gate_share(const wd_gate_seat *a, const wd_gate_seat *b);

/* Whether somebody else is about to ask the same host: then its connection is worth keeping. */
bool wd_host_gate_has_company(const wd_gate_seat *seat, int64_t now_ms);

/* 429s in a row: 0 while its gate is not closed because of one. */
uint32_t wd_host_gate_throttled(const wd_gate_seat *seat);

/* Whether with this seat the host, and what is held against it, is forgotten. */
bool wd_host_gate_is_last(const wd_gate_seat *seat);

/* The host's name, for log and metrics. */
wd_span wd_host_gate_name(const wd_gate_seat *seat);
