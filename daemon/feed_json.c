/* daemon/feed_json.c - one feed as an object: for `feeds`, for explain and for the status page. */
#include "daemon/feed_json.h"

#include "feeds/explain.h"

/* A URL, cleaned and shown. */
#define SCRATCH_BYTES (64u * 1024u)

static void put_url(wd_json *j, wd_url_view view, const char *url)
{
    wd_arena *scratch = wd_arena_new(SCRATCH_BYTES);
    if (scratch != NULL)
        wd_json_put(j, "url", view(scratch, wd_span_of(url)));
    wd_arena_free(scratch);
}

static void put_trouble(wd_json *j, const wd_feed_state *s)
{
    if (s->last_reason == WD_REASON_NONE)
        return;
    wd_json_put_text(j, "reason", wd_reason_word(s->last_reason));
    wd_json_put_text(j, "reason_text", wd_reason_text(s->last_reason));
    wd_json_put_int(j, "failures_in_a_row", s->same_reason);
    wd_json_put_time_opt(j, "failing_since", s->failing_since_ms, false);
}

static void put_history(wd_json *j, const wd_feed_state *s)
{
    wd_json_put_time_opt(j, "last_poll", s->last_poll_ms, false);
    wd_json_put_time_opt(j, "last_success", s->last_success_ms, false);
    wd_json_put_time_opt(j, "last_new_item", s->last_new_ms, false);
    wd_json_put_int(j, "polls", s->polls);
    wd_json_put_int(j, "polls_unchanged", s->polls_unchanged);
    if (s->last_http > 0)
        wd_json_put_int(j, "last_http_status", s->last_http);
    if (s->contacted) {
        wd_json_key(j, "items_per_day");
        wd_json_double(j, s->rate_per_day, 3);
    }
}

void wd_feed_put_members(
    wd_json *j, const wd_feed_config *c, const wd_feed_state *s, wd_url_view view, int64_t now_ms)
{
    wd_buf why = WD_BUF_INIT(1024);
    wd_json_put_text(j, "feed", c->slug);
    if (c->group[0] != '\0')
        wd_json_put_text(j, "group", c->group);
    put_url(j, view, c->url);
    if (c->interval_ms > 0)
        wd_json_put_int(j, "interval_s", c->interval_ms / WD_SECOND_MS);
    wd_json_put_text(j, "state", wd_explain_state(c, s));
    put_trouble(j, s);
    put_history(j, s);
    if (!c->paused && !s->held)
        wd_json_put_time_opt(j, "next_poll", s->next_due_ms, false);
    wd_explain_due(c, s, now_ms, &why);
    wd_json_put(j, "next_poll_text", wd_buf_span(&why));
    wd_buf_done(&why);
}
