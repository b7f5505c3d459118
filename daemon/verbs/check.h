/*
 * daemon/verbs/check.h - the checks of `check` and of `run --dry-run`.
 */
#pragma once

#include "daemon/verbs/verb.h"

typedef struct wd_check {
    bool probe, quiet;
} wd_check;

/* Prints what it finds; returns an enum wd_exit. */
int wd_check_run(const wd_verb *v, const wd_check *how);
