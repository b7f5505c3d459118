/* daemon/verbs/once.c - the verb `once`: one pass over all feeds, for cron and for a try. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "daemon/log_sink.h"
#include "daemon/service.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/given_config.h"
#include "daemon/verbs/options.h"

static void print_text(const wd_once *o)
{
    char took[WD_TIME_TEXT_BYTES];
    printf("%" PRIu32 " feed%s: %" PRIu64 " new document%s, %" PRIu64 " unchanged, %" PRIu32
           " failing, %" PRIu32 " left out\n",
           o->feeds, o->feeds == 1 ? "" : "s", o->documents, o->documents == 1 ? "" : "s",
           o->unchanged, o->failing, o->left_out);
    printf("%" PRIu64 " new, %" PRIu64 " updated, %" PRIu64 " copies; %s\n", o->fresh, o->updated,
           o->copies, o->waiting == 0 ? "all handed on" : "not all handed on");
    if (o->waiting > 0)
        printf("%" PRIu64 " wait for Redis and are sent next time\n", o->waiting);
    printf("it took %s\n", wd_duration_text(o->took_ms, took));
}

static void print_json(const wd_once *o)
{
    wd_buf line = WD_BUF_INIT(1024);
    wd_json j = wd_json_onto(&line);
    wd_json_begin_object(&j);
    wd_json_put_int(&j, "feeds", o->feeds);
    wd_json_put_int(&j, "documents", (int64_t)o->documents);
    wd_json_put_int(&j, "unchanged", (int64_t)o->unchanged);
    wd_json_put_int(&j, "failing", o->failing);
    wd_json_put_int(&j, "left_out", o->left_out);
    wd_json_put_int(&j, "new", (int64_t)o->fresh);
    wd_json_put_int(&j, "updated", (int64_t)o->updated);
    wd_json_put_int(&j, "copies", (int64_t)o->copies);
    wd_json_put_int(&j, "waiting", (int64_t)o->waiting);
    wd_json_put_int(&j, "took_ms", o->took_ms);
    wd_json_end_object(&j);
    printf("%s\n", line.ptr ? line.ptr : "");
    wd_buf_done(&line);
}

static int run(int argc, char **argv)
{
    wd_log_sink sink;
    const char *file = NULL;
    bool json = false;
    wd_once once = { .due_only = false };
    const wd_option options[] = { { "--config", &file, NULL },
                                  { "--due", NULL, &once.due_only },
                                  { "--json", NULL, &json } };
    if (!wd_options_parse(argc, argv, options, WD_COUNT(options), NULL))
        return WD_EXIT_USAGE;
    wd_config *config = wd_command_config(file);
    if (config == NULL)
        return WD_EXIT_USAGE;
    signal(SIGPIPE, SIG_IGN); /* a lost connection is an error code here, not an end */
    wd_log_sink_open(&sink, (wd_log_level)config->log_level);
    int code = wd_service_once(config, &sink.log, &once);
    if (!once.ran)
        return code; /* the log has said why */
    if (json)
        print_json(&once);
    else
        print_text(&once);
    return fflush(stdout) == 0 ? code : WD_EXIT_FAILED;
}

const wd_command wd_command_once = {
    .name = "once",
    .arguments = "[--config FILE] [--due] [--json]",
    .summary = "ask every feed once, hand on what is new, and end",
    .help = "One pass with everything that `wiredesk run` does: politeness to hosts, validators,\n"
            "copies recognised, the state kept, the outbox drained; then a summary.  A host that\n"
            "asked to be left alone for more than ten minutes is left out.\n\n"
            "  --due   only feeds that are due by their own rhythm: for cron\n"
            "  --json  the summary as one object\n\n"
            "Exit status: 0 every feed works and all is handed on, 1 not so, or it could not\n"
            "start (a daemon on the same state), 2 wrong arguments or configuration, 3 another\n"
            "daemon took the stream.\n",
    .run = run,
};
