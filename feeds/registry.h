/*
 * feeds/registry.h - every feed by its slug: configuration, state, validators, and where it
 * stands between two polls.
 *
 * Owner: entries belong to the registry and keep their address until dropped and idle.
 *        Validators are kept as two short strings in one piece: 2 KB a feed would be
 *        half a gigabyte at a quarter of a million.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/list.h"
#include "core/status.h"
#include "feeds/due_heap.h"
#include "feeds/feed.h"
#include "feeds/host_gate.h"

typedef struct wd_entry {
    wd_due due;         /* boot time at which to look at it again */
    wd_gate_seat seat;  /* at its host's gate */
    wd_gate_seat there; /* where redirects led last time, when that is another host's; or empty */
    struct wd_poller *poller; /* with `there` */
    bool asked_there;         /* and was let go */
    wd_link late;             /* among those due and not yet gone */
    const wd_feed_config *config;
    wd_feed_state state;
    char *validators;          /* "etag\0last-modified\0"; NULL: neither */
    char *new_url;             /* where it is asked while state.adopted; NULL: found out anew */
    int64_t wanted_ms;         /* boot time at which it became due */
    float per_s;               /* polls a second that it asks for (rule 1) */
    wd_reason said;            /* what was last said of it in the log */
    bool overflowing;          /* said to be, and still so */
    bool repaired;             /* said that its document had to be repaired, and still so */
    const wd_feed_config *out; /* the config of its poll under way; NULL: none is */
    bool dropped;              /* no longer configured; goes when the poll comes back */
    bool backup;               /* a hub delivers: polls are a backup */
    bool moved;                /* its URL changed while a poll was out: another gate then */
} wd_entry;

/* By the configuration or by hand. */
static inline bool wd_entry_paused(const wd_entry *e)
{
    return e->config->paused || e->state.held;
}

typedef struct wd_registry {
    wd_entry **entries; /* in slug order */
    size_t n;
} wd_registry;

/* By slug; NULL when there is none. */
wd_entry *wd_registry_find(const wd_registry *r, const char *slug);

/* A hash by which a stored state knows the URL that it belongs to; never 0. */
uint64_t wd_registry_url_hash(const char *url);

/* Where it is asked now. */
const char *wd_entry_url(const wd_entry *e);

/* Absent: at its own URL.  True when that is a change; without memory there is none. */
bool wd_entry_set_new_url(wd_entry *e, wd_span url);

void wd_entry_get_validators(const wd_entry *e, wd_validators *out);

/* Both empty or NULL: none are kept.  WD_NOMEM: none are kept either. */
wd_status wd_entry_set_validators(wd_entry *e, const char *etag, const char *last_modified);

WD_MUST_USE wd_entry *wd_entry_new(const wd_feed_config *config);
void wd_entry_free(wd_entry *e);

/* Sorts by slug.  WD_CONFIG: two of one slug. */
WD_MUST_USE wd_status wd_registry_sort(wd_entry **entries, size_t n);
