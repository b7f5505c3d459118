/*
 * daemon/websub/keeper_impl.h - what the keeper's parts share.
 *
 * keeper.c   who has a subscription, and what becomes of it when
 * hubs.c     where hubs are, as a feed's answers say it
 * errand.c   a request to a hub, its host's politeness kept
 * inbox.c    what hubs ask of the callback, and what they deliver
 * voice.c    what the log hears
 */
#pragma once

#include "core/list.h"
#include "daemon/websub/callback.h"
#include "daemon/websub/keeper.h"

struct wd_websub_keeper {
    wd_websub_keeper_spec spec;
    wd_websub_book *book;
    wd_due_heap heap;
    uv_timer_t timer; /* of the heap */
    uv_timer_t knock; /* of the inbox: deliveries that wait for their feed */
    wd_callback *callback;
    wd_link inbox, sent; /* deliveries: to be handed on; on their way to the disk */
    unsigned held;       /* whose senders wait for their answer */
    char *url;           /* the callback's base, with a '/' at its end */
    int64_t lease_ms;
    bool closing;
    unsigned open; /* handles, the callback, errands */
    unsigned n_errands;
    wd_websub_stats stats;
};

static inline int64_t wd_keeper_now(const wd_websub_keeper *k)
{
    return wd_wall_ms(k->spec.clock);
}

/* --- keeper.c ---------------------------------------------------------------- */

/* Looks at it again when its next time comes. */
void wd_keeper_arm(wd_websub_keeper *k, wd_subscriber *s);
void wd_keeper_arm_at(wd_websub_keeper *k, wd_subscriber *s, int64_t at_ms);
void wd_keeper_store(wd_websub_keeper *k, wd_subscriber *s);

/* A subscription of that feed at the offer's hub `at`, to be asked for; NULL: no memory. */
wd_subscriber *wd_keeper_begin(wd_websub_keeper *k,
                               const char *slug,
                               const wd_websub_offer *offer,
                               size_t at);

/* Wanted no longer, or at another hub. */
void wd_keeper_leave(wd_websub_keeper *k, wd_subscriber *s);

/* It failed once more: where the feed has another hub, and this one is given up, that one is
 * asked.  `s` is then being left. */
void wd_keeper_fell(wd_websub_keeper *k, wd_subscriber *s);

/* One part less; the last one frees. */
void wd_keeper_part_closed(wd_websub_keeper *k);

/* --- hubs.c ------------------------------------------------------------------ */

/* A whole document of the feed: it has hubs, other ones, or none any more. */
void wd_hubs_by_document(wd_websub_keeper *k, const wd_poll *poll);

/* A 304, or the document of last time: what its Link fields say holds, what they do not say is as
 * it was. */
void wd_hubs_by_head(wd_websub_keeper *k, const wd_poll *poll);

/* --- errand.c ---------------------------------------------------------------- */

/* The request that is due goes out when its host may be asked. */
void wd_errand_try(wd_websub_keeper *k, wd_subscriber *s);

/* Nothing of it comes back. */
void wd_errand_forget(wd_websub_keeper *k, wd_subscriber *s);

/* --- inbox.c ----------------------------------------------------------------- */

wd_status wd_inbox_open(wd_websub_keeper *k, const wd_config *config, wd_error *err);
void wd_inbox_empty(wd_websub_keeper *k);

/* What was delivered for that feed came home: stored, or dropped on its way. */
void wd_inbox_home(wd_websub_keeper *k, const char *slug, bool stored);

/* --- voice.c ----------------------------------------------------------------- */

void wd_websub_say_verified(const wd_websub_keeper *k, const wd_subscriber *s);
void wd_websub_say_failed(const wd_websub_keeper *k, wd_subscriber *s, const char *why);
void wd_websub_say_denied(const wd_websub_keeper *k, const wd_subscriber *s);
void wd_websub_say_lost(const wd_websub_keeper *k, const wd_subscriber *s);
void wd_websub_say_delivers(const wd_websub_keeper *k, const wd_subscriber *s);
void wd_websub_say_missed(const wd_websub_keeper *k, const wd_subscriber *s);
void wd_websub_say_left(const wd_websub_keeper *k, const wd_subscriber *s);
void wd_websub_say_refused(const wd_websub_keeper *k, const wd_subscriber *s, wd_span mode);

/* A delivery is ignored; counted always, said once until one is taken. */
void wd_websub_fault_note(wd_websub_keeper *k, wd_subscriber *s, wd_websub_fault fault);
