/* feeds/poller_sweep.c - one pass over all feeds instead of a rhythm. */
#include "feeds/poller_impl.h"

static bool takes_part(const wd_poller *p, const wd_entry *e, bool due_only)
{
    int64_t due_ms = e->state.next_due_ms;
    if (wd_entry_paused(e) || e->out != NULL)
        return false;
    return !due_only || due_ms == WD_TIME_NONE || e->state.polls == 0 ||
           due_ms <= wd_poller_wall_ms(p);
}

void wd_poller_sweep(wd_poller *p, bool due_only, void (*done)(void *ctx))
{
    p->sweep = (wd_poller_pass){ .on = true, .done = done };
    for (size_t i = 0; i < p->registry.n; i++) {
        wd_entry *e = p->registry.entries[i];
        wd_due_heap_remove(&p->heap, &e->due);
        if (!takes_part(p, e, due_only))
            continue;
        p->sweep.left++;
        e->wanted_ms = wd_poller_boot_ms(p);
        wd_poller_look_at(p, e, e->wanted_ms);
    }
    p->sweep.all = p->sweep.left;
    wd_poller_kick(p);
}

void wd_poller_sweep_one(wd_poller *p, bool left_out)
{
    if (!p->sweep.on)
        return;
    p->sweep.left--;
    p->sweep.left_out += left_out;
    if (p->sweep.left == 0)
        wd_poller_kick(p);
}

bool wd_poller_sweep_ended(wd_poller *p)
{
    if (!p->sweep.on || p->sweep.left > 0 || p->sweep.said)
        return false;
    p->sweep.said = true;
    p->sweep.done(p->spec.ctx);
    return true;
}

void wd_poller_sweep_counts(const wd_poller *p, uint32_t *all, uint32_t *left_out)
{
    *all = p->sweep.all;
    *left_out = p->sweep.left_out + p->sweep.left;
}

uint32_t wd_poller_sweep_left(const wd_poller *p)
{
    return p->sweep.left;
}
