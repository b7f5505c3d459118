/* feeds/explain.c - sentences from a table of facts; what is not known is not said. */
#include "feeds/explain.h"

#include "feeds/moved.h"
#include "feeds/schedule.h"
#include "feeds/standing.h"

static void ago(wd_buf *out, const char *what, int64_t at_ms, int64_t now_ms)
{
    char text[WD_TIME_TEXT_BYTES], length[WD_TIME_TEXT_BYTES];
    if (at_ms == WD_TIME_NONE)
        return;
    wd_buf_printf(out, "%s %s", what, wd_time_text(at_ms, 0, text));
    if (at_ms <= now_ms)
        wd_buf_printf(out, " (%s ago)", wd_duration_text(now_ms - at_ms, length));
    wd_buf_append_char(out, '\n');
}

static void explain_health(const wd_feed_state *s, int64_t now_ms, wd_buf *out)
{
    char length[WD_TIME_TEXT_BYTES];
    if (s->last_reason == WD_REASON_NONE) {
        wd_buf_printf(out, s->contacted ? "it works\n" : "never reached so far\n");
        return;
    }
    wd_buf_printf(out, "failing: %s", wd_reason_text(s->last_reason));
    if (s->last_http > 0)
        wd_buf_printf(out, " (HTTP %d)", (int)s->last_http);
    wd_buf_printf(out, ", %u poll%s in a row", s->same_reason, s->same_reason == 1 ? "" : "s");
    if (s->failing_since_ms != WD_TIME_NONE && s->failing_since_ms <= now_ms)
        wd_buf_printf(out, ", for %s", wd_duration_text(now_ms - s->failing_since_ms, length));
    wd_buf_append_char(out, '\n');
}

static void explain_rate(const wd_feed_state *s, wd_buf *out)
{
    if (!s->contacted)
        return;
    wd_buf_printf(out, "brings about %.2f items a day; %u poll%s, %u of them brought nothing new\n",
                  s->rate_per_day, s->polls, s->polls == 1 ? "" : "s", s->polls_unchanged);
    if (s->polls_without_304 >= WD_TRIES_WITHOUT_304)
        wd_buf_printf(out, "its validators are of no use: no 304 in %u tries\n",
                      s->polls_without_304);
    if (wd_moved_for_good(s))
        wd_buf_printf(out, "its server redirects it permanently%s: its url should be changed\n",
                      s->adopted ? ", and it is asked there" : "");
}

void wd_explain_due(const wd_feed_config *config,
                    const wd_feed_state *s,
                    int64_t now_ms,
                    wd_buf *out)
{
    char length[WD_TIME_TEXT_BYTES];
    if (config->paused)
        wd_buf_printf(out, "no next poll: it is paused");
    else if (s->held)
        wd_buf_printf(
            out, "no next poll: it is paused by hand; `wiredesk feeds resume %s` lets it go on",
            config->slug);
    else if (s->next_due_ms == WD_TIME_NONE)
        wd_buf_printf(out, "next poll soon, because %s", wd_due_why_text(WD_DUE_FIRST));
    else if (s->next_due_ms <= now_ms)
        wd_buf_printf(out, "due for %s, because %s",
                      wd_duration_text(now_ms - s->next_due_ms, length),
                      wd_due_why_text((wd_due_why)s->due_why));
    else
        wd_buf_printf(out, "next poll in %s, because %s",
                      wd_duration_text(s->next_due_ms - now_ms, length),
                      wd_due_why_text((wd_due_why)s->due_why));
}

void wd_explain_feed(const wd_feed_config *config,
                     const wd_feed_state *s,
                     int64_t now_ms,
                     wd_buf *out)
{
    wd_buf_printf(out, "%s: ", config->slug);
    explain_health(s, now_ms, out);
    ago(out, "last poll", s->last_poll_ms, now_ms);
    ago(out, "last success", s->last_success_ms, now_ms);
    ago(out, "last new item", s->last_new_ms, now_ms);
    explain_rate(s, out);
    wd_explain_due(config, s, now_ms, out);
    wd_buf_append_char(out, '\n');
}

const char *wd_explain_state(const wd_feed_config *config, const wd_feed_state *s)
{
    return wd_standing_word(wd_standing_of(config, s));
}
