/*
 * daemon/verbs/probe.h - what only a running system can tell of a configuration: does what a start
 * needs answer?
 *
 * Asks only what is ours: state directory, Redis, name resolution, ports and socket.  No
 * publisher is asked.  Blocks for a few seconds at most.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/config/config.h"

#define WD_PROBES 6u

typedef struct wd_probe_result {
    const char *name; /* "state", "redis", "names", "port", "hubs", "socket" */
    bool ok;
    char text[320]; /* what was found, and when not ok what to do */
} wd_probe_result;

void wd_probe_all(const wd_config *config, wd_probe_result out[WD_PROBES]);
