/* daemon/feed_facts.c - an array by feed number: numbers are small and without holes. */
#include "daemon/feed_facts.h"

#include <stdlib.h>

#include "core/hash.h"

struct wd_feed_facts {
    wd_feed_fact *rows;
    size_t n;
};

static const wd_feed_fact unknown = { .group = 0, .trust = WD_TRUST_NORMAL };

wd_status wd_feed_facts_new(wd_feed_facts **out)
{
    wd_feed_facts *f = calloc(1, sizeof(*f));
    if (f == NULL)
        return WD_NOMEM;
    *out = f;
    return WD_OK;
}

void wd_feed_facts_free(wd_feed_facts *f)
{
    if (f != NULL)
        free(f->rows);
    free(f);
}

static wd_status grow(wd_feed_facts *f, size_t n)
{
    if (n <= f->n)
        return WD_OK;
    wd_feed_fact *rows = realloc(f->rows, n * sizeof(*rows));
    if (rows == NULL)
        return WD_NOMEM;
    for (size_t i = f->n; i < n; i++)
        rows[i] = unknown;
    f->rows = rows;
    f->n = n;
    return WD_OK;
}

wd_status wd_feed_facts_set(wd_feed_facts *f, const wd_roster *roster)
{
    for (size_t i = 0; i < roster->config->n_feeds; i++) {
        const wd_poller_feed *feed = &roster->feeds[i];
        wd_status s = grow(f, (size_t)feed->state->feed + 1);
        if (s != WD_OK)
            return s;
        uint32_t group = 0;
        if (feed->config->group[0] != '\0')
            group = (uint32_t)wd_hash64(wd_span_of(feed->config->group), 0) | 1;
        f->rows[feed->state->feed] =
            (wd_feed_fact){ .group = group, .trust = (wd_trust)feed->config->trust };
    }
    return WD_OK;
}

const wd_feed_fact *wd_feed_facts_get(const wd_feed_facts *f, uint32_t feed)
{
    return feed < f->n ? &f->rows[feed] : &unknown;
}
