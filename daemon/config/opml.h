/*
 * daemon/config/opml.h - subscription lists as files: where they lie, and how one is read.
 */
#pragma once

#include <limits.h>

#include "core/arena.h"
#include "core/status.h"
#include "feeds/subscriptions.h"

/* err->text says why not. */
WD_MUST_USE wd_status wd_opml_file_read(const char *file,
                                        wd_arena *arena,
                                        wd_subscriptions *out,
                                        wd_error *err);

/* What belongs to a fetched list: <state>/lists/<name>.<end> */
void wd_feed_list_path(const char *state, const char *name, const char *end, char path[PATH_MAX]);
