/* daemon/command_feeds.c - the verb `feeds`: a table of what can be done with them. */
#include "daemon/command_feeds.h"

#include "core/status.h"
#include "daemon/command.h"
#include "daemon/subcommand.h"

static const wd_subcommand rows[] = {
    { "list", "feeds list", wd_feeds_list },
    { "status", "feeds status", wd_feeds_status },
    { "due", "feeds due", wd_feeds_due },
};

static int run(int argc, char **argv)
{
    return wd_subcommand_run(rows, WD_COUNT(rows), argc, argv);
}

const wd_command wd_command_feeds = {
    .name = "feeds",
    .arguments = "list|status|due [--config FILE] [--group NAME] [--state WORD] [--count N]\n"
                 "                      [--json] [FEED...]",
    .summary = "the feeds: which there are, how they are, when each is asked next",
    .help = "  list    what is configured: name, group, interval, address\n"
            "  status  how each is: state, last success, items a day, next poll and why\n"
            "  due     the next polls in their order, and why each is then\n\n"
            "They read the configuration and the state directory, also while the daemon runs.\n\n"
            "  --config FILE  as with run\n"
            "  --group NAME   only the feeds of that group\n"
            "  --state WORD   only those that are new, ok, failing, dormant, gone or paused\n"
            "  --count N      at most so many\n"
            "  --json         one object a line\n\n"
            "Exit status: 0, 1 the state could not be read, 2 wrong arguments or configuration,\n"
            "or no such feed.\n",
    .run = run,
};
