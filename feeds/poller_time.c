/* feeds/poller_time.c - what the poller does when clocks jump or the line is down: the same
 * in each case, what became due meanwhile is let out slowly (polling.md rules 5, 9, 12). */
#include <inttypes.h>
#include <stdlib.h>

#include "core/hash.h"
#include "feeds/poller_impl.h"

/* Smaller steps are ntpd at work. */
#define STEP_MS (5 * WD_SECOND_MS)

/* run() looks at the clocks every minute at least; twice that means nobody ran at all. */
#define SUSPENDED_MS (2 * WD_MINUTE_MS)

/* A silent feed too has some urgency. */
#define LEAST_RATE 0.01

struct overdue {
    wd_entry *entry;
    double urgency; /* weight x rate x lateness */
};

static int more_urgent(const void *a, const void *b)
{
    const struct overdue *x = a, *y = b;
    return (x->urgency < y->urgency) - (x->urgency > y->urgency);
}

static double urgency(const wd_entry *e, int64_t now_ms)
{
    double weight = e->config->weight > 0 ? e->config->weight : 1;
    return weight * (e->state.rate_per_day + LEAST_RATE) * (double)(now_ms - e->wanted_ms);
}

static bool is_overdue(const wd_entry *e, int64_t now_ms)
{
    return e->due.place != WD_DUE_NOWHERE && e->due.at_ms <= now_ms;
}

void wd_poller_drain(wd_poller *p)
{
    int64_t now_ms = wd_poller_boot_ms(p);
    size_t n = 0, most = wd_due_heap_count(&p->heap, now_ms);
    struct overdue *rows = most > 1 ? malloc(most * sizeof(*rows)) : NULL;
    if (rows == NULL)
        return; /* one needs no spreading; and without memory they go out as the gates allow */
    for (size_t i = 0; i < p->registry.n && n < most; i++) {
        wd_entry *e = p->registry.entries[i];
        if (is_overdue(e, now_ms))
            rows[n++] = (struct overdue){ e, urgency(e, now_ms) };
    }
    qsort(rows, n, sizeof(*rows), more_urgent);
    for (size_t i = 0; i < n; i++)
        wd_poller_look_at(p, rows[i].entry,
                          now_ms + (int64_t)((double)i / wd_poller_start_rate(p) * WD_SECOND_MS));
    free(rows);
}

/* --- clocks ------------------------------------------------------------------------------ */

/* Boot time did not move, so nobody is asked earlier or later; only the times as people
 * and the ledger read them are put right. */
static void on_step(wd_poller *p, int64_t by_ms)
{
    char text[WD_TIME_TEXT_BYTES];
    for (size_t i = 0; i < p->registry.n; i++) {
        wd_entry *e = p->registry.entries[i];
        if (e->state.next_due_ms != WD_TIME_NONE)
            e->state.next_due_ms += by_ms;
    }
    wd_notice(p->spec.log, "clock.step", WD_NO_FIELDS, "the clock was set %s by %s; no poll moves",
              by_ms > 0 ? "forward" : "back", wd_duration_text(by_ms > 0 ? by_ms : -by_ms, text));
}

void wd_poller_check_clocks(wd_poller *p)
{
    int64_t boot_ms = wd_poller_boot_ms(p), wall_ms = wd_poller_wall_ms(p);
    int64_t slept_ms = boot_ms - p->seen_boot_ms, step_ms = wall_ms - p->seen_wall_ms - slept_ms;
    bool first = p->seen_wall_ms == 0;
    p->seen_boot_ms = boot_ms;
    p->seen_wall_ms = wall_ms;
    if (first)
        return;
    if (step_ms > STEP_MS || step_ms < -STEP_MS)
        on_step(p, step_ms);
    if (slept_ms > SUSPENDED_MS)
        wd_poller_drain(p);
}

/* --- the line ------------------------------------------------------------------------------ */

static void say_outage(wd_poller *p, const wd_poll *poll)
{
    wd_warn(p->spec.log, "net.outage", WD_FIELDS({ "REASON", wd_reason_word(poll->reason) }),
            "nearly every host fails: our own network seems down; polling waits, three hosts are "
            "tried every 10 s, no failure is counted");
}

static void say_restored(wd_poller *p, int64_t down_ms)
{
    char text[WD_TIME_TEXT_BYTES];
    wd_notice(p->spec.log, "net.restored", WD_NO_FIELDS,
              "the network is back after %s; what is overdue is polled slowly",
              wd_duration_text(down_ms, text));
}

bool wd_poller_note_line(wd_poller *p, const wd_entry *e, const wd_poll *poll)
{
    int64_t now_ms = wd_poller_boot_ms(p);
    wd_reason reason = poll->answer == WD_ANSWER_FAILED ? poll->reason : WD_REASON_NONE;
    uint64_t host = wd_hash64(wd_host_gate_name(&e->seat), 0);
    if (reason == WD_REASON_CANCELED || reason == WD_REASON_INTERNAL)
        return false;
    switch (wd_outage_note(&p->outage, host, reason, now_ms)) {
    case WD_OUTAGE_BEGINS:
        say_outage(p, poll);
        break;
    case WD_OUTAGE_ENDS:
        say_restored(p, now_ms - p->outage.since_ms);
        wd_poller_drain(p);
        break;
    case WD_OUTAGE_SAME:
        break;
    }
    return p->outage.down && wd_outage_is_network(reason);
}
