/* daemon/verbs/progress_line.c - one line, or one every ten seconds. */
#include "daemon/verbs/progress_line.h"

#include <stdio.h>
#include <unistd.h>

#define CLEAR_LINE "\r\033[K"

static void tell(void *ctx, const char *text)
{
    wd_progress_line *l = ctx;
    if (l->terminal)
        fprintf(stderr, CLEAR_LINE "%s: %s", l->verb, text);
    else
        fprintf(stderr, "wiredesk %s: %s\n", l->verb, text);
    l->shown = true;
}

void wd_progress_line_begin(wd_progress_line *l, const char *verb, const char *unit)
{
    bool terminal = isatty(STDERR_FILENO) == 1;
    *l = (wd_progress_line){
        .progress = { .clock = wd_clock_system(),
                      .unit = unit,
                      .quiet_ms = terminal ? WD_SECOND_MS / 2 : 10 * WD_SECOND_MS,
                      .every_ms = terminal ? WD_SECOND_MS / 5 : 10 * WD_SECOND_MS,
                      .tell = tell },
        .verb = verb,
        .terminal = terminal,
    };
    l->progress.ctx = l;
    wd_progress_begin(&l->progress);
}

void wd_progress_line_end(wd_progress_line *l)
{
    if (l->terminal && l->shown)
        fputs(CLEAR_LINE, stderr);
    l->shown = false;
}
