/*
 * daemon/verbs/check.h - the checks of `check` and of `run --dry-run`.
 */
#pragma once

#include <stdbool.h>

typedef struct wd_check {
    bool probe, json, quiet;
} wd_check;

/* `file` as after --config, or NULL.  Prints what it finds; returns an enum wd_exit. */
int wd_check_run(const char *file, const wd_check *how);
