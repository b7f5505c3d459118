/* daemon/verbs/redis_address.h - where the configured Redis is, for verbs that speak to it
 * themselves. */
#pragma once

#include "daemon/config/config.h"
#include "queue/redis_url.h"

/* The embedded server's socket, or the URL with the configured user and password. */
WD_MUST_USE wd_status wd_redis_address(const wd_config *config, wd_redis_url *out, wd_error *err);

/* What to do when the connection could not be made, to be put behind the reason; or "". */
const char *wd_redis_hint(const char *why);
