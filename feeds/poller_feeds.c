/* feeds/poller_feeds.c - the list of feeds changes as a whole or not at all.
 *
 * First everything that can fail (memory, gates, a slug that stands there twice), into a
 * plan beside the old list; then the change itself, which cannot. */
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/span.h"
#include "feeds/feed_state.h"
#include "feeds/manner.h"
#include "feeds/poller_impl.h"

/* A feed added to a running daemon is polled within a minute (polling.md rule 5). */
#define ADDED_WITHIN_S 60

/* A stored time further ahead than any rule asks for was written by a wrong clock. */
#define FARTHEST_MS    (40 * WD_DAY_MS)
#define CLOCK_SLACK_MS (5 * WD_SECOND_MS)
#define FUTURE_JITTER  0.10

/* --- when a feed comes first ----------------------------------------------------------- */

static double share(const char *slug)
{
    return (double)(wd_hash64(wd_span_of(slug), 1) >> 11) * 0x1p-53;
}

static int64_t interval_of(const wd_poller *p, const wd_entry *e)
{
    wd_poll poll = { .config = e->config, .state = e->state, .max_age_s = -1 };
    wd_entry_get_validators(e, &poll.validators);
    return wd_schedule_interval(&p->spec.policy, &poll);
}

/* Rule 12: the clock was ahead when this was stored; not now, but after one interval. */
static bool from_the_future(const wd_feed_state *s, int64_t now_ms)
{
    return s->last_poll_ms > now_ms + CLOCK_SLACK_MS || s->next_due_ms > now_ms + FARTHEST_MS;
}

static void set_due_after_interval(const wd_poller *p, wd_entry *e, int64_t from_ms)
{
    int64_t t = interval_of(p, e);
    e->state.next_due_ms =
        from_ms + t + (int64_t)((double)t * FUTURE_JITTER * share(e->config->slug));
}

/* --- the plan ------------------------------------------------------------------------------ */

struct plan {
    const wd_poller_feed *feeds;
    wd_entry **entries; /* parallel to feeds */
    wd_entry **sorted;  /* the same, by slug */
    wd_entry **fresh;   /* those of them that are new */
    size_t n, n_fresh;
};

static void plan_done(struct plan *plan)
{
    free(plan->fresh);
}

static void plan_undo(wd_poller *p, struct plan *plan)
{
    for (size_t i = 0; i < plan->n_fresh; i++) {
        wd_host_gate_leave(p->gate, &plan->fresh[i]->seat);
        wd_entry_free(plan->fresh[i]);
    }
    free(plan->entries);
    free(plan->sorted);
    plan_done(plan);
}

static wd_status restore(wd_entry *e, const wd_poller_feed *feed)
{
    uint64_t url_hash = wd_registry_url_hash(feed->config->url);
    wd_status s = WD_OK;
    bool known = feed->state != NULL &&
                 (feed->state->polls > 0 || feed->state->contacted || feed->state->held);
    e->state = known ? *feed->state : wd_feed_state_new(feed->state ? feed->state->feed : 0);
    bool same_url = e->state.url_hash == url_hash;
    if (same_url)
        s = wd_entry_set_validators(e, feed->etag, feed->last_modified);
    if (!same_url) {
        e->state.body_hash = 0;
        e->state.adopted = false;
        e->state.moved_hash = 0;
    }
    e->state.url_hash = url_hash;
    return s;
}

static wd_status plan_feed(wd_poller *p, struct plan *plan, const wd_poller_feed *feed)
{
    wd_entry *e = wd_registry_find(&p->registry, feed->config->slug);
    if (e == NULL) {
        e = wd_entry_new(feed->config);
        if (e == NULL)
            return WD_NOMEM;
        plan->fresh[plan->n_fresh++] = e;
        if (restore(e, feed) != WD_OK ||
            wd_host_gate_sit(p->gate, &e->seat, wd_span_of(feed->config->url)) != WD_OK)
            return WD_NOMEM;
    }
    plan->entries[feed - plan->feeds] = e;
    return WD_OK;
}

static wd_status plan_make(wd_poller *p, struct plan *plan)
{
    size_t room = plan->n + 1;
    plan->entries = calloc(room, sizeof(wd_entry *));
    plan->sorted = calloc(room, sizeof(wd_entry *));
    plan->fresh = calloc(room, sizeof(wd_entry *));
    bool all = plan->entries && plan->sorted && plan->fresh;
    wd_status s = all ? WD_OK : WD_NOMEM;
    for (size_t i = 0; s == WD_OK && i < plan->n; i++)
        s = plan_feed(p, plan, &plan->feeds[i]);
    if (s == WD_OK) {
        memcpy(plan->sorted, plan->entries, plan->n * sizeof(wd_entry *));
        s = wd_registry_sort(plan->sorted, plan->n);
    }
    if (s == WD_OK)
        s = wd_due_heap_reserve(&p->heap, p->registry.n + plan->n_fresh + 1);
    return s;
}

/* --- the change ----------------------------------------------------------------------------- */

static bool same_rhythm(const wd_feed_config *a, const wd_feed_config *b)
{
    return a->interval_ms == b->interval_ms && a->min_interval_ms == b->min_interval_ms &&
           a->max_interval_ms == b->max_interval_ms && a->weight == b->weight;
}

static void move_to_url(wd_poller *p, wd_entry *e)
{
    (void)wd_entry_set_validators(e, NULL, NULL);
    e->state.url_hash = wd_registry_url_hash(e->config->url);
    e->state.body_hash = 0;
    e->state.adopted = false;
    e->state.moved_hash = 0;
    (void)wd_entry_set_new_url(e, WD_SPAN_NONE);
    e->state.next_due_ms = wd_poller_wall_ms(p);
    e->moved = true;
    if (e->out == NULL)
        wd_poller_reseat(p, e);
}

static void reconfigure(wd_poller *p, wd_entry *e, const wd_feed_config *config)
{
    const wd_feed_config *old = e->config;
    if (config == old)
        return;
    wd_poller_count(p, e, -1);
    e->config = config;
    if (strcmp(old->url, config->url) != 0)
        move_to_url(p, e);
    else if (!same_rhythm(old, config) && e->state.last_reason == WD_REASON_NONE &&
             e->state.last_poll_ms != WD_TIME_NONE)
        set_due_after_interval(p, e, e->state.last_poll_ms);
    else if (e->state.last_reason != WD_REASON_NONE && !wd_manner_same(old, config))
        e->state.next_due_ms = wd_poller_wall_ms(p); /* mended, perhaps: nobody waits for it */
    wd_poller_count(p, e, 1);
    wd_poller_settle(p, e);
    if (old != e->out)
        wd_poller_release_config(p, old);
}

static void drop_missing(wd_poller *p, const struct plan *plan)
{
    for (size_t i = 0; i < p->registry.n; i++)
        p->registry.entries[i]->dropped = true;
    for (size_t i = 0; i < plan->n; i++)
        plan->entries[i]->dropped = false;
    for (size_t i = 0; i < p->registry.n; i++) {
        wd_entry *e = p->registry.entries[i];
        if (!e->dropped)
            continue;
        wd_poller_count(p, e, -1);
        wd_poller_not_late(p, e);
        if (e->out == NULL)
            wd_poller_drop(p, e);
        else
            wd_list_push(&p->leaving, &e->late);
    }
}

static size_t never_polled(const struct plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n_fresh; i++)
        n += plan->fresh[i]->state.next_due_ms == WD_TIME_NONE;
    return n;
}

static void begin(wd_poller *p, struct plan *plan)
{
    int64_t now_ms = wd_poller_wall_ms(p);
    size_t spread = never_polled(plan);
    if (p->started && (double)spread > ADDED_WITHIN_S * wd_poller_start_rate(p))
        spread = (size_t)(ADDED_WITHIN_S * wd_poller_start_rate(p));
    for (size_t i = 0; i < plan->n_fresh; i++) {
        wd_entry *e = plan->fresh[i];
        if (e->state.next_due_ms == WD_TIME_NONE)
            e->state.next_due_ms =
                wd_schedule_first(&p->spec.policy, e->config->slug, spread, now_ms);
        else if (from_the_future(&e->state, now_ms))
            set_due_after_interval(p, e, now_ms);
        e->per_s = (float)WD_SECOND_MS / (float)interval_of(p, e);
        wd_poller_count(p, e, 1);
    }
    for (size_t i = 0; i < plan->n_fresh; i++) /* when it is known how many polls go out */
        wd_poller_arm(p, plan->fresh[i]);
}

wd_status wd_poller_set_feeds(wd_poller *p, const wd_poller_feed *feeds, size_t n)
{
    struct plan plan = { .feeds = feeds, .n = n };
    wd_status s = plan_make(p, &plan);
    if (s != WD_OK) {
        plan_undo(p, &plan);
        return s;
    }
    drop_missing(p, &plan);
    for (size_t i = 0; i < n; i++)
        reconfigure(p, plan.entries[i], feeds[i].config);
    begin(p, &plan);
    free(p->registry.entries);
    p->registry = (wd_registry){ plan.sorted, n };
    p->started = true;
    wd_poller_drain(p);
    free(plan.entries);
    plan_done(&plan);
    wd_poller_kick(p);
    return WD_OK;
}

wd_status wd_poller_set_rules(wd_poller *p,
                              const wd_schedule_policy *policy,
                              const wd_host_rule *hosts,
                              size_t n_hosts)
{
    wd_status s = wd_host_gate_set_rules(p->gate, hosts, n_hosts);
    if (s == WD_OK)
        p->spec.policy = *policy;
    return s;
}

/* --- questions -------------------------------------------------------------------------------- */

void wd_poller_get_stats(const wd_poller *p, wd_poller_stats *out)
{
    int64_t now_ms = wd_poller_boot_ms(p), since = now_ms;
    const wd_due *first = wd_due_heap_first(&p->heap);
    const uint32_t *n = p->stats.standings;
    *out = p->stats;
    out->failing = n[WD_STANDING_FAILING] + n[WD_STANDING_DORMANT] + n[WD_STANDING_GONE];
    out->paused = n[WD_STANDING_PAUSED];
    out->net_down = p->outage.down;
    out->due = (uint32_t)(p->n_late + wd_due_heap_count(&p->heap, now_ms));
    if (first != NULL && first->at_ms < since)
        since = first->at_ms;
    if (!wd_list_empty(&p->late)) {
        const wd_entry *e = wd_owner(p->late.next, wd_entry, late);
        since = e->wanted_ms < since ? e->wanted_ms : since;
    }
    out->oldest_due_ms = now_ms - since;
}

void wd_poller_each(const wd_poller *p,
                    void (*each)(void *ctx, const wd_feed_config *c, const wd_feed_state *s),
                    void *ctx)
{
    for (size_t i = 0; i < p->registry.n; i++)
        each(ctx, p->registry.entries[i]->config, &p->registry.entries[i]->state);
}
