/* daemon/command_dedup.c - the verb `dedup`. */
#include "daemon/command.h"

static int run(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return WD_EXIT_FAILED;
}

const wd_command wd_command_dedup = {
    .name = "dedup", .arguments = "", .summary = "", .help = "", .run = run
};
