/*
 * daemon/verbs/progress_line.h - a verb's progress on stderr: on a terminal one line that is
 * written over and taken away at the end, elsewhere a line now and then.  Never on stdout,
 * which is for the result.
 */
#pragma once

#include <stdbool.h>

#include "daemon/progress.h"

typedef struct wd_progress_line {
    wd_progress progress;
    const char *verb;
    bool terminal, shown;
} wd_progress_line;

/* The work begins; `verb` and `unit` are borrowed, and the line must not move. */
void wd_progress_line_begin(wd_progress_line *l, const char *verb, const char *unit);

/* Before anything else is printed. */
void wd_progress_line_end(wd_progress_line *l);
