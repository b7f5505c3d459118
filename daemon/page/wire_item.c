/* daemon/page/wire_item.c - what a reader of the wire wants to know of a story, cut to a row's
 * length.  Text goes out as text: the page never takes any of it for markup. */
#include "daemon/page/wire_item.h"

#include <stdio.h>

#include "core/json.h"
#include "core/text.h"
#include "core/url.h"
#include "daemon/page/wire_query.h"

/* In bytes: a row shows about a hundred letters of a title and two lines of text, and every
 * byte here is one of a few thousand items. */
#define TITLE_BYTES   320u
#define SUMMARY_BYTES 240u
#define OUTLET_BYTES  96u
#define LINK_BYTES    1024u /* a longer one is left out rather than cut */

static void put_text(wd_json *j, const char *key, wd_span text, size_t max)
{
    wd_span head = wd_utf8_head(text, max);
    if (wd_span_empty(head))
        return;
    wd_json_put(j, key, head);
    if (head.len < text.len) {
        char name[24];
        snprintf(name, sizeof(name), "%s_cut", key);
        wd_json_key(j, name);
        wd_json_bool(j, true);
    }
}

static wd_span outlet_of(const wd_poll *poll, const wd_item *item)
{
    const wd_reading *r = poll->payload;
    if (item->source_title.len > 0)
        return item->source_title;
    return r->doc.title_text;
}

static void put_share(wd_json *j, const char *key, float share)
{
    wd_json_key(j, key);
    wd_json_double(j, (double)share, 3);
}

static void put_evidence(wd_json *j, const wd_verdict *v)
{
    const wd_evidence *e = &v->evidence;
    uint64_t with = v->matched ? v->matched : v->related;
    if (with == 0)
        return;
    wd_json_put_int(j, "with", (int64_t)with);
    wd_json_key(j, "why");
    wd_json_begin_object(j);
    wd_json_put_text(j, "rule", wd_rule_text(e->rule));
    put_share(j, "this", e->cover_this);
    put_share(j, "other", e->cover_other);
    wd_json_put_int(j, "run", e->longest_run);
    wd_json_put_int(j, "numbers", e->numbers);
    wd_json_put_int(j, "agreed", e->numbers_agreed);
    if (e->note != NULL)
        wd_json_put_text(j, "note", e->note);
    wd_json_end_object(j);
}

static void put_credit(wd_json *j, const wd_credit *credit)
{
    if (credit->agency == NULL)
        return;
    wd_json_put_text(j, "agency", credit->agency);
    wd_json_put_text(j, "agency_from", wd_credit_place_text(credit->place));
}

static void put_changes(wd_json *j, uint32_t changes)
{
    static const char *const names[] = { "headline", "summary", "body", "link",
                                         "date",     "by",      "media" };
    if (changes == 0)
        return;
    wd_json_key(j, "changes");
    wd_json_begin_array(j);
    for (unsigned bit = 0; bit < WD_COUNT(names); bit++)
        if (changes & 1u << bit)
            wd_json_text(j, names[bit]);
    wd_json_end_array(j);
}

static void put_item(wd_json *j, const wd_poll *poll, const wd_item *item)
{
    put_text(j, "title", item->title_text, TITLE_BYTES);
    put_text(j, "text", wd_item_body_text(item), SUMMARY_BYTES);
    put_text(j, "outlet", outlet_of(poll, item), OUTLET_BYTES);
    if (item->link.len <= LINK_BYTES && wd_url_is_http(item->link))
        wd_json_put(j, "link", item->link);
    wd_json_put_opt(j, "lang", wd_utf8_head(item->language, OUTLET_BYTES));
    if (item->published_ms != WD_TIME_NONE)
        wd_json_put_int(j, "published", item->published_ms);
}

void wd_wire_item_write(
    const wd_poll *poll, const wd_story *story, uint64_t seq, wd_buf *json, wd_buf *words)
{
    const wd_verdict *v = &story->verdict;
    const wd_item *item = story->item;
    wd_json j = wd_json_onto(json);
    wd_json_begin_object(&j);
    wd_json_put_int(&j, "n", (int64_t)seq);
    wd_json_put_text(&j, "kind", wd_verdict_text(v->kind));
    wd_json_put_int(&j, "item", (int64_t)v->item);
    wd_json_put_int(&j, "cluster", (int64_t)v->cluster);
    wd_json_put_int(&j, "size", v->cluster_size);
    wd_json_put_int(&j, "seen", poll->fetched_ms);
    wd_json_put_text(&j, "feed", poll->config->slug);
    put_item(&j, poll, item);
    put_credit(&j, &v->credit);
    put_evidence(&j, v);
    put_changes(&j, v->changes);
    if (story->backfill)
        wd_json_put_text(&j, "past", "backfill");
    wd_json_end_object(&j);

    wd_wire_words_begin(words, poll->config->slug, wd_verdict_text(v->kind));
    wd_wire_words_add(words, wd_utf8_head(item->title_text, TITLE_BYTES));
    wd_wire_words_add(words, wd_utf8_head(wd_item_body_text(item), SUMMARY_BYTES));
    wd_wire_words_add(words, wd_utf8_head(outlet_of(poll, item), OUTLET_BYTES));
    wd_wire_words_add(words, wd_span_of(v->credit.agency));
}

bool wd_wire_add_poll(wd_wire *wire, const wd_poll *poll, int64_t now_ms)
{
    const wd_reading *r = poll->payload;
    wd_buf json = WD_BUF_INIT(WD_WIRE_ENTRY_BYTES), words = WD_BUF_INIT(WD_WIRE_ENTRY_BYTES);
    bool any = false;
    for (size_t i = 0; r != NULL && i < r->n_stories; i++) {
        const wd_story *story = &r->stories[i];
        if (!story->decided || story->silent || story->verdict.kind == WD_SEEN)
            continue;
        wd_buf_reset(&json);
        wd_buf_reset(&words);
        wd_wire_item_write(poll, story, wd_wire_next(wire), &json, &words);
        if (wd_buf_status(&json) != WD_OK || wd_buf_status(&words) != WD_OK)
            continue;
        wd_wire_put(wire, now_ms, wd_buf_span(&json), wd_buf_span(&words));
        any = true;
    }
    wd_buf_done(&json);
    wd_buf_done(&words);
    return any;
}
