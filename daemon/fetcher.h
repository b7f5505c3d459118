/*
 * daemon/fetcher.h - the HTTP client and the schedule's policy as the configuration wants them:
 * the same for the daemon and for the verbs that ask the network themselves.
 */
#pragma once

#include "daemon/config/config.h"
#include "feeds/http.h"
#include "feeds/schedule.h"

/* "wiredesk/0.1.0 (+https://example.org/bot)" */
#define WD_USER_AGENT_BYTES 256u

/* `user_agent` is filled and must outlive the client, as must the configuration. */
WD_MUST_USE wd_status wd_fetcher_open(wd_http **out,
                                      uv_loop_t *loop,
                                      const wd_config *config,
                                      char user_agent[WD_USER_AGENT_BYTES]);

wd_schedule_policy wd_fetcher_policy(const wd_config *config);
