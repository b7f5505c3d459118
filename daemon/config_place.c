/* daemon/config_place.c - the service manager's directories first, then the working directory. */
#include "daemon/config_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVICE_SOCKET "/run/wiredesk/control.sock" /* RuntimeDirectory= of the unit */

const char *wd_config_default_file(char *buf, size_t size)
{
    const char *dir = getenv("CONFIGURATION_DIRECTORY");
    if (dir != NULL && *dir != '\0')
        snprintf(buf, size, "%s/wiredesk.yaml", dir);
    else if (access("wiredesk.yaml", R_OK) == 0)
        snprintf(buf, size, "wiredesk.yaml");
    else
        snprintf(buf, size, "/etc/wiredesk/wiredesk.yaml");
    return buf;
}

bool wd_config_socket(const wd_config *config, char path[WD_SOCKET_PATH_BYTES])
{
    const char *runtime = getenv("RUNTIME_DIRECTORY");
    const char *set = config->control.socket;
    if (set != NULL)
        snprintf(path, WD_SOCKET_PATH_BYTES, "%s", set);
    else if (runtime != NULL && *runtime != '\0')
        snprintf(path, WD_SOCKET_PATH_BYTES, "%s/control.sock", runtime);
    else
        snprintf(path, WD_SOCKET_PATH_BYTES, "%s/control.sock", config->state);
    return set == NULL || strcmp(set, "off") != 0;
}

bool wd_config_find_socket(const wd_config *config, char path[WD_SOCKET_PATH_BYTES])
{
    if (config == NULL) {
        snprintf(path, WD_SOCKET_PATH_BYTES, "%s", SERVICE_SOCKET);
        return access(SERVICE_SOCKET, F_OK) == 0;
    }
    if (!wd_config_socket(config, path))
        return false;
    if (config->control.socket == NULL && access(path, F_OK) != 0 &&
        access(SERVICE_SOCKET, F_OK) == 0)
        snprintf(path, WD_SOCKET_PATH_BYTES, "%s", SERVICE_SOCKET);
    return true;
}
