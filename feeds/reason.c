/* feeds/reason.c - the table of reasons, looked up. */
#include "feeds/reason.h"

#include <stddef.h>
#include <string.h>

struct row {
    const char *word, *text, *event;
    double weight;
};

static const struct row rows[WD_REASON_COUNT] = {
#define X(name, word_, text_, event_, weight_)                                                     \
    [WD_REASON_##name] = { .word = word_, .text = text_, .event = event_, .weight = weight_ },
    WD_REASON_LIST(X)
#undef X
};

static const struct row *row_of(wd_reason r)
{
    return (size_t)r < WD_REASON_COUNT ? &rows[r] : &rows[WD_REASON_INTERNAL];
}

const char *wd_reason_word(wd_reason r)
{
    return row_of(r)->word;
}

const char *wd_reason_text(wd_reason r)
{
    return row_of(r)->text;
}

const char *wd_reason_event(wd_reason r)
{
    return row_of(r)->event;
}

double wd_reason_weight(wd_reason r)
{
    return row_of(r)->weight;
}

wd_reason wd_reason_from_word(const char *word)
{
    for (size_t i = 0; i < WD_REASON_COUNT; i++)
        if (strcmp(rows[i].word, word) == 0)
            return (wd_reason)i;
    return WD_REASON_NONE;
}
