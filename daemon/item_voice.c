/* daemon/item_voice.c - from verdict to event id; nothing is put together unless somebody hears. */
#include "daemon/item_voice.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/url.h"
#include "daemon/reading.h"

/* NULL: nothing to say. */
static const char *event_of(const wd_story *story)
{
    const wd_verdict *v = &story->verdict;
    switch (v->kind) {
    case WD_NEW:
        return story->silent ? NULL : "item.new";
    case WD_UPDATED:
        return "item.updated";
    case WD_COPY:
    case WD_REVISION:
        return v->evidence.rule == WD_RULE_EXACT_TEXT ? "item.duplicate" : "item.near_duplicate";
    case WD_SEEN:
        break;
    }
    return NULL;
}

static void say_story(const wd_log *log, const wd_poll *poll, const wd_story *story)
{
    const char *event = event_of(story);
    const wd_verdict *v = &story->verdict;
    char id[40], title[160], other[24] = "", score[16] = "", slot[48] = "";
    if (event == NULL)
        return;
    wd_span url = wd_url_redact(poll->arena, story->item->link);
    double most = v->evidence.cover_this > v->evidence.cover_other ? v->evidence.cover_this
                                                                   : v->evidence.cover_other;
    snprintf(id, sizeof(id), "%s", story->uri_hex);
    snprintf(title, sizeof(title), "%.*s", WD_SPAN_ARG(wd_span_head(story->item->title_text, 120)));
    if (v->matched != 0) {
        snprintf(other, sizeof(other), "%" PRIu64, v->matched);
        snprintf(score, sizeof(score), "%.2f", most);
    }
    if (story->slot.seq != 0)
        snprintf(slot, sizeof(slot), "%" PRId64 "-%" PRIu64, story->slot.ms, story->slot.seq);
    wd_debug(log, event,
             WD_FIELDS({ "FEED", poll->config->slug }, { "ITEM_ID", id }, { "URL", url.ptr },
                       { "DUP_OF", other[0] ? other : NULL },
                       { "SIMILARITY", score[0] ? score : NULL },
                       { "STREAM_ID", slot[0] ? slot : NULL }),
             "%s: %s", poll->config->slug, title);
}

void wd_item_voice_say(const wd_log *log, const wd_poll *poll)
{
    char n[16];
    const wd_reading *r = poll->payload;
    if (r == NULL || wd_log_get_level(log) < WD_LOG_DEBUG)
        return;
    for (size_t i = 0; i < r->n_stories; i++)
        say_story(log, poll, &r->stories[i]);
    if (r->doc.dropped_items == 0)
        return;
    snprintf(n, sizeof(n), "%u", r->doc.dropped_items);
    wd_debug(log, "item.invalid", WD_FIELDS({ "FEED", poll->config->slug }, { "ITEMS", n }),
             "%s: %s items had nothing in them, were drafts, or beyond a limit", poll->config->slug,
             n);
}
