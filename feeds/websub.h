/*
 * feeds/websub.h - one subscription at one hub: what to do next and when, what a hub may make
 * us say, and whether it delivers (W3C WebSub, Recommendation of 23 January 2018).
 *
 * Pure: fed with times and random numbers, knows no network.  Times are wall time, since a
 * lease outlives a restart.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/span.h"
#include "feeds/reason.h"

typedef enum wd_websub_phase {                   /* stored as numbers: new ones go to the end */
                               WD_WEBSUB_WANTED, /* not verified (any more); asked for at next_ms */
                               WD_WEBSUB_ACTIVE, /* verified until lease_ms, renewed at next_ms */
                               WD_WEBSUB_LEAVING, /* wanted no longer: the hub is told at next_ms */
                               WD_WEBSUB_OVER, /* what still comes is answered 410, until next_ms */
                               WD_WEBSUB_PHASES
} wd_websub_phase;

typedef enum wd_websub_mode {
    WD_WEBSUB_NOTHING,
    WD_WEBSUB_SUBSCRIBE,
    WD_WEBSUB_UNSUBSCRIBE
} wd_websub_mode;

typedef struct wd_websub {
    wd_websub_phase phase;
    wd_websub_mode asked;   /* what the hub may verify now */
    bool verified;          /* it has: a repetition is fine */
    int64_t asked_until_ms; /* WD_TIME_NONE: our request is not answered yet */
    int64_t lease_ms;       /* WD_TIME_NONE: never verified */
    int64_t next_ms;
    int64_t wish_ms;   /* the lease that is asked for, as a duration */
    uint32_t failures; /* in a row */
    bool refused;      /* the last one was the hub's No: another hub may say Yes */
    bool neighbour;    /* the hub is a machine of the operator's own: no floors */
    bool delivers;     /* it brings what is new: polls are a backup */
    int64_t polled_ms; /* when a poll last found what it had not brought */
    int64_t doubt_ms;  /* until when it may still bring that; WD_TIME_NONE: no doubt */
} wd_websub;

/* What a time that has come means; the caller asks again until there is nothing. */
typedef enum wd_websub_act {
    WD_WEBSUB_WAIT,
    WD_WEBSUB_ASK,        /* send a request of wd_websub_wish() */
    WD_WEBSUB_UNVERIFIED, /* the hub took the request and never verified it: a failure */
    WD_WEBSUB_LOST,       /* the lease has ended */
    WD_WEBSUB_MISSED,     /* a poll found what was never delivered: it delivers no more */
    WD_WEBSUB_FORGET,     /* nothing of it need be known any longer */
} wd_websub_act;

/* What the hub asks of the callback (section 5.3, and "denied" of 5.2). */
typedef struct wd_websub_query {
    wd_span mode, topic, challenge, lease_seconds; /* decoded; absent: not given */
} wd_websub_query;

typedef enum wd_websub_verdict {
    WD_WEBSUB_REFUSE,    /* 404: nobody asked for that */
    WD_WEBSUB_CONFIRM,   /* 200 with the challenge */
    WD_WEBSUB_TOO_SHORT, /* the same, yet a lease that short is worth nothing: a failure */
    WD_WEBSUB_DENIED,    /* 200; the hub will not, or no more */
} wd_websub_verdict;

/* What came of a request to the hub. */
typedef struct wd_websub_answer {
    wd_reason reason; /* WD_REASON_NONE: an HTTP answer came */
    int32_t status;
    int64_t retry_after_ms; /* -1: not said */
} wd_websub_answer;

/* A subscription that is wanted from `at_ms` on. */
wd_websub wd_websub_new(int64_t at_ms, int64_t wish_ms, bool neighbour);

wd_websub_act wd_websub_look(wd_websub *s, int64_t now_ms, uint64_t random);

/* When to look again. */
int64_t wd_websub_wake_ms(const wd_websub *s);

/* The mode of the request that is due. */
wd_websub_mode wd_websub_wish(const wd_websub *s);

/* The request goes out: the hub may verify before it answers. */
void wd_websub_ask(wd_websub *s);

/* True when the hub took it. */
bool wd_websub_answered(wd_websub *s, const wd_websub_answer *a, int64_t now_ms, uint64_t random);

wd_websub_verdict wd_websub_verify(
    wd_websub *s, const wd_websub_query *q, wd_span topic, int64_t now_ms, uint64_t random);

/* Wanted no longer; a hub that knows of it is told. */
void wd_websub_leave(wd_websub *s, int64_t now_ms);

/* It brought a document that could be read; `fresh`: with something new.  True: it delivers from
 * now on. */
bool wd_websub_pushed(wd_websub *s, bool fresh, int64_t now_ms);

/* A poll found something new. */
void wd_websub_polled(wd_websub *s, int64_t now_ms);

/* Deliveries to it are taken. */
static inline bool wd_websub_listens(const wd_websub *s)
{
    return s->phase == WD_WEBSUB_ACTIVE || s->phase == WD_WEBSUB_WANTED;
}

/* Another hub, where there is one, is worth trying. */
bool wd_websub_gives_up(const wd_websub *s);
