/* dedup/desk.c - identity, then the link, then the same words, then nearly the same.
 *
 * Each question is asked only when the one before had no answer, and each answer is
 * remembered at once.  What a feed says about itself (id, link) decides about its own
 * items only; about another feed's the text must agree (docs/dedup.md, "Poisoning").
 */
#include "dedup/desk.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "dedup/credit.h"
#include "dedup/desk_impl.h"
#include "dedup/packed.h"

/* One unpacked text at start: words and shingles of the longest. */
#define RESTORE_ARENA_BYTES (256u * 1024u)

/* Texts that are counted again at a start, the newest: the table of counts holds what came
 * once of some 90,000 stories (18 million shingles, 200 each), so older ones would leave it
 * anyway, and boilerplate recurs within hours. */
#define COUNTED_AT_START 100000u

/* An exact match of fewer own words, or of mostly boilerplate, also needs the title. */
#define EXACT_OWN_WORDS 250u

/* A title and a few words that are equal are one text when they say at least this much;
 * a title alone must say more, or every "Letters to the editor" were one. */
#define TINY_OWN_WORDS   4u
#define TITLE_ONLY_WORDS 6u

wd_status wd_desk_new(wd_desk **out, const wd_desk_config *config, const wd_desk_store *store)
{
    wd_desk *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return WD_NOMEM;
    d->config = *config;
    d->store = *store;
    d->rules = config->rules != NULL ? config->rules : &wd_rules_default;
    wd_status s = wd_memory_init(&d->memory, config->max_items, config->scratch_dir);
    if (s == WD_OK)
        s = wd_near_new(&d->near);
    if (s != WD_OK) {
        wd_desk_free(d);
        return s;
    }
    d->memory.next = d->memory.oldest = config->first_item != 0 ? config->first_item : 1;
    *out = d;
    return WD_OK;
}

void wd_desk_free(wd_desk *d)
{
    if (d == NULL)
        return;
    wd_near_free(d->near);
    wd_memory_done(&d->memory);
    wd_arena_free(d->arena);
    wd_redo_free(d->redo);
    free(d);
}

static wd_credit credit_of(const wd_remembered *r)
{
    return (wd_credit){ .agency = wd_credit_name(r->agency),
                        .place = (wd_credit_place)r->place,
                        .confidence = (float)r->sureness / UINT8_MAX };
}

static void set_credit(wd_remembered *r, const wd_credit *credit)
{
    r->agency = wd_credit_number(credit->agency);
    r->place = (uint8_t)credit->place;
    r->sureness = (uint8_t)(credit->confidence * UINT8_MAX);
}

/* Adds this item's credit to its cluster's; the surest wins, the first among equals. */
static wd_credit join_credit(wd_remembered *root, const wd_credit *credit)
{
    wd_credit known = credit_of(root);
    if (credit->agency != NULL && credit->confidence > known.confidence + 0.01f) {
        set_credit(root, credit);
        return *credit;
    }
    return known;
}

/* The member that speaks for a cluster: its root, or when that has left, this one. */
static wd_remembered *spokesman(wd_desk *d, uint64_t cluster, wd_remembered *member)
{
    wd_remembered *root = wd_memory_get(&d->memory, cluster);
    return root != NULL ? root : member;
}

/* ---- what an item is told about its cluster ---- */

static void describe_known(wd_desk *d, const wd_seen *seen, wd_verdict *out)
{
    wd_remembered *r = wd_memory_get(&d->memory, seen->item);
    out->cluster = wd_memory_cluster(&d->memory, seen->cluster);
    wd_remembered *s = spokesman(d, out->cluster, r);
    out->item = seen->item;
    out->cluster_size = s != NULL ? s->members : 1;
    out->digest = r != NULL && (r->flags & WD_REMEMBERED_DIGEST);
    if (s != NULL)
        out->credit = credit_of(s);
}

static uint32_t changes_between(const wd_fingerprint *fp, const wd_seen *seen)
{
    uint32_t changes = 0;
    for (unsigned i = 0; i < WD_COUNT(fp->field_hash); i++)
        changes |= (uint32_t)(fp->field_hash[i] != seen->field_hash[i]) << i;
    return changes;
}

/* ---- remembering ---- */

static wd_near_question question_of(const wd_desk *d, const wd_desk_question *q, uint64_t self)
{
    return (wd_near_question){ .asked = q, .scope = d->config.scope, .self = self };
}

/* Asked for by the search for near-duplicates alone: without it the table would only grow. */
static void count_frequency(wd_desk *d, const wd_desk_question *q)
{
    if (!d->config.near_duplicates)
        return;
    wd_masked_text text = {
        .tokens = q->fp->tokens, .shingles = q->fp->shingles, .n = q->fp->n_tokens, .feed = q->feed
    };
    wd_frequency_count(&d->memory.frequency, &text, wd_near_copied(d->near),
                       q->trust != WD_TRUST_LOW);
}

/* Puts a new item in its place; `cluster` is its own number when it starts one. */
static wd_remembered *remember(wd_desk *d,
                               const wd_desk_question *q,
                               uint64_t item,
                               uint64_t cluster)
{
    wd_remembered *r = wd_memory_place(&d->memory, item);
    r->first_seen_ms = q->now_ms;
    r->back = (int32_t)((int64_t)item - (int64_t)cluster);
    r->feed = q->feed;
    r->group = q->group;
    r->trust = (uint8_t)q->trust;
    r->members = 1;
    if (q->fp->with_title)
        r->flags |= WD_REMEMBERED_TITLED;
    set_credit(r, &q->fp->credit);
    return r;
}

static void index_text(wd_desk *d, const wd_desk_question *q, uint64_t item)
{
    wd_memory_put_text(&d->memory, wd_memory_get(&d->memory, item), q->fp);
    wd_memory_index(&d->memory, item, q->fp, wd_near_mask(d->near), d->rules);
}

/* An item whose text was replaced is found by its new words from now on. */
static void replace_text(wd_desk *d, const wd_desk_question *q, const wd_seen *seen)
{
    if (seen->text_hash == q->fp->text_hash || !d->config.near_duplicates ||
        wd_memory_get(&d->memory, seen->item) == NULL)
        return;
    wd_near_question nq = question_of(d, q, seen->item);
    wd_memory_unindex(&d->memory, seen->item, d->rules);
    wd_near_prepare(d->near, &d->memory, d->rules, &nq);
    index_text(d, q, seen->item);
}

/* ---- the four questions ---- */

static bool ask_identity(wd_desk *d, const wd_desk_question *q, wd_verdict *out)
{
    wd_seen seen;
    if (!d->store.find_id(d->store.ctx, q->feed, q->fp->id_key, &seen))
        return false;
    describe_known(d, &seen, out);
    out->evidence = (wd_evidence){ .rule = WD_RULE_SAME_ID, .cover_this = 1, .cover_other = 1 };
    if (seen.content_hash == q->fp->content_hash) {
        out->kind = WD_SEEN;
        return true;
    }
    out->kind = WD_UPDATED;
    out->changes = changes_between(q->fp, &seen);
    replace_text(d, q, &seen);
    return true;
}

/* Same words (or the same title, where there is hardly a word) under the same link. */
static uint64_t ask_link(wd_desk *d, const wd_near_question *nq)
{
    const wd_desk_question *q = nq->asked;
    wd_seen seen;
    if (q->fp->link_key == 0 || !d->store.find_link(d->store.ctx, q->fp->link_key, &seen))
        return 0;
    const wd_remembered *r = wd_memory_get(&d->memory, seen.item);
    if (r == NULL || !wd_near_admits(nq, r) || !wd_near_may_suppress(nq, r))
        return 0;
    bool same_title = r->title == (uint32_t)q->fp->title_hash && q->fp->n_title_tokens > 0;
    bool both_thin = r->words < d->rules->thin && q->fp->n_tokens < d->rules->thin;
    return seen.text_hash == q->fp->text_hash || (same_title && both_thin) ? seen.item : 0;
}

static bool is_title_only(const wd_fingerprint *fp)
{
    return fp->with_title && fp->n_tokens == fp->n_title_tokens;
}

/* Is an equal text enough?  A stub is equal too, and stands under other titles. */
static bool says_enough(const wd_fingerprint *fp, const wd_remembered *other, size_t own)
{
    if (is_title_only(fp))
        return own >= TITLE_ONLY_WORDS;
    return other->title == (uint32_t)fp->title_hash ||
           (own >= EXACT_OWN_WORDS && 2 * own >= fp->n_tokens) ||
           (fp->with_title && own >= TINY_OWN_WORDS);
}

static uint64_t ask_exact(wd_desk *d, const wd_near_question *nq)
{
    const wd_fingerprint *fp = nq->asked->fp;
    const uint8_t *mask = wd_near_mask(d->near);
    uint64_t items[WD_BUCKET_ENTRIES];
    size_t n = wd_memory_who_has(&d->memory, wd_memory_exact_key(fp->text_hash), items), own = 0;
    for (size_t i = 0; n > 0 && i < fp->n_tokens; i++)
        own += !mask[i];
    for (size_t i = 0; i < n; i++) {
        const wd_remembered *r = wd_memory_get(&d->memory, items[i]);
        if (r->exact == (uint32_t)fp->text_hash && r->words == fp->n_tokens &&
            wd_near_admits(nq, r) && wd_near_may_suppress(nq, r) && says_enough(fp, r, own))
            return items[i];
    }
    return 0;
}

/* A text that is a copy of two clusters' items makes them one, under the name that more were
 * told: what was said of the others stays said.  Returns it; *joined is the other. */
static uint64_t join_clusters(wd_desk *d, uint64_t a, uint64_t b, uint64_t *joined)
{
    const wd_remembered *x = wd_memory_get(&d->memory, a), *y = wd_memory_get(&d->memory, b);
    if (x == NULL || y == NULL)
        return a;
    bool first = x->members > y->members || (x->members == y->members && a < b);
    uint64_t name = first ? a : b, other = first ? b : a;
    if (!wd_memory_join(&d->memory, other, name))
        return a;
    wd_credit credit = credit_of(wd_memory_get(&d->memory, other));
    (void)join_credit(wd_memory_get(&d->memory, name), &credit);
    *joined = other;
    return name;
}

static void decide_copy(
    wd_desk *d, const wd_desk_question *q, uint64_t of, uint64_t also_of, wd_verdict *out)
{
    wd_remembered *other = wd_memory_get(&d->memory, of);
    uint64_t cluster = wd_memory_cluster(&d->memory, of);
    if (also_of != 0)
        cluster = join_clusters(d, cluster, also_of, &out->joined);
    wd_remembered *head = spokesman(d, cluster, other);
    out->kind = WD_COPY;
    out->cluster = cluster;
    out->matched = of;
    out->cluster_size = ++head->members;
    out->credit = join_credit(head, &q->fp->credit);
    remember(d, q, out->item, cluster);
}

static void decide_new(wd_desk *d,
                       const wd_desk_question *q,
                       const wd_near_answer *near,
                       wd_verdict *out)
{
    out->kind = near->revision ? WD_REVISION : WD_NEW;
    out->matched = near->revision ? near->related : 0;
    out->related = near->revision ? 0 : near->related;
    out->evidence = near->evidence;
    out->cluster = out->item;
    out->cluster_size = 1;
    out->credit = q->fp->credit;
    wd_remembered *r = remember(d, q, out->item, out->item);
    out->digest = near->digest;
    if (near->digest)
        r->flags |= WD_REMEMBERED_DIGEST;
}

static void decide(wd_desk *d, const wd_desk_question *q, wd_verdict *out)
{
    wd_near_question nq = question_of(d, q, 0);
    wd_near_answer near = { 0 };
    wd_rule rule = WD_RULE_SAME_LINK;
    wd_near_prepare(d->near, &d->memory, d->rules, &nq);
    uint64_t of = ask_link(d, &nq);
    if (of == 0) {
        rule = is_title_only(q->fp) ? WD_RULE_TITLE : WD_RULE_EXACT_TEXT;
        of = ask_exact(d, &nq);
    }
    bool verbatim = of != 0;
    if (verbatim) {
        out->evidence = (wd_evidence){
            .rule = rule, .cover_this = 1, .cover_other = 1, .longest_run = q->fp->n_tokens
        };
    } else if (d->config.near_duplicates) {
        wd_near_search(d->near, &near);
        d->compared += near.compared;
        of = near.copy_of;
        out->evidence = near.evidence;
    }
    out->item = d->memory.next;
    if (of != 0)
        decide_copy(d, q, of, near.also_of, out);
    else
        decide_new(d, q, &near, out);
    index_text(d, q, out->item);
    if (!verbatim) /* nothing in it is new */
        count_frequency(d, q);
}

void wd_desk_ask(wd_desk *d, const wd_desk_question *q, wd_verdict *out)
{
    *out = (wd_verdict){ 0 };
    wd_desk_restored(d);
    d->asked++;
    wd_frequency_set_time(&d->memory.frequency, q->now_ms);
    wd_memory_expire(&d->memory, q->now_ms - d->config.window_ms);
    if (!ask_identity(d, q, out))
        decide(d, q, out);
}

uint64_t wd_desk_skip(wd_desk *d)
{
    return wd_memory_skip(&d->memory);
}

static bool unpack(wd_desk *d, const wd_desk_memory *m, wd_fingerprint *out)
{
    if (d->arena == NULL && (d->arena = wd_arena_new(RESTORE_ARENA_BYTES)) == NULL)
        return false;
    wd_arena_reset(d->arena);
    return m->item != 0 && m->cluster != 0 && m->cluster <= m->item &&
           wd_fingerprint_unpack(m->packed, d->arena, out);
}

static wd_desk_question question_again(const wd_desk_memory *m, const wd_fingerprint *fp)
{
    return (wd_desk_question){
        .feed = m->feed, .group = m->group, .trust = m->trust, .now_ms = m->first_seen_ms, .fp = fp
    };
}

/* Does an image that was taken in the midst have this item in its place? */
static bool is_in_image(const wd_desk *d, uint64_t item)
{
    return d->redo != NULL && item < d->redo->next;
}

/* Is what the item being restored changed in that other one still to be done? */
static bool lacks(const wd_desk *d, uint64_t other)
{
    return d->redo == NULL || wd_redo_lacks(d->redo, &d->redo->items, other);
}

/* The two roots may lie in slices of which one knows of it. */
static void join_clusters_again(wd_desk *d, uint64_t root, uint64_t name)
{
    wd_remembered *from = wd_memory_get(&d->memory, root), *to = wd_memory_get(&d->memory, name);
    if (d->redo == NULL) {
        (void)wd_memory_join(&d->memory, root, name);
        return;
    }
    if (from == NULL || to == NULL || root == name)
        return;
    if (lacks(d, name))
        to->members += from->members;
    if (lacks(d, root))
        from->back = (int32_t)((int64_t)root - (int64_t)name);
}

static void join_again(wd_desk *d, const wd_desk_memory *m, const wd_credit *credit)
{
    wd_remembered *root = wd_memory_get(&d->memory, m->cluster);
    if (m->cluster == m->item || root == NULL || !lacks(d, m->cluster))
        return;
    root->members++;
    (void)join_credit(root, credit);
}

wd_status wd_desk_restore(wd_desk *d, const wd_desk_memory *m)
{
    wd_fingerprint fp;
    if (!unpack(d, m, &fp))
        return d->arena == NULL ? WD_NOMEM : WD_MALFORMED;
    bool known = is_in_image(d, m->item);
    if (known && wd_memory_get(&d->memory, m->item) == NULL)
        return WD_OK; /* and gone since */
    if (d->redo != NULL)
        d->redo->item = m->item;
    wd_desk_question q = question_again(m, &fp);
    bool counted = d->config.first_item <= m->item + COUNTED_AT_START;
    wd_near_question nq = question_of(d, &q, 0);
    nq.unmasked = !counted;
    wd_frequency_set_time(&d->memory.frequency, q.now_ms);
    wd_near_prepare(d->near, &d->memory, d->rules, &nq);
    wd_remembered *self =
        known ? wd_memory_get(&d->memory, m->item) : remember(d, &q, m->item, m->cluster);
    if (fp.digest)
        self->flags |= WD_REMEMBERED_DIGEST;
    if (fp.joined != 0)
        join_clusters_again(d, fp.joined, m->cluster);
    join_again(d, m, &fp.credit);
    self->entries = 0; /* counted as they are found to be missing */
    if (!known)
        wd_memory_put_text(&d->memory, self, &fp);
    wd_memory_index(&d->memory, m->item, &fp, wd_near_mask(d->near), d->rules);
    if (counted && m->cluster == m->item)
        count_frequency(d, &q);
    return WD_OK;
}

wd_status wd_desk_retell(wd_desk *d, const wd_desk_memory *m)
{
    wd_fingerprint fp;
    if (wd_memory_get(&d->memory, m->item) == NULL)
        return WD_OK;
    if (!unpack(d, m, &fp))
        return d->arena == NULL ? WD_NOMEM : WD_MALFORMED;
    wd_desk_question q = question_again(m, &fp);
    wd_near_question nq = question_of(d, &q, m->item);
    wd_memory_unindex(&d->memory, m->item, d->rules);
    wd_near_prepare(d->near, &d->memory, d->rules, &nq);
    index_text(d, &q, m->item);
    return WD_OK;
}

void wd_desk_restored(wd_desk *d)
{
    if (d->redo == NULL)
        return;
    wd_redo_free(d->redo);
    d->redo = NULL;
    d->memory.frequency.redo = NULL;
    wd_memory_settle(&d->memory, d->config.first_item);
    wd_arena_free(d->arena);
    d->arena = NULL;
}

void wd_desk_get_stats(const wd_desk *d, wd_desk_stats *out)
{
    const wd_remembered *oldest = wd_memory_get(&d->memory, d->memory.oldest);
    *out = (wd_desk_stats){ .items = d->memory.held,
                            .next = d->memory.next,
                            .bytes = wd_memory_bytes(&d->memory),
                            .asked = d->asked,
                            .compared = d->compared,
                            .oldest_ms = oldest != NULL ? oldest->first_seen_ms : WD_TIME_NONE };
}

void wd_desk_set_feeds(wd_desk *d, wd_desk_feed_fn about, void *ctx)
{
    for (uint64_t item = d->memory.oldest; item < d->memory.next; item++) {
        wd_remembered *r = wd_memory_get(&d->memory, item);
        wd_trust trust = WD_TRUST_NORMAL;
        if (r == NULL)
            continue;
        about(ctx, r->feed, &r->group, &trust);
        r->trust = (uint8_t)trust;
    }
}
