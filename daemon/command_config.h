/*
 * daemon/command_config.h - the configuration a verb was given, or the one that lies where it
 * should.
 */
#pragma once

#include "daemon/config.h"

/* `file` as after --config, NULL when it was not given.  NULL: it is wrong, and one
 * line on stderr has said where. */
wd_config *wd_command_config(const char *file);
