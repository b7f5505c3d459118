/* daemon/command_parse.c - the verb `parse`. */
#include "daemon/command.h"

static int run(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return WD_EXIT_FAILED;
}

const wd_command wd_command_parse = {
    .name = "parse", .arguments = "", .summary = "", .help = "", .run = run
};
