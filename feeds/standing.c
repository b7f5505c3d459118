/* feeds/standing.c - the configuration first, then the last reason. */
#include "feeds/standing.h"

#include "feeds/schedule.h"

wd_standing wd_standing_of(const wd_feed_config *config, const wd_feed_state *s)
{
    if (config->paused || s->held)
        return WD_STANDING_PAUSED;
    if (s->last_reason == WD_REASON_HTTP_GONE)
        return WD_STANDING_GONE;
    if (s->last_reason != WD_REASON_NONE)
        return s->due_why == WD_DUE_DORMANT ? WD_STANDING_DORMANT : WD_STANDING_FAILING;
    return s->contacted ? WD_STANDING_OK : WD_STANDING_NEW;
}

const char *wd_standing_word(wd_standing s)
{
    static const char *const words[WD_STANDING_COUNT] = {
#define X(name, word) word,
        WD_STANDING_LIST(X)
#undef X
    };
    return words[s];
}
