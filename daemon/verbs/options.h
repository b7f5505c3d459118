/*
 * daemon/verbs/options.h - a verb's options, by a table: "--name VALUE", "--name=VALUE" or a bare
 * flag.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

typedef struct wd_option {
    const char *name;   /* with its dashes */
    const char **value; /* takes an argument, stored here; or NULL */
    bool *flag;         /* set when the option is there; or NULL */
} wd_option;

/* Reads argv[1..].  Options may stand anywhere before a "--": the words that are none are moved
 * behind them, in their order, from *rest (an index) on.  With rest NULL any such word is an
 * error.  Says what is wrong on stderr. */
bool wd_options_parse(int argc, char **argv, const wd_option *options, size_t n, int *rest);
