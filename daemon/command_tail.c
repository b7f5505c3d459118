/* daemon/command_tail.c - the verb `tail`. */
#include "daemon/command.h"

static int run(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return WD_EXIT_FAILED;
}

const wd_command wd_command_tail = {
    .name = "tail", .arguments = "", .summary = "", .help = "", .run = run
};
