/* daemon/websub/voice.c - each change once, with its feed and its hub. */
#include <string.h>

#include "core/url.h"
#include "daemon/websub/keeper_impl.h"

#define HUB_ARENA (64u * 1024u)

static const struct {
    const char *word, *text;
} faults[WD_WEBSUB_FAULTS] = {
    [WD_WEBSUB_FINE] = { "taken", "" },
    [WD_WEBSUB_UNSIGNED] = { "signature-missing", "has no signature" },
    [WD_WEBSUB_FORGED] = { "signature-wrong", "is not signed with our secret" },
    [WD_WEBSUB_FOREIGN] = { "foreign", "is of another document" },
    [WD_WEBSUB_UNREADABLE] = { "unreadable", "is no feed that could be read" },
    [WD_WEBSUB_TOO_LARGE] = { "too-large", "is larger than http.max_body" },
};

const char *wd_websub_fault_word(wd_websub_fault f)
{
    return (size_t)f < WD_WEBSUB_FAULTS ? faults[f].word : "other";
}

/* Without secrets, and at least its beginning. */
static const char *hub_of(const wd_subscriber *s, char out[256])
{
    wd_arena *a = wd_arena_new(HUB_ARENA);
    wd_span hub = a ? wd_url_redact(a, wd_span_of(s->hub)) : WD_SPAN_NONE;
    snprintf(out, 256, "%.*s", WD_SPAN_ARG(hub));
    wd_arena_free(a);
    return out;
}

static const wd_log *log_of(const wd_websub_keeper *k)
{
    return k->spec.log;
}

void wd_websub_say_verified(const wd_websub_keeper *k, const wd_subscriber *s)
{
    char hub[256], until[WD_TIME_TEXT_BYTES];
    wd_time_text(s->sub.lease_ms, 0, until);
    wd_info(log_of(k), "websub.subscribed",
            WD_FIELDS({ "FEED", s->slug }, { "HUB", hub_of(s, hub) }, { "UNTIL", until }),
            "%s is subscribed at %s until %s", s->slug, hub, until);
}

void wd_websub_say_failed(const wd_websub_keeper *k, wd_subscriber *s, const char *why)
{
    char hub[256], wait[WD_TIME_TEXT_BYTES];
    if (s->said_failed)
        return;
    bool holds = s->sub.phase == WD_WEBSUB_ACTIVE;
    s->said_failed = true;
    int64_t left_ms = s->sub.next_ms - wd_keeper_now(k);
    wd_notice(log_of(k), "websub.failed",
              WD_FIELDS({ "FEED", s->slug }, { "HUB", hub_of(s, hub) }, { "REASON", why }),
              "%s cannot be %s at %s: %s; %s, and the hub asked again in %s", s->slug,
              holds ? "kept subscribed" : "subscribed", hub, why,
              holds ? "its lease holds still" : "it is polled",
              wd_duration_text(left_ms > 0 ? left_ms : 0, wait));
}

void wd_websub_say_denied(const wd_websub_keeper *k, const wd_subscriber *s)
{
    char hub[256];
    wd_notice(log_of(k), "websub.denied", WD_FIELDS({ "FEED", s->slug }, { "HUB", hub_of(s, hub) }),
              "%s denies the subscription of %s; it is polled", hub, s->slug);
}

void wd_websub_say_lost(const wd_websub_keeper *k, const wd_subscriber *s)
{
    char hub[256];
    wd_warn(log_of(k), "websub.lost", WD_FIELDS({ "FEED", s->slug }, { "HUB", hub_of(s, hub) }),
            "the lease of %s at %s has ended and was not renewed; it is polled as before", s->slug,
            hub);
}

void wd_websub_say_delivers(const wd_websub_keeper *k, const wd_subscriber *s)
{
    char hub[256];
    wd_info(log_of(k), "websub.delivers", WD_FIELDS({ "FEED", s->slug }, { "HUB", hub_of(s, hub) }),
            "%s is pushed by %s; polls are a backup from now on", s->slug, hub);
}

void wd_websub_say_missed(const wd_websub_keeper *k, const wd_subscriber *s)
{
    char hub[256];
    wd_notice(log_of(k), "websub.missed", WD_FIELDS({ "FEED", s->slug }, { "HUB", hub_of(s, hub) }),
              "a poll of %s found what %s never delivered; it is polled as before until the hub "
              "delivers again",
              s->slug, hub);
}

void wd_websub_say_left(const wd_websub_keeper *k, const wd_subscriber *s)
{
    char hub[256];
    wd_info(log_of(k), "websub.left", WD_FIELDS({ "FEED", s->slug }, { "HUB", hub_of(s, hub) }),
            "%s is subscribed no longer at %s", s->slug, hub);
}

void wd_websub_say_refused(const wd_websub_keeper *k, const wd_subscriber *s, wd_span mode)
{
    char hub[256], what[32];
    snprintf(what, sizeof(what), "%.*s", WD_SPAN_ARG(wd_span_head(mode, sizeof(what) - 1)));
    wd_debug(log_of(k), "websub.refused",
             WD_FIELDS({ "FEED", s->slug }, { "HUB", hub_of(s, hub) }, { "MODE", what }),
             "%s wanted to verify for %s what nobody asked for", hub, s->slug);
}

void wd_websub_fault_note(wd_websub_keeper *k, wd_subscriber *s, wd_websub_fault fault)
{
    char hub[256];
    k->stats.faults[fault]++;
    if (s->said == fault)
        return;
    s->said = fault;
    wd_warn(
        log_of(k), "websub.ignored",
        WD_FIELDS({ "FEED", s->slug }, { "HUB", hub_of(s, hub) }, { "REASON", faults[fault].word }),
        "a delivery for %s in the name of %s %s: ignored", s->slug, hub, faults[fault].text);
}
