/*
 * daemon/config/mistakes.h - all that is wrong with a configuration, for a person who mends it
 * in one go.
 */
#pragma once

#include "core/status.h"

/* As many as somebody mends before asking again; more is one mistake made everywhere. */
#define WD_MISTAKES_TOLD 20u

typedef struct wd_mistakes {
    size_t n;                        /* all there are */
    wd_error list[WD_MISTAKES_TOLD]; /* the first of them, in the order of the files */
} wd_mistakes;

/* How many of them the list has. */
static inline size_t wd_mistakes_told(const wd_mistakes *m)
{
    return m->n < WD_MISTAKES_TOLD ? m->n : WD_MISTAKES_TOLD;
}
