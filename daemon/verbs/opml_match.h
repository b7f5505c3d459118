/*
 * daemon/verbs/opml_match.h - a subscription list beside the configuration, joined by address.
 */
#pragma once

#include "daemon/verbs/verb.h"
#include "feeds/subscriptions.h"

typedef struct wd_opml_match {
    wd_config *config;
    wd_arena *arena;
    wd_subscriptions list;
    const wd_feed_config **configured; /* parallel to the list's feeds; NULL: not configured */
    bool *listed;                      /* parallel to the configuration's feeds */
} wd_opml_match;

/* False: *exit_code, and why was said. */
bool wd_opml_match_open(wd_opml_match *m, const wd_verb *v, const char *opml_file, int *exit_code);
void wd_opml_match_close(wd_opml_match *m);

/* A configured feed of that name; NULL: the name is free. */
const wd_feed_config *wd_opml_match_slug(const wd_opml_match *m, wd_span slug);
