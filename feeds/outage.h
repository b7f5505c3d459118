/*
 * feeds/outage.h - is it they, or is it we?  When nearly every host fails at network level
 * at once, our own line is down: polling pauses, nothing is counted (polling.md rule 9).
 *
 * Pure: fed with outcomes and times (boot ms), knows no network and no feed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feeds/reason.h"

#define WD_OUTAGE_HOSTS 50

typedef struct wd_outage {
    struct {
        uint64_t host;
        int64_t at_ms;
        bool failed;
    } last[WD_OUTAGE_HOSTS]; /* the newest outcome of each of the last hosts */
    size_t n;
    bool down;
    int64_t since_ms, probe_ms; /* while down: the next moment for probes */
} wd_outage;

typedef enum wd_outage_change { WD_OUTAGE_SAME, WD_OUTAGE_BEGINS, WD_OUTAGE_ENDS } wd_outage_change;

/* One outcome of one host.  BEGINS: 80 % of the last 50 hosts (of all seen in the last
 * minute, but at least ten) failed within 60 s.  ENDS: an answer came. */
wd_outage_change wd_outage_note(wd_outage *o, uint64_t host, wd_reason reason, int64_t now_ms);

/* How many requests may go out now: all (SIZE_MAX) when the line is up; while it is down,
 * three probes each 10 s.  0: not before o->probe_ms. */
size_t wd_outage_allows(wd_outage *o, int64_t now_ms);

/* A failure that may be our own line's: no answer of any kind came back. */
bool wd_outage_is_network(wd_reason reason);
