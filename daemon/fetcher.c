/* daemon/fetcher.c - settings in, client out. */
#include "daemon/fetcher.h"

#include <stdio.h>

#include "daemon/version.h"

#define DECODED_TIMES 4u /* decoded body over wire body (limits.h: 32 MB over 8 MB) */

wd_status wd_fetcher_open(wd_http **out,
                          uv_loop_t *loop,
                          const wd_config *config,
                          char user_agent[WD_USER_AGENT_BYTES])
{
    const wd_config_http *h = &config->http;
    const char *contact = h->user_agent_contact;
    snprintf(user_agent, WD_USER_AGENT_BYTES, contact ? "wiredesk/%s (+%s)" : "wiredesk/%s",
             WD_VERSION, contact);
    const wd_http_config http = { .user_agent = user_agent,
                                  .max_connections = (uint32_t)h->max_connections,
                                  .max_body_wire = h->max_body,
                                  .max_body_decoded = h->max_body * DECODED_TIMES,
                                  .connect_timeout_ms = h->connect_timeout_ms,
                                  .total_timeout_ms = h->timeout_ms,
                                  .allow_private = h->allow_private,
                                  .ca_file = h->ca_file };
    return wd_http_open(out, loop, &http);
}

wd_schedule_policy wd_fetcher_policy(const wd_config *c)
{
    return (wd_schedule_policy){ .min_interval_ms = c->schedule.min_interval_ms,
                                 .max_interval_ms = c->schedule.max_interval_ms,
                                 .max_fetch_rate = c->schedule.max_fetch_rate,
                                 .start_rate = c->schedule.start_rate };
}
