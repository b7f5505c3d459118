/* dedup/overlap.c - greedy common runs (Wise's string tiling, one pass).
 *
 * Every position of this text goes into a small map by its first three words.  The other
 * text is walked once: where three words are found the longest run from there is taken,
 * both sides marked, and the walk goes on behind it.  Runs shorter than a handful of
 * words are idiom and count for nothing.
 */
#include "dedup/overlap.h"

#include <stdlib.h>
#include <string.h>

#include "dedup/fingerprint.h"

/* Words a run begins with, and words it must have. */
#define SEED_WORDS      3u
#define SEED_IDEOGRAPHS 5u
#define RUN_WORDS       5u
#define RUN_IDEOGRAPHS  8u

/* Places tried for one seed: a text that repeats itself costs no more. */
#define TRIES 12

/* A run that shows where the common part begins has so many own words. */
#define LEAD_RUN 6u

/* A gap of up to so many words on both sides between two runs is one edit. */
#define SWAP_WORDS 7

/* A number put in or left out stands among so few words. */
#define INSERTED_WORDS 4

/* Before the first run and behind the last, words that show that the same is said there. */
#define END_SAME 2

/* Behind a run the words up to the next one belong to the same passage. */
#define PASSAGE_GAP 25u

/* At either end it reaches so far: beyond stand mastheads and other stories' links. */
#define END_WORDS 12u

enum { MOST = WD_FINGERPRINT_WORDS, HEADS = 8192, WORDS = 1 << 14 };

typedef struct run {
    uint16_t i, j, length; /* in this text, in the other */
} run;

struct wd_matcher {
    wd_text text, other;
    uint16_t head[HEADS]; /* position + 1; 0: none */
    uint16_t next[MOST];
    uint16_t slot[MOST]; /* of the text's seeds: what is set in head[] */
    size_t n_slots;
    run runs[MOST / RUN_WORDS + 1];
    size_t n_runs;
    uint8_t used[MOST], other_used[MOST];
    uint16_t own[MOST + 1], other_own[MOST + 1];         /* own words before a position */
    uint64_t words[WORDS / 64], other_words[WORDS / 64]; /* as sets, once they are wanted */
    bool has_words, has_other_words;
};

wd_status wd_matcher_new(wd_matcher **out)
{
    wd_matcher *m = calloc(1, sizeof(*m));
    if (m == NULL)
        return WD_NOMEM;
    *out = m;
    return WD_OK;
}

void wd_matcher_free(wd_matcher *m)
{
    free(m);
}

static bool is_ideograph(wd_token t)
{
    return wd_token_kind_of(t) == WD_TOKEN_IDEOGRAPH;
}

static uint64_t mixed(uint64_t h, wd_token t)
{
    return (h ^ wd_token_word(t)) * 0x9e3779b97f4a7c15ULL;
}

/* The map's slot for the seed at `at`, or HEADS when the text ends before. */
static inline uint32_t seed_slot(const wd_text *text, size_t at)
{
    const wd_token *t = text->tokens + at;
    size_t n = is_ideograph(t[0]) ? SEED_IDEOGRAPHS : SEED_WORDS;
    if (at + n > text->n)
        return HEADS;
    uint64_t h = mixed(mixed(mixed(n, t[0]), t[1]), t[2]);
    for (size_t i = SEED_WORDS; i < n; i++)
        h = mixed(h, t[i]);
    return (uint32_t)(h >> 51);
}

void wd_matcher_set(wd_matcher *m, const wd_text *this_text)
{
    for (size_t i = 0; i < m->n_slots; i++) /* far fewer than there are */
        m->head[m->slot[i]] = 0;
    m->text = *this_text;
    m->n_slots = 0;
    m->has_words = false;
    if (m->text.n > MOST)
        m->text.n = MOST;
    for (size_t i = m->text.n; i-- > 0;) {
        uint32_t slot = seed_slot(&m->text, i);
        if (slot == HEADS)
            continue;
        m->next[i] = m->head[slot];
        m->head[slot] = (uint16_t)(i + 1);
        m->slot[m->n_slots++] = (uint16_t)slot;
    }
    m->own[0] = 0;
    for (size_t i = 0; i < m->text.n; i++)
        m->own[i + 1] = (uint16_t)(m->own[i] + !m->text.mask[i]);
}

static size_t run_length(const wd_matcher *m, size_t i, size_t j)
{
    const wd_token *a = m->text.tokens, *b = m->other.tokens;
    size_t n = 0, most = m->text.n - i < m->other.n - j ? m->text.n - i : m->other.n - j;
    while (n < most && wd_token_same(a[i + n], b[j + n]) && !m->used[i + n])
        n++;
    return n;
}

/* The longest run at `j` of the other text; the one on the diagonal before wins a tie. */
static run longest_at(const wd_matcher *m, size_t j, int diagonal)
{
    run best = { .j = (uint16_t)j };
    uint32_t slot = seed_slot(&m->other, j);
    if (slot == HEADS)
        return best;
    int tries = 0;
    for (unsigned at = m->head[slot]; at != 0 && tries < TRIES; at = m->next[at - 1], tries++) {
        size_t i = at - 1, n = run_length(m, i, j);
        if (n > best.length || (n == best.length && n > 0 && (int)i - (int)j == diagonal)) {
            best.i = (uint16_t)i;
            best.length = (uint16_t)n;
        }
    }
    return best;
}

static void find_runs(wd_matcher *m)
{
    int diagonal = INT32_MAX;
    m->n_runs = 0;
    memset(m->used, 0, m->text.n);
    memset(m->other_used, 0, m->other.n);
    for (size_t j = 0; j < m->other.n;) {
        run r = longest_at(m, j, diagonal);
        if (r.length < (is_ideograph(m->other.tokens[j]) ? RUN_IDEOGRAPHS : RUN_WORDS)) {
            j++;
            continue;
        }
        m->runs[m->n_runs++] = r;
        memset(m->used + r.i, 1, r.length);
        memset(m->other_used + j, 1, r.length);
        diagonal = (int)r.i - (int)j;
        j += r.length;
    }
}

static uint32_t own_in(const uint16_t *own, size_t at, size_t length)
{
    return (uint32_t)(own[at + length] - own[at]);
}

static void measure_runs(const wd_matcher *m, wd_overlap *o)
{
    o->this = (wd_side){ .own = m->own[m->text.n], .lead = UINT32_MAX };
    o->other = (wd_side){ .own = m->other_own[m->other.n], .lead = UINT32_MAX };
    for (size_t r = 0; r < m->n_runs; r++) { /* no two have a word in common */
        const run *x = &m->runs[r];
        uint32_t own = own_in(m->own, x->i, x->length);
        o->this.shared += own;
        o->other.shared += own_in(m->other_own, x->j, x->length);
        o->this.raw += x->length;
        if (x->length > o->longest_raw)
            o->longest_raw = x->length;
        if (own > o->longest_run)
            o->longest_run = own;
        if (own < LEAD_RUN)
            continue;
        if (m->own[x->i] < o->this.lead)
            o->this.lead = m->own[x->i];
        if (m->other_own[x->j] < o->other.lead)
            o->other.lead = m->other_own[x->j];
    }
    o->other.raw = o->this.raw;
}

/* Kinds among n tokens, as a set of 1 << kind. */
static unsigned kinds_in(const wd_token *tokens, int n)
{
    unsigned kinds = 0;
    for (int i = 0; i < n; i++)
        kinds |= 1u << wd_token_kind_of(tokens[i]);
    return kinds;
}

static bool has_kind(unsigned kinds, wd_token_kind kind)
{
    return kinds >> kind & 1;
}

/* Between two runs, a few words for a few others: which facts were changed?  A number that
 * only one of them has there was changed too ("6 pct", "6-1/4 pct"). */
static void measure_swaps(const wd_matcher *m, wd_overlap *o)
{
    for (size_t r = 0; r + 1 < m->n_runs; r++) {
        int i = m->runs[r].i + m->runs[r].length, j = m->runs[r].j + m->runs[r].length;
        int gap = m->runs[r + 1].i - i, other_gap = m->runs[r + 1].j - j;
        if (gap < 0 || other_gap < 0 || gap > SWAP_WORDS || other_gap > SWAP_WORDS)
            continue;
        unsigned kinds = kinds_in(m->text.tokens + i, gap);
        unsigned other_kinds = kinds_in(m->other.tokens + j, other_gap);
        if (has_kind(kinds & other_kinds, WD_TOKEN_NUMBER) ||
            (has_kind(kinds | other_kinds, WD_TOKEN_NUMBER) && gap + other_gap <= INSERTED_WORDS))
            o->swapped_numbers++;
        else if (has_kind(kinds & other_kinds, WD_TOKEN_NAME))
            o->swapped_names++;
    }
}

static bool is_number(wd_token t)
{
    return wd_token_kind_of(t) == WD_TOKEN_NUMBER;
}

/* The same n words but for their numbers: too few for a run, as at either end of a text. */
static bool differ_in_numbers(const wd_token *a, const wd_token *b, int n, int least_same)
{
    int same = 0, numbers = 0;
    for (int i = 0; i < n; i++) {
        bool both_numbers = is_number(a[i]) && is_number(b[i]);
        same += wd_token_same(a[i], b[i]);
        numbers += both_numbers && !wd_token_same(a[i], b[i]);
    }
    return numbers > 0 && same >= least_same && same + numbers == n;
}

/* "Magnitude 4.1 quake ..." and "... cost 5 dollars": before the first run, behind the last.
 * Where both texts end at once, no other word need be the same. */
static void measure_ends(const wd_matcher *m, wd_overlap *o)
{
    if (m->n_runs == 0)
        return;
    const run *first = &m->runs[0], *last = &m->runs[m->n_runs - 1];
    int head = first->i < first->j ? first->i : first->j;
    int i = last->i + last->length, j = last->j + last->length;
    int left = (int)m->text.n - i, other_left = (int)m->other.n - j;
    int tail = left < other_left ? left : other_left;
    int tail_same = left == other_left && tail <= SWAP_WORDS ? 0 : END_SAME;
    head = head < SWAP_WORDS ? head : SWAP_WORDS;
    tail = tail < SWAP_WORDS ? tail : SWAP_WORDS;
    o->swapped_numbers += differ_in_numbers(m->text.tokens + first->i - head,
                                            m->other.tokens + first->j - head, head, END_SAME);
    o->swapped_numbers +=
        differ_in_numbers(m->text.tokens + i, m->other.tokens + j, tail, tail_same);
}

/* Between the runs and at the ends, is it the numbers alone that differ? */
static bool only_numbers_differ(const wd_matcher *m)
{
    size_t i = 0, j = 0;
    bool differ = false;
    for (size_t r = 0; m->n_runs > 0 && r <= m->n_runs; r++) {
        bool last = r == m->n_runs;
        size_t to = last ? m->text.n : m->runs[r].i, other_to = last ? m->other.n : m->runs[r].j;
        if (to < i || other_to < j || to - i != other_to - j)
            return false;
        for (; i < to; i++, j++) {
            wd_token a = m->text.tokens[i], b = m->other.tokens[j];
            if (wd_token_same(a, b))
                continue;
            if (!is_number(a) || !is_number(b))
                return false;
            differ = true;
        }
        i += last ? 0 : m->runs[r].length;
        j += last ? 0 : m->runs[r].length;
    }
    return differ;
}

/* Own words that stand between two neighbouring runs (or before the first, after the
 * last) in both texts: one passage instead of another. */
static void measure_widest_swap(const wd_matcher *m, wd_overlap *o)
{
    size_t i = 0, j = 0;
    for (size_t r = 0; r <= m->n_runs; r++) {
        bool last = r == m->n_runs;
        size_t to = last ? m->text.n : m->runs[r].i, other_to = last ? m->other.n : m->runs[r].j;
        if (to < i) /* the passage was moved up */
            continue;
        uint32_t gap = (uint32_t)(m->own[to] - m->own[i]);
        uint32_t other_gap = (uint32_t)(m->other_own[other_to] - m->other_own[j]);
        uint32_t both = gap < other_gap ? gap : other_gap;
        if (both > o->widest_swap)
            o->widest_swap = both;
        if (!last) {
            i = to + m->runs[r].length;
            j = other_to + m->runs[r].length;
        }
    }
}

static void put_words(uint64_t *set, const wd_text *text)
{
    memset(set, 0, WORDS / 8);
    for (size_t i = 0; i < text->n; i++) {
        uint16_t w = wd_token_word(text->tokens[i]);
        set[w / 64] |= 1ULL << (w % 64);
    }
}

static bool has_word(const uint64_t *set, wd_token t)
{
    uint16_t w = wd_token_word(t);
    return set[w / 64] >> (w % 64) & 1;
}

/* Own words of a kind among tokens [from, to) that the other text has nowhere. */
static uint32_t only_here(
    const wd_text *text, const uint64_t *other, size_t from, size_t to, wd_token_kind kind)
{
    uint32_t n = 0;
    for (size_t i = from; i < to; i++)
        n += !text->mask[i] && wd_token_kind_of(text->tokens[i]) == kind &&
             !has_word(other, text->tokens[i]);
    return n;
}

/* Own words of each kind in a run. */
static void count_kinds(const wd_matcher *m, const run *r, uint32_t kinds[WD_TOKEN_IDEOGRAPH + 1])
{
    for (size_t i = r->i; i < (size_t)r->i + r->length; i++)
        kinds[wd_token_kind_of(m->text.tokens[i])] += !m->text.mask[i];
}

/* The words between two neighbouring runs of both texts, or before the first, behind the last:
 * no more of them than belong to one passage. */
typedef struct gap {
    size_t from, to, other_from, other_to;
} gap;

static bool gap_before(const wd_matcher *m, size_t r, gap *out)
{
    bool first = r == 0, last = r == m->n_runs;
    const run *before = &m->runs[first ? 0 : r - 1], *behind = &m->runs[last ? r - 1 : r];
    size_t from = first ? 0 : (size_t)before->i + before->length;
    size_t other_from = first ? 0 : (size_t)before->j + before->length;
    size_t to = last ? m->text.n : behind->i, other_to = last ? m->other.n : behind->j;
    if (to <= from || other_to <= other_from)
        return false;
    size_t n = to - from, other_n = other_to - other_from;
    size_t end = END_WORDS < n ? END_WORDS : n;
    end = end < other_n ? end : other_n;
    *out = (gap){ first ? to - end : from, last ? from + end : to,
                  first ? other_to - end : other_from, last ? other_from + end : other_to };
    return first || last || (n <= PASSAGE_GAP && other_n <= PASSAGE_GAP);
}

static bool has_own(const wd_text *text, size_t from, size_t to, wd_token_kind kind)
{
    size_t i = from;
    while (i < to && (text->mask[i] || wd_token_kind_of(text->tokens[i]) != kind))
        i++;
    return i < to;
}

/* Facts of a kind of which each text has one in the gap that the other has nowhere. */
static uint32_t disputed(wd_matcher *m, const gap *g, wd_token_kind kind)
{
    if (!has_own(&m->text, g->from, g->to, kind) ||
        !has_own(&m->other, g->other_from, g->other_to, kind))
        return 0;
    if (!m->has_words)
        put_words(m->words, &m->text);
    if (!m->has_other_words)
        put_words(m->other_words, &m->other);
    m->has_words = m->has_other_words = true;
    uint32_t a = only_here(&m->text, m->other_words, g->from, g->to, kind);
    uint32_t b = only_here(&m->other, m->words, g->other_from, g->other_to, kind);
    return a < b ? a : b;
}

/* A fact is agreed on in a run; it is disputed where between two runs each text has one
 * of its kind that the other has nowhere.  What only one of them adds is framing; at either end
 * names are, too: there stand the outlets' own. */
static void measure_facts(wd_matcher *m, wd_overlap *o)
{
    gap g;
    uint32_t kinds[WD_TOKEN_IDEOGRAPH + 1] = { 0 };
    for (size_t r = 0; r < m->n_runs; r++)
        count_kinds(m, &m->runs[r], kinds);
    o->numbers = o->numbers_agreed = kinds[WD_TOKEN_NUMBER];
    o->names = o->names_agreed = kinds[WD_TOKEN_NAME];
    for (size_t r = 0; m->n_runs > 0 && r <= m->n_runs; r++) {
        if (!gap_before(m, r, &g))
            continue;
        o->numbers += disputed(m, &g, WD_TOKEN_NUMBER);
        if (r > 0 && r < m->n_runs)
            o->names += disputed(m, &g, WD_TOKEN_NAME);
    }
}

void wd_matcher_compare(wd_matcher *m, const wd_text *other, wd_overlap *out, uint8_t *covered)
{
    m->other = *other;
    if (m->other.n > MOST)
        m->other.n = MOST;
    m->has_other_words = false;
    m->other_own[0] = 0;
    for (size_t j = 0; j < m->other.n; j++)
        m->other_own[j + 1] = (uint16_t)(m->other_own[j] + !other->mask[j]);
    find_runs(m);
    *out = (wd_overlap){ 0 };
    measure_runs(m, out);
    measure_swaps(m, out);
    measure_ends(m, out);
    measure_widest_swap(m, out);
    out->only_numbers = only_numbers_differ(m);
    measure_facts(m, out);
    if (covered != NULL)
        memcpy(covered, m->used, m->text.n);
}

const uint8_t *wd_matcher_other_covered(const wd_matcher *m)
{
    return m->other_used;
}

/* Both sides' counts differ where one has the passage masked: the smaller is sure. */
double wd_side_cover(const wd_overlap *o, const wd_side *side)
{
    uint32_t shared = o->this.shared < o->other.shared ? o->this.shared : o->other.shared;
    return side->own ? (double)shared / side->own : 0;
}
