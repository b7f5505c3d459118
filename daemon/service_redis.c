/* daemon/service_redis.c - where events go: an embedded Redis when asked for, then the publisher.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/exit.h"
#include "daemon/service_impl.h"

static void open_publisher(wd_service *s, const char *url)
{
    wd_error err = { 0 };
    const wd_config_redis *r = &s->config->redis;
    wd_publisher_spec spec = { .loop = &s->loop,
                               .clock = s->clock,
                               .log = s->log,
                               .config = { .url = url,
                                           .username = r->username,
                                           .password = r->password,
                                           .ca_file = r->ca_file,
                                           .cert_file = r->cert_file,
                                           .key_file = r->key_file,
                                           .stream = { r->stream, r->copies_stream },
                                           .channel = { r->channel, r->copies_channel },
                                           .list = r->list,
                                           .maxlen = r->maxlen,
                                           .max_age_ms = r->max_age_ms,
                                           .safe_replicas = (unsigned)r->safe_replicas },
                               .source = wd_pipeline_source(s->pipeline),
                               .generation = wd_ledger_generation(wd_storer_ledger(s->storer)),
                               .closed = wd_service_part_closed,
                               .closed_ctx = s };
    if (wd_publisher_open(&s->publisher, &spec, &err) != WD_OK) {
        wd_error_event(s->log, "redis.config", WD_NO_FIELDS, "redis.url: %s", err.text);
        wd_service_stop(s, WD_EXIT_USAGE);
        return;
    }
    s->open_parts++;
    wd_pipeline_set_publisher(s->pipeline, s->publisher);
}

static void redis_ready(void *ctx, wd_status status, const char *url)
{
    wd_service *s = ctx;
    if (s->stopping || s->publisher != NULL)
        return;
    if (status == WD_OK)
        open_publisher(s, url);
    else
        wd_service_stop(s, WD_EXIT_FAILED);
}

static void redis_died(void *ctx, const char *why)
{
    wd_service *s = ctx;
    wd_warn(s->log, "redis.lost", WD_FIELDS({ "REASON", why }),
            "the embedded Redis ended (%s); it is started again", why);
}

wd_status wd_service_open_redis(wd_service *s, wd_error *err)
{
    char dir[4096];
    if (strcmp(s->config->redis.url, "embedded") != 0) {
        open_publisher(s, s->config->redis.url);
        return WD_OK;
    }
    snprintf(dir, sizeof(dir), "%s/redis", s->config->state);
    wd_embedded_redis_spec spec = { .loop = &s->loop,
                                    .log = s->log,
                                    .dir = dir,
                                    .ready = redis_ready,
                                    .died = redis_died,
                                    .closed = wd_service_part_closed,
                                    .ctx = s };
    wd_status status = wd_embedded_redis_open(&s->redis, &spec, err);
    s->open_parts += status == WD_OK;
    return status;
}
