/*
 * daemon/config/impl.h - what the parts of the configuration's loader share.
 *
 * config.c     the files in their order, and what only the whole can check
 * value.c      one value: scalars by the table, lists, headers, secrets
 * feeds.c      feeds, their groups and defaults
 * hosts.c      rules for hosts
 * opml.c       subscription lists as files
 * lists.c      subscription lists at an address
 * complaint.c  what is wrong, and where
 */
#pragma once

#include "core/arena.h"
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

typedef struct wd_config_loader {
    wd_config *config;
    wd_arena *arena; /* the configuration's; what stays is copied into it */
    wd_arena *trees; /* of the files as they were read: ten times as much, freed at the end */
    wd_error *err;
    const char *file;        /* being read */
    wd_feed_config standard; /* what the next file's feeds begin with */
    wd_config_group *groups;
    wd_config_list *lists, **last_list;
    wd_feed_config *feeds; /* as they are read; wd_config_settle_feeds() keeps them in order */
    size_t cap_feeds;
    wd_config_place *feed_places, *row_places; /* where each was set: for duplicates */
} wd_config_loader;

/* --- complaint.c ------------------------------------------------------------ */

/* The n that files before this one said, with room behind them for each member of `more`.  NULL:
 * no memory, which l->err says. */
void *wd_config_room(
    wd_config_loader *l, const void *old, size_t n, size_t size, const wd_yaml *more);

/* err->where from the place; the status that err holds. */
wd_status wd_config_fail_at(wd_config_loader *l, uint32_t line, uint32_t column);
wd_status wd_config_fail_at_place(wd_config_loader *l, const wd_config_place *p);
wd_status wd_config_complain(wd_config_loader *l, uint32_t line, uint32_t column, const char *text);
wd_status wd_config_unknown_key(wd_config_loader *l,
                                const wd_yaml *v,
                                const char *where,
                                const char *nearest);

/* --- value.c ---------------------------------------------------------------- */

WD_MUST_USE wd_status wd_config_set_value(wd_config_loader *l,
                                          const wd_config_row *row,
                                          void *base,
                                          const wd_yaml *v);

/* --- hosts.c ---------------------------------------------------------------- */

/* The members of `hosts:`. */
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

/* --- opml.c ----------------------------------------------------------------- */

/* Remembers a list (`fetched`: a stranger's, who may neither choose names nor stop us by
 * addresses that are none), and adds the feeds of all lists: after those of the YAML files. */
WD_MUST_USE wd_status wd_config_keep_opml(wd_config_loader *l, const char *file, bool fetched);
WD_MUST_USE wd_status wd_config_read_opml(wd_config_loader *l);

/* --- lists.c ---------------------------------------------------------------- */

/* The members of `lists:`, and what was fetched of them last. */
WD_MUST_USE wd_status wd_config_read_lists(wd_config_loader *l, const wd_yaml *lists);
WD_MUST_USE wd_status wd_config_keep_lists(wd_config_loader *l);

/* --- feeds.c, the end --------------------------------------------------------- */

/* What only all settings of a source show (`kind`: feed, list); makes its header lines. */
WD_MUST_USE wd_status wd_config_settle_manner(wd_config_loader *l,
                                              const char *kind,
                                              wd_feed_config *f,
                                              const wd_config_place *p);

/* Sorts the feeds by slug and refuses what only the whole list shows. */
WD_MUST_USE wd_status wd_config_settle_feeds(wd_config_loader *l);
