/* feeds/poller_impl.h - what the two halves of the poller share: poller.c lets feeds go and
 * takes them back, poller_feeds.c changes which feeds there are. */
#pragma once

#include "feeds/flight.h"
#include "feeds/outage.h"
#include "feeds/poller.h"
#include "feeds/registry.h"

/* wd_poller_sweep() */
typedef struct wd_poller_pass {
    bool on, said;
    uint32_t all, left, left_out;
    void (*done)(void *ctx);
} wd_poller_pass;

struct wd_poller {
    wd_poller_spec spec;
    wd_registry registry;
    wd_due_heap heap;
    wd_host_gate *gate;
    wd_link late;    /* wd_entry.late: due and not yet gone, the earliest first */
    wd_link leaving; /* wd_entry.late: dropped while a poll was out */
    wd_link asking;  /* flights whose request is with feeds/http */
    size_t n_late;
    uv_timer_t timer;
    wd_outage outage;
    int64_t seen_boot_ms, seen_wall_ms; /* when run() last looked at the clocks */
    bool started, paused, closing;
    double per_s; /* what all feeds together ask for, in polls a second */
    wd_poller_pass sweep;
    wd_poller_stats stats;
};

static inline int64_t wd_poller_boot_ms(const wd_poller *p)
{
    return wd_boot_ms(p->spec.clock);
}

static inline int64_t wd_poller_wall_ms(const wd_poller *p)
{
    return wd_wall_ms(p->spec.clock);
}

/* First and overdue polls a second (rule 5). */
static inline double wd_poller_start_rate(const wd_poller *p)
{
    return p->spec.policy.start_rate > 0 ? p->spec.policy.start_rate : 20.0;
}

/* Lets due feeds go in the loop's next turn. */
void wd_poller_kick(wd_poller *p);

/* One feed's part of a sweep is over; a no-op when there is none. */
void wd_poller_sweep_one(wd_poller *p, bool left_out);

/* True when the sweep has just ended, and was told so. */
bool wd_poller_sweep_ended(wd_poller *p);

/* Adds the feed to the counts of the statistics, or takes it out. */
void wd_poller_count(wd_poller *p, const wd_entry *e, int by);

/* Asleep until its stored due time; a paused feed, or one that is out, is left alone. */
void wd_poller_arm(wd_poller *p, wd_entry *e);

/* Asleep until it is due, or out of every line because it is paused. */
void wd_poller_settle(wd_poller *p, wd_entry *e);

/* Awake at this boot time at the latest. */
void wd_poller_look_at(wd_poller *p, wd_entry *e, int64_t at_ms);

/* Out of the heap and of its gate's line: paused, or about to be out with what was pushed. */
void wd_poller_rest(wd_poller *p, wd_entry *e);

/* A poll that waits because of a hub that delivers no longer is brought forward. */
void wd_poller_drop_backup(wd_poller *p, wd_entry *e);

/* No longer due. */
void wd_poller_not_late(wd_poller *p, wd_entry *e);

/* --- poller_gates.c: its own host's gate, and that of the host where redirects lead ------- */

/* As wd_host_gate_ask(), of both. */
wd_gate_answer wd_poller_ask_gates(wd_poller *p, wd_entry *e, int64_t now_ms, int64_t *at_ms);

/* It was let go and not asked. */
void wd_poller_not_asked(wd_poller *p, wd_entry *e);

/* Its answer is in: what it means for those who were asked. */
void wd_poller_tell_gates(wd_poller *p, wd_entry *e, const wd_poll *poll);

void wd_poller_stand_back(wd_poller *p, wd_entry *e);
void wd_poller_leave_gates(wd_poller *p, wd_entry *e);

/* At the gate of its URL's host, wherever it sat before. */
void wd_poller_reseat(wd_poller *p, wd_entry *e);

void wd_poller_release_config(wd_poller *p, const wd_feed_config *config);

/* Out of every list, and freed with its config. */
void wd_poller_drop(wd_poller *p, wd_entry *e);

/* Looks for a stepped wall clock and for a suspended machine (polling.md rule 12). */
void wd_poller_check_clocks(wd_poller *p);

/* What is overdue goes out a few a second, the most urgent first (rule 5). */
void wd_poller_drain(wd_poller *p);

/* Takes note of an answer for the line's sake.  True: the failure is the line's, not the
 * feed's, and counts for nothing (rule 9). */
bool wd_poller_note_line(wd_poller *p, const wd_entry *e, const wd_poll *poll);
