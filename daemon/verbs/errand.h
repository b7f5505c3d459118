/*
 * daemon/verbs/errand.h - one request at a time, waited for: how a verb asks the network.
 *
 * The daemon's own client on a loop of its own, so that what a verb sees is what a poll
 * would get: the same limits, the same address guard.
 */
#pragma once

#include "daemon/fetcher.h"

typedef struct wd_errand {
    const wd_config *config; /* borrowed */
    uv_loop_t loop;
    wd_http *http;
    wd_http_reply *reply; /* of the request under way; NULL: none is */
    char user_agent[WD_USER_AGENT_BYTES];
} wd_errand;

/* False: no memory; nothing to close. */
WD_MUST_USE bool wd_errand_open(wd_errand *e, const wd_config *config);

/* Sets time, done and ctx, waits; the reply's spans are in the request's arena. */
void wd_errand_run(wd_errand *e, wd_http_request *request, wd_http_reply *reply);

void wd_errand_close(wd_errand *e);
