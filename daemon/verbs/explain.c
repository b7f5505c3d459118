/* daemon/verbs/explain.c - the verb `explain`: why was this decided so? */
#include "daemon/verbs/explain.h"

#include <stdio.h>

#include "daemon/verbs/command.h"
#include "daemon/verbs/subcommand.h"

/* An answer is a page, however large a cluster is. */
#define ANSWER_BYTES (4u * 1024u * 1024u)
#define ARENA_BYTES  (16u * 1024u * 1024u)

static int answer(int (*explain)(const wd_explain_question *),
                  const wd_verb *v,
                  const wd_config *config,
                  const char *which)
{
    wd_error err = { .status = WD_OK };
    wd_buf out = WD_BUF_INIT(ANSWER_BYTES);
    wd_explain_question q = {
        .config = config, .arena = wd_arena_new(ARENA_BYTES), .which = which, .verb = v, .out = &out
    };
    int result = WD_EXIT_FAILED;
    if (q.arena == NULL)
        wd_verb_fail(v, NULL, "out of memory");
    else if (wd_ledger_open_read(&q.ledger, config->state, &err) != WD_OK)
        wd_verb_fail(v, NULL, "%s", err.text);
    else
        result = explain(&q);
    if (result == WD_EXIT_OK &&
        (wd_buf_status(&out) != WD_OK || fwrite(out.ptr, 1, out.len, stdout) != out.len))
        result = WD_EXIT_FAILED;
    wd_ledger_close(&q.ledger);
    wd_arena_free(q.arena);
    wd_buf_done(&out);
    return result;
}

static int explain(int argc, char **argv, int (*how)(const wd_explain_question *), const char *what)
{
    wd_verb v;
    int rest;
    if (!wd_verb_begin(&v, argc, argv, NULL, &rest))
        return WD_EXIT_USAGE;
    if (argc - rest != 1) {
        wd_verb_fail(&v, NULL, "it wants one %s", what);
        return WD_EXIT_USAGE;
    }
    wd_config *config = wd_verb_config(&v);
    if (config == NULL)
        return WD_EXIT_USAGE;
    int result = answer(how, &v, config, argv[rest]);
    wd_config_free(config);
    return result;
}

static int explain_item(int argc, char **argv)
{
    return explain(argc, argv, wd_explain_item, "item's id or link");
}

static int explain_feed(int argc, char **argv)
{
    return explain(argc, argv, wd_explain_of_feed, "feed's name");
}

static const wd_subcommand rows[] = { { "item", "explain item", explain_item },
                                      { "feed", "explain feed", explain_feed } };

static int run(int argc, char **argv)
{
    return wd_subcommand_run(rows, WD_COUNT(rows), argc, argv);
}

const wd_command wd_command_explain = {
    .name = "explain",
    .arguments = "item [--config FILE] [--json] ID\n"
                 "       wiredesk explain feed [--config FILE] [--json] NAME",
    .summary = "say what was decided of an item and why, or how a feed is and what comes next",
    .help =
        "Reads the ledger beside a running daemon, or what a stopped one left; changes nothing\n"
        "and asks no network.\n\n"
        "  item ID   an item's verdict, the item it was compared with, the evidence, and the\n"
        "            others of its cluster; ID as in events (urn:wiredesk:item:..., or its 24\n"
        "            digits), or the link of a story\n"
        "  feed NAME what is configured of a feed, how it is, what was learned of it, when it is\n"
        "            asked next and why then\n"
        "  --json    one object instead of sentences\n",
    .run = run,
};
