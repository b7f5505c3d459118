/* daemon/storer.c - one story: ask the desk, write what it said, queue what is told.
 *
 * The order inside one story never changes, so a repeated transaction writes the
 * same rows: verdict (kept), item row, event.  Counts are kept apart until the
 * commit, since a rolled-back batch is stored again. */
#include "daemon/storer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "core/hash.h"
#include "core/url.h"
#include "daemon/desk_keeper.h"
#include "daemon/feed_facts.h"
#include "daemon/story_identity.h"
#include "daemon/teller.h"
#include "feeds/feed_state.h"
#include "queue/ledger_decisions.h"
#include "queue/ledger_feeds.h"
#include "queue/ledger_items.h"

#define STATE_BYTES 512u /* a packed feed state has about 150 */
#define ID_DAYS     30 /* an identity outlives its last sighting by so many days (polling.md 13) */
#define TIDY_ROWS   2000 /* a few milliseconds of deleting at a time */
/* Acknowledged rows (queue.md 8): ten minutes when Redis cannot lose them any more, else a day,
 * in which somebody sees that Redis lost its data; and no more than a small disk bears. */
#define SAFE_KEPT_MS     (10 * WD_MINUTE_MS)
#define ACKED_KEPT_MS    (24 * WD_HOUR_MS)
#define ACKED_KEPT_BYTES ((uint64_t)1 << 30)

/* From an answer to its transaction, as a rule. */
#define STORED_WITHIN_MS (5 * WD_SECOND_MS)

struct wd_storer {
    const wd_config *config;
    wd_ledger *ledger;
    wd_desk *desk;
    wd_feed_facts *facts;
    wd_teller *teller;
    wd_desk_keeper *keeper;
    wd_storer_counts counts, pending;
    wd_buf state;
    bool ahead; /* the desk has decided what no transaction has kept yet */
    bool whole; /* opened with all that it has */
};

/* --- what the desk asks of storage --------------------------------------- */

static void to_seen(const wd_ledger_item *i, wd_seen *out)
{
    *out = (wd_seen){ .item = i->item,
                      .cluster = i->cluster,
                      .feed = i->feed,
                      .content_hash = i->content_hash,
                      .text_hash = i->text_hash };
    memcpy(out->field_hash, i->field_hash, sizeof(out->field_hash));
}

static bool find_id(void *ctx, uint32_t feed, uint64_t id_key, wd_seen *out)
{
    wd_storer *s = ctx;
    wd_ledger_item item;
    if (!wd_ledger_find_id(s->ledger, feed, id_key, &item))
        return false;
    to_seen(&item, out);
    return true;
}

static bool find_link(void *ctx, uint64_t link_key, wd_seen *out)
{
    wd_storer *s = ctx;
    wd_ledger_item item;
    if (!wd_ledger_find_link(s->ledger, link_key, &item))
        return false;
    to_seen(&item, out);
    return true;
}

/* --- deciding ------------------------------------------------------------ */

static void decide_silent(wd_storer *s, const wd_poll *poll, wd_story *story)
{
    wd_seen known;
    bool seen = find_id(s, poll->state.feed, story->fp.id_key, &known);
    s->ahead = true;
    uint64_t item = seen ? known.item : wd_desk_skip(s->desk);
    story->verdict = (wd_verdict){ .kind = seen ? WD_SEEN : WD_NEW,
                                   .item = item,
                                   .cluster = seen ? known.cluster : item,
                                   .cluster_size = 1 };
}

static wd_status decide(wd_storer *s, wd_poll *poll, wd_story *story)
{
    if (story->decided)
        return WD_OK;
    if (!wd_story_identify(poll, story, s->ledger))
        return WD_NOMEM;
    story->decided = true;
    if (story->silent) {
        decide_silent(s, poll, story);
        return WD_OK;
    }
    const wd_feed_fact *fact = wd_feed_facts_get(s->facts, poll->state.feed);
    wd_desk_question q = { .feed = poll->state.feed,
                           .group = fact->group,
                           .trust = fact->trust,
                           .now_ms = poll->fetched_ms,
                           .fp = &story->fp };
    s->ahead = true;
    wd_desk_ask(s->desk, &q, &story->verdict);
    return WD_OK;
}

/* --- one story ----------------------------------------------------------- */

static void fill_row(const wd_poll *poll, wd_story *story, wd_ledger_item *out)
{
    *out = (wd_ledger_item){ .item = story->verdict.item,
                             .cluster = story->verdict.cluster,
                             .feed = poll->state.feed,
                             .first_seen_ms = poll->fetched_ms,
                             .content_hash = story->fp.content_hash,
                             .text_hash = story->fp.text_hash,
                             .id_key = story->fp.id_key,
                             .link_key = story->fp.link_key,
                             .revision = 1,
                             .agency = wd_span_of(story->verdict.credit.agency) };
    memcpy(out->uri_hex, story->uri_hex, sizeof(out->uri_hex));
    memcpy(out->field_hash, story->fp.field_hash, sizeof(out->field_hash));
    story->fp.digest = story->verdict.digest;
    story->fp.joined = story->verdict.joined;
    if (!story->silent)
        out->packed = wd_fingerprint_pack(&story->fp, poll->arena);
}

static wd_ledger_decision decision_of(const wd_poll *poll, const wd_story *story)
{
    const wd_verdict *v = &story->verdict;
    const wd_evidence *e = &v->evidence;
    return (wd_ledger_decision){ .item = v->item,
                                 .cluster = v->cluster,
                                 .matched = v->matched ? v->matched : v->related,
                                 .at_ms = poll->fetched_ms,
                                 .verdict = wd_span_of(wd_verdict_text(v->kind)),
                                 .rule = wd_span_of(wd_rule_text(e->rule)),
                                 .note = wd_span_of(e->note),
                                 .cover_this = (uint32_t)lroundf(1000 * e->cover_this),
                                 .cover_other = (uint32_t)lroundf(1000 * e->cover_other),
                                 .longest_run = e->longest_run,
                                 .numbers = e->numbers,
                                 .numbers_agreed = e->numbers_agreed,
                                 .title = story->item->title_text };
}

static wd_status tell(wd_storer *s, wd_story *story, wd_telling *t)
{
    if (t->feed_url.ptr == NULL)
        t->feed_url = wd_url_redact(t->poll->arena, wd_span_of(t->poll->config->url));
    wd_status status = wd_teller_tell(s->teller, t, &story->slot);
    if (status == WD_OK)
        s->pending.top_seq[story->slot.lane] = story->slot.seq;
    return status;
}

static wd_status store_new(wd_storer *s, const wd_poll *poll, wd_story *story, wd_telling *t)
{
    wd_ledger_item row;
    fill_row(poll, story, &row);
    wd_status status = wd_ledger_add_item(s->ledger, &row);
    if (status == WD_OK && row.cluster != row.item && row.agency.len > 0)
        status = wd_ledger_set_agency(s->ledger, row.cluster, row.agency);
    if (status != WD_OK || story->silent)
        return status;
    wd_ledger_decision decision = decision_of(poll, story);
    status = wd_ledger_add_decision(s->ledger, &decision);
    if (status != WD_OK)
        return status;
    t->first_seen_ms = row.first_seen_ms;
    t->revision = 1;
    return tell(s, story, t);
}

static wd_status store_update(wd_storer *s, const wd_poll *poll, wd_story *story, wd_telling *t)
{
    wd_ledger_item row, known = { .item = 0 };
    fill_row(poll, story, &row);
    if (wd_ledger_find_item(s->ledger, row.item, &known)) {
        row.revision = known.revision + 1;
        row.first_seen_ms = known.first_seen_ms;
        memcpy(story->uri_hex, known.uri_hex, sizeof(known.uri_hex));
    }
    bool retold = known.item == row.item && known.text_hash != row.text_hash;
    wd_status status = wd_ledger_update_item(s->ledger, &row);
    if (status == WD_OK && retold)
        status = wd_desk_keeper_retold(s->keeper, row.item);
    if (status == WD_OK)
        status = wd_ledger_note_update(s->ledger, row.item, poll->fetched_ms,
                                       story->verdict.changes, story->item->title_text);
    if (status != WD_OK)
        return status;
    t->first_seen_ms = row.first_seen_ms;
    t->revision = row.revision;
    return tell(s, story, t);
}

static void count(wd_storer *s, const wd_story *story, int64_t now_ms)
{
    wd_storer_counts *c = &s->pending;
    uint64_t *by_kind[] = { [WD_SEEN] = &c->seen,
                            [WD_NEW] = story->silent ? &c->silent : &c->fresh,
                            [WD_UPDATED] = &c->updated,
                            [WD_COPY] = &c->copies,
                            [WD_REVISION] = &c->revisions };
    ++*by_kind[story->verdict.kind];
    if (story->verdict.kind != WD_SEEN && !story->silent)
        c->last_item_ms = now_ms;
}

static wd_status store_story(wd_storer *s, wd_poll *poll, wd_story *story, wd_telling *t)
{
    uint64_t begun_ns = uv_hrtime();
    wd_status status = decide(s, poll, story);
    poll->verdicts_us += (uint32_t)((uv_hrtime() - begun_ns) / 1000);
    t->story = story;
    if (status != WD_OK)
        return status;
    if (story->verdict.kind == WD_SEEN)
        status = wd_ledger_touch_id(s->ledger, poll->state.feed, story->fp.id_key,
                                    t->now_ms / WD_DAY_MS);
    else if (story->verdict.kind == WD_UPDATED)
        status = store_update(s, poll, story, t);
    else
        status = store_new(s, poll, story, t);
    if (status == WD_OK)
        count(s, story, t->now_ms);
    return status;
}

/* --- one poll ------------------------------------------------------------ */

/* An interval begins with the answer, however long that waited for a transaction; where storage
 * failed meanwhile it begins now, so that not all are due at once. */
static int64_t asked_at(const wd_poll *poll, int64_t now_ms)
{
    int64_t waited_ms = now_ms - poll->fetched_ms;
    return waited_ms >= 0 && waited_ms <= STORED_WITHIN_MS ? poll->fetched_ms : now_ms;
}

static wd_status store_stories(wd_storer *s, wd_poll *poll, int64_t now_ms)
{
    wd_reading *r = poll->payload;
    wd_status status = WD_OK;
    wd_telling t = { .poll = poll, .reading = r, .now_ms = now_ms };
    poll->reading.items_new = poll->reading.items_updated = 0;
    for (size_t i = 0; status == WD_OK && r != NULL && i < r->n_stories; i++) {
        status = store_story(s, poll, &r->stories[i], &t);
        wd_verdict_kind kind = r->stories[i].verdict.kind;
        poll->reading.items_new += kind == WD_NEW || kind == WD_COPY || kind == WD_REVISION;
        poll->reading.items_updated += kind == WD_UPDATED;
    }
    return status;
}

wd_status wd_storer_store(
    wd_storer *s, wd_poll *poll, const wd_schedule_policy *policy, int64_t now_ms, uint64_t random)
{
    wd_feed_state before = poll->state; /* a repeat starts from the same state */
    wd_status status = store_stories(s, poll, now_ms);
    if (status != WD_OK)
        return status;
    if (poll->pushed)
        wd_schedule_pushed(poll, now_ms);
    else
        (void)wd_schedule_after(policy, poll, asked_at(poll, now_ms), random);
    if (!poll->pushed && wd_ledger_pressure(s->ledger) != WD_PRESSURE_NONE) /* queue.md 11 */
        poll->state.next_due_ms += poll->state.next_due_ms - now_ms;
    wd_buf_reset(&s->state);
    wd_feed_state_pack(&poll->state, &s->state);
    status = wd_ledger_put_feed_state(s->ledger, poll->state.feed, wd_buf_span(&s->state));
    if (status == WD_OK && wd_poll_keeps_validators(poll) && !poll->kept_validators)
        status =
            wd_ledger_put_validators(s->ledger, poll->state.feed, wd_span_of(poll->validators.etag),
                                     wd_span_of(poll->validators.last_modified));
    if (status != WD_OK)
        poll->state = before;
    return status;
}

wd_row_copies wd_storer_committed(wd_storer *s)
{
    s->counts = s->pending;
    s->ahead = false;
    return wd_teller_take(s->teller);
}

void wd_storer_rolled_back(wd_storer *s)
{
    s->pending = s->counts;
    wd_teller_forget(s->teller);
}

/* --- opening, tidying ---------------------------------------------------- */

static wd_status open_desk(wd_storer *s, const wd_storer_ears *ears)
{
    const wd_config_dedupe *d = &s->config->dedupe;
    wd_desk_config config = { .window_ms = d->window_ms,
                              .max_items = (uint32_t)d->max_items,
                              .scratch_dir = s->config->state,
                              .near_duplicates = d->mode != WD_DEDUPE_OFF,
                              .scope = (wd_dedupe_scope)d->scope,
                              .first_item = wd_ledger_last_item(s->ledger) + 1 };
    wd_desk_store store = { .find_id = find_id, .find_link = find_link, .ctx = s };
    wd_status status = wd_desk_new(&s->desk, &config, &store);
    if (status != WD_OK)
        return status;
    wd_desk_keeping keeping = { .desk = s->desk,
                                .ledger = s->ledger,
                                .facts = s->facts,
                                .progress = ears->progress,
                                .log = ears->log,
                                .dir = s->config->state,
                                .window_ms = d->window_ms,
                                .image_after = (uint64_t)d->image_after };
    return wd_desk_keeper_open(&s->keeper, &keeping);
}

/* The feeds come before the desk: what is put back needs their groups and trust. */
static wd_status fill(wd_storer *s, wd_roster **roster, const wd_storer_ears *ears)
{
    wd_status status = wd_roster_make(roster, s->config, s->ledger);
    if (status == WD_OK)
        status = wd_feed_facts_new(&s->facts);
    if (status == WD_OK)
        status = wd_feed_facts_set(s->facts, *roster);
    if (status == WD_OK)
        status = wd_teller_new(&s->teller, s->config, s->ledger);
    return status == WD_OK ? open_desk(s, ears) : status;
}

wd_status wd_storer_open(wd_storer **out,
                         wd_roster **roster,
                         const wd_config *config,
                         const wd_storer_ears *ears,
                         wd_error *err)
{
    wd_roster *made = NULL;
    wd_storer *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return wd_fail(err, WD_NOMEM, "out of memory");
    s->config = config;
    s->state = WD_BUF_INIT(STATE_BYTES);
    wd_status status = wd_ledger_open(&s->ledger, config->state, err);
    if (status == WD_OK) {
        wd_ledger_set_outbox_limit(s->ledger, config->redis.outbox_max);
        status = fill(s, &made, ears);
        if (status != WD_OK)
            (void)wd_fail(err, status, "the ledger could not be read: %s", wd_status_text(status));
    }
    if (status != WD_OK) {
        wd_roster_free(made);
        wd_storer_close(&s);
        return status;
    }
    s->whole = true;
    *out = s;
    *roster = made;
    return WD_OK;
}

void wd_storer_close(wd_storer **storer)
{
    wd_storer *s = *storer;
    *storer = NULL;
    if (s == NULL)
        return;
    wd_desk_keeper_close(&s->keeper, s->whole && !s->ahead);
    wd_desk_free(s->desk);
    wd_feed_facts_free(s->facts);
    wd_teller_free(s->teller);
    wd_ledger_close(&s->ledger);
    wd_buf_done(&s->state);
    free(s);
}

wd_status wd_storer_set_feeds(wd_storer *s, const wd_roster *roster)
{
    return wd_feed_facts_set(s->facts, roster);
}

wd_status wd_storer_tidy(wd_storer *s, int64_t now_ms, bool *more)
{
    bool more_rows = false;
    wd_outbox_keep keep = { .now_ms = now_ms,
                            .safe_ms = SAFE_KEPT_MS,
                            .unsafe_ms = ACKED_KEPT_MS,
                            .max_bytes = ACKED_KEPT_BYTES,
                            .max_rows = TIDY_ROWS };
    wd_status status = wd_ledger_expire(s->ledger, now_ms - s->config->dedupe.window_ms,
                                        now_ms / WD_DAY_MS - ID_DAYS, TIDY_ROWS, more);
    if (status == WD_OK)
        status = wd_ledger_trim_outbox(s->ledger, &keep, &more_rows);
    *more = *more || more_rows;
    return status;
}

uint64_t wd_storer_keep(wd_storer *s)
{
    return s->ahead ? WD_DESK_KEEPER_IDLE : wd_desk_keeper_turn(s->keeper);
}

const char *wd_storer_source(const wd_storer *s)
{
    return wd_teller_source(s->teller);
}

wd_ledger *wd_storer_ledger(wd_storer *s)
{
    return s->ledger;
}

uint64_t wd_storer_hash_key(const wd_storer *s)
{
    return wd_ledger_hash_key(s->ledger);
}

void wd_storer_get_counts(const wd_storer *s, wd_storer_counts *out)
{
    *out = s->counts;
}

void wd_storer_get_desk(const wd_storer *s, wd_desk_stats *out)
{
    wd_desk_get_stats(s->desk, out);
}
