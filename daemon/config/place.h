/*
 * daemon/config/place.h - where things lie unless somebody says otherwise.
 */
#pragma once

#include "daemon/config/config.h"

/* The file to use when none is named: $CONFIGURATION_DIRECTORY/wiredesk.yaml,
 * else ./wiredesk.yaml when it exists, else /etc/wiredesk/wiredesk.yaml. */
const char *wd_config_default_file(char *buf, size_t size);

/* Longer than any unix socket's path may be, so that a longer one is seen to be that. */
#define WD_SOCKET_PATH_BYTES 256u

/* Where the daemon takes orders: control.socket, else $RUNTIME_DIRECTORY/control.sock, else
 * control.sock in the state directory.  False: off. */
bool wd_config_socket(const wd_config *config, char path[WD_SOCKET_PATH_BYTES]);

/* The same seen from another process, which does not have the daemon's environment: where
 * nothing is said and the state directory has none, the service's in /run/wiredesk.  `config`
 * may be NULL, for one that cannot be read: then it is the service's. */
bool wd_config_find_socket(const wd_config *config, char path[WD_SOCKET_PATH_BYTES]);
