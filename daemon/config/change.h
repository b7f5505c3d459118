/*
 * daemon/config/change.h - what a reload changes, and what it cannot.
 */
#pragma once

#include "core/log.h"
#include "daemon/config/config.h"

/* Values that only a restart can change keep their old ones in `fresh` (copied into its
 * arena); each that the files changed is said, as daemon.reload_ignored. */
void wd_config_keep_fixed(wd_config *fresh, const wd_config *old, const wd_log *log);

/* One daemon.reload_ok with the counts, and one line a feed added, removed or changed.
 * The sentence of the first goes to `said` too. */
void wd_config_log_change(
    const wd_log *log, const wd_config *old, const wd_config *fresh, char *said, size_t size);
