/* daemon/service_orders.c - what may be ordered over the control socket, a row an order.
 *
 * An order is {"order":"pause","feed":"example-world"}; its answer {"ok":true,"text":"..."} says
 * in words what happened.  What must reach the disk first is answered when it has: a caller that
 * was told "paused" may pull the plug. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/json.h"
#include "daemon/config/place.h"
#include "daemon/service_impl.h"
#include "daemon/service_log.h"
#include "daemon/version.h"

#define ANSWER_BYTES (64u * 1024u)

struct call {
    wd_service *s;
    const wd_control_order *order;
    const char *name, *feed, *level; /* "" when not said */
};

/* --- answering ----------------------------------------------------------- */

static void answer(wd_service *s, uint64_t caller, bool ok, const char *text)
{
    wd_buf out = WD_BUF_INIT(ANSWER_BYTES);
    wd_json j = wd_json_onto(&out);
    wd_json_begin_object(&j);
    wd_json_key(&j, "ok");
    wd_json_bool(&j, ok);
    wd_json_put_text(&j, "text", text);
    wd_json_end_object(&j);
    wd_control_socket_answer(s->socket, caller, wd_buf_span(&out));
    wd_buf_done(&out);
}

static void say(const struct call *c, bool ok, const char *fmt, ...) WD_PRINTF(3, 4);

static void say(const struct call *c, bool ok, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    answer(c->s, c->order->caller, ok, text);
}

/* --- what waits for the disk --------------------------------------------- */

static struct wd_pending_order *pending_of(wd_service *s, uint64_t caller)
{
    for (size_t i = 0; i < WD_COUNT(s->pending); i++)
        if (s->pending[i].caller == caller)
            return &s->pending[i];
    return NULL;
}

/* Says `fmt` to the caller once the feed's state is on disk. */
static void say_when_stored(const struct call *c, const wd_feed_state *state, const char *fmt, ...)
    WD_PRINTF(3, 4);

static void say_when_stored(const struct call *c, const wd_feed_state *state, const char *fmt, ...)
{
    struct wd_pending_order *p = pending_of(c->s, 0); /* a client has one order at a time */
    va_list args;
    if (p == NULL) {
        say(c, false, "too many orders at once: try again");
        return;
    }
    va_start(args, fmt);
    vsnprintf(p->text, sizeof(p->text), fmt, args);
    va_end(args);
    p->caller = c->order->caller;
    wd_pipeline_note(c->s->pipeline, state, p->caller);
}

void wd_service_on_noted(void *ctx, wd_status status, uint64_t caller)
{
    wd_service *s = ctx;
    struct wd_pending_order *p = caller ? pending_of(s, caller) : NULL;
    if (p == NULL)
        return;
    p->caller = 0;
    if (status == WD_OK)
        answer(s, caller, true, p->text);
    else
        answer(s, caller, false,
               "done, but it could not be stored, so that a restart forgets it: the log says why");
}

/* A poll that was under way brought an older state to the disk than the order left. */
void wd_service_on_changed(void *ctx, const wd_feed_state *state)
{
    wd_service *s = ctx;
    wd_pipeline_note(s->pipeline, state, 0);
}

/* --- feeds --------------------------------------------------------------- */

static void log_order(const struct call *c, const char *state, const char *what)
{
    char uid[24];
    snprintf(uid, sizeof(uid), "%u", (unsigned)c->order->uid);
    wd_notice(c->s->log, "feed.state_changed",
              WD_FIELDS({ "FEED", c->feed }, { "STATE", state }, { "UID", uid }),
              "%s: %s (user %s)", c->feed, what, uid);
}

static void say_unknown(const struct call *c)
{
    if (c->feed[0] == '\0')
        say(c, false, "which feed?  %s wants its name", c->name);
    else
        say(c, false, "there is no feed '%.80s'; wiredesk feeds list names them", c->feed);
}

static void hold(const struct call *c, bool held)
{
    wd_service *s = c->s;
    const wd_feed_config *config = NULL;
    const wd_feed_state *state = wd_poller_find(s->poller, c->feed, &config);
    if (state == NULL) {
        say_unknown(c);
    } else if (config->paused) {
        say(c, false, "%s is paused in the configuration: change it there, then reload", c->feed);
    } else if (state->held == held) {
        say(c, true, held ? "%s was paused already" : "%s was not paused", c->feed);
    } else if (wd_poller_hold(s->poller, c->feed, held, &state) == WD_OK) {
        log_order(c, held ? "paused" : "working", held ? "paused by hand" : "resumed by hand");
        if (held)
            say_when_stored(c, state, "%s is paused, over restarts too, until it is resumed",
                            c->feed);
        else
            say_when_stored(c, state, "%s is polled again", c->feed);
    }
}

static void order_pause(const struct call *c)
{
    hold(c, true);
}

static void order_resume(const struct call *c)
{
    hold(c, false);
}

static void order_poll(const struct call *c)
{
    switch (wd_poller_poll_now(c->s->poller, c->feed)) {
    case WD_OK:
        say(c, true, "%s is asked as soon as its host may be asked", c->feed);
        break;
    case WD_BUSY:
        say(c, true, "%s is being asked at this moment", c->feed);
        break;
    case WD_DENIED:
        say(c, false, "%s is paused: resume it first", c->feed);
        break;
    default:
        say_unknown(c);
    }
}

static void order_reset(const struct call *c)
{
    const wd_feed_state *state = NULL;
    switch (wd_poller_reset(c->s->poller, c->feed, &state)) {
    case WD_OK:
        log_order(c, "reset", "what polling learned of it was reset by hand");
        say_when_stored(c, state,
                        "%s begins anew: no validators, no failures, no rhythm; its stories stay "
                        "known",
                        c->feed);
        break;
    case WD_BUSY:
        say(c, false, "%s is being asked at this moment: try again when it is back", c->feed);
        break;
    default:
        say_unknown(c);
    }
}

/* --- the daemon ---------------------------------------------------------- */

static void order_reload(const struct call *c)
{
    wd_service *s = c->s;
    if (s->n_reloads == WD_COUNT(s->reloads)) { /* some of those who wait have left */
        say(c, false, "too many orders at once: try again");
        return;
    }
    s->reloads[s->n_reloads++] = c->order->caller;
    if (s->coming == NULL)
        s->n_reloads_now = s->n_reloads;
    wd_service_reload(s);
}

void wd_service_reload_done(wd_service *s, bool ok, const char *text)
{
    for (unsigned i = 0; i < s->n_reloads_now; i++)
        answer(s, s->reloads[i], ok, text);
    s->n_reloads -= s->n_reloads_now;
    memmove(s->reloads, s->reloads + s->n_reloads_now, s->n_reloads * sizeof(s->reloads[0]));
    s->n_reloads_now = s->n_reloads;
}

static void order_loglevel(const struct call *c)
{
    static const char *const words[] = { "error", "warning", "notice", "info", "debug" };
    wd_log *log = c->s->log;
    for (size_t i = 0; i < WD_COUNT(words); i++) {
        if (strcmp(c->level, words[i]) != 0)
            continue;
        wd_log_set_level(log, (wd_log_level)(WD_LOG_ERROR + i));
        wd_notice(log, "daemon.loglevel", WD_FIELDS({ "LEVEL", words[i] }),
                  "the log says %s and worse until the next reload or restart", words[i]);
        say(c, true, "the log says %s and worse, until the next reload or restart", words[i]);
        return;
    }
    int at = (int)wd_log_get_level(log) - (int)WD_LOG_ERROR;
    if (c->level[0] == '\0')
        say(c, true, "the log says %s and worse", words[at]);
    else
        say(c, false, "a level is error, warning, notice, info or debug, not '%.40s'", c->level);
}

static void put_status(wd_json *j, wd_service *s)
{
    const wd_snapshot *n = &s->snap;
    const char *trouble = wd_snapshot_trouble(n);
    char text[512];
    wd_service_log_line(n, text, sizeof(text));
    wd_json_key(j, "ok");
    wd_json_bool(j, trouble == NULL);
    wd_json_put_text(j, "text", text);
    wd_json_put_text(j, "version", WD_VERSION);
    wd_json_put_int(j, "pid", getpid());
    wd_json_put_time_opt(j, "since", n->started_ms, false);
    wd_json_put_text(j, "config", s->config->file);
    wd_json_put_int(j, "feeds", n->polls.feeds);
    wd_json_put_int(j, "failing", n->polls.failing);
    wd_json_put_int(j, "paused", n->polls.paused);
    wd_json_put_int(j, "due", n->polls.due);
    wd_json_put_int(j, "inflight", n->polls.in_flight);
    wd_json_put_int(j, "outbox", (int64_t)wd_snapshot_waiting(n));
    wd_json_put_int(j, "new", (int64_t)n->desk.counts.fresh);
    wd_json_put_int(j, "copies", (int64_t)n->desk.counts.copies);
    wd_json_key(j, "redis_up");
    wd_json_bool(j, n->redis.up);
    if (trouble != NULL)
        wd_json_put_text(j, "trouble", trouble);
}

static void order_status(const struct call *c)
{
    wd_buf out = WD_BUF_INIT(ANSWER_BYTES);
    wd_json j = wd_json_onto(&out);
    wd_service_refresh(c->s);
    wd_json_begin_object(&j);
    put_status(&j, c->s);
    wd_json_end_object(&j);
    wd_control_socket_answer(c->s->socket, c->order->caller, wd_buf_span(&out));
    wd_buf_done(&out);
}

/* --- reading an order ---------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(const struct call *c);
} orders[] = { { "status", order_status },     { "reload", order_reload },
               { "loglevel", order_loglevel }, { "pause", order_pause },
               { "resume", order_resume },     { "poll", order_poll },
               { "reset", order_reset } };

static const char *text_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void carry_out(struct call *c)
{
    for (size_t i = 0; i < WD_COUNT(orders); i++) {
        if (strcmp(orders[i].name, c->name) == 0) {
            orders[i].run(c);
            return;
        }
    }
    say(c, false, "there is no order '%.40s'", c->name);
}

void wd_service_on_order(void *ctx, const wd_control_order *order)
{
    struct call c = { .s = ctx, .order = order };
    json_t *object = json_loadb(order->line.ptr, order->line.len, JSON_REJECT_DUPLICATES, NULL);
    c.name = text_of(object, "order");
    c.feed = text_of(object, "feed");
    c.level = text_of(object, "level");
    if (!json_is_object(object) || c.name[0] == '\0')
        say(&c, false, "an order is a line like {\"order\":\"status\"}");
    else if (c.s->stopping || c.s->poller == NULL)
        say(&c, false, "the daemon is stopping");
    else
        carry_out(&c);
    json_decref(object);
}

/* --- opening ------------------------------------------------------------- */

wd_status wd_service_open_socket(wd_service *s, wd_error *err)
{
    char path[WD_SOCKET_PATH_BYTES];
    bool asked = s->config->control.socket != NULL;
    wd_control_socket_spec spec = { .loop = &s->loop,
                                    .path = path,
                                    .order = wd_service_on_order,
                                    .closed = wd_service_part_closed,
                                    .ctx = s };
    if (!wd_config_socket(s->config, path))
        return WD_OK;
    wd_status status = wd_control_socket_open(&s->socket, &spec, err);
    if (status == WD_OK) {
        s->open_parts++;
        wd_info(s->log, "control.socket", WD_FIELDS({ "PATH", path }), "orders are taken at %s",
                path);
    } else if (!asked) { /* nobody wished for it there: the work matters more */
        wd_warn(s->log, "control.socket_failed", WD_FIELDS({ "PATH", path }),
                "%s; wiredesk ctl will not reach this daemon", err->text);
        status = WD_OK;
    }
    return status;
}
