/* daemon/verbs/feeds.c - the verb `feeds`: a table of what can be done with them. */
#include "daemon/verbs/feeds.h"

#include "core/status.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/subcommand.h"

static const wd_subcommand rows[] = {
    { "list", "feeds list", wd_feeds_list },       { "status", "feeds status", wd_feeds_status },
    { "due", "feeds due", wd_feeds_due },          { "pause", "feeds pause", wd_feeds_pause },
    { "resume", "feeds resume", wd_feeds_resume }, { "poll", "feeds poll", wd_feeds_poll },
    { "reset", "feeds reset", wd_feeds_reset },
};

static int run(int argc, char **argv)
{
    return wd_subcommand_run(rows, WD_COUNT(rows), argc, argv);
}

const wd_command wd_command_feeds = {
    .name = "feeds",
    .arguments = "list|status|due [--config FILE] [--group NAME] [--state WORD] [--count N]\n"
                 "                      [--json] [FEED...]\n"
                 "       wiredesk feeds pause|resume|poll|reset [--config FILE] [--json] FEED...",
    .summary = "the feeds: how they are, when each is asked next; pause or poll one",
    .help = "  list    what is configured: name, group, interval, address\n"
            "  status  how each is: state, last success, items a day, next poll and why\n"
            "  due     the next polls in their order, and why each is then\n\n"
            "They read the configuration and the state directory, also while the daemon runs.\n\n"
            "  pause   asks it no more, over restarts too, until `feeds resume`\n"
            "  resume  undoes that\n"
            "  poll    asks it now, its host's politeness kept\n"
            "  reset   forgets validators, failures and rhythm and asks it anew; what is known of\n"
            "          its stories stays, so that nothing is told twice\n\n"
            "These are orders to the running daemon, over its control socket.\n\n"
            "  --config FILE  as with run\n"
            "  --group NAME   only the feeds of that group\n"
            "  --state WORD   only those that are new, ok, failing, dormant, gone or paused\n"
            "  --count N      at most so many\n"
            "  --json         one object a line\n\n"
            "Exit status: 0, 1 the state could not be read or the daemon refused, 2 wrong\n"
            "arguments or configuration, or no such feed.\n",
    .run = run,
};
