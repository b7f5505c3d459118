/*
 * daemon/command.h - the verbs of `wiredesk`: one row, one file each (daemon/command_<verb>.c).
 */
#pragma once

/* Exit codes, the same for every verb (wiredesk(1) "EXIT STATUS"). */
enum wd_exit {
    WD_EXIT_OK = 0,
    WD_EXIT_FAILED = 1, /* it was tried and did not work: a document, a connection, a file */
    WD_EXIT_USAGE = 2,  /* wrong arguments or configuration; nothing was started */
    WD_EXIT_FENCED = 3, /* another daemon took the stream: starting again would only fight it */
};

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
