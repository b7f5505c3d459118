/* daemon/verbs/feeds.c - the verb `feeds`: a table of what can be done with them. */
#include "daemon/verbs/feeds.h"

#include "core/status.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/subcommand.h"

static const wd_subcommand rows[] = {
    { "add", "feeds add", wd_feeds_add },          { "list", "feeds list", wd_feeds_list },
    { "status", "feeds status", wd_feeds_status }, { "due", "feeds due", wd_feeds_due },
    { "pause", "feeds pause", wd_feeds_pause },    { "resume", "feeds resume", wd_feeds_resume },
    { "poll", "feeds poll", wd_feeds_poll },       { "reset", "feeds reset", wd_feeds_reset },
};

static int run(int argc, char **argv)
{
    return wd_subcommand_run(rows, WD_COUNT(rows), argc, argv);
}

const wd_command wd_command_feeds = {
    .name = "feeds",
    .arguments = "add [--config FILE] [--name NAME] [--group NAME] [--allow-private NET]\n"
                 "                      [--json] URL\n"
                 "       wiredesk feeds list|status|due [--config FILE] [--group NAME] [--state "
                 "WORD] [--count N]\n"
                 "                      [--json] [FEED...]\n"
                 "       wiredesk feeds pause|resume|poll|reset [--config FILE] [--json] FEED...",
    .summary = "the feeds: how they are, when each is asked next; add, pause or poll one",
    .help =
        "  add     finds the feed of that address or site, writes it to feeds.d/added.yaml beside\n"
        "          the configuration, and has the running daemon take it over; a site with\n"
        "          several feeds is asked which\n\n"
        "  list    what is configured: name, group, interval, address\n"
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
        "  --name NAME    add: what it is called (default: made of the address)\n"
        "  --allow-private NET  add: it is on that network of yours, such as 10.20.0.0/16\n"
        "  --group NAME   only the feeds of that group; add: the group that it is in\n"
        "  --state WORD   only those that are new, ok, failing, dormant, gone or paused\n"
        "  --count N      at most so many\n"
        "  --json         one object a line\n\n"
        "Exit status: 0, 1 the state could not be read or the daemon refused, 2 wrong\n"
        "arguments or configuration, or no such feed.\n",
    .run = run,
};
