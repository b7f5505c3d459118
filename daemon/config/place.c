/* daemon/config/place.c - the service manager's directories first, then the working directory. */
#include "daemon/config/place.h"

#include <errno.h>
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

/* Its directory is closed to others; they should hear that rather than "is it running?". */
static bool service_has_socket(void)
{
    return access(SERVICE_SOCKET, F_OK) == 0 || errno == EACCES;
}

bool wd_config_find_socket(const wd_config *config, char path[WD_SOCKET_PATH_BYTES])
{
    if (config == NULL) {
        snprintf(path, WD_SOCKET_PATH_BYTES, "%s", SERVICE_SOCKET);
        return service_has_socket();
    }
    if (!wd_config_socket(config, path))
        return false;
    if (config->control.socket == NULL && access(path, F_OK) != 0 && service_has_socket())
        snprintf(path, WD_SOCKET_PATH_BYTES, "%s", SERVICE_SOCKET);
    return true;
}
