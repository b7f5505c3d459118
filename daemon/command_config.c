/* daemon/command_config.c - one way to find it, and one way to complain. */
#include "daemon/command_config.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/config_place.h"

wd_config *wd_command_config(const char *file)
{
    wd_config *config = NULL;
    wd_error err;
    char standard[PATH_MAX];
    if (file == NULL)
        file = wd_config_default_file(standard, sizeof(standard));
    if (wd_config_load(&config, file, &err) == WD_OK)
        return config;
    fprintf(stderr, "%s: %s\n", err.where, err.text);
    return NULL;
}

wd_config *wd_command_config_or_none(const char *file)
{
    char standard[PATH_MAX];
    if (file == NULL && access(wd_config_default_file(standard, sizeof(standard)), R_OK) != 0)
        file = "/dev/null";
    return wd_command_config(file);
}
