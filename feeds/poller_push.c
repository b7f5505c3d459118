/* feeds/poller_push.c - documents that come by themselves, and polls that may wait because of it.
 *
 * A push is a flight without a request: while it is out its feed is not asked, so that two
 * documents of one feed never meet in the pipeline and its state has one owner. */
#include "feeds/poller_push.h"

#include "core/hash.h"
#include "feeds/poller_impl.h"

/* Feeds whose hub failed come back one after another, each within this. */
#define RETURN_WITHIN_MS (10 * WD_MINUTE_MS)

static wd_flight *flight_of(wd_poller *p, wd_entry *e, const wd_poller_push *push)
{
    wd_flight *f = wd_poller_new_flight(p, e);
    if (f == NULL)
        return NULL;
    wd_arena *arena = f->poll.arena;
    wd_poll *poll = &f->poll;
    poll->answer = WD_ANSWER_DOCUMENT;
    poll->http_status = 200;
    poll->body = (wd_span){ push->body, push->len };
    poll->final_url = wd_arena_copy(arena, push->url);
    poll->content_type = wd_arena_copy(arena, push->content_type);
    poll->max_age_s = -1;
    poll->expires_ms = WD_TIME_NONE;
    poll->retry_after_ms = -1;
    poll->fetched_ms = poll->started_ms;
    poll->wire_bytes = push->len;
    poll->pushed = true;
    poll->selves[0] = push->selves[0];
    poll->selves[1] = push->selves[1];
    poll->stretch = 1;
    poll->state.contacted = true; /* what is pushed is news, never a feed's past */
    wd_entry_get_validators(e, &poll->validators);
    if (wd_arena_status(arena) == WD_OK && wd_arena_adopt(arena, push->body, push->len))
        return f;
    wd_arena_free(arena);
    return NULL;
}

wd_status wd_poller_push_document(wd_poller *p, const wd_poller_push *push)
{
    wd_entry *e = wd_registry_find(&p->registry, push->slug);
    if (e == NULL)
        return WD_NOTFOUND;
    if (wd_entry_paused(e))
        return WD_DENIED;
    if (e->out != NULL || p->paused || p->closing || p->stats.in_flight >= p->spec.max_in_flight)
        return WD_BUSY;
    wd_flight *f = flight_of(p, e, push);
    if (f == NULL)
        return WD_NOMEM;
    wd_poller_rest(p, e);
    e->out = e->config;
    p->stats.in_flight++;
    p->spec.on_poll(p->spec.ctx, &f->poll);
    return WD_OK;
}

void wd_poller_drop_backup(wd_poller *p, wd_entry *e)
{
    if (e->backup || e->state.due_why != WD_DUE_PUSHED || e->out != NULL)
        return;
    wd_poll poll = { .config = e->config, .state = e->state, .max_age_s = -1 };
    wd_entry_get_validators(e, &poll.validators);
    int64_t interval_ms = wd_schedule_interval(&p->spec.policy, &poll);
    int64_t within_ms = interval_ms < RETURN_WITHIN_MS ? interval_ms : RETURN_WITHIN_MS;
    int64_t soon_ms = wd_poller_wall_ms(p) + (int64_t)(wd_random64() % ((uint64_t)within_ms + 1));
    int64_t due_ms = e->state.last_poll_ms + interval_ms;
    e->state.next_due_ms = due_ms > soon_ms ? due_ms : soon_ms;
    e->state.due_why = WD_DUE_RATE;
    wd_poller_settle(p, e);
    wd_poller_kick(p);
    if (p->spec.changed != NULL)
        p->spec.changed(p->spec.ctx, &e->state);
}

void wd_poller_set_backup(wd_poller *p, const char *slug, bool backup)
{
    wd_entry *e = wd_registry_find(&p->registry, slug);
    if (e == NULL)
        return;
    e->backup = backup;
    wd_poller_drop_backup(p, e);
}

wd_host_gate *wd_poller_gate(wd_poller *p)
{
    return p->gate;
}
