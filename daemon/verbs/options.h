/*
 * daemon/verbs/options.h - a verb's options, by a table: "--name VALUE", "--name=VALUE" or a bare
 * flag.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

/* So often may one option stand there, where it may at all. */
#define WD_OPTION_REPEATS 16u

typedef struct wd_option {
    const char *name;   /* with its dashes */
    const char **value; /* takes an argument, stored here; or NULL */
    bool *flag;         /* set when the option is there; or NULL */
    size_t *count;      /* may be repeated: `value` has WD_OPTION_REPEATS places; or NULL */
} wd_option;

/* Reads argv[1..], which ends with a NULL, as main()'s does; a row without a name ends the table.
 * Options may stand anywhere before a "--": the words that are none are moved behind them, in their
 * order, from *rest (an index) on.  With rest NULL any such word is an error.  On failure err->text
 * says what is wrong. */
WD_MUST_USE wd_status
wd_options_parse(int argc, char **argv, const wd_option *options, int *rest, wd_error *err);
