/* daemon/service_control.c - the listener's routes: path to answer, one row each. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "daemon/metrics.h"
#include "daemon/service_impl.h"

static void on_metrics(wd_service *s, const wd_control_request *r, wd_control_answer *out)
{
    (void)r;
    wd_websub_stats websub = { .delivering = 0 };
    if (s->websub != NULL)
        wd_websub_keeper_get_stats(s->websub, &websub);
    s->snap.websub = s->websub ? &websub : NULL;
    out->type = "text/plain; version=0.0.4; charset=utf-8";
    wd_metrics_write(&s->snap, &out->body);
    s->snap.websub = NULL;
}

static void on_health(wd_service *s, const wd_control_request *r, wd_control_answer *out)
{
    (void)r;
    const char *trouble = wd_snapshot_trouble(&s->snap);
    wd_buf_printf(&out->body, "%s\n", trouble ? trouble : "ok");
    out->status = trouble ? 503 : 200;
}

static const struct route {
    const char *path;
    void (*answer)(wd_service *s, const wd_control_request *r, wd_control_answer *out);
} routes[] = {
    { "/", wd_service_on_page },
    { "/events", wd_service_on_events },
    { "/state.json", wd_service_on_state },
    { "/feeds.json", wd_service_on_feeds },
    { "/items.json", wd_service_on_items },
    { "/metrics", on_metrics },
    { "/healthz", on_health },
};

static void on_page(void *ctx, const wd_control_request *r, wd_control_answer *out)
{
    wd_service *s = ctx;
    wd_service_refresh(s);
    for (size_t i = 0; i < WD_COUNT(routes); i++) {
        if (strcmp(routes[i].path, wd_control_path(r)) == 0) {
            routes[i].answer(s, r, out);
            return;
        }
    }
    out->status = 404;
    wd_buf_printf(&out->body, "there are");
    for (size_t i = 0; i < WD_COUNT(routes); i++)
        wd_buf_printf(&out->body, " %s", routes[i].path);
    wd_buf_printf(&out->body, "\n");
}

/* The streams are over only now. */
static void control_closed(void *ctx)
{
    wd_service *s = ctx;
    wd_readers_close(&s->readers);
    wd_service_part_closed(s);
}

static bool is_loopback(const char *listen)
{
    struct sockaddr_storage a;
    const struct sockaddr_in *in4 = (const struct sockaddr_in *)&a;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a;
    if (wd_control_address(listen, &a, NULL) != WD_OK)
        return false;
    return a.ss_family == AF_INET ? ntohl(in4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
                                  : IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

wd_status wd_service_open_control(wd_service *s, wd_error *err)
{
    wd_control_spec spec = { .loop = &s->loop,
                             .listen = s->config->control.listen,
                             .page = on_page,
                             .closed = control_closed,
                             .ctx = s };
    if (strcmp(spec.listen, "off") == 0)
        return WD_OK;
    wd_status status = wd_service_open_page(s);
    if (status != WD_OK)
        return wd_fail(err, status, "the status page: %s", wd_status_text(status));
    status = wd_control_open(&s->control, &spec, err);
    if (status != WD_OK)
        return status;
    s->open_parts++;
    char port[16];
    snprintf(port, sizeof(port), "%u", wd_control_port(s->control));
    wd_info(s->log, "control.listen", WD_FIELDS({ "PORT", port }),
            "status page, metrics and health on port %s (%s)", port, spec.listen);
    if (!is_loopback(spec.listen))
        wd_warn(s->log, "control.public", WD_FIELDS({ "PORT", port }),
                "whoever reaches %s reads the status page and the metrics: there is no password",
                spec.listen);
    return WD_OK;
}

void wd_service_close_control(wd_service *s)
{
    if (s->control != NULL)
        wd_control_close(&s->control);
    else
        wd_readers_close(&s->readers); /* the listener never came */
}
