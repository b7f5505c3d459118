/*
 * daemon/verbs/given_config.h - the configuration a verb was given, or the one that lies where it
 * should.
 */
#pragma once

#include "daemon/config/config.h"

/* `file` as after --config, NULL when it was not given.  NULL: it is wrong, and one
 * line on stderr has said where, and what to do when there is none. */
wd_config *wd_command_config(const char *file);

/* The same, saying nothing: err has it. */
wd_config *wd_command_config_quiet(const char *file, wd_error *err);

/* The same for a verb that needs none: where no file was named and none lies where it should,
 * everything is as by default. */
wd_config *wd_command_config_or_none(const char *file);
