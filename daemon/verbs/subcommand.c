/* daemon/verbs/subcommand.c - finds the row, and names the others when there is none. */
#include "daemon/verbs/subcommand.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "daemon/verbs/command.h"

int wd_subcommand_run(const wd_subcommand *rows, size_t n, int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        argv[1] = (char *)(uintptr_t)rows[i].title;
        return rows[i].run(argc - 1, argv + 1);
    }
    if (name[0] != '\0')
        fprintf(stderr, "wiredesk %s: there is no '%s'; it is one of", argv[0], name);
    else
        fprintf(stderr, "wiredesk %s: what?  It is one of", argv[0]);
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", rows[i].name);
    fprintf(stderr, "\n");
    return WD_EXIT_USAGE;
}
