/* daemon/verbs/errand.c - runs the loop until the one answer is there. */
#include "daemon/verbs/errand.h"

#include <assert.h>

bool wd_errand_open(wd_errand *e, const wd_config *config)
{
    e->config = config;
    e->reply = NULL;
    if (uv_loop_init(&e->loop) != 0)
        return false;
    if (wd_fetcher_open(&e->http, &e->loop, config, e->user_agent) == WD_OK)
        return true;
    uv_loop_close(&e->loop);
    return false;
}

static void on_done(wd_http_request *request, const wd_http_reply *reply)
{
    wd_errand *e = request->ctx;
    *e->reply = *reply;
    e->reply = NULL;
}

void wd_errand_run(wd_errand *e, wd_http_request *request, wd_http_reply *reply)
{
    request->now_ms = wd_wall_ms(wd_clock_system());
    request->done = on_done;
    request->ctx = e;
    *reply = (wd_http_reply){ .reason = WD_REASON_INTERNAL,
                              .max_age_s = -1,
                              .expires_ms = WD_TIME_NONE,
                              .retry_after_ms = -1 };
    if (wd_http_get(e->http, request) != WD_OK)
        return;
    e->reply = reply;
    while (e->reply != NULL)
        uv_run(&e->loop, UV_RUN_ONCE);
}

void wd_errand_close(wd_errand *e)
{
    wd_http_close(&e->http);
    uv_run(&e->loop, UV_RUN_DEFAULT);
    int open = uv_loop_close(&e->loop);
    assert(open == 0);
    (void)open;
}
