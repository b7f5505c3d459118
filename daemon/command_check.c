/* daemon/command_check.c - the verb `check`: is the configuration right? */
#include <stdio.h>

#include "daemon/command.h"
#include "daemon/command_config.h"
#include "daemon/options.h"

static int run(int argc, char **argv)
{
    const char *file = NULL;
    bool quiet = false;
    const wd_option options[] = { { "--config", &file, NULL }, { "--quiet", NULL, &quiet } };
    if (!wd_options_parse(argc, argv, options, WD_COUNT(options), NULL))
        return WD_EXIT_USAGE;
    wd_config *config = wd_command_config(file);
    if (config == NULL)
        return WD_EXIT_USAGE;
    if (!quiet)
        printf("%s is right: %zu feed%s, state in %s, stream %s\n", config->file, config->n_feeds,
               config->n_feeds == 1 ? "" : "s", config->state, config->redis.stream);
    wd_config_free(config);
    return WD_EXIT_OK;
}

const wd_command wd_command_check = {
    .name = "check",
    .arguments = "[--config FILE] [--quiet]",
    .summary = "read the configuration and say whether it is right",
    .help = "Starts nothing and asks no network.  Exit status: 0 it is right, 2 it is not; then\n"
            "one line says file, line, column and what is wrong there.\n",
    .run = run,
};
