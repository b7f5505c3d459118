/* daemon/verbs/run.c - the verb `run`: the daemon itself, in the foreground. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "daemon/log_sink.h"
#include "daemon/service.h"
#include "daemon/verbs/check.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/verb.h"

static int run(int argc, char **argv)
{
    wd_verb v;
    wd_log_sink sink;
    bool dry = false;
    const wd_option options[] = { { .name = "--dry-run", .flag = &dry }, { .name = NULL } };
    const wd_check probe = { .probe = true };
    if (!wd_verb_begin(&v, argc, argv, options, NULL))
        return WD_EXIT_USAGE;
    if (dry)
        return wd_check_run(&v, &probe);
    wd_config *config = wd_verb_config(&v);
    if (config == NULL)
        return WD_EXIT_USAGE;
    signal(SIGPIPE, SIG_IGN); /* a lost connection is an error code here, not an end */
    if (v.json)
        wd_log_sink_open_json(&sink, (wd_log_level)config->log_level);
    else
        wd_log_sink_open(&sink, (wd_log_level)config->log_level);
    return wd_service_run(config, &sink.log);
}

const wd_command wd_command_run = {
    .name = "run",
    .arguments = "[--config FILE] [--dry-run] [--json]",
    .summary = "poll the feeds and hand stories to Redis, until SIGTERM",
    .help =
        "Stays in the foreground and logs to stderr (under systemd: to the journal).\n"
        "Without --config: $CONFIGURATION_DIRECTORY/wiredesk.yaml, ./wiredesk.yaml or\n"
        "/etc/wiredesk/wiredesk.yaml.\n\n"
        "  --dry-run        do what comes before the first poll, and end: configuration, state,\n"
        "                   Redis, names, port (the same as wiredesk check --probe)\n"
        "  --json           the log as one JSON object a line, for where there is no journal;\n"
        "                   with --dry-run its result\n\n"
        "  SIGTERM, SIGINT  stop: drain the outbox, then exit 0\n"
        "  SIGHUP           read the configuration again; a bad one keeps the old\n\n"
        "Exit status: 0 stopped as asked, 1 it could not start or go on, 2 the\n"
        "configuration is wrong (a line a mistake says where) and nothing was started, 3 another\n"
        "daemon took the stream.\n",
    .run = run,
};
