/* daemon/service_lists.c - a new version of a list is a reload. */
#include "daemon/service_impl.h"

/* Not from here: a reload under way may have read the old version. */
static void changed(void *ctx)
{
    wd_service *s = ctx;
    s->list_changed = true;
}

wd_status wd_service_open_lists(wd_service *s, wd_error *err)
{
    const wd_list_keeper_spec spec = { .loop = &s->loop,
                                       .http = s->http,
                                       .log = s->log,
                                       .state = s->config->state,
                                       .changed = changed,
                                       .closed = wd_service_part_closed,
                                       .ctx = s };
    wd_status status = wd_list_keeper_open(&s->lists, &spec);
    if (status != WD_OK)
        return wd_fail(err, status, "%s/lists cannot be made", s->config->state);
    s->open_parts++;
    status = wd_list_keeper_set(s->lists, s->config);
    return status == WD_OK ? status : wd_fail(err, status, "%s", wd_status_text(status));
}

void wd_service_lists_tick(wd_service *s)
{
    if (!s->list_changed || s->stopping || s->coming != NULL)
        return;
    s->list_changed = false;
    wd_service_reload(s);
}
