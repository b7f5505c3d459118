/*
 * daemon/config/impl.h - what the parts of the configuration's loader share.
 *
 * config.c     the files in their order
 * settle.c     what only the whole can check
 * value.c      one value: scalars by the table, lists, headers, secrets
 * feeds.c      feeds, their groups and defaults
 * hosts.c      rules for hosts
 * opml.c       subscription lists as files
 * lists.c      subscription lists at an address
 * complaint.h  what is wrong, and where
 */
#pragma once

#include "core/arena.h"
#include "daemon/config/complaint.h"
#include "daemon/config/config.h"
#include "daemon/config/opml.h"
#include "daemon/config/schema.h"
#include "daemon/config/yaml.h"

/* Feeds of one file, read after all groups are known. */
typedef struct wd_config_list {
    struct wd_config_list *next;
    const char *file;
    const wd_yaml *feeds;         /* of a YAML file; or */
    const wd_subscriptions *opml; /* of a list of addresses */
    wd_feed_config standard;      /* what they begin with */
} wd_config_list;

/* A feed as it was read. */
typedef struct wd_config_entry {
    wd_feed_config feed;
    wd_config_place place;
    bool wrong;  /* which was said: what follows from it is not */
    bool listed; /* by a list of addresses */
} wd_config_entry;

struct wd_config_loader {
    wd_config *config;
    wd_arena *arena; /* the configuration's; what stays is copied into it */
    wd_arena *trees; /* of the files as they were read: ten times as much, freed at the end */
    wd_error *err;
    wd_mistakes *wrong;
    wd_config_place wrong_at[WD_MISTAKES_TOLD]; /* parallel to its list */
    bool *doubted;           /* parallel to wd_config_rows: what it says was not understood */
    bool doubted_ground;     /* nor what feeds begin with */
    const char *file;        /* being read */
    wd_feed_config standard; /* what the next file's feeds begin with */
    wd_config_group *groups;
    wd_config_list *lists, **last_list;
    wd_config_entry *feeds; /* as they are read; wd_config_settle_feeds() keeps them in order */
    size_t cap_feeds;
    wd_feed_list *feed_lists;    /* config->lists, still to be settled */
    wd_config_place *row_places; /* where each was set: for duplicates */
};

/* The n that files before this one said, with room behind them for each member of `more`.  NULL:
 * no memory, which l->err says. */
void *wd_config_room(
    wd_config_loader *l, const void *old, size_t n, size_t size, const wd_yaml *more);

/* --- value.c ---------------------------------------------------------------- */

WD_MUST_USE wd_status wd_config_set_value(wd_config_loader *l,
                                          const wd_config_row *row,
                                          void *base,
                                          const wd_yaml *v);

/* --- hosts.c: the members of `hosts:` ------------------------------------------ */
WD_MUST_USE wd_status wd_config_read_hosts(wd_config_loader *l, const wd_yaml *hosts);

/* --- feeds.c ---------------------------------------------------------------- */

/* A feed's keys, into `f`; *set (may be NULL) gets a bit for each row that was said. */
WD_MUST_USE wd_status wd_config_read_feed_keys(wd_config_loader *l,
                                               wd_feed_config *f,
                                               const wd_yaml *keys,
                                               uint64_t *set);

/* The members of `groups:`. */
WD_MUST_USE wd_status wd_config_read_groups(wd_config_loader *l, const wd_yaml *groups);

/* Remembers the members of `feeds:`, and reads all that were remembered. */
WD_MUST_USE wd_status wd_config_keep_feeds(wd_config_loader *l,
                                           const wd_yaml *feeds,
                                           const wd_feed_config *standard);
WD_MUST_USE wd_status wd_config_read_feeds(wd_config_loader *l);

/* A feed of a list: the defaults, its group's settings, nothing else. */
WD_MUST_USE wd_status wd_config_add_feed(wd_config_loader *l,
                                         const wd_feed_config *standard,
                                         const wd_subscription *feed,
                                         const char *url);

/* What only all settings of a source show (`kind`: feed, list); makes its header lines. */
WD_MUST_USE wd_status wd_config_settle_manner(wd_config_loader *l,
                                              const char *kind,
                                              wd_feed_config *f,
                                              const wd_config_place *p);

/* Sorts the feeds by slug and refuses what only the whole list shows. */
WD_MUST_USE wd_status wd_config_settle_feeds(wd_config_loader *l);

/* --- opml.c ----------------------------------------------------------------- */

/* Remembers a list (`fetched`: a stranger's, who may neither choose names nor stop us by
 * addresses that are none), and adds the feeds of all lists: after those of the YAML files. */
WD_MUST_USE wd_status wd_config_keep_opml(wd_config_loader *l, const char *file, bool fetched);
WD_MUST_USE wd_status wd_config_read_opml(wd_config_loader *l);

/* --- lists.c ---------------------------------------------------------------- */

/* The members of `lists:`, what was fetched of them last, and what only the whole shows. */
WD_MUST_USE wd_status wd_config_read_lists(wd_config_loader *l, const wd_yaml *lists);
WD_MUST_USE wd_status wd_config_settle_lists(wd_config_loader *l);
WD_MUST_USE wd_status wd_config_keep_lists(wd_config_loader *l);

/* --- settle.c: what only the whole shows ---------------------------------------- */
WD_MUST_USE wd_status wd_config_settle(wd_config_loader *l);
