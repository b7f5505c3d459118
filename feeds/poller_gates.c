/* feeds/poller_gates.c - the gates that a feed passes: that of its own host, and that of the
 * host where redirects led last time.
 *
 * Without the second, a thousand feeds that all redirect to one host would be a flood there, and
 * its "too many requests" would close the gate of those who only pointed at it. */
#include "feeds/poller_impl.h"
#include "feeds/poller_push.h"
#include "feeds/voice.h"

static bool has_there(const wd_entry *e)
{
    return e->there.host != NULL;
}

static void woken_there(wd_gate_seat *seat)
{
    wd_entry *e = wd_owner(seat, wd_entry, there);
    wd_poller *p = e->poller;
    wd_poller_look_at(p, e, wd_poller_boot_ms(p));
    wd_poller_kick(p);
}

void wd_poller_gate_leave(wd_poller *p, wd_gate_seat *seat, const char *slug)
{
    if (!p->closing && wd_host_gate_is_last(seat) && wd_host_gate_throttled(seat) > 0)
        wd_voice_host_opened(p->spec.log, wd_host_gate_name(seat), slug, true);
    wd_host_gate_leave(p->gate, seat);
}

/* Sits where the answer came from, when that is another host than its own. */
static void follow(wd_poller *p, wd_entry *e, wd_span url, bool elsewhere)
{
    wd_gate_seat seat = { .host = NULL };
    if (elsewhere && wd_host_gate_sit(p->gate, &seat, url) != WD_OK)
        return; /* no memory: as it was */
    wd_poller_gate_leave(p, &e->there, e->config->slug);
    e->there = (wd_gate_seat){ .host = seat.host, .woken = woken_there };
    wd_list_init(&e->there.waiting); /* nobody has linked the new seat yet */
    e->poller = p;
}

static void undo_there(wd_poller *p, wd_entry *e)
{
    if (e->asked_there)
        wd_host_gate_undo(p->gate, &e->there);
    e->asked_there = false;
}

/* One domain, or one rule of the operator's, has one gate: it is not passed twice. */
static bool is_apart(const wd_entry *e)
{
    return has_there(e) && !wd_host_gate_share(&e->there, &e->seat);
}

wd_gate_answer wd_poller_ask_gates(wd_poller *p, wd_entry *e, int64_t now_ms, int64_t *at_ms)
{
    if (is_apart(e)) {
        wd_gate_answer answer = wd_host_gate_ask(p->gate, &e->there, now_ms, at_ms);
        if (answer != WD_GATE_GO)
            return answer;
        e->asked_there = true;
    }
    wd_gate_answer answer = wd_host_gate_ask(p->gate, &e->seat, now_ms, at_ms);
    if (answer != WD_GATE_GO)
        undo_there(p, e);
    return answer;
}

void wd_poller_not_asked(wd_poller *p, wd_entry *e)
{
    const wd_gate_result nothing = { .retry_after_ms = -1, .reason = WD_REASON_INTERNAL };
    wd_host_gate_done(p->gate, &e->seat, &nothing, wd_poller_boot_ms(p));
    undo_there(p, e);
}

void wd_poller_gate_done(wd_poller *p,
                         wd_gate_seat *seat,
                         const wd_gate_result *result,
                         const char *slug)
{
    uint32_t before = wd_host_gate_throttled(seat);
    int64_t closed_ms = wd_host_gate_done(p->gate, seat, result, wd_poller_boot_ms(p));
    if (closed_ms > 0 && before == 0) /* said once, however often it is repeated */
        wd_voice_host_closed(p->spec.log, wd_host_gate_name(seat), slug, closed_ms);
    else if (before > 0 && wd_host_gate_throttled(seat) == 0)
        wd_voice_host_opened(p->spec.log, wd_host_gate_name(seat), slug, false);
}

void wd_poller_tell_gates(wd_poller *p, wd_entry *e, const wd_poll *poll)
{
    const wd_gate_result answered = { .latency_ms = poll->fetch_us / 1000,
                                      .retry_after_ms = poll->retry_after_ms,
                                      .reason = poll->answer == WD_ANSWER_FAILED ? poll->reason
                                                                                 : WD_REASON_NONE,
                                      .private_address = poll->private_address };
    const wd_gate_result pointed = { .latency_ms = answered.latency_ms, .retry_after_ms = -1 };
    const char *slug = poll->config->slug;
    bool led = poll->final_url.len > 0 && !wd_host_gate_is_of(&e->seat, poll->final_url);
    if (!led || !has_there(e) || !wd_host_gate_is_of(&e->there, poll->final_url)) {
        undo_there(p, e);
        follow(p, e, poll->final_url, led);
    }
    if (!is_apart(e)) {
        undo_there(p, e);
        wd_poller_gate_done(p, &e->seat, &answered, slug);
        return;
    }
    if (!e->asked_there) /* nobody knew that it would be led there */
        wd_host_gate_begun(&e->there);
    e->asked_there = false;
    wd_poller_gate_done(p, &e->seat, &pointed, slug);
    wd_poller_gate_done(p, &e->there, &answered, slug);
}

void wd_poller_stand_back(wd_poller *p, wd_entry *e)
{
    wd_host_gate_stand_back(p->gate, &e->seat);
    if (has_there(e))
        wd_host_gate_stand_back(p->gate, &e->there);
}

void wd_poller_leave_gates(wd_poller *p, wd_entry *e)
{
    wd_poller_gate_leave(p, &e->seat, e->config->slug);
    wd_poller_gate_leave(p, &e->there, e->config->slug);
}
