/* daemon/progress.c - a clock, a share, and what is left by them. */
#include "daemon/progress.h"

#include <inttypes.h>
#include <stdio.h>

#define TEXT_BYTES 160u

/* Before a fiftieth is done, what is left is a guess that nobody should read. */
#define LEAST_SHARE 0.02

void wd_progress_begin(wd_progress *p)
{
    p->began_ms = p->told_ms = wd_boot_ms(p->clock);
}

void wd_progress_at(wd_progress *p, uint64_t done, double share)
{
    char text[TEXT_BYTES], left[WD_TIME_TEXT_BYTES];
    int64_t now_ms = wd_boot_ms(p->clock), took_ms = now_ms - p->began_ms;
    if (took_ms < p->quiet_ms || now_ms - p->told_ms < p->every_ms)
        return;
    p->told_ms = now_ms;
    int n = snprintf(text, sizeof(text), "%" PRIu64 " ", done);
    if (p->of > 0)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "of %" PRIu64 " ", p->of);
    n += snprintf(text + n, sizeof(text) - (size_t)n, "%s", p->unit);
    if (share >= 0)
        n += snprintf(text + n, sizeof(text) - (size_t)n, ", %.0f %%",
                      100 * (share < 1 ? share : 1));
    double left_ms = share >= LEAST_SHARE ? (double)took_ms * (1 - share) / share : 0;
    if (left_ms >= (double)WD_SECOND_MS)
        snprintf(text + n, sizeof(text) - (size_t)n, ", about %s left",
                 wd_duration_text((int64_t)left_ms, left));
    p->tell(p->ctx, text);
}
