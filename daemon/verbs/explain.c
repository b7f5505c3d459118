/* daemon/verbs/explain.c - the verb `explain`: why was this decided so? */
#include "daemon/verbs/explain.h"

#include <stdio.h>
#include <string.h>

#include "daemon/verbs/command.h"
#include "daemon/verbs/given_config.h"
#include "daemon/verbs/options.h"

/* An answer is a page, however large a cluster is. */
#define ANSWER_BYTES (4u * 1024u * 1024u)
#define ARENA_BYTES  (16u * 1024u * 1024u)

static const wd_explain_verb verbs[] = {
    { "item", "ID", wd_explain_item },
    { "feed", "NAME", wd_explain_of_feed },
};

static const wd_explain_verb *find_verb(const char *name)
{
    for (size_t i = 0; i < WD_COUNT(verbs); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static int usage(const char *what)
{
    fprintf(stderr, "wiredesk explain: %s; it explains:", what);
    for (size_t i = 0; i < WD_COUNT(verbs); i++)
        fprintf(stderr, "%s %s %s", i == 0 ? "" : ",", verbs[i].name, verbs[i].which);
    fprintf(stderr, "\n");
    return WD_EXIT_USAGE;
}

static int answer(const wd_explain_verb *verb,
                  const wd_config *config,
                  const char *which,
                  bool json)
{
    wd_error err = { .status = WD_OK };
    wd_buf out = WD_BUF_INIT(ANSWER_BYTES);
    wd_explain_question q = { .config = config,
                              .arena = wd_arena_new(ARENA_BYTES),
                              .which = which,
                              .json = json,
                              .out = &out };
    int result = WD_EXIT_FAILED;
    if (q.arena == NULL)
        fprintf(stderr, "wiredesk explain: out of memory\n");
    else if (wd_ledger_open_read(&q.ledger, config->state, &err) != WD_OK)
        fprintf(stderr, "wiredesk explain: %s\n", err.text);
    else
        result = verb->answer(&q);
    if (result == WD_EXIT_OK &&
        (wd_buf_status(&out) != WD_OK || fwrite(out.ptr, 1, out.len, stdout) != out.len))
        result = WD_EXIT_FAILED;
    wd_ledger_close(&q.ledger);
    wd_arena_free(q.arena);
    wd_buf_done(&out);
    return result;
}

static int run(int argc, char **argv)
{
    const char *file = NULL;
    bool json = false;
    int rest = 0;
    const wd_option options[] = { { "--config", &file, NULL }, { "--json", NULL, &json } };
    if (argc < 2)
        return usage("what?");
    const wd_explain_verb *verb = find_verb(argv[1]);
    if (verb == NULL)
        return usage("that it cannot");
    if (!wd_options_parse(argc - 1, argv + 1, options, WD_COUNT(options), &rest))
        return WD_EXIT_USAGE;
    char **words = argv + 1 + rest;
    if (argc - 1 - rest != 1)
        return usage("it wants one word");
    wd_config *config = wd_command_config(file);
    if (config == NULL)
        return WD_EXIT_USAGE;
    int result = answer(verb, config, words[0], json);
    wd_config_free(config);
    return result;
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
