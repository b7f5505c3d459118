/* daemon/verbs/evidence_words.h - the desk's evidence as sentences for people. */
#pragma once

#include "core/buf.h"
#include "core/span.h"

/* "nearly the same words"; NULL for a rule that is not known. */
const char *wd_rule_words(wd_span rule);

/* "the numbers differ": why what was near is no copy; NULL when the note is unknown. */
const char *wd_note_words(wd_span note);

typedef struct wd_evidence_figures {
    double cover_this, cover_other; /* 0 to 1 */
    unsigned longest_run, numbers, numbers_agreed;
} wd_evidence_figures;

/* "93 % of this text is in the other, 88 % of the other in this; ..." */
void wd_evidence_say(wd_buf *out, const wd_evidence_figures *f);
