/* dedup/verdict.c - names of what the desk can say. */
#include "dedup/verdict.h"

#include "core/status.h"

const char *wd_verdict_text(wd_verdict_kind kind)
{
    static const char *const names[] = { [WD_SEEN] = "seen",
                                         [WD_NEW] = "new",
                                         [WD_UPDATED] = "updated",
                                         [WD_COPY] = "copy",
                                         [WD_REVISION] = "revision" };
    return (size_t)kind < WD_COUNT(names) ? names[kind] : "unknown";
}

const char *wd_rule_text(wd_rule rule)
{
    static const char *const names[] = {
#define X(name, text) text,
        WD_RULE_LIST(X)
#undef X
    };
    return (size_t)rule < WD_COUNT(names) ? names[rule] : "unknown";
}
