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
#include "daemon/verbs/progress_line.h"
#include "daemon/verbs/verb.h"

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
    wd_verb v;
    wd_log_sink sink;
    wd_progress_line progress;
    wd_once once = { .progress = &progress.progress };
    const wd_option options[] = { { .name = "--due", .flag = &once.due_only }, { .name = NULL } };
    wd_config *config = wd_verb_open(&v, argc, argv, options);
    if (config == NULL)
        return WD_EXIT_USAGE;
    signal(SIGPIPE, SIG_IGN); /* a lost connection is an error code here, not an end */
    wd_log_sink_open(&sink, (wd_log_level)config->log_level);
    sink.over_line = true;
    wd_progress_line_begin(&progress, v.name, "feeds");
    int code = wd_service_once(config, &sink.log, &once);
    wd_progress_line_end(&progress);
    if (!once.ran) { /* the log has said why */
        if (v.json)
            wd_verb_fail(&v, NULL, "it could not start; the log says why");
        return code;
    }
    if (v.json)
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
            "How far it is stands on standard error: on a terminal at once, else every 10 s.\n\n"
            "Exit status: 0 every feed works and all is handed on, 1 not so, or it could not\n"
            "start (a daemon on the same state), 2 wrong arguments or configuration, 3 another\n"
            "daemon took the stream.\n",
    .run = run,
};
