/*
 * daemon/config/config.h - what the operator wants, read once into an immutable value.
 *
 * Files:   the one named, then conf.d/ *.yaml and feeds.d/ *.{yaml,opml} beside it, in
 *          byte order of their names; every file may hold any section.
 * Owner:   everything lives in the configuration's own arena.  A reload makes a
 *          new one whole; the old one lives on until its last reference goes.
 * Errors:  WD_CONFIG with all mistakes, each where = "file:line:column" and one sentence; one
 *          that makes others says only itself.  What is no YAML ends the reading, told alone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"
#include "daemon/config/group.h"
#include "daemon/config/mistakes.h"
#include "feeds/feed.h"
#include "feeds/host_rule.h"

typedef enum wd_dedupe_mode {
    WD_DEDUPE_SUPPRESS,
    WD_DEDUPE_ANNOTATE,
    WD_DEDUPE_OFF
} wd_dedupe_mode;

/* How much of a feed's past goes out at first contact (polling.md rule 13). */
typedef enum wd_backfill_kind {
    WD_BACKFILL_NEWEST,
    WD_BACKFILL_ALL,
    WD_BACKFILL_SINCE
} wd_backfill_kind;

typedef struct wd_backfill {
    wd_backfill_kind kind;
    uint32_t newest;  /* NEWEST: so many; 0 is none */
    int64_t since_ms; /* SINCE: not older than this */
} wd_backfill;

typedef struct wd_config_redis {
    const char *url; /* "embedded" or an address */
    const char *username, *password;
    const char *password_file;
    const char *ca_file, *cert_file, *key_file; /* for rediss://; NULL: none */
    const char *stream, *copies_stream;
    const char *channel, *copies_channel; /* NULL: the stream's name */
    const char *list;                     /* NULL: none */
    uint64_t maxlen, safe_replicas, outbox_max;
    int64_t max_age_ms;
} wd_config_redis;

typedef struct wd_config_http {
    const char *user_agent_contact;
    uint64_t max_body;
    const char *const *allow_private;
    int64_t connect_timeout_ms, timeout_ms;
    uint64_t max_connections;
    const char *ca_file; /* NULL: the system's */
} wd_config_http;

typedef struct wd_config_schedule {
    int64_t min_interval_ms, max_interval_ms;
    double max_fetch_rate, start_rate;
    wd_backfill backfill;
} wd_config_schedule;

typedef struct wd_config_dedupe {
    int mode;  /* wd_dedupe_mode */
    int scope; /* 0 all, 1 group, 2 feed */
    int64_t window_ms;
    uint64_t max_items, image_after; /* the latter: new items until an image */
} wd_config_dedupe;

typedef struct wd_config_control {
    const char *socket, *listen; /* each "off", or a path; address:port */
} wd_config_control;

typedef struct wd_config_websub {
    bool enabled;
    const char *listen, *url; /* where we hear hubs; as they reach it, NULL: not said */
    int64_t lease_ms;
} wd_config_websub;

/* A subscription list at an address (daemon/list_keeper.h). */
typedef struct wd_feed_list {
    wd_feed_config source; /* its name is the slug; and how it is asked */
    int64_t interval_ms;
    double shrink; /* percent of its feeds that a new version may lack */
} wd_feed_list;

typedef struct wd_config {
    const char *file; /* as given */
    const char *state;
    int log_level;        /* wd_log_level */
    const char *producer; /* events' source is urn:wiredesk:<producer> */
    wd_config_redis redis;
    wd_config_http http;
    wd_config_schedule schedule;
    wd_config_dedupe dedupe;
    wd_config_control control;
    wd_config_websub websub;
    const wd_feed_list *lists;
    const wd_host_rule *hosts;
    size_t n_lists, n_hosts;
    wd_feed_config defaults; /* what feeds of fetched lists begin with */
    const wd_config_group *groups;
    wd_feed_config *feeds; /* in slug order */
    size_t n_feeds;
    const wd_config_place *places;                    /* parallel to wd_config_rows */
    const wd_config_place *feed_places;               /* parallel to feeds */
    const wd_config_place *list_places, *host_places; /* parallel to lists, and to hosts */
    struct wd_arena *arena;
} wd_config;

/* On failure *out is untouched, and `wrong` (may be NULL) has at least one. */
WD_MUST_USE wd_status wd_config_load(wd_config **out, const char *file, wd_mistakes *wrong);
void wd_config_free(wd_config *config);
