/* feeds/poller_orders.c - what an operator may do with one feed by hand. */
#include "feeds/feed_state.h"
#include "feeds/poller_impl.h"
#include "feeds/schedule.h"

const wd_feed_state *wd_poller_find(const wd_poller *p,
                                    const char *slug,
                                    const wd_feed_config **config)
{
    const wd_entry *e = wd_registry_find(&p->registry, slug);
    if (e != NULL && config != NULL)
        *config = e->config;
    return e ? &e->state : NULL;
}

static void make_due(wd_poller *p, wd_entry *e)
{
    if (wd_list_empty(
            &e->late)) /* else it is due already, and its host's line is what it waits in */
        e->wanted_ms = wd_poller_boot_ms(p);
    wd_poller_look_at(p, e, wd_poller_boot_ms(p));
    wd_poller_kick(p);
}

wd_status wd_poller_poll_now(wd_poller *p, const char *slug)
{
    wd_entry *e = wd_registry_find(&p->registry, slug);
    if (e == NULL)
        return WD_NOTFOUND;
    if (e->out != NULL)
        return WD_BUSY;
    if (wd_entry_paused(e))
        return WD_DENIED;
    make_due(p, e);
    return WD_OK;
}

wd_status wd_poller_hold(wd_poller *p, const char *slug, bool held, const wd_feed_state **state)
{
    wd_entry *e = wd_registry_find(&p->registry, slug);
    if (e == NULL)
        return WD_NOTFOUND;
    wd_poller_count(p, e, -1);
    e->state.held = held;
    wd_poller_count(p, e, 1);
    wd_poller_settle(p, e);
    wd_poller_kick(p);
    *state = &e->state;
    return WD_OK;
}

wd_status wd_poller_reset(wd_poller *p, const char *slug, const wd_feed_state **state)
{
    wd_entry *e = wd_registry_find(&p->registry, slug);
    if (e == NULL)
        return WD_NOTFOUND;
    if (e->out != NULL)
        return WD_BUSY;
    const wd_feed_state old = e->state;
    wd_poller_count(p, e, -1);
    e->state = wd_feed_state_new(old.feed);
    e->state.url_hash = old.url_hash;
    e->state.held = old.held;
    /* Of its stories it forgets nothing: what was told is not told again as its past. */
    e->state.contacted = old.contacted;
    e->state.guid_shared = old.guid_shared;
    e->state.titled_ids = old.titled_ids;
    e->state.next_due_ms = wd_poller_wall_ms(p);
    e->said = WD_REASON_NONE;
    e->overflowing = false;
    (void)wd_entry_set_validators(e, NULL, NULL);
    if (wd_entry_set_new_url(e, WD_SPAN_NONE))
        wd_poller_reseat(p, e);
    wd_poller_count(p, e, 1);
    if (wd_entry_paused(e))
        wd_poller_settle(p, e);
    else
        make_due(p, e);
    *state = &e->state;
    return WD_OK;
}
