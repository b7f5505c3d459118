/*
 * daemon/verbs/command.h - the verbs of `wiredesk`: one row, one file each
 * (daemon/verbs/<verb>.c).
 */
#pragma once

#include "daemon/exit.h"

typedef struct wd_command {
    const char *name;
    const char *arguments;             /* "[--url U] FILE" */
    const char *summary;               /* one line for `wiredesk --help` */
    const char *help;                  /* the rest, for `wiredesk NAME --help` */
    int (*run)(int argc, char **argv); /* argv[0] is the verb; returns an enum wd_exit */
} wd_command;

extern const wd_command wd_command_run;
extern const wd_command wd_command_check;
extern const wd_command wd_command_once;
extern const wd_command wd_command_opml;
extern const wd_command wd_command_parse;
extern const wd_command wd_command_dedup;
extern const wd_command wd_command_discover;
extern const wd_command wd_command_feeds;
extern const wd_command wd_command_explain;
extern const wd_command wd_command_tail;
extern const wd_command wd_command_test;
extern const wd_command wd_command_outbox;
extern const wd_command wd_command_replay;
extern const wd_command wd_command_ctl;
extern const wd_command wd_command_dump;
