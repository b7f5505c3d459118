/* daemon/verbs/check.c - the verb `check`: is the configuration right, and would a start work? */
#include "daemon/verbs/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/json.h"
#include "core/limits.h"
#include "core/text.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/probe.h"

#define REPORT_BYTES ((size_t)64 * 1024) /* and the names of feeds */

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

static bool all_ok(const wd_probe_result *probes)
{
    bool ok = true;
    for (size_t i = 0; i < WD_PROBES; i++)
        ok = ok && probes[i].ok;
    return ok;
}

/* --- feeds that share an address -------------------------------------------- */

static int by_address(const void *a, const void *b)
{
    const wd_feed_config *const *x = a, *const *y = b;
    int order = strcmp((*x)->url, (*y)->url);
    return order != 0 ? order : strcmp((*x)->slug, (*y)->slug);
}

/* Right, and hardly meant: its server is asked twice, and each story comes again as a copy. */
static void each_repeated(const wd_config *c,
                          void (*tell)(void *ctx, const char *feed, const char *first),
                          void *ctx)
{
    const wd_feed_config **feeds = calloc(c->n_feeds + 1, sizeof(wd_feed_config *));
    if (feeds == NULL)
        return;
    for (size_t i = 0; i < c->n_feeds; i++)
        feeds[i] = &c->feeds[i];
    qsort(feeds, c->n_feeds, sizeof(wd_feed_config *), by_address);
    for (size_t i = 1, first = 0; i < c->n_feeds; i++) {
        if (strcmp(feeds[i]->url, feeds[first]->url) != 0)
            first = i;
        else
            tell(ctx, feeds[i]->slug, feeds[first]->slug);
    }
    free(feeds);
}

static void print_repeated(void *ctx, const char *feed, const char *first)
{
    (void)ctx;
    printf("  note    %s has the address of %s: its stories come twice, once as copies\n", feed,
           first);
}

static void put_repeated(void *ctx, const char *feed, const char *first)
{
    (void)first;
    wd_json_text(ctx, feed);
}

/* --- the report -------------------------------------------------------------- */

/* `probes` may be NULL. */
static void print_json(const wd_config *c, const wd_probe_result *probes)
{
    wd_buf out = WD_BUF_INIT(REPORT_BYTES + c->n_feeds * (WD_SLUG_BYTES + sizeof("\"\",")));
    wd_json j = wd_json_onto(&out);
    wd_json_begin_object(&j);
    wd_json_key(&j, "ok");
    wd_json_bool(&j, probes == NULL || all_ok(probes));
    wd_json_put_text(&j, "config", c->file);
    wd_json_put_int(&j, "feeds", (int64_t)c->n_feeds);
    wd_json_put_text(&j, "state", c->state);
    wd_json_put_text(&j, "stream", c->redis.stream);
    wd_json_key(&j, "repeated");
    wd_json_begin_array(&j);
    each_repeated(c, put_repeated, &j);
    wd_json_end_array(&j);
    if (probes != NULL)
        put_probes(&j, probes);
    wd_json_end_object(&j);
    printf("%.*s\n", WD_SPAN_ARG(wd_buf_span(&out)));
    wd_buf_done(&out);
}

static void print_probes(const wd_probe_result *probes)
{
    for (size_t i = 0; i < WD_PROBES; i++)
        printf("  %-4s %-7s %s\n", probes[i].ok ? "ok" : "BAD", probes[i].name, probes[i].text);
}

static void print_text(const wd_verb *v, const wd_config *c, const wd_probe_result *probes)
{
    printf("%s is right: %zu feed%s, state in %s, stream %s\n", c->file, c->n_feeds,
           c->n_feeds == 1 ? "" : "s", c->state, c->redis.stream);
    each_repeated(c, print_repeated, NULL);
    if (probes != NULL)
        print_probes(probes);
    if (c->n_feeds == 0)
        wd_verb_next(v, "feeds add https://news.example/");
}

int wd_check_run(const wd_verb *v, const wd_check *how)
{
    wd_probe_result results[WD_PROBES];
    const wd_probe_result *probes = how->probe ? results : NULL;
    wd_config *config = wd_verb_config(v);
    if (config == NULL)
        return WD_EXIT_USAGE;
    if (how->probe)
        wd_probe_all(config, results);
    if (v->json)
        print_json(config, probes);
    else if (!how->quiet)
        print_text(v, config, probes);
    wd_config_free(config);
    return probes == NULL || all_ok(probes) ? WD_EXIT_OK : WD_EXIT_FAILED;
}

static int run(int argc, char **argv)
{
    wd_verb v;
    wd_check how = { .probe = false };
    const wd_option options[] = { { .name = "--quiet", .flag = &how.quiet },
                                  { .name = "--probe", .flag = &how.probe },
                                  { .name = NULL } };
    if (!wd_verb_begin(&v, argc, argv, options, NULL))
        return WD_EXIT_USAGE;
    return wd_check_run(&v, &how);
}

const wd_command wd_command_check = {
    .name = "check",
    .arguments = "[--config FILE] [--probe] [--json] [--quiet]",
    .summary = "read the configuration and say whether it is right",
    .help = "Starts nothing and asks no network, unless told to.  Feeds that share an address are\n"
            "noted: each is asked, and its stories come again as copies.\n\n"
            "  --probe  also try what a start needs: state directory, Redis, name resolution,\n"
            "           port, socket; no publisher is asked (wiredesk test FEED does that)\n"
            "  --json   as one object\n"
            "  --quiet  say nothing when it is right\n\n"
            "Exit status: 0 it is right, 1 it is and a probe failed, 2 it is not; then a line for\n"
            "each mistake says file, line, column and what is wrong there, up to twenty of them.\n",
    .run = run,
};
