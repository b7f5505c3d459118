/*
 * daemon/verbs/subcommand.h - verbs that have verbs of their own: `wiredesk feeds list`.
 */
#pragma once

#include <stddef.h>

typedef struct wd_subcommand {
    const char *name;                  /* "list" */
    const char *title;                 /* "feeds list", for what it says of its arguments */
    int (*run)(int argc, char **argv); /* argv[0] is the title; returns an enum wd_exit */
} wd_subcommand;

/* Runs the row that argv[1] names; argv[0] is the verb.  Says so when there is none. */
int wd_subcommand_run(const wd_subcommand *rows, size_t n, int argc, char **argv);
