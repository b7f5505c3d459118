/* daemon/verbs/given_config.c - one way to find it, and one way to complain. */
#include "daemon/verbs/given_config.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/config/place.h"

wd_config *wd_command_config_quiet(const char *file, wd_error *err)
{
    wd_config *config = NULL;
    char standard[PATH_MAX];
    if (file == NULL)
        file = wd_config_default_file(standard, sizeof(standard));
    return wd_config_load(&config, file, err) == WD_OK ? config : NULL;
}

/* Nobody has written one yet: the first thing that a newcomer meets. */
static void help_to_begin(void)
{
    fprintf(stderr, "There is no configuration yet.  A first one, ./wiredesk.yaml:\n\n"
                    "  redis: embedded\n"
                    "  feeds:\n"
                    "    example: https://news.example/feed.xml\n\n"
                    "Then: wiredesk run, and in another terminal: wiredesk tail\n");
}

wd_config *wd_command_config(const char *file)
{
    wd_error err;
    char standard[PATH_MAX];
    wd_config *config = wd_command_config_quiet(file, &err);
    if (config != NULL)
        return config;
    fprintf(stderr, "%s: %s\n", err.where, err.text);
    if (file == NULL && access(wd_config_default_file(standard, sizeof(standard)), F_OK) != 0)
        help_to_begin();
    return NULL;
}

wd_config *wd_command_config_or_none(const char *file)
{
    char standard[PATH_MAX];
    if (file == NULL && access(wd_config_default_file(standard, sizeof(standard)), R_OK) != 0)
        file = "/dev/null";
    return wd_command_config(file);
}
