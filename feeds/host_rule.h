/*
 * feeds/host_rule.h - what the operator says of hosts by name: "*.reddit.com" one at a time
 * and a minute apart (polling.md rule 6).
 *
 * Pure.  All hosts that match a rule share one gate, in place of the built-in ones.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

typedef struct wd_host_rule {
    const char *pattern; /* "example.org", or "*.example.org": it and all hosts below it */
    uint64_t parallel;   /* at most so many at once */
    int64_t gap_ms;      /* from one request to the next */
} wd_host_rule;

/* NULL: fine; else what is wrong with it, as a clause. */
const char *wd_host_rule_fault(wd_span pattern);

/* The rule for the host (lower case): the exact name before patterns, the longest before
 * the shorter; NULL: none. */
const wd_host_rule *wd_host_rule_find(const wd_host_rule *rules, size_t n, wd_span host);
