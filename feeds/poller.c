/* feeds/poller.c - a heap of due times, a gate per host, a request, and back into the heap.
 *
 * Where a feed can be: in the heap (asleep, or told by its gate when to ask again), in its
 * gate's line, out (request, then pipeline, until wd_poller_finish), or paused.  Due times
 * are stored as wall time and kept as boot time, so a step of the wall clock moves nothing.
 * All starts happen in run(), from the timer; whatever changes the picture kicks it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "feeds/answer.h"
#include "feeds/poller_impl.h"
#include "feeds/voice.h"

#define DEFAULT_IN_FLIGHT   512   /* polling.md rule 6 */
#define STARTS_A_TURN       16    /* then the loop sees to others */
#define LONGEST_SLEEP_MS    60000 /* uv's clock stands still in suspend: look at ours now and then */
#define RETRY_MEMORY_MS     WD_MINUTE_MS
#define COMPANY_MS          50 /* to wake costs as much as a 304: who is due waits for others */
#define STALE_VALIDATORS_MS (8 * WD_DAY_MS) /* security.md: too old to be believed */

static void run(uv_timer_t *timer);
static void close_when_alone(wd_poller *p);

void wd_poller_kick(wd_poller *p)
{
    if (!p->closing)
        uv_timer_start(&p->timer, run, 0, 0);
}

/* --- counting --------------------------------------------------------------------- */

void wd_poller_count(wd_poller *p, const wd_entry *e, int by)
{
    p->stats.feeds += (uint32_t)by;
    p->stats.standings[wd_standing_of(e->config, &e->state)] += (uint32_t)by;
    if (e->state.polls == 0)
        p->stats.never_polled += (uint32_t)by;
    p->per_s += by * (double)e->per_s;
}

/* --- arming ------------------------------------------------------------------------- */

void wd_poller_not_late(wd_poller *p, wd_entry *e)
{
    if (wd_list_empty(&e->late))
        return;
    wd_list_remove(&e->late);
    p->n_late--;
}

/* The heap has room for every entry: see wd_poller_set_feeds(). */
void wd_poller_look_at(wd_poller *p, wd_entry *e, int64_t at_ms)
{
    wd_status s = wd_due_heap_put(&p->heap, &e->due, at_ms);
    assert(s == WD_OK);
    (void)s;
}

void wd_poller_arm(wd_poller *p, wd_entry *e)
{
    wd_poller_not_late(p, e);
    if (wd_entry_paused(e) || e->out != NULL || p->sweep.on)
        return;
    e->wanted_ms = wd_poller_boot_ms(p) + (e->state.next_due_ms - wd_poller_wall_ms(p));
    int64_t interval_ms = (int64_t)(WD_SECOND_MS / e->per_s);
    wd_poller_look_at(p, e, wd_schedule_gathered(e->wanted_ms, interval_ms, p->per_s));
}

void wd_poller_settle(wd_poller *p, wd_entry *e)
{
    if (!wd_entry_paused(e))
        wd_poller_arm(p, e);
    else
        wd_poller_rest(p, e);
}

void wd_poller_rest(wd_poller *p, wd_entry *e)
{
    wd_due_heap_remove(&p->heap, &e->due);
    wd_poller_not_late(p, e);
    wd_poller_stand_back(p, e);
}

static void woken(void *ctx, wd_gate_seat *seat)
{
    wd_poller *p = ctx;
    wd_poller_look_at(p, wd_owner(seat, wd_entry, seat), wd_poller_boot_ms(p));
    wd_poller_kick(p);
}

void wd_poller_reseat(wd_poller *p, wd_entry *e)
{
    wd_gate_seat seat = { .host = NULL };
    if (wd_host_gate_sit(p->gate, &seat, wd_span_of(wd_entry_url(e))) != WD_OK)
        return;                  /* no memory: the old host's gate is one too */
    wd_poller_leave_gates(p, e); /* where another URL leads is not known */
    e->seat.host = seat.host;    /* nobody has linked the new seat yet */
    e->moved = false;
}

/* --- a poll comes back ------------------------------------------------------------------ */

void wd_poller_release_config(wd_poller *p, const wd_feed_config *config)
{
    if (p->spec.release != NULL)
        p->spec.release(p->spec.ctx, config);
}

void wd_poller_drop(wd_poller *p, wd_entry *e)
{
    wd_due_heap_remove(&p->heap, &e->due);
    wd_list_remove(&e->late);
    wd_poller_leave_gates(p, e);
    wd_poller_release_config(p, e->config);
    wd_entry_free(e);
}

static void take_back(wd_poller *p, wd_entry *e, wd_poll *poll)
{
    bool same_url = e->state.url_hash == poll->state.url_hash;
    uint64_t url_hash = e->state.url_hash;
    bool held = e->state.held;
    wd_poller_count(p, e, -1);
    e->state = poll->state;
    e->state.held = held; /* an order that came meanwhile */
    if (same_url && wd_poll_keeps_validators(poll))
        (void)wd_entry_set_validators(e, poll->validators.etag, poll->validators.last_modified);
    if (!same_url) { /* a reload moved it meanwhile: this answer speaks of another document */
        e->state.url_hash = url_hash;
        e->state.body_hash = e->state.moved_hash = 0;
        e->state.adopted = false;
    }
    if (same_url && !e->state.adopted)
        e->moved |= wd_entry_set_new_url(e, WD_SPAN_NONE);
    else if (same_url && poll->permanent_redirect)
        e->moved |= wd_entry_set_new_url(e, poll->final_url);
    wd_poll bare = *poll;
    bare.stretch = 1;
    bare.config = e->config;
    e->per_s = 1000.0F / (float)wd_schedule_interval(&p->spec.policy, &bare);
    wd_poller_count(p, e, 1);
}

static void end_flight(wd_poller *p, wd_entry *e)
{
    const wd_feed_config *config = e->out;
    e->out = NULL;
    p->stats.in_flight--;
    if (config != e->config)
        wd_poller_release_config(p, config);
}

static void say(wd_poller *p, wd_entry *e, wd_poll *poll)
{
    wd_voice_traced(p->spec.log, poll);
    wd_voice_polled(p->spec.log, poll, &e->said);
    wd_voice_repaired(p->spec.log, poll, &e->repaired);
    wd_voice_noticed(p->spec.log, poll, &e->overflowing);
}

void wd_poller_finish(wd_poller *p, wd_poll *poll)
{
    wd_flight *f = (wd_flight *)(void *)poll;
    wd_entry *e = f->entry;
    if (p != NULL && !p->closing) {
        if (!poll->pushed)
            say(p, e, poll);
        end_flight(p, e);
        if (e->dropped) {
            wd_poller_drop(p, e);
        } else {
            take_back(p, e, poll);
            if (e->moved)
                wd_poller_reseat(p, e);
            wd_poller_arm(p, e);
            wd_poller_drop_backup(p, e); /* it was let go when there was one */
            if (e->state.held != poll->state.held && p->spec.changed != NULL)
                p->spec.changed(p->spec.ctx, &e->state); /* what was stored is older */
        }
        wd_poller_sweep_one(p, false);
        wd_poller_kick(p);
    }
    wd_arena_free(poll->arena);
}

/* --- a poll goes out ------------------------------------------------------------------------ */

static void count_answer(wd_poller_stats *s, const wd_poll *poll)
{
    uint64_t *by_answer[] = { [WD_ANSWER_DOCUMENT] = &s->documents,
                              [WD_ANSWER_NOT_MODIFIED] = &s->not_modified,
                              [WD_ANSWER_SAME_BODY] = &s->same_body,
                              [WD_ANSWER_FAILED] = &s->failures };
    s->polls++;
    s->bytes += poll->wire_bytes;
    wd_tally_poll(&s->tally, poll);
    ++*by_answer[poll->answer];
}

/* As if it had not been asked: it is due still. */
static void forget(wd_poller *p, wd_flight *f)
{
    wd_entry *e = f->entry;
    end_flight(p, e);
    if (e->dropped)
        wd_poller_drop(p, e);
    else if (!wd_entry_paused(e))
        wd_poller_look_at(p, e, wd_poller_boot_ms(p));
    wd_arena_free(f->poll.arena);
    wd_poller_kick(p);
}

static void fetched(wd_http_request *request, const wd_http_reply *reply)
{
    wd_flight *f = request->ctx;
    wd_poller *p = f->poller;
    wd_list_remove(&f->asking);
    f->poll.fetched_ms = wd_poller_wall_ms(p);
    wd_answer_fill(&f->poll, reply, &f->sent);
    wd_poller_tell_gates(p, f->entry, &f->poll);
    if (p->closing) {
        end_flight(p, f->entry);
        wd_arena_free(f->poll.arena);
        close_when_alone(p);
        return;
    }
    if (wd_poller_note_line(p, f->entry, &f->poll)) {
        forget(p, f);
        return;
    }
    count_answer(&p->stats, &f->poll);
    p->spec.on_poll(p->spec.ctx, &f->poll);
}

/* What the request carries: both validators, unless they are too old to be believed, or
 * the 304s that they bring are. */
static void choose_validators(wd_flight *f, int64_t now_ms)
{
    wd_feed_state *s = &f->poll.state;
    f->sent = (wd_validators){ .etag = "" };
    if (f->entry->validators != NULL && wd_schedule_distrusts(s, now_ms)) {
        s->last_probe_ms = now_ms;
        wd_voice_distrust(f->poller->spec.log, &f->poll);
    } else if (s->last_success_ms != WD_TIME_NONE &&
               now_ms - s->last_success_ms <= STALE_VALIDATORS_MS) {
        wd_entry_get_validators(f->entry, &f->sent);
    }
    f->poll.conditional = f->sent.etag[0] != '\0' || f->sent.last_modified[0] != '\0';
}

static double stretch(const wd_poller *p)
{
    double most = p->spec.policy.max_fetch_rate;
    return most > 0 && p->per_s > most ? p->per_s / most : 1.0;
}

/* Idle connections cost: libcurl walks them all, and never forgets a host it kept one to
 * (20,000 hosts: 4.8 ms a request instead of 0.1).  Kept only where it will be used. */
static bool keeps_connection(const wd_poller *p, const wd_entry *e)
{
    int64_t interval_ms = e->config->interval_ms;
    return (interval_ms > 0 && interval_ms <= WD_MINUTE_MS) ||
           wd_host_gate_has_company(&e->seat, wd_poller_boot_ms(p));
}

wd_flight *wd_poller_new_flight(wd_poller *p, wd_entry *e)
{
    wd_arena *arena = wd_arena_new(WD_POLL_ARENA_BYTES);
    wd_flight *f = arena ? wd_arena_zalloc(arena, sizeof(*f)) : NULL;
    if (f == NULL) {
        wd_arena_free(arena);
        return NULL;
    }
    f->poller = p;
    f->entry = e;
    f->poll = (wd_poll){ .config = e->config,
                         .state = e->state,
                         .arena = arena,
                         .started_ms = wd_poller_wall_ms(p),
                         .backup = e->backup };
    return f;
}

static wd_flight *flight_new(wd_poller *p, wd_entry *e)
{
    wd_flight *f = wd_poller_new_flight(p, e);
    if (f == NULL)
        return NULL;
    wd_arena *arena = f->poll.arena;
    int64_t now_ms = f->poll.started_ms;
    f->poll.stretch = stretch(p);
    choose_validators(f, now_ms);
    f->request = wd_http_request_of(e->config);
    f->request.url = wd_entry_url(e);
    f->poll.at_new_url = f->request.url != e->config->url;
    if (f->poll.at_new_url)
        f->request.url = wd_arena_copy(arena, wd_span_of(f->request.url)).ptr;
    f->request.validators = &f->sent;
    f->request.validators_for = e->state.validators_hash;
    f->request.one_off = !keeps_connection(p, e);
    f->request.arena = arena;
    f->request.now_ms = now_ms;
    f->request.done = fetched;
    f->request.ctx = f;
    return f;
}

static void start(wd_poller *p, wd_entry *e)
{
    wd_flight *f = flight_new(p, e);
    if (f == NULL || f->request.url == NULL || wd_http_get(p->spec.http, &f->request) != WD_OK) {
        if (f != NULL)
            wd_arena_free(f->poll.arena);
        wd_poller_not_asked(p, e);
        wd_poller_look_at(p, e, wd_poller_boot_ms(p) + RETRY_MEMORY_MS);
        return;
    }
    wd_poller_not_late(p, e);
    wd_tally_begun(&p->stats.tally, wd_poller_boot_ms(p) - e->wanted_ms);
    e->out = e->config;
    p->stats.in_flight++;
    wd_list_push(&p->asking, &f->asking);
}

static void leave_out(wd_poller *p, wd_entry *e)
{
    wd_poller_not_late(p, e);
    wd_poller_sweep_one(p, true);
}

static void try_start(wd_poller *p, wd_entry *e, int64_t now_ms)
{
    int64_t at_ms = 0;
    wd_due_heap_remove(&p->heap, &e->due);
    if (wd_list_empty(&e->late)) {
        wd_list_push(&p->late, &e->late);
        p->n_late++;
    }
    switch (wd_poller_ask_gates(p, e, now_ms, &at_ms)) {
    case WD_GATE_GO:
        start(p, e);
        break;
    case WD_GATE_AT:
        if (p->sweep.on && at_ms - now_ms > WD_SWEEP_PATIENCE_MS)
            leave_out(p, e);
        else
            wd_poller_look_at(p, e, at_ms);
        break;
    case WD_GATE_WAIT:
        break;
    }
}

static bool may_start(const wd_poller *p)
{
    return !p->paused && p->stats.in_flight < p->spec.max_in_flight;
}

static void sleep_until(wd_poller *p, int64_t at_ms)
{
    int64_t wait = at_ms - wd_poller_boot_ms(p);
    wait = wait < 0 ? 0 : wait > LONGEST_SLEEP_MS ? LONGEST_SLEEP_MS : wait;
    uv_update_time(p->spec.loop);
    uv_timer_start(&p->timer, run, (uint64_t)wait, 0);
}

static void run(uv_timer_t *timer)
{
    wd_poller *p = wd_owner(timer, wd_poller, timer);
    int64_t now_ms = wd_poller_boot_ms(p);
    wd_poller_check_clocks(p);
    size_t most = may_start(p) ? wd_outage_allows(&p->outage, now_ms) : 0;
    if (most > STARTS_A_TURN)
        most = STARTS_A_TURN;
    wd_due *first = wd_due_heap_first(&p->heap);
    for (; most > 0 && may_start(p) && first != NULL && first->at_ms <= now_ms; most--) {
        try_start(p, wd_owner(first, wd_entry, due), now_ms);
        first = wd_due_heap_first(&p->heap);
    }
    if (wd_poller_sweep_ended(p))
        return;
    if (first == NULL || !may_start(p))
        sleep_until(p, now_ms + LONGEST_SLEEP_MS); /* for the clocks; what changes this kicks */
    else if (p->outage.down && first->at_ms < p->outage.probe_ms)
        sleep_until(p, p->outage.probe_ms);
    else
        sleep_until(p, first->at_ms <= now_ms ? now_ms : first->at_ms + COMPANY_MS);
}

/* --- opening and closing ------------------------------------------------------------------- */

wd_status wd_poller_open(wd_poller **out, const wd_poller_spec *spec)
{
    wd_poller *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return WD_NOMEM;
    p->spec = *spec;
    if (p->spec.max_in_flight == 0)
        p->spec.max_in_flight = DEFAULT_IN_FLIGHT;
    wd_list_init(&p->late);
    wd_list_init(&p->leaving);
    wd_list_init(&p->asking);
    wd_status s = wd_host_gate_open(&p->gate, woken, p);
    if (s != WD_OK) {
        free(p);
        return s;
    }
    uv_timer_init(spec->loop, &p->timer);
    *out = p;
    return WD_OK;
}

void wd_poller_pause(wd_poller *p)
{
    p->paused = true;
}

void wd_poller_resume(wd_poller *p)
{
    p->paused = false;
    wd_poller_drain(p);
    wd_poller_kick(p);
}

static void timer_closed(uv_handle_t *h)
{
    wd_poller *p = wd_owner(h, wd_poller, timer);
    for (size_t i = 0; i < p->registry.n; i++)
        wd_poller_drop(p, p->registry.entries[i]);
    while (!wd_list_empty(&p->leaving))
        wd_poller_drop(p, wd_owner(p->leaving.next, wd_entry, late));
    free(p->registry.entries);
    wd_due_heap_done(&p->heap);
    wd_host_gate_close(&p->gate);
    if (p->spec.closed != NULL)
        p->spec.closed(p->spec.ctx);
    free(p);
}

static void close_when_alone(wd_poller *p)
{
    if (wd_list_empty(&p->asking) && !uv_is_closing((uv_handle_t *)&p->timer))
        uv_close((uv_handle_t *)&p->timer, timer_closed);
}

void wd_poller_close(wd_poller **poller)
{
    wd_poller *p = *poller;
    if (p == NULL)
        return;
    *poller = NULL;
    p->closing = true;
    for (wd_link *l = p->asking.next; l != &p->asking; l = l->next)
        wd_http_cancel(p->spec.http, &wd_owner(l, wd_flight, asking)->request);
    close_when_alone(p);
}
