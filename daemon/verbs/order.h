/*
 * daemon/verbs/order.h - a verb that gives the running daemon one order and shows its answer.
 */
#pragma once

#include "daemon/verbs/verb.h"

typedef struct wd_order {
    const wd_verb *verb;    /* with --json the answer is shown as it came */
    const char *name;       /* as the daemon knows it: "pause" */
    const char *key, *word; /* what goes with it: "feed", "example-world"; or NULL */
} wd_order;

/* Finds the daemon by its configuration, or where that cannot be read by the service's own
 * place.  Returns an enum wd_exit. */
int wd_order_give(const wd_order *order);

/* Has the running daemon read its configuration again.  WD_NOTFOUND: none takes orders there;
 * WD_DENIED: not from this user; else err->text is its own refusal. */
WD_MUST_USE wd_status wd_order_reload(const wd_config *config, wd_error *err);
