/* daemon/service_websub.c - hubs may push: the keeper beside the poller, and its rows in the
 * ledger.
 */
#include <stdio.h>

#include "daemon/service_impl.h"

/* A row has a kilobyte at most as a rule: room for a quarter of a million. */
#define ROWS_BYTES ((size_t)256 << 20)

struct wd_websub_row {
    struct wd_websub_row *next;
    wd_ledger_websub row;
};

static void put(void *ctx, const wd_ledger_websub *row)
{
    wd_service *s = ctx;
    wd_pipeline_keep_websub(s->pipeline, row);
}

static void drop(void *ctx, wd_span token)
{
    wd_service *s = ctx;
    wd_pipeline_keep_websub(s->pipeline, &(wd_ledger_websub){ .token = token });
}

/* The ledger is the desk thread's as soon as there is one: what it has is read before. */
static void keep_row(void *ctx, const wd_ledger_websub *row)
{
    wd_service *s = ctx;
    struct wd_websub_row *kept = wd_arena_alloc(s->websub_arena, sizeof(*kept));
    if (kept == NULL)
        return;
    kept->row = *row;
    kept->row.token = wd_arena_copy(s->websub_arena, row->token);
    kept->row.slug = wd_arena_copy(s->websub_arena, row->slug);
    kept->row.hub = wd_arena_copy(s->websub_arena, row->hub);
    kept->row.topic = wd_arena_copy(s->websub_arena, row->topic);
    kept->row.secret = wd_arena_copy(s->websub_arena, row->secret);
    kept->next = s->websub_rows;
    s->websub_rows = kept;
}

wd_status wd_service_read_websub(wd_service *s, wd_error *err)
{
    s->websub_arena = wd_arena_new(ROWS_BYTES);
    wd_status status = WD_NOMEM;
    if (s->websub_arena != NULL)
        status = wd_ledger_each_websub(wd_storer_ledger(s->storer), keep_row, s);
    if (status == WD_OK)
        status = wd_arena_status(s->websub_arena);
    return status == WD_OK ? WD_OK
                           : wd_fail(err, status, "subscriptions: %s", wd_status_text(status));
}

static void restore_rows(wd_service *s)
{
    for (const struct wd_websub_row *r = s->websub_rows; r != NULL; r = r->next)
        wd_websub_keeper_restore(s->websub, &r->row);
}

/* Switched off: no feed's polls wait for a hub. */
static void poll_all(const wd_service *s)
{
    for (size_t i = 0; i < s->config->n_feeds; i++)
        wd_poller_set_backup(s->poller, s->config->feeds[i].slug, false);
}

static wd_status open_keeper(wd_service *s, wd_error *err)
{
    const wd_websub_keeper_spec spec = { .loop = &s->loop,
                                         .http = s->http,
                                         .poller = s->poller,
                                         .clock = s->clock,
                                         .log = s->log,
                                         .config = s->config,
                                         .put = put,
                                         .drop = drop,
                                         .closed = wd_service_part_closed,
                                         .ctx = s };
    wd_status status = wd_websub_keeper_open(&s->websub, &spec, err);
    if (status != WD_OK)
        return status;
    s->open_parts++;
    char port[16];
    snprintf(port, sizeof(port), "%u", wd_websub_keeper_port(s->websub));
    wd_info(s->log, "websub.listen", WD_FIELDS({ "PORT", port }),
            "hubs deliver to port %s (%s), which they know as %s", port, s->config->websub.listen,
            s->config->websub.url);
    return WD_OK;
}

wd_status wd_service_open_websub(wd_service *s, wd_error *err)
{
    const wd_config_websub *w = &s->config->websub;
    wd_status status = WD_OK;
    /* Switched off since: hubs are told, as long as they know where we are. */
    if (w->enabled || (s->websub_rows != NULL && w->url != NULL))
        status = open_keeper(s, err);
    if (status == WD_OK && s->websub != NULL) {
        restore_rows(s);
        wd_websub_keeper_set(s->websub, s->config);
    } else if (status == WD_OK) {
        poll_all(s);
    }
    s->websub_rows = NULL;
    wd_arena_free(s->websub_arena);
    s->websub_arena = NULL;
    return status;
}

void wd_service_stored(void *service, const wd_poll *poll)
{
    wd_service *s = service;
    wd_service_page_stored(s, poll);
    if (s->websub != NULL)
        wd_websub_keeper_stored(s->websub, poll);
}

void wd_service_dropped(void *service, const wd_poll *poll)
{
    wd_service *s = service;
    if (s->websub != NULL)
        wd_websub_keeper_dropped(s->websub, poll);
}
