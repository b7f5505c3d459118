/* daemon/verbs/feeds_order.c - `wiredesk feeds pause|resume|poll|reset`: one order a feed named.
 */
#include "daemon/verbs/command.h"
#include "daemon/verbs/feeds.h"
#include "daemon/verbs/order.h"

/* Goes through all of them; the worst exit code counts. */
static int give_each(int argc, char **argv, const char *name)
{
    wd_verb v;
    wd_order order = { .verb = &v, .name = name, .key = "feed" };
    int rest, worst = WD_EXIT_OK;
    if (!wd_verb_begin(&v, argc, argv, NULL, &rest))
        return WD_EXIT_USAGE;
    if (rest >= argc) {
        wd_verb_fail(&v, NULL, "which feed?  wiredesk feeds list names them");
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
