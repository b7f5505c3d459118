/* feeds/voice.c - edge-triggered: a broken feed speaks once, not at every poll. */
#include "feeds/voice.h"

#include <stdio.h>
#include <string.h>

#include "core/url.h"
#include "feeds/moved.h"
#include "feeds/schedule.h"

static const char *redacted(const wd_poll *poll)
{
    wd_span url = wd_url_redact(poll->arena, wd_span_of(poll->config->url));
    return url.ptr ? url.ptr : "";
}

/* " (Connection refused)", or nothing where it would repeat the reason. */
static const char *detail_of(const wd_poll *poll, char *out, size_t size)
{
    out[0] = '\0';
    if (poll->detail[0] != '\0' &&
        strcmp(poll->detail, wd_reason_text(poll->state.last_reason)) != 0)
        snprintf(out, size, " (%s)", poll->detail);
    return out;
}

static void say_failure(const wd_log *log, const wd_poll *poll)
{
    const wd_feed_state *s = &poll->state;
    char status[16] = "", next[WD_TIME_TEXT_BYTES], wait[WD_TIME_TEXT_BYTES];
    char detail[sizeof(poll->detail) + 8];
    if (poll->http_status > 0)
        snprintf(status, sizeof(status), "%d", (int)poll->http_status);
    wd_warn(log, wd_reason_event(s->last_reason),
            WD_FIELDS({ "FEED", poll->config->slug }, { "URL", redacted(poll) },
                      { "REASON", wd_reason_word(s->last_reason) },
                      { "STATUS", status[0] ? status : NULL },
                      { "NEXT_POLL", wd_time_text(s->next_due_ms, 0, next) }),
            "%s: %s%s; next try in %s", poll->config->slug, wd_reason_text(s->last_reason),
            detail_of(poll, detail, sizeof(detail)),
            wd_duration_text(s->next_due_ms - s->last_poll_ms, wait));
}

static void say_recovery(const wd_log *log, const wd_poll *poll)
{
    char next[WD_TIME_TEXT_BYTES];
    wd_notice(log, wd_reason_event(WD_REASON_NONE),
              WD_FIELDS({ "FEED", poll->config->slug }, { "URL", redacted(poll) },
                        { "NEXT_POLL", wd_time_text(poll->state.next_due_ms, 0, next) }),
              "%s: it works again", poll->config->slug);
}

void wd_voice_polled(const wd_log *log, const wd_poll *poll, wd_reason *said)
{
    wd_reason now = poll->state.last_reason;
    if (now == *said || (poll->answer == WD_ANSWER_FAILED && poll->reason == WD_REASON_CANCELED))
        return;
    *said = now;
    if (now == WD_REASON_NONE)
        say_recovery(log, poll);
    else
        say_failure(log, poll);
}

static const char *outcome_of(const wd_poll *poll)
{
    static const char *const words[] = { [WD_ANSWER_DOCUMENT] = "document",
                                         [WD_ANSWER_NOT_MODIFIED] = "not-modified",
                                         [WD_ANSWER_SAME_BODY] = "same-body",
                                         [WD_ANSWER_FAILED] = "failed" };
    return words[poll->answer];
}

void wd_voice_traced(const wd_log *log, const wd_poll *poll)
{
    char status[16], took[24], items[16], fresh[16], next[WD_TIME_TEXT_BYTES];
    if (wd_log_get_level(log) < WD_LOG_DEBUG)
        return; /* nothing is put together for nobody */
    snprintf(status, sizeof(status), "%d", (int)poll->http_status);
    snprintf(took, sizeof(took), "%lld", (long long)poll->fetch_us);
    snprintf(items, sizeof(items), "%u", poll->reading.items);
    snprintf(fresh, sizeof(fresh), "%u", poll->reading.items_new);
    wd_debug(log, "feed.polled",
             WD_FIELDS({ "FEED", poll->config->slug }, { "URL", redacted(poll) },
                       { "RESULT", outcome_of(poll) }, { "STATUS", status },
                       { "DURATION_US", took }, { "ITEMS", items }, { "NEW", fresh },
                       { "NEXT_POLL", wd_time_text(poll->state.next_due_ms, 0, next) }),
             "%s: %s (%s), %s items, %s of them new", poll->config->slug, outcome_of(poll), status,
             items, fresh);
}

void wd_voice_repaired(const wd_log *log, const wd_poll *poll, bool *repaired)
{
    bool now = poll->reading.repaired;
    if (poll->answer != WD_ANSWER_DOCUMENT)
        return;
    if (now && !*repaired)
        wd_info(log, "parse.recovered",
                WD_FIELDS({ "FEED", poll->config->slug }, { "URL", redacted(poll) }),
                "%s: its document is not well formed; what could be read of it was",
                poll->config->slug);
    *repaired = now;
}

static void say_overflow(const wd_log *log, const wd_poll *poll)
{
    char items[16];
    snprintf(items, sizeof(items), "%u", poll->reading.items);
    wd_warn(
        log, "feed.window_overflow", WD_FIELDS({ "FEED", poll->config->slug }, { "ITEMS", items }),
        "%s: all %s items of its document are new, so some may have been missed; %s",
        poll->config->slug, items,
        poll->config->interval_ms > 0 ? "its interval may be too long" : "it is polled more often");
}

static void say_useless_validators(const wd_log *log, const wd_poll *poll)
{
    wd_notice(log, "feed.validators_lie", WD_FIELDS({ "FEED", poll->config->slug }),
              "%s: sends validators, yet never answered 304 in %u tries; %s", poll->config->slug,
              WD_TRIES_WITHOUT_304,
              poll->config->interval_ms > 0 ? "each poll costs a whole document"
                                            : "it is polled once an hour at most");
}

static void say_move(const wd_log *log, const wd_poll *poll)
{
    char to[512];
    wd_span url = wd_url_redact(poll->arena, poll->final_url);
    snprintf(to, sizeof(to), "%.*s", WD_SPAN_ARG(url));
    wd_notice(log, "feed.moved",
              WD_FIELDS({ "FEED", poll->config->slug }, { "URL", redacted(poll) }, { "TO", to }),
              "%s: has moved for good to %s%s; change its url in the configuration",
              poll->config->slug, to, poll->state.adopted ? " and is asked there from now on" : "");
}

void wd_voice_noticed(const wd_log *log, wd_poll *poll, bool *overflowing)
{
    bool overflows = wd_schedule_overflowed(poll);
    if (overflows && !*overflowing)
        say_overflow(log, poll);
    if (poll->answer == WD_ANSWER_DOCUMENT)
        *overflowing = overflows;
    if (poll->answer != WD_ANSWER_FAILED && poll->conditional &&
        poll->state.polls_without_304 == WD_TRIES_WITHOUT_304)
        say_useless_validators(log, poll);
    if (wd_moved_for_good(&poll->state) && !poll->state.moved_said) {
        poll->state.moved_said = true;
        say_move(log, poll);
    }
}

void wd_voice_distrust(const wd_log *log, const wd_poll *poll)
{
    wd_info(log, "feed.stale", WD_FIELDS({ "FEED", poll->config->slug }),
            "%s: far more news was expected of it by now; it is asked once without validators",
            poll->config->slug);
}

void wd_voice_host_closed(const wd_log *log, wd_span host, const char *slug, int64_t wait_ms)
{
    char name[256], wait[WD_TIME_TEXT_BYTES];
    snprintf(name, sizeof(name), "%.*s", WD_SPAN_ARG(host));
    wd_warn(log, "host.circuit_open", WD_FIELDS({ "HOST", name }, { "FEED", slug }),
            "%s asks for fewer requests; it is left alone for %s", name,
            wd_duration_text(wait_ms, wait));
}

void wd_voice_host_opened(const wd_log *log, wd_span host, const char *slug, bool forgotten)
{
    char name[256];
    snprintf(name, sizeof(name), "%.*s", WD_SPAN_ARG(host));
    wd_notice(log, "host.circuit_close", WD_FIELDS({ "HOST", name }, { "FEED", slug }), "%s %s",
              name,
              forgotten ? "is asked no longer" : "answers again; its feeds are polled as before");
}
