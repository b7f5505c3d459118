/* daemon/websub/hubs.c - an answer of a feed says where its hubs are. */
#include <string.h>

#include "core/hash.h"
#include "core/url.h"
#include "daemon/reading.h"
#include "daemon/websub/keeper_impl.h"

static uint64_t hash_of(wd_arena *arena, wd_span url)
{
    return url.len > 0 ? wd_hash64(wd_url_canonical(arena, url), 0) : 0;
}

static bool names(const wd_websub_offer *offer, const char *hub)
{
    for (size_t i = 0; i < offer->n_hubs; i++)
        if (wd_span_is(offer->hubs[i], hub))
            return true;
    return false;
}

/* The feed is there still, and its hub may be asked. */
static bool may_subscribe(const wd_websub_keeper *k, const wd_poll *poll)
{
    const wd_feed_config *now = NULL;
    return wd_poller_find(k->spec.poller, poll->config->slug, &now) != NULL &&
           wd_websub_wanted(k->spec.config, now);
}

void wd_hubs_by_document(wd_websub_keeper *k, const wd_poll *poll)
{
    if (!may_subscribe(k, poll))
        return;
    const wd_feed_doc *doc = &((const wd_reading *)poll->payload)->doc;
    wd_subscriber *s = wd_websub_book_by_feed(k->book, poll->config->slug);
    wd_websub_source from = { .links = poll->links,
                              .url = poll->final_url,
                              .self = doc->self_link };
    wd_websub_offer offer;
    memcpy(from.hubs, doc->hub_links, sizeof(from.hubs));
    bool any = wd_websub_discover(&from, poll->arena, &offer);
    bool same = any && s != NULL && wd_span_is(offer.topic, s->topic) && names(&offer, s->hub);
    if (s != NULL && !same)
        wd_keeper_leave(k, s);
    if (any && !same)
        s = wd_keeper_begin(k, poll->config->slug, &offer, 0);
    if (!any || s == NULL)
        return;
    uint64_t self_hash = hash_of(poll->arena, doc->self_link);
    if (same)
        wd_subscriber_set_hubs(s, offer.hubs, offer.n_hubs);
    if (same && self_hash == s->self_hash)
        return;
    s->self_hash = self_hash;
    wd_keeper_store(k, s);
    wd_keeper_arm(k, s);
}

void wd_hubs_by_head(wd_websub_keeper *k, const wd_poll *poll)
{
    const wd_websub_source from = { .links = poll->links, .url = poll->final_url };
    wd_subscriber *s = wd_websub_book_by_feed(k->book, poll->config->slug);
    wd_websub_offer offer;
    if (poll->links.len == 0 || !may_subscribe(k, poll) ||
        !wd_websub_discover(&from, poll->arena, &offer))
        return;
    if (s != NULL && wd_span_is(offer.topic, s->topic) && names(&offer, s->hub))
        return;
    uint64_t self_hash = s != NULL ? s->self_hash : 0;
    if (s != NULL)
        wd_keeper_leave(k, s);
    s = wd_keeper_begin(k, poll->config->slug, &offer, 0);
    if (s == NULL)
        return;
    s->self_hash = self_hash;
    wd_keeper_store(k, s);
    wd_keeper_arm(k, s);
}
