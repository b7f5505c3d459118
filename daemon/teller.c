/* daemon/teller.c - from verdict, item and feed to the event's fields; numbers become uris. */
#include "daemon/teller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/event.h"
#include "queue/ledger_items.h"

#define URI_PREFIX "urn:wiredesk:item:"
#define URI_BYTES  (sizeof(URI_PREFIX) + 24)
/* What one transaction hands on at once: as many as one gathers (daemon/desk_waiting.c). */
#define TOLD_ROWS  256u
#define TOLD_BYTES ((size_t)512 * 1024)

#define LANGUAGE_BYTES 36 /* the longest registered BCP 47 tag has 35 characters */

struct wd_teller {
    const wd_config *config;
    wd_ledger *ledger;
    wd_buf body;
    wd_row_copies told; /* in this transaction */
    char source[128];
};

static const char *type_of(wd_verdict_kind kind)
{
    static const char *const types[] = { [WD_SEEN] = "",
                                         [WD_NEW] = "item.new",
                                         [WD_UPDATED] = "item.updated",
                                         [WD_COPY] = "item.copy",
                                         [WD_REVISION] = "item.revision" };
    return types[kind];
}

static const char *role_of(const wd_verdict *v)
{
    if (v->cluster != v->item)
        return "copy";
    return v->cluster_size > 1 ? "canonical" : "single";
}

static wd_lane lane_of(const wd_teller *t, wd_verdict_kind kind)
{
    bool apart = kind == WD_COPY && t->config->dedupe.mode == WD_DEDUPE_SUPPRESS;
    return apart ? WD_LANE_COPIES : WD_LANE_ITEMS;
}

/* Returns how many there are: none, or one.  `root` is the cluster's, or has no number: it is
 * what most copies match, and then known already. */
static size_t fill_evidence(wd_teller *t,
                            const wd_verdict *v,
                            const wd_ledger_item *root,
                            wd_event_evidence *out,
                            char with[URI_BYTES])
{
    wd_ledger_item other;
    uint64_t item = v->matched ? v->matched : v->related;
    const wd_ledger_item *found = root->item == item ? root : NULL;
    with[0] = '\0';
    if (item == 0)
        return 0;
    if (found == NULL && wd_ledger_find_item(t->ledger, item, &other))
        found = &other;
    if (found != NULL)
        snprintf(with, URI_BYTES, URI_PREFIX "%s", found->uri_hex);
    const wd_evidence *e = &v->evidence;
    *out = (wd_event_evidence){ .kind = wd_rule_text(e->rule),
                                .score =
                                    e->cover_this > e->cover_other ? e->cover_this : e->cover_other,
                                .with = wd_span_of(with),
                                .cover_this = e->cover_this,
                                .cover_other = e->cover_other,
                                .longest_run = e->longest_run,
                                .numbers = e->numbers,
                                .numbers_agreed = e->numbers_agreed,
                                .note = e->note };
    return 1;
}

static void fill_origin(wd_event_item *e, const wd_telling *what)
{
    const wd_poll *poll = what->poll;
    const wd_item *item = what->story->item;
    const wd_feed_doc *doc = &what->reading->doc;
    e->feed_slug = poll->config->slug;
    e->feed_url = what->feed_url;
    e->feed_title = doc->title_text;
    e->publisher = item->source_title.len ? item->source_title : doc->title_text;
    e->etag = wd_span_of(poll->validators.etag);
    e->fetched_ms = poll->fetched_ms;
    e->first_seen_ms = what->first_seen_ms;
    e->flags = item->flags | doc->flags;
}

static wd_status queue_event(wd_teller *t, const wd_event_item *e)
{
    char language[LANGUAGE_BYTES];
    wd_buf_reset(&t->body);
    wd_status s = wd_event_write_item(e, &t->body);
    if (s != WD_OK)
        return s;
    wd_span tag = wd_span_head(e->item->language, sizeof(language) - 1);
    memcpy(language, tag.ptr ? tag.ptr : "", tag.len);
    language[tag.len] = '\0';
    wd_outbox_row row = { .slot = e->slot,
                          .type = e->type,
                          .language = language,
                          .cluster = wd_span_of(e->cluster_hex),
                          .feed = wd_span_of(e->feed_slug),
                          .body = wd_buf_span(&t->body) };
    s = wd_ledger_add_event(t->ledger, &row);
    if (s == WD_OK &&
        (t->told.arena != NULL || wd_row_copies_init(&t->told, TOLD_ROWS, TOLD_BYTES) == WD_OK))
        wd_row_copies_add(&t->told, &row);
    return s;
}

wd_status wd_teller_tell(wd_teller *t, const wd_telling *what, wd_outbox_slot *slot)
{
    const wd_verdict *v = &what->story->verdict;
    wd_ledger_item root = { .item = 0 };
    wd_event_evidence evidence;
    char with[URI_BYTES], cluster_hex[sizeof(root.uri_hex)];
    bool own = v->cluster == v->item || !wd_ledger_find_item(t->ledger, v->cluster, &root);
    memcpy(cluster_hex, own ? what->story->uri_hex : root.uri_hex, sizeof(cluster_hex));
    wd_event_item e = { .type = type_of(v->kind),
                        .now_ms = what->now_ms,
                        .source = t->source,
                        .item = what->story->item,
                        .uri_hex = what->story->uri_hex,
                        .revision = what->revision,
                        .cluster_hex = cluster_hex,
                        .role = role_of(v),
                        .cluster_size = v->cluster_size,
                        .agency = { .name = wd_span_of(v->credit.agency),
                                    .evidence = wd_credit_place_text(v->credit.place),
                                    .confidence = (double)v->credit.confidence },
                        .evidence = &evidence,
                        .changes = v->changes };
    fill_origin(&e, what);
    e.n_evidence = fill_evidence(t, v, &root, &evidence, with);
    wd_status s = wd_ledger_next_slot(t->ledger, lane_of(t, v->kind), what->now_ms, &e.slot);
    *slot = e.slot;
    return s == WD_OK ? queue_event(t, &e) : s;
}

wd_status wd_teller_new(wd_teller **out, const wd_config *config, wd_ledger *ledger)
{
    wd_teller *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return WD_NOMEM;
    *t = (wd_teller){ .config = config, .ledger = ledger, .body = WD_BUF_INIT(WD_EVENT_BYTES) };
    snprintf(t->source, sizeof(t->source), "urn:wiredesk:%s", config->producer);
    *out = t;
    return WD_OK;
}

void wd_teller_free(wd_teller *t)
{
    if (t == NULL)
        return;
    wd_row_copies_done(&t->told);
    wd_buf_done(&t->body);
    free(t);
}

wd_row_copies wd_teller_take(wd_teller *t)
{
    wd_row_copies told = t->told;
    t->told = (wd_row_copies){ 0 };
    return told;
}

void wd_teller_forget(wd_teller *t)
{
    wd_row_copies_done(&t->told);
}

const char *wd_teller_source(const wd_teller *t)
{
    return t->source;
}
