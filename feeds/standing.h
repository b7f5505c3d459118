/*
 * feeds/standing.h - how a feed is, in one word: for metrics, `feeds status` and the status page.
 */
#pragma once

#include "feeds/feed.h"

#define WD_STANDING_LIST(X)                                                                        \
    X(NEW, "new")         /* never reached so far */                                               \
    X(OK, "ok")           /* its last poll was a success */                                        \
    X(FAILING, "failing") /* its last polls were not */                                            \
    X(DORMANT, "dormant") /* failing for weeks: asked rarely */                                    \
    X(GONE, "gone")       /* its server says that it is gone for good */                           \
    X(PAUSED, "paused")   /* by the configuration or by hand */

typedef enum wd_standing {
#define X(name, word) WD_STANDING_##name,
    WD_STANDING_LIST(X)
#undef X
        WD_STANDING_COUNT
} wd_standing;

wd_standing wd_standing_of(const wd_feed_config *config, const wd_feed_state *state);
const char *wd_standing_word(wd_standing s);
