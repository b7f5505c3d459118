/* daemon/command_run.c - the verb `run`. */
#include "daemon/command.h"

static int run(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return WD_EXIT_FAILED;
}

const wd_command wd_command_run = {
    .name = "run", .arguments = "", .summary = "", .help = "", .run = run
};
