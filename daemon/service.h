/*
 * daemon/service.h - the daemon as a whole: starts every stage in order, keeps watch, and
 * stops them in the reverse order with nothing lost.
 */
#pragma once

#include "core/log.h"
#include "daemon/config.h"

/* Runs until SIGTERM, SIGINT or a failure that cannot be waited out.  Takes the
 * configuration.  Returns an enum wd_exit (daemon/command.h). */
int wd_service_run(wd_config *config, wd_log *log);
