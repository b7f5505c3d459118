/* daemon/main.c - finds the verb and runs it. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/status.h"
#include "daemon/verbs/command.h"
#include "daemon/version.h"

static const wd_command *const commands[] = {
    &wd_command_run,   &wd_command_once,   &wd_command_check,    &wd_command_tail,
    &wd_command_feeds, &wd_command_ctl,    &wd_command_dump,     &wd_command_explain,
    &wd_command_test,  &wd_command_opml,   &wd_command_discover, &wd_command_parse,
    &wd_command_dedup, &wd_command_outbox, &wd_command_replay,
};

static void print_overview(FILE *out)
{
    fprintf(out,
            "wiredesk " WD_VERSION " - reads feeds, recognises copies, hands each story on once\n\n"
            "usage: wiredesk COMMAND [ARGUMENTS]\n\n");
    for (size_t i = 0; i < WD_COUNT(commands); i++)
        fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(
        out,
        "\n`wiredesk COMMAND --help` says more.  To begin: wiredesk feeds add ADDRESS, of a feed\n"
        "or of a site; then wiredesk run, and in another terminal wiredesk tail.\n");
}

static void print_command(const wd_command *c)
{
    printf("usage: wiredesk %s %s\n\n%s\n\n%s", c->name, c->arguments, c->summary, c->help);
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

/* Started with a standard stream closed, the next file or socket would take its number, and a
 * log line or a document would go into it. */
static bool fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    return true;
}

static int run(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "--version") == 0 || strcmp(verb, "-V") == 0) {
        puts("wiredesk " WD_VERSION);
        return WD_EXIT_OK;
    }
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0 || strcmp(verb, "help") == 0) {
        print_overview(stdout);
        return WD_EXIT_OK;
    }
    for (size_t i = 0; i < WD_COUNT(commands); i++) {
        if (strcmp(verb, commands[i]->name) != 0)
            continue;
        if (wants_help(argc - 1, argv + 1)) {
            print_command(commands[i]);
            return WD_EXIT_OK;
        }
        return commands[i]->run(argc - 1, argv + 1);
    }
    if (verb[0] != '\0')
        fprintf(stderr, "wiredesk: there is no command '%s'\n\n", verb);
    print_overview(stderr);
    return WD_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (!fill_standard_streams())
        return WD_EXIT_FAILED;
    int code = run(argc, argv);
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "wiredesk: what was to be printed could not be written%s%s\n",
            errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    return code == WD_EXIT_OK ? WD_EXIT_FAILED : code;
}
