/* daemon/verbs/feeds_order.c - `wiredesk feeds pause|resume|poll|reset`: one order a feed named.
 */
#include <stdio.h>

#include "daemon/verbs/command.h"
#include "daemon/verbs/feeds.h"
#include "daemon/verbs/options.h"
#include "daemon/verbs/order.h"

/* Goes through all of them; the worst exit code counts. */
static int give_each(int argc, char **argv, const char *name)
{
    wd_order order = { .verb = argv[0], .name = name, .key = "feed" };
    int rest, worst = WD_EXIT_OK;
    const wd_option options[] = { { "--config", &order.config_file, NULL },
                                  { "--json", NULL, &order.json } };
    if (!wd_options_parse(argc, argv, options, WD_COUNT(options), &rest))
        return WD_EXIT_USAGE;
    if (rest >= argc) {
        fprintf(stderr, "wiredesk %s: which feed?  wiredesk feeds list names them\n", argv[0]);
        return WD_EXIT_USAGE;
    }
    for (; rest < argc; rest++) {
        order.word = argv[rest];
        int code = wd_order_give(&order);
        worst = code > worst ? code : worst;
    }
    return worst;
}

int wd_feeds_pause(int argc, char **argv)
{
    return give_each(argc, argv, "pause");
}

int wd_feeds_resume(int argc, char **argv)
{
    return give_each(argc, argv, "resume");
}

int wd_feeds_poll(int argc, char **argv)
{
    return give_each(argc, argv, "poll");
}

int wd_feeds_reset(int argc, char **argv)
{
    return give_each(argc, argv, "reset");
}
