/* dedup/rules.c - the order of the questions is the order of this file. */
#include "dedup/rules.h"

const wd_rules wd_rules_default = {
    .insert = { .lead_words = 64, .lead = 4, .tail = 16, .short_words = 60 },
    .lookup = { .lead_words = 64, .lead = 4, .tail = 4, .short_words = 60 },
    .boilerplate = { .everywhere = 4, .in_feed = 4 },
    .common_clusters = 4,
    .candidates = 6,
    .least_votes = 0.2f,

    .cover = 0.55f,
    .cover_longer = 0.30f,
    .lead_cover = 0.60f,
    .lead_words = 25,
    .lead_share = 0.10f,
    .title_bonus = 0.10f,
    .run = 12,
    .run_below_40 = 8,
    .partial_cover = 0.65f,
    .partial_run = 30,
    .text_run = 120,

    .thin = 20,
    .thin_cover = 0.85f,
    .thin_longer = 0.70f,

    .same_feed_cover = 0.75f,
    .same_feed_longer = 0.50f,
    .same_feed_teaser = 0.90f,
    .same_feed_strangers = 0.90f,

    .numbers_matter_below = 80,
    .least_numbers = 3,
    .least_names = 8,
    .numbers_agree = 0.5f,
    .names_agree = 0.6f,
    .no_number_cover = 0.8f,

    .swap_words = 15,
    .swap_share = 0.35f,
    .swap_below = 0.85f,

    .stub_words = 250,
    .title_share = 0.2f,
    .title_surely = 0.25f,
    .surely_words = 2,
    .title_run = 0.6f,
    .stub_longer = 0.7f,
    .stub_surely = 120,
    .stub_short = 45,
    .notice_words = 40,

    .raw_share = 0.88f,
    .raw_run = 20,

    .digest_cover = 0.85f,
    .digest_longer = 0.60f,
    .digest_words = 60,
    .digest_share = 0.5f,
    .root_cover = 0.20f,
    .root_needless = 0.75f,
    .join_cover = 0.80f,
    .join_beside = 0.5f,
    .related_cover = 0.30f,
    .revision_cover = 0.80f,

    .use_boilerplate = true,
    .use_facts = true,
    .use_digest = true,
    .use_root = true,
    .use_lead = true,
    .use_swap = true,
    .use_raw = true,
    .use_titles = true,
    .use_partial = true,
    .use_text_run = true,
    .use_join = true,
    .use_elsewhere = true,
    .use_editions = true,
};

static const char too_little[] = "too-little-in-common";
static const char too_thin[] = "too-thin";
static const char passage_inside[] = "passage-inside-another";
static const char passage_replaced[] = "passage-replaced";
static const char numbers_differ[] = "numbers-differ";
static const char names_differ[] = "names-differ";
static const char same_template[] = "same-template";
static const char unrelated[] = "titles-unrelated";
static const char a_digest[] = "digest";

typedef struct view {
    const wd_rules *rules;
    const wd_pair *pair;
    const wd_overlap *o;
    const wd_side *shorter, *longer;
    double cover, cover_longer;
} view;

/* Word for word the same but for boilerplate: what the masks leave does not matter. */
static bool is_verbatim(const view *v)
{
    const wd_overlap *o = v->o;
    size_t a = v->pair->this_words, b = v->pair->other_words;
    size_t least = a < b ? a : b, most = a < b ? b : a;
    uint32_t raw = o->this.raw < o->other.raw ? o->this.raw : o->other.raw;
    return v->rules->use_raw && raw >= v->rules->raw_share * least &&
           o->longest_raw >= v->rules->raw_run && o->swapped_numbers == 0 &&
           o->numbers_agreed >= 0.9 * o->numbers && raw >= 0.5 * most &&
           (v->pair->same_title || o->longest_raw >= 0.6 * least);
}

bool wd_rules_is_text(const wd_rules *rules, const wd_overlap *overlap)
{
    return rules->use_text_run && overlap->longest_run >= rules->text_run;
}

static const char *check_cover(const view *v)
{
    const wd_rules *r = v->rules;
    const wd_overlap *o = v->o;
    if (v->shorter->own < r->thin) {
        bool enough = v->cover >= r->thin_cover && v->cover_longer >= r->thin_longer &&
                      (!r->use_facts || o->swapped_numbers + o->swapped_names == 0);
        return enough ? NULL : too_thin;
    }
    double wanted = r->cover;
    if (v->pair->same_title && v->pair->title_words >= 4)
        wanted -= r->title_bonus;
    uint32_t run = v->shorter->own < 40 ? r->run_below_40 : r->run;
    if (v->cover < wanted)
        return too_little;
    if (o->longest_run < run && !(v->cover >= 0.8 && o->longest_raw >= 20))
        return too_little;
    if (r->use_partial && v->cover < r->partial_cover && o->longest_run < r->partial_run)
        return too_little;
    if (v->cover_longer >= r->cover_longer || !r->use_lead)
        return NULL;
    bool in_lead =
        v->longer->lead <= r->lead_words ||
        (v->longer->lead != UINT32_MAX && v->longer->lead <= r->lead_share * v->longer->own);
    return v->cover >= wanted + (r->lead_cover - r->cover) && in_lead ? NULL : passage_inside;
}

bool wd_rules_speaks(const wd_rules *rules, wd_kinship title)
{
    return title.telling != 0 && title.found >= rules->title_share * title.telling;
}

static bool speaks_of(const view *v, wd_kinship k)
{
    return wd_rules_speaks(v->rules, k);
}

/* It does, or has too few words to tell. */
static bool may_speak(const view *v, wd_kinship k)
{
    return k.telling < 2 || speaks_of(v, k);
}

/* Speaks of it with more than a word that happens to be there. */
static bool surely_speaks(const view *v, wd_kinship k)
{
    return k.found >= v->rules->surely_words && k.found >= v->rules->title_surely * k.telling;
}

/* One is the other behind a word ("Update: ..."), or cut off. */
static bool are_kin(const view *v)
{
    const wd_pair *p = v->pair;
    size_t least = p->title_words < p->other_title_words ? p->title_words : p->other_title_words;
    return (least > 0 && p->title_run >= v->rules->title_run * least) ||
           (speaks_of(v, p->titles) && p->titles.found >= 2);
}

static bool is_silent(wd_kinship a, wd_kinship b)
{
    return a.found == 0 && b.found == 0;
}

/* It speaks surely of what is not in common, and not of what is. */
static bool speaks_elsewhere(const view *v, wd_kinship common, wd_kinship beside)
{
    bool with_all = beside.telling > 0 && beside.found == beside.telling;
    return (with_all || surely_speaks(v, beside)) && !speaks_of(v, common);
}

/* A passage that neither title speaks of is a publisher's, not a story's: a stub when it
 * is all there is, a notice when it is a small part of something long. */
static const char *check_titles(const view *v)
{
    const wd_rules *r = v->rules;
    const wd_pair *p = v->pair;
    uint32_t shared =
        v->o->this.shared < v->o->other.shared ? v->o->this.shared : v->o->other.shared;
    if (!r->use_titles || p->same_title)
        return NULL;
    if (r->use_elsewhere && speaks_elsewhere(v, p->this_title, p->this_beside) &&
        speaks_elsewhere(v, p->other_title, p->other_beside) && !are_kin(v))
        return unrelated;
    if (v->cover_longer >= r->stub_longer && shared < r->stub_words && !are_kin(v) &&
        !surely_speaks(v, p->this_title) && !surely_speaks(v, p->other_title)) {
        bool this_may = may_speak(v, p->this_title), other_may = may_speak(v, p->other_title);
        if (shared < r->stub_surely ? !(this_may && other_may) : !(this_may || other_may))
            return unrelated;
    }
    bool speak = surely_speaks(v, p->this_title) || surely_speaks(v, p->other_title) ||
                 (shared >= r->stub_short && !is_silent(p->this_title, p->other_title));
    if (shared < r->stub_surely && p->this_title.telling > 1 && p->other_title.telling > 1 &&
        !speak && !are_kin(v))
        return unrelated;
    wd_kinship longer = v->longer == &v->o->this ? p->this_title : p->other_title;
    if (v->cover_longer < r->cover_longer && shared < r->notice_words && longer.telling > 1 &&
        is_silent(longer, p->titles))
        return unrelated;
    return NULL;
}

static const char *check_facts(const view *v)
{
    const wd_rules *r = v->rules;
    const wd_overlap *o = v->o;
    if (!r->use_facts)
        return NULL;
    if (r->use_editions && v->pair->same_feed && o->only_numbers) /* its form, filled in again */
        return numbers_differ;
    if (v->shorter->own < r->numbers_matter_below && o->swapped_numbers > 0)
        return numbers_differ;
    if (o->numbers >= r->least_numbers && o->numbers_agreed < r->numbers_agree * o->numbers)
        return numbers_differ;
    if (o->numbers_agreed == 0 &&
        (o->numbers >= 2 || (o->numbers == 1 && v->cover < r->no_number_cover)))
        return numbers_differ;
    if (o->names >= r->least_names && o->names_agreed < r->names_agree * o->names)
        return names_differ;
    return NULL;
}

static const char *check(const view *v)
{
    const wd_rules *r = v->rules;
    const char *note = check_cover(v);
    if (note != NULL)
        return note;
    if (r->use_swap && v->cover < r->swap_below && v->o->widest_swap >= r->swap_words &&
        v->o->widest_swap > r->swap_share * v->shorter->shared)
        return passage_replaced;
    if (r->use_digest && v->pair->other_is_digest &&
        !(v->cover >= r->digest_cover && v->cover_longer >= r->digest_longer))
        return a_digest;
    note = check_titles(v);
    if (note == NULL)
        note = check_facts(v);
    if (note != NULL)
        return note;
    if (v->pair->same_feed && !v->pair->same_title && !wd_rules_is_text(r, v->o)) {
        bool strangers = v->pair->titles.telling > 2 && v->pair->titles.found == 0;
        double wanted = strangers ? r->same_feed_strangers : r->same_feed_cover;
        bool teaser = v->cover >= r->same_feed_teaser && speaks_of(v, v->pair->this_title) &&
                      speaks_of(v, v->pair->other_title);
        if (v->cover < wanted || (v->cover_longer < r->same_feed_longer && !teaser))
            return same_template;
    }
    return NULL;
}

static view view_of(const wd_rules *rules, const wd_pair *pair)
{
    const wd_overlap *o = &pair->overlap;
    bool this_shorter = o->this.own <= o->other.own;
    view v = { .rules = rules,
               .pair = pair,
               .o = o,
               .shorter = this_shorter ? &o->this : &o->other,
               .longer = this_shorter ? &o->other : &o->this };
    v.cover = wd_side_cover(o, v.shorter);
    v.cover_longer = wd_side_cover(o, v.longer);
    return v;
}

bool wd_rules_asks_titles(const wd_rules *rules, const wd_pair *pair)
{
    view v = view_of(rules, pair);
    return is_verbatim(&v) || check_cover(&v) == NULL;
}

wd_ruling wd_rules_apply(const wd_rules *rules, const wd_pair *pair)
{
    view v = view_of(rules, pair);
    wd_ruling out = { .score = 0.6 * v.cover + 0.4 * v.cover_longer };
    if (is_verbatim(&v) && check_titles(&v) == NULL) {
        out.copy = true;
        if (out.score < 0.6)
            out.score = 0.6;
        return out;
    }
    out.note = check(&v);
    out.copy = out.note == NULL;
    return out;
}
