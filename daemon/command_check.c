/* daemon/command_check.c - the verb `check`. */
#include "daemon/command.h"

static int run(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return WD_EXIT_FAILED;
}

const wd_command wd_command_check = {
    .name = "check", .arguments = "", .summary = "", .help = "", .run = run
};
