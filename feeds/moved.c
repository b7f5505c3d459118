/* feeds/moved.c - counts sightings of one place; another place begins anew. */
#include "feeds/moved.h"

#include "core/hash.h"
#include "core/url.h"

static void begin(wd_feed_state *s, uint64_t to)
{
    s->moved_hash = to;
    s->moved_seen = s->moved_failures = 0;
    s->moved_since_ms = to != 0 ? s->last_poll_ms : WD_TIME_NONE;
    s->moved_said = s->moved_same = s->adopted = false;
}

/* It is the same feed: something that we knew came from there. */
static bool shows_the_same(const wd_poll *poll)
{
    return poll->answer != WD_ANSWER_DOCUMENT || poll->reading.items > poll->reading.items_new;
}

/* What the operator gave for one server is not carried to another. */
static bool has_secrets(const wd_feed_config *c)
{
    wd_url_parts url;
    wd_url_split(wd_span_of(c->url), &url);
    return c->lines != NULL || url.userinfo.ptr != NULL;
}

static bool is_the_feeds_fault(wd_reason r)
{
    return r != WD_REASON_INTERNAL && r != WD_REASON_CANCELED && r != WD_REASON_HTTP_429 &&
           r != WD_REASON_HTTP_503;
}

/* --- interface ---------------------------------------------------------------------- */

void wd_moved_answered(wd_feed_state *s, const wd_poll *poll)
{
    uint64_t to = poll->permanent_redirect ? wd_hash64(poll->final_url, 0) : 0;
    s->moved_failures = 0;
    if (poll->at_new_url && to == 0)
        return; /* it was asked where it is now */
    if (to != s->moved_hash)
        begin(s, to);
    if (to == 0)
        return;
    s->moved_seen++;
    s->moved_same = s->moved_same || (!poll->first_contact && shows_the_same(poll));
    s->adopted = wd_moved_for_good(s) && s->moved_same && !has_secrets(poll->config);
}

void wd_moved_failed(wd_feed_state *s, const wd_poll *poll)
{
    if (!poll->at_new_url || !is_the_feeds_fault(s->last_reason))
        return;
    if (++s->moved_failures >= WD_MOVED_FAILURES)
        begin(s, 0);
}

bool wd_moved_for_good(const wd_feed_state *s)
{
    return s->moved_hash != 0 && s->moved_seen >= WD_MOVED_SIGHTINGS &&
           s->last_poll_ms - s->moved_since_ms >= WD_MOVED_OVER_MS;
}
