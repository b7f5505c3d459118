/* daemon/verbs/check.c - the verb `check`: is the configuration right, and would a start work? */
#include "daemon/verbs/check.h"

#include <stdio.h>
#include <unistd.h>

#include "core/json.h"
#include "core/text.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/given_config.h"
#include "daemon/verbs/options.h"
#include "daemon/verbs/probe.h"

#define REPORT_BYTES (64u * 1024u)

static void put_probes(wd_json *j, const wd_probe_result *probes)
{
    wd_json_key(j, "probes");
    wd_json_begin_array(j);
    for (size_t i = 0; i < WD_PROBES; i++) {
        wd_json_begin_object(j);
        wd_json_put_text(j, "name", probes[i].name);
        wd_json_key(j, "ok");
        wd_json_bool(j, probes[i].ok);
        wd_json_put_text(j, "text", probes[i].text);
        wd_json_end_object(j);
    }
    wd_json_end_array(j);
}

static void print_json(const wd_config *c, const wd_error *err, const wd_probe_result *probes)
{
    wd_buf out = WD_BUF_INIT(REPORT_BYTES);
    wd_json j = wd_json_onto(&out);
    wd_json_begin_object(&j);
    wd_json_key(&j, "ok");
    wd_json_bool(&j, c != NULL);
    if (c == NULL) {
        wd_json_put_text(&j, "where", err->where);
        wd_json_put_text(&j, "text", err->text);
    } else {
        wd_json_put_text(&j, "config", c->file);
        wd_json_put_int(&j, "feeds", (int64_t)c->n_feeds);
        wd_json_put_text(&j, "state", c->state);
        wd_json_put_text(&j, "stream", c->redis.stream);
    }
    if (probes != NULL)
        put_probes(&j, probes);
    wd_json_end_object(&j);
    printf("%.*s\n", WD_SPAN_ARG(wd_buf_span(&out)));
    wd_buf_done(&out);
}

static bool all_ok(const wd_probe_result *probes)
{
    bool ok = true;
    for (size_t i = 0; i < WD_PROBES; i++)
        ok = ok && probes[i].ok;
    return ok;
}

static void print_probes(const wd_probe_result *probes)
{
    for (size_t i = 0; i < WD_PROBES; i++)
        printf("  %-4s %-7s %s\n", probes[i].ok ? "ok" : "BAD", probes[i].name, probes[i].text);
}

int wd_check_run(const char *file, const wd_check *how)
{
    wd_error err = { 0 };
    wd_probe_result probes[WD_PROBES];
    wd_config *config = how->json ? wd_command_config_quiet(file, &err) : wd_command_config(file);
    if (config != NULL && how->probe)
        wd_probe_all(config, probes);
    if (how->json)
        print_json(config, &err, config && how->probe ? probes : NULL);
    else if (config != NULL && !how->quiet) {
        printf("%s is right: %zu feed%s, state in %s, stream %s\n", config->file, config->n_feeds,
               config->n_feeds == 1 ? "" : "s", config->state, config->redis.stream);
        if (how->probe)
            print_probes(probes);
        if (config->n_feeds == 0)
            printf("No feed yet: add `feeds:` with a line such as\n"
                   "  example: https://news.example/feed.xml\n");
    }
    bool ok = config != NULL && (!how->probe || all_ok(probes));
    int code = config == NULL ? WD_EXIT_USAGE : ok ? WD_EXIT_OK : WD_EXIT_FAILED;
    wd_config_free(config);
    return code;
}

static int run(int argc, char **argv)
{
    const char *file = NULL;
    wd_check how = { .probe = false };
    const wd_option options[] = { { "--config", &file, NULL },
                                  { "--quiet", NULL, &how.quiet },
                                  { "--probe", NULL, &how.probe },
                                  { "--json", NULL, &how.json } };
    if (!wd_options_parse(argc, argv, options, WD_COUNT(options), NULL))
        return WD_EXIT_USAGE;
    return wd_check_run(file, &how);
}

const wd_command wd_command_check = {
    .name = "check",
    .arguments = "[--config FILE] [--probe] [--json] [--quiet]",
    .summary = "read the configuration and say whether it is right",
    .help = "Starts nothing and asks no network, unless told to:\n\n"
            "  --probe  also try what a start needs: state directory, Redis, name resolution,\n"
            "           port, socket; no publisher is asked (wiredesk test FEED does that)\n"
            "  --json   as one object\n"
            "  --quiet  say nothing when it is right\n\n"
            "Exit status: 0 it is right, 1 it is and a probe failed, 2 it is not; then one line\n"
            "says file, line, column and what is wrong there.\n",
    .run = run,
};
