/* daemon/verbs/evidence_words.c - tables of what the desk can say, and what that means. */
#include "daemon/verbs/evidence_words.h"

#include <stddef.h>

#include "core/status.h"

typedef struct meaning {
    const char *word, *sentence;
} meaning;

static const meaning rules[] = {
    { "none", "nothing like it was met" },
    { "same-guid", "this feed's item, by its id" },
    { "same-canonical-link", "the same link and the same words" },
    { "exact-text", "exactly the same words" },
    { "shingle-containment", "nearly the same words" },
    { "title", "the same title, and hardly a word besides" },
};

static const meaning notes[] = {
    { "too-little-in-common", "too little of the shorter text is in the longer" },
    { "too-thin", "so few words must agree nearly all" },
    { "passage-inside-another", "it is a passage of a longer story, and not its lead" },
    { "passage-replaced", "a passage stands in one of them instead of another" },
    { "numbers-differ", "their numbers differ" },
    { "names-differ", "their names differ" },
    { "same-template", "a feed's own template, under another title" },
    { "titles-unrelated", "neither title speaks of what they have in common" },
    { "digest", "it tells the stories of several clusters" },
    { "unlike-its-root", "it is like a member of the cluster, but not like its first item" },
    { "untrusted-source", "the other's feed is of low trust and suppresses nobody" },
};

static const char *look_up(const meaning *table, size_t n, wd_span word)
{
    for (size_t i = 0; i < n; i++)
        if (wd_span_is(word, table[i].word))
            return table[i].sentence;
    return NULL;
}

const char *wd_rule_words(wd_span rule)
{
    return look_up(rules, WD_COUNT(rules), rule);
}

const char *wd_note_words(wd_span note)
{
    return look_up(notes, WD_COUNT(notes), note);
}

void wd_evidence_say(wd_buf *out, const wd_evidence_figures *f)
{
    (void)wd_buf_printf(out, "%.0f %% of this text is in the other, %.0f %% of the other in this",
                        100 * f->cover_this, 100 * f->cover_other);
    if (f->longest_run != 0)
        (void)wd_buf_printf(out, "; %u words in a row", f->longest_run);
    if (f->numbers != 0)
        (void)wd_buf_printf(out, "; %u of %u numbers agree", f->numbers_agreed, f->numbers);
}
