/* daemon/verbs/ctl.c - the verb `ctl`: orders to the running daemon over its control socket. */
#include <string.h>

#include "daemon/verbs/command.h"
#include "daemon/verbs/order.h"

static const struct {
    const char *name, *key; /* key: what its argument is called in the order; NULL: it has none */
} orders[] = { { "status", NULL }, { "reload", NULL }, { "loglevel", "level" } };

static int usage(const wd_verb *v, const char *what, const char *word)
{
    wd_verb_fail(v, NULL, "%s%s%s%s; see wiredesk ctl --help", what, word[0] ? " '" : "", word,
                 word[0] ? "'" : "");
    return WD_EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    wd_verb v;
    wd_order order = { .verb = &v };
    int rest;
    if (!wd_verb_begin(&v, argc, argv, NULL, &rest))
        return WD_EXIT_USAGE;
    if (rest >= argc)
        return usage(&v, "which order?  It is one of status, reload, loglevel", "");
    for (size_t i = 0; i < WD_COUNT(orders); i++) {
        if (strcmp(argv[rest], orders[i].name) != 0)
            continue;
        order.name = orders[i].name;
        order.key = orders[i].key;
    }
    if (order.name == NULL)
        return usage(&v, "there is no order", argv[rest]);
    if (rest + 1 < argc && order.key != NULL)
        order.word = argv[++rest];
    if (rest + 1 < argc)
        return usage(&v, "unexpected argument", argv[rest + 1]);
    return wd_order_give(&order);
}

const wd_command wd_command_ctl = {
    .name = "ctl",
    .arguments = "[--config FILE] [--json] status | reload | loglevel [LEVEL]",
    .summary = "ask the running daemon how it is, or tell it what to do",
    .help = "  status            feeds, failing, outbox, and what is wrong if anything is\n"
            "  reload            read the configuration again, and say what came of it\n"
            "  loglevel [LEVEL]  error, warning, notice, info or debug until the next reload\n"
            "  --config FILE     the daemon's configuration: it says where its socket is\n"
            "  --json            the daemon's answer as it came\n\n"
            "The socket is for the daemon's user and group. Exit status: 0 done (status: all is\n"
            "well), 1 refused or nobody answers (status: something is wrong), 2 wrong arguments.\n",
    .run = run,
};
