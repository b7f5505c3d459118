/* daemon/verbs/subcommand.c - finds the row, and names the others when there is none. */
#include "daemon/verbs/subcommand.h"

#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/verb.h"

#define NAMES_BYTES 256u

int wd_subcommand_run(const wd_subcommand *rows, size_t n, int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        argv[1] = (char *)(uintptr_t)rows[i].title;
        return rows[i].run(argc - 1, argv + 1);
    }
    wd_buf names = WD_BUF_INIT(NAMES_BYTES);
    for (size_t i = 0; i < n; i++)
        wd_buf_printf(&names, "%s %s", i > 0 ? "," : "", rows[i].name);
    const wd_verb v = { .name = argv[0], .json = wd_verb_wants_json(argc, argv) };
    if (name[0] != '\0' && name[0] != '-')
        wd_verb_fail(&v, NULL, "there is no '%s'; it is one of%s", name, names.ptr);
    else
        wd_verb_fail(&v, NULL, "what?  It is one of%s", names.ptr);
    wd_buf_done(&names);
    return WD_EXIT_USAGE;
}
