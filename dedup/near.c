/* dedup/near.c - nominate by shared shingles, compare word by word, let the rules speak. */
#include "dedup/near.h"

#include <stdlib.h>
#include <string.h>

/* Candidates counted at once; a text that touches more touches them by chance. */
#define VOTERS_MAX 2048u
#define SLOTS      4096u /* twice as many, a power of two */

/* Texts shorter than one shingle and a bit are met by their exact text only. */
#define SEARCHABLE_WORDS 8u

/* A title of so many words is a story's own, not a page's ("News in brief"). */
#define SPEAKING_TITLE 4u

/* Comparisons remembered for the digest question. */
#define COMPARED_MAX 8u

typedef struct voter {
    uint64_t item;
    float votes;
    uint32_t slot;
} voter;

typedef struct comparison {
    uint64_t item, cluster;
    uint64_t root; /* that it joined itself, should the cluster bear another's name since */
    bool is_copy;
    wd_pair pair;
    uint8_t covered[WD_FINGERPRINT_WORDS];
} comparison;

struct wd_near {
    wd_memory *memory; /* what the question is about, since wd_near_prepare() */
    const wd_rules *rules;
    const wd_near_question *q;
    const wd_fingerprint *fp;
    wd_matcher *matcher;
    wd_title_set title_set;
    uint8_t mask[WD_FINGERPRINT_WORDS], other_mask[WD_FINGERPRINT_WORDS];
    uint8_t copied[WD_FINGERPRINT_WORDS];
    uint64_t other_shingles[WD_FINGERPRINT_WORDS];
    voter voters[VOTERS_MAX];
    uint32_t n_voters;
    uint16_t slots[SLOTS]; /* voter + 1; 0: none */
    comparison compared[COMPARED_MAX];
    uint32_t n_compared;
};

wd_status wd_near_new(wd_near **out)
{
    wd_near *n = calloc(1, sizeof(*n));
    if (n == NULL)
        return WD_NOMEM;
    wd_status s = wd_matcher_new(&n->matcher);
    if (s != WD_OK) {
        free(n);
        return s;
    }
    *out = n;
    return WD_OK;
}

void wd_near_free(wd_near *n)
{
    if (n == NULL)
        return;
    wd_matcher_free(n->matcher);
    free(n);
}

const uint8_t *wd_near_mask(const wd_near *n)
{
    return n->mask;
}

const uint8_t *wd_near_copied(const wd_near *n)
{
    return n->copied;
}

bool wd_near_admits(const wd_near_question *q, const wd_remembered *other)
{
    if (q->scope == WD_SCOPE_FEED && other->feed != q->asked->feed)
        return false;
    return q->scope != WD_SCOPE_GROUP || other->group == q->asked->group;
}

bool wd_near_may_suppress(const wd_near_question *q, const wd_remembered *other)
{
    return other->trust != WD_TRUST_LOW || q->asked->trust == WD_TRUST_LOW;
}

static void vote(wd_near *n, uint64_t item, float votes)
{
    uint32_t slot = (uint32_t)item * 2654435761u >> 20;
    while (n->slots[slot] != 0 && n->voters[n->slots[slot] - 1].item != item)
        slot = (slot + 1) & (SLOTS - 1);
    if (n->slots[slot] == 0) {
        if (n->n_voters == VOTERS_MAX)
            return;
        n->voters[n->n_voters] = (voter){ .item = item, .slot = slot };
        n->slots[slot] = (uint16_t)++n->n_voters;
    }
    n->voters[n->slots[slot] - 1].votes += votes;
}

/* One shingle's vote, shared among the clusters that have it; none when too many do. */
static void count_votes(wd_near *n, const wd_bucket *bucket, uint32_t matching)
{
    uint64_t items[WD_BUCKET_ENTRIES], clusters[WD_BUCKET_ENTRIES];
    size_t n_items = wd_memory_owners(n->memory, bucket, matching, items), n_clusters = 0;
    for (size_t i = 0; i < n_items; i++) {
        uint64_t cluster = wd_memory_cluster(n->memory, items[i]);
        size_t known = 0;
        while (known < n_clusters && clusters[known] != cluster)
            known++;
        if (known == n_clusters)
            clusters[n_clusters++] = cluster;
    }
    if (n_clusters == 0 || n_clusters >= n->rules->common_clusters)
        return;
    for (size_t i = 0; i < n_items; i++)
        if (items[i] != n->q->self && wd_near_admits(n->q, wd_memory_get(n->memory, items[i])))
            vote(n, items[i], 1.0f / (float)n_clusters);
}

static void nominate(wd_near *n)
{
    const wd_fingerprint *fp = n->fp;
    uint16_t at[WD_FINGERPRINT_WORDS];
    const wd_bucket *bucket[WD_FINGERPRINT_WORDS];
    const wd_buckets index = n->memory->index; /* so that nothing written here may change it */
    for (uint32_t i = 0; i < n->n_voters; i++) /* far fewer than there are slots */
        n->slots[n->voters[i].slot] = 0;
    n->n_voters = 0;
    size_t kept = wd_sampling_choose(&n->rules->lookup, fp->tokens, fp->shingles, fp->n_tokens, at);
    for (size_t i = 0; i < kept; i++) { /* all are on the way before the first is needed */
        bucket[i] = wd_buckets_find(&index, fp->shingles[at[i]]);
        __builtin_prefetch(bucket[i]);
    }
    for (size_t i = 0; i < kept; i++) {
        if (n->mask[at[i]] && n->mask[at[i] + wd_shingle_length(fp->tokens[at[i]]) - 1])
            continue;
        uint32_t matching = wd_bucket_match(bucket[i], fp->shingles[at[i]]);
        if (matching != 0) /* hardly ever */
            count_votes(n, bucket[i], matching);
    }
}

/* The next best by votes, moved to place `at`; NULL when the rest is noise. */
static const voter *next_voter(wd_near *n, uint32_t at)
{
    if (at >= n->n_voters)
        return NULL;
    uint32_t best = at;
    for (uint32_t i = at + 1; i < n->n_voters; i++)
        if (n->voters[i].votes > n->voters[best].votes)
            best = i;
    voter v = n->voters[best];
    n->voters[best] = n->voters[at];
    n->voters[at] = v;
    return v.votes < n->rules->least_votes ? NULL : &n->voters[at];
}

static void mask_other(wd_near *n, const wd_stored_text *stored, uint32_t feed)
{
    memset(n->other_mask, 0, stored->n);
    if (!n->rules->use_boilerplate)
        return;
    wd_shingles_of(stored->tokens, stored->n, n->other_shingles);
    wd_masked_text text = {
        .tokens = stored->tokens, .shingles = n->other_shingles, .n = stored->n, .feed = feed
    };
    wd_frequency_mask(&n->memory->frequency, &text, &n->rules->boilerplate, n->other_mask);
}

/* Where neither title speaks of what is common: do they of the rest? */
static void look_beside(wd_near *n, const wd_stored_text *stored, comparison *out)
{
    const wd_fingerprint *fp = n->fp;
    wd_title_set *set = &n->title_set;
    wd_pair *p = &out->pair;
    wd_title_set_fill(set, fp->tokens, fp->n_tokens, out->covered, false);
    p->this_beside = wd_title_kinship(fp->title_tokens, fp->n_title_tokens, set);
    wd_title_set_fill(set, stored->tokens, stored->n, wd_matcher_other_covered(n->matcher), false);
    p->other_beside = wd_title_kinship(stored->title, stored->n_title, set);
}

static void compare_titles(wd_near *n, const wd_stored_text *stored, comparison *out)
{
    const wd_fingerprint *fp = n->fp;
    wd_title_set *set = &n->title_set;
    wd_pair *p = &out->pair;
    size_t least = fp->n_title_tokens < WD_TITLE_WORDS ? fp->n_title_tokens : WD_TITLE_WORDS;
    wd_title_set_fill(set, fp->tokens, fp->n_tokens, out->covered, true);
    p->this_title = wd_title_kinship(fp->title_tokens, fp->n_title_tokens, set);
    p->other_title = wd_title_kinship(stored->title, stored->n_title, set);
    if (!wd_rules_speaks(n->rules, p->this_title) && !wd_rules_speaks(n->rules, p->other_title))
        look_beside(n, stored, out);
    p->title_run = wd_title_common_run(fp->title_tokens, least, stored->title, stored->n_title);
    p->other_title_words = stored->n_title;
    wd_title_set_fill(set, stored->title, stored->n_title, NULL, true);
    p->titles = wd_title_kinship(fp->title_tokens, fp->n_title_tokens, set);
}

static bool compare(wd_near *n, uint64_t item, comparison *out)
{
    const wd_remembered *r = wd_memory_get(n->memory, item);
    wd_stored_text stored;
    if (!wd_memory_text(n->memory, r, &stored))
        return false;
    mask_other(n, &stored, r->feed);
    wd_text other = { .tokens = stored.tokens, .mask = n->other_mask, .n = stored.n };
    out->item = item;
    out->cluster = wd_memory_cluster(n->memory, item);
    out->root = item - (uint64_t)(int64_t)r->back;
    out->pair = (wd_pair){ .this_words = n->fp->n_tokens,
                           .other_words = stored.n,
                           .title_words = n->fp->n_title_tokens,
                           .same_title = r->title == (uint32_t)n->fp->title_hash,
                           .same_feed = r->feed == n->q->asked->feed,
                           .other_is_digest = r->flags & WD_REMEMBERED_DIGEST };
    wd_matcher_compare(n->matcher, &other, &out->pair.overlap, out->covered);
    if (!out->pair.same_title && wd_rules_asks_titles(n->rules, &out->pair))
        compare_titles(n, &stored, out);
    return true;
}

static wd_evidence evidence_of(const wd_pair *pair, const char *note)
{
    const wd_overlap *o = &pair->overlap;
    return (wd_evidence){ .rule = WD_RULE_CONTAINMENT,
                          .cover_this = (float)wd_side_cover(o, &o->this),
                          .cover_other = (float)wd_side_cover(o, &o->other),
                          .longest_run = o->longest_run,
                          .numbers = o->numbers,
                          .numbers_agreed = o->numbers_agreed,
                          .note = note };
}

/* Own words that stand in `x` and not in `best`. */
static uint32_t words_beside(const wd_near *n, const comparison *x, const comparison *best)
{
    uint32_t words = 0;
    for (size_t i = 0; i < n->fp->n_tokens; i++)
        words += x->covered[i] && !best->covered[i] && !n->mask[i];
    return words;
}

/* Does the text, beside what it has of `best`, tell another cluster's story too? */
static bool is_digest(const wd_near *n, const comparison *best)
{
    const wd_overlap *o = &best->pair.overlap;
    bool same_title = best->pair.same_title && best->pair.title_words >= SPEAKING_TITLE;
    if (!n->rules->use_digest || same_title || wd_rules_is_text(n->rules, o) ||
        o->this.own <= 2 * o->other.own || wd_side_cover(o, &o->this) >= 0.5)
        return false;
    for (uint32_t c = 0; c < n->n_compared; c++) {
        const comparison *x = &n->compared[c];
        const wd_overlap *xo = &x->pair.overlap;
        const wd_side *shorter = xo->this.own <= xo->other.own ? &xo->this : &xo->other;
        if (x->cluster == best->cluster || xo->longest_run < n->rules->run ||
            (wd_side_cover(xo, shorter) < 0.5 && xo->other.lead > 12))
            continue;
        uint32_t beside = words_beside(n, x, best);
        if (beside >= n->rules->digest_words && beside >= n->rules->digest_share * o->this.shared)
            return true;
    }
    return false;
}

static bool covers_both(const wd_pair *pair, float least)
{
    const wd_overlap *o = &pair->overlap;
    return wd_side_cover(o, &o->this) >= least && wd_side_cover(o, &o->other) >= least;
}

/* A chain of small steps must not lead from one story to another; what is the same text as a
 * member's is no step. */
static bool is_like_root(wd_near *n, const comparison *best)
{
    if (!n->rules->use_root || best->root == best->item ||
        covers_both(&best->pair, n->rules->root_needless) ||
        wd_rules_is_text(n->rules, &best->pair.overlap) ||
        wd_memory_get(n->memory, best->root) == NULL)
        return true;
    comparison *root = &n->compared[COMPARED_MAX - 1];
    if (!compare(n, best->root, root))
        return true;
    const wd_overlap *o = &root->pair.overlap;
    return wd_side_cover(o, &o->this) >= n->rules->root_cover ||
           wd_side_cover(o, &o->other) >= n->rules->root_cover;
}

typedef struct choice {
    const comparison *copy, *near; /* the best of each */
    double copy_score, near_score;
    const char *note; /* about near */
} choice;

static void weigh(const wd_near *n, comparison *x, choice *c)
{
    wd_ruling ruling = wd_rules_apply(n->rules, &x->pair);
    if (ruling.copy && !wd_near_may_suppress(n->q, wd_memory_get(n->memory, x->item))) {
        ruling.copy = false;
        ruling.note = "untrusted-source";
    }
    x->is_copy = ruling.copy;
    if (ruling.copy && ruling.score > c->copy_score) {
        c->copy = x;
        c->copy_score = ruling.score;
    }
    if (!ruling.copy && ruling.score > c->near_score) {
        c->near = x;
        c->near_score = ruling.score;
        c->note = ruling.note;
    }
}

static void compare_all(wd_near *n, choice *c)
{
    const voter *v;
    for (uint32_t at = 0; at < n->rules->candidates && (v = next_voter(n, at)) != NULL; at++) {
        comparison *x = &n->compared[n->n_compared];
        if (!compare(n, v->item, x))
            continue;
        n->n_compared++;
        weigh(n, x, c);
    }
}

/* Is one of the two nearly all in the other? */
static bool is_surely_copy(const wd_near *n, const comparison *x)
{
    const wd_overlap *o = &x->pair.overlap;
    return wd_side_cover(o, &o->this) >= n->rules->join_cover ||
           wd_side_cover(o, &o->other) >= n->rules->join_cover;
}

/* Another cluster that this text is a copy of, too: it shows that the two are one.  Not where it
 * has other words of that cluster than of the first: two stories in one text are no bridge. */
static uint64_t other_cluster(wd_near *n, const comparison *best)
{
    if (!n->rules->use_join || n->q->asked->trust == WD_TRUST_LOW || best->pair.other_is_digest ||
        !is_surely_copy(n, best))
        return 0;
    for (uint32_t c = 0; c < n->n_compared; c++) {
        const comparison *x = &n->compared[c];
        if (x->is_copy && x->cluster != best->cluster && !x->pair.other_is_digest &&
            is_surely_copy(n, x) &&
            words_beside(n, x, best) <= n->rules->join_beside * x->pair.overlap.this.shared &&
            is_like_root(n, x))
            return x->cluster;
    }
    return 0;
}

static void answer(wd_near *n, choice *c, wd_near_answer *out)
{
    if (c->copy != NULL && is_digest(n, c->copy)) {
        out->digest = true;
        c->near = c->copy;
        c->note = "digest";
    } else if (c->copy != NULL && !is_like_root(n, c->copy)) {
        c->near = c->copy;
        c->note = "unlike-its-root";
    } else if (c->copy != NULL) {
        out->copy_of = c->copy->item;
        out->evidence = evidence_of(&c->copy->pair, NULL);
        memcpy(n->copied, c->copy->covered, n->fp->n_tokens);
        out->also_of = other_cluster(n, c->copy);
        return;
    }
    if (c->near == NULL)
        return;
    const wd_overlap *o = &c->near->pair.overlap;
    double a = wd_side_cover(o, &o->this), b = wd_side_cover(o, &o->other);
    out->evidence = evidence_of(&c->near->pair, c->note);
    if (a >= n->rules->related_cover || b >= n->rules->related_cover)
        out->related = c->near->item;
    out->revision = c->note != NULL && strcmp(c->note, "numbers-differ") == 0 &&
                    a >= n->rules->revision_cover && b >= n->rules->revision_cover;
}

void wd_near_prepare(wd_near *n, wd_memory *m, const wd_rules *rules, const wd_near_question *q)
{
    const wd_fingerprint *fp = q->asked->fp;
    wd_masked_text text = {
        .tokens = fp->tokens, .shingles = fp->shingles, .n = fp->n_tokens, .feed = q->asked->feed
    };
    n->memory = m;
    n->rules = rules;
    n->q = q;
    n->fp = fp;
    memset(n->copied, 0, fp->n_tokens);
    memset(n->mask, 0, fp->n_tokens);
    if (rules->use_boilerplate && !q->unmasked)
        wd_frequency_mask(&m->frequency, &text, &rules->boilerplate, n->mask);
}

void wd_near_search(wd_near *n, wd_near_answer *out)
{
    *out = (wd_near_answer){ 0 };
    n->n_compared = 0;
    if (n->fp->n_tokens < SEARCHABLE_WORDS)
        return;
    nominate(n);
    if (n->n_voters == 0)
        return;
    wd_text this_text = { .tokens = n->fp->tokens, .mask = n->mask, .n = n->fp->n_tokens };
    wd_matcher_set(n->matcher, &this_text);
    choice c = { 0 };
    compare_all(n, &c);
    out->compared = n->n_compared;
    answer(n, &c, out);
}
