/*
 * daemon/verbs/feed_file.h - feeds written into feeds.d beside the configuration: whole and right
 * together with all the rest, or not at all.
 */
#pragma once

#include <limits.h>

#include "daemon/verbs/verb.h"
#include "feeds/subscriptions.h"

/* Appends the feed as a line of YAML; `allow_private` is a network that it may be on, or NULL. */
void wd_feed_file_put(wd_buf *yaml, const wd_subscription *feed, const char *allow_private);

typedef enum wd_feed_file_kind {
    WD_FEED_FILE_NEW,    /* STEM.yaml, or STEM-2.yaml ... where that is there already */
    WD_FEED_FILE_APPEND, /* behind what STEM.yaml has */
} wd_feed_file_kind;

typedef struct wd_feed_file {
    const wd_config *config; /* beside which it lies */
    wd_feed_file_kind kind;
    const char *stem, *remark; /* remark: its first line when it is new */
    char path[PATH_MAX];       /* after writing */
} wd_feed_file;

/* Writes such lines.  Who may read the configuration may read them.  False: nothing has
 * changed, and why was said. */
bool wd_feed_file_write(wd_feed_file *f, const wd_verb *v, wd_span lines);
