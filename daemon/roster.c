/* daemon/roster.c - configuration and ledger side by side, joined by slug. */
#include "daemon/roster.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "feeds/feed_state.h"
#include "queue/ledger_feeds.h"

/* State and validators of a feed take 3 KB at most; room for 350,000. */
#define ROSTER_BYTES ((size_t)1 << 30)

struct joiner {
    wd_roster *roster;
    wd_status status;
};

static int slug_order(const void *key, const void *member)
{
    const wd_span *slug = key;
    const wd_feed_config *f = member;
    size_t n = strlen(f->slug), least = n < slug->len ? n : slug->len;
    int order = memcmp(slug->ptr, f->slug, least);
    return order ? order : (slug->len > n) - (slug->len < n);
}

static void join(void *ctx, const wd_ledger_feed *stored)
{
    struct joiner *j = ctx;
    wd_roster *r = j->roster;
    const wd_feed_config *f = NULL;
    if (r->config->n_feeds > 0) /* else there is no array to search in */
        f = bsearch(&stored->slug, r->config->feeds, r->config->n_feeds, sizeof(*f), slug_order);
    if (f == NULL)
        return; /* known once, not configured now: its history waits */
    wd_feed_state *state = wd_arena_zalloc(r->arena, sizeof(*state));
    if (state == NULL) {
        j->status = WD_NOMEM;
        return;
    }
    if (!wd_feed_state_unpack(stored->state, state))
        *state = wd_feed_state_new(stored->feed);
    state->feed = stored->feed;
    r->feeds[f - r->config->feeds] =
        (wd_poller_feed){ .config = f,
                          .state = state,
                          .etag = wd_arena_copy(r->arena, stored->etag).ptr,
                          .last_modified = wd_arena_copy(r->arena, stored->last_modified).ptr };
}

static wd_status number_feeds(const wd_config *config, wd_ledger *ledger)
{
    wd_status s = wd_ledger_begin(ledger);
    for (size_t i = 0; s == WD_OK && i < config->n_feeds; i++) {
        uint32_t number;
        const wd_feed_config *f = &config->feeds[i];
        s = wd_ledger_feed_number(ledger, wd_span_of(f->slug), wd_span_of(f->url), &number);
    }
    if (s == WD_OK)
        s = wd_ledger_commit(ledger);
    if (s != WD_OK)
        wd_ledger_rollback(ledger);
    return s;
}

/* Every feed as one that was never polled. */
static wd_status lay_out(wd_roster *r)
{
    size_t n = r->config->n_feeds;
    wd_feed_state *blank = wd_arena_alloc(r->arena, sizeof(*blank));
    r->feeds = wd_arena_zalloc(r->arena, (n + 1) * sizeof(*r->feeds));
    if (blank == NULL || r->feeds == NULL)
        return WD_NOMEM;
    *blank = wd_feed_state_new(0);
    for (size_t i = 0; i < n; i++)
        r->feeds[i] = (wd_poller_feed){ .config = &r->config->feeds[i], .state = blank };
    return WD_OK;
}

wd_status wd_roster_read(wd_roster **out, const wd_config *config, wd_ledger *ledger)
{
    wd_arena *arena = wd_arena_new(ROSTER_BYTES);
    wd_roster *r = arena ? wd_arena_zalloc(arena, sizeof(*r)) : NULL;
    struct joiner j = { .roster = r, .status = WD_NOMEM };
    if (r != NULL) {
        *r = (wd_roster){ .config = config, .arena = arena };
        j.status = lay_out(r);
    }
    wd_status s = j.status;
    if (s == WD_OK && ledger != NULL)
        s = wd_ledger_each_feed(ledger, join, &j);
    if (s == WD_OK)
        s = j.status;
    if (s == WD_OK)
        *out = r;
    else
        wd_arena_free(arena);
    return s;
}

wd_status wd_roster_make(wd_roster **out, const wd_config *config, wd_ledger *ledger)
{
    wd_status s = number_feeds(config, ledger);
    return s == WD_OK ? wd_roster_read(out, config, ledger) : s;
}

void wd_roster_free(wd_roster *r)
{
    if (r == NULL)
        return;
    wd_arena_free(r->arena);
    malloc_trim(0); /* at a quarter of a million feeds a list leaves 100 MB of holes behind */
}
