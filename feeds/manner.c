/* feeds/manner.c - the settings that reach feeds/http, compared and copied. */
#include "feeds/manner.h"

#include <string.h>

#include "core/span.h"

bool wd_manner_same(const wd_feed_config *a, const wd_feed_config *b)
{
    return wd_cstr_equal(a->user_agent, b->user_agent) && wd_cstr_equal(a->proxy, b->proxy) &&
           wd_cstrs_equal(a->allow_private, b->allow_private) &&
           wd_cstrs_equal(a->lines, b->lines) && a->connect_timeout_ms == b->connect_timeout_ms &&
           a->timeout_ms == b->timeout_ms && a->http1 == b->http1;
}

static const char *copy(wd_arena *arena, const char *text)
{
    return text ? wd_arena_copy(arena, wd_span_of(text)).ptr : NULL;
}

static const char *const *copy_all(wd_arena *arena, const char *const *texts)
{
    size_t n = 0;
    while (texts != NULL && texts[n] != NULL)
        n++;
    const char **out = n > 0 ? wd_arena_zalloc(arena, (n + 1) * sizeof(*out)) : NULL;
    for (size_t i = 0; out != NULL && i < n; i++)
        out[i] = copy(arena, texts[i]);
    return out;
}

wd_status wd_manner_copy(wd_arena *arena, const wd_feed_config *from, wd_feed_config *out)
{
    *out = (wd_feed_config){ .slug = copy(arena, from->slug),
                             .url = copy(arena, from->url),
                             .user_agent = copy(arena, from->user_agent),
                             .allow_private = copy_all(arena, from->allow_private),
                             .lines = copy_all(arena, from->lines),
                             .proxy = copy(arena, from->proxy),
                             .connect_timeout_ms = from->connect_timeout_ms,
                             .timeout_ms = from->timeout_ms,
                             .http1 = from->http1 };
    return wd_arena_status(arena);
}
