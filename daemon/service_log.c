/* daemon/service_log.c - what an operator reads first and last. */
#include "daemon/service_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/url.h"
#include "daemon/notify.h"
#include "daemon/version.h"

/* The address without its password. */
static void redis_for_people(const wd_config *c, char *out, size_t size)
{
    wd_arena *a = wd_arena_new(2 * WD_URL_BYTES);
    wd_span shown = a ? wd_url_redact(a, wd_span_of(c->redis.url)) : WD_SPAN_NONE;
    if (strcmp(c->redis.url, "embedded") == 0)
        snprintf(out, size, "embedded in %s/redis", c->state);
    else
        snprintf(out, size, "%.*s", WD_SPAN_ARG(shown));
    wd_arena_free(a);
}

void wd_service_log_start(const wd_log *log, const wd_config *c)
{
    wd_info(log, "daemon.start", WD_FIELDS({ "VERSION", WD_VERSION }, { "CONFIG", c->file }),
            "wiredesk %s starts with %s", WD_VERSION, c->file);
}

void wd_service_log_ready(const wd_log *log, const wd_config *c)
{
    char redis[512], feeds[24];
    redis_for_people(c, redis, sizeof(redis));
    snprintf(feeds, sizeof(feeds), "%zu", c->n_feeds);
    wd_notice(log, "daemon.ready",
              WD_FIELDS({ "FEEDS", feeds }, { "REDIS", redis }, { "STATE", c->state }),
              "ready: %s feed%s, state in %s, Redis %s", feeds, c->n_feeds == 1 ? "" : "s",
              c->state, redis);
    if (c->n_feeds == 0)
        wd_warn(
            log, "daemon.no_feeds", WD_NO_FIELDS,
            "no feed is configured; `wiredesk feeds add ADDRESS` finds one and adds it, or name "
            "it under `feeds:` in %s",
            c->file);
    if (c->http.user_agent_contact == NULL)
        wd_info(log, "daemon.no_contact", WD_NO_FIELDS,
                "set http.user_agent_contact, so that publishers can reach you instead of blocking "
                "you");
}

static void log_counts(
    const wd_log *log, const char *event, const wd_snapshot *s, const char *lead, const char *tail)
{
    const wd_storer_counts *c = &s->desk.counts;
    char fresh[24], updated[24], copies[24], revisions[24], waiting[24], failing[16];
    snprintf(fresh, sizeof(fresh), "%" PRIu64, c->fresh);
    snprintf(updated, sizeof(updated), "%" PRIu64, c->updated);
    snprintf(copies, sizeof(copies), "%" PRIu64, c->copies);
    snprintf(revisions, sizeof(revisions), "%" PRIu64, c->revisions);
    snprintf(waiting, sizeof(waiting), "%" PRIu64, wd_snapshot_waiting(s));
    snprintf(failing, sizeof(failing), "%u", s->polls.failing);
    wd_notice(log, event,
              WD_FIELDS({ "NEW", fresh }, { "UPDATED", updated }, { "COPIES", copies },
                        { "REVISIONS", revisions }, { "OUTBOX", waiting }, { "FAILING", failing }),
              "%s: %s new, %s updated, %s cop%s, %s revision%s; %u feed%s, %s failing; outbox %s%s",
              lead, fresh, updated, copies, c->copies == 1 ? "y" : "ies", revisions,
              c->revisions == 1 ? "" : "s", s->polls.feeds, s->polls.feeds == 1 ? "" : "s", failing,
              waiting, tail);
}

void wd_service_log_summary(const wd_log *log, const wd_snapshot *s, wd_summary_base *base)
{
    const wd_poller_stats *p = &s->polls;
    const wd_storer_counts *c = &s->desk.counts, *b = &base->items;
    char fresh[24], copies[24], polls[24], outbox[24], failing[16];
    uint64_t n = p->polls - base->polls, unchanged = p->not_modified - base->not_modified;
    snprintf(fresh, sizeof(fresh), "%" PRIu64, c->fresh - b->fresh);
    snprintf(copies, sizeof(copies), "%" PRIu64, c->copies - b->copies);
    snprintf(polls, sizeof(polls), "%" PRIu64, n);
    snprintf(outbox, sizeof(outbox), "%" PRIu64, wd_snapshot_waiting(s));
    snprintf(failing, sizeof(failing), "%u", p->failing);
    wd_notice(log, "daemon.summary",
              WD_FIELDS({ "NEW", fresh }, { "COPIES", copies }, { "POLLS", polls },
                        { "OUTBOX", outbox }, { "FAILING", failing }),
              "in the last hour %s new, %" PRIu64 " updated, %s copies; %s polls, %" PRIu64
              " %% unchanged, %" PRIu64 " failed, %.1f MB; %u feeds, %s failing; outbox %s",
              fresh, c->updated - b->updated, copies, polls, n ? 100 * unchanged / n : 0,
              p->failures - base->failures, (double)(p->bytes - base->bytes) / 1e6, p->feeds,
              failing, outbox);
    *base = (wd_summary_base){ *c, p->polls, p->not_modified, p->failures, p->bytes };
}

void wd_service_log_stop(const wd_log *log, const wd_snapshot *s, bool drained)
{
    char lead[WD_TIME_TEXT_BYTES + 16], since[WD_TIME_TEXT_BYTES];
    snprintf(lead, sizeof(lead), "stopped after %s",
             wd_duration_text(s->now_ms - s->started_ms, since));
    log_counts(log, "daemon.stopped", s, lead,
               drained ? "" : "; what waits is kept and sent after the next start");
}

void wd_service_log_line(const wd_snapshot *s, char *out, size_t size)
{
    const char *trouble = wd_snapshot_trouble(s);
    const char *begin = s->polls.feeds == 0 ? "; no feeds yet: wiredesk feeds add ADDRESS" : "";
    snprintf(out, size, "%u feed%s, %u failing, outbox %" PRIu64 "%s%s%s%s%s", s->polls.feeds,
             s->polls.feeds == 1 ? "" : "s", s->polls.failing, wd_snapshot_waiting(s),
             trouble ? "; " : "", trouble ? trouble : "", begin,
             s->reload_trouble[0] ? "; the old configuration is kept: " : "", s->reload_trouble);
}

void wd_service_log_status(const wd_snapshot *s)
{
    char line[512];
    wd_service_log_line(s, line, sizeof(line));
    wd_notify_status("%s", line);
}
