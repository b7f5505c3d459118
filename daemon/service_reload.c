/* daemon/service_reload.c - SIGHUP: read everything, then swap, or keep the old and say why. */
#include <stdio.h>

#include "daemon/config/change.h"
#include "daemon/notify.h"
#include "daemon/service_impl.h"

wd_status wd_service_set_rules(wd_service *s, const wd_config *config)
{
    wd_schedule_policy policy = wd_fetcher_policy(config);
    return wd_poller_set_rules(s->poller, &policy, config->hosts, config->n_hosts);
}

static void reload_over(wd_service *s, bool ok, const char *said)
{
    wd_service_reload_done(s, ok, said);
    wd_notify_ready();
    if (!s->reload_again)
        return;
    s->reload_again = false;
    wd_service_reload(s);
}

static void reload_failed(wd_service *s, const char *where, const char *text)
{
    s->snap.reloads_failed++;
    wd_error_event(s->log, "daemon.reload_failed", WD_FIELDS({ "REASON", text }),
                   "the configuration stays as it was: %s%s%s", where, where[0] ? ": " : "", text);
    char said[sizeof(((wd_error *)NULL)->where) + sizeof(((wd_error *)NULL)->text) + 64];
    snprintf(said, sizeof(said), "the configuration stays as it was: %s%s%s", where,
             where[0] ? ": " : "", text);
    snprintf(s->snap.reload_trouble, sizeof(s->snap.reload_trouble), "%s%s%s", where,
             where[0] ? ": " : "", text);
    reload_over(s, false, said);
}

void wd_service_on_hangup(uv_signal_t *signal, int number)
{
    (void)number;
    wd_service_reload(signal->loop->data);
}

void wd_service_reload(wd_service *s)
{
    wd_error err;
    wd_config *fresh;
    if (s->stopping || s->once != NULL)
        return;
    if (s->coming != NULL) {
        s->reload_again = true; /* it may have read older files */
        return;
    }
    wd_notify_reloading();
    if (wd_config_load(&fresh, s->config->file, &err) != WD_OK) {
        reload_failed(s, err.where, err.text);
        return;
    }
    wd_config_keep_fixed(fresh, s->config, s->log);
    s->coming = fresh;
    wd_schedule_policy policy = wd_fetcher_policy(fresh);
    wd_pipeline_reload(s->pipeline, fresh, &policy);
}

/* Takes `fresh`.  On failure the feeds are as they were. */
static wd_status adopt(wd_service *s, wd_config *fresh, const wd_roster *roster)
{
    wd_status status = wd_config_shelf_put(s->shelf, fresh);
    if (status != WD_OK) {
        wd_config_free(fresh);
        return status;
    }
    status = wd_service_set_rules(s, fresh);
    if (status == WD_OK)
        status = wd_poller_set_feeds(s->poller, roster->feeds, fresh->n_feeds);
    if (status != WD_OK)
        wd_config_shelf_undo(s->shelf);
    return status;
}

void wd_service_on_roster(void *ctx, wd_status status, wd_roster *roster)
{
    wd_service *s = ctx;
    wd_config *fresh = s->coming;
    s->coming = NULL;
    if (status == WD_OK && s->stopping)
        status = WD_CANCELED;
    if (status == WD_OK)
        status = adopt(s, fresh, roster);
    else
        wd_config_free(fresh);
    wd_roster_free(roster);
    if (status != WD_OK) {
        reload_failed(s, "", wd_status_text(status));
        return;
    }
    char said[256];
    wd_config_log_change(s->log, s->config, fresh, said, sizeof(said));
    s->config = fresh;
    if (s->websub != NULL)
        wd_websub_keeper_set(s->websub, fresh);
    if (s->lists != NULL && wd_list_keeper_set(s->lists, fresh) != WD_OK)
        wd_warn(s->log, "list.failed", WD_NO_FIELDS, "no memory for all the lists");
    wd_log_set_level(s->log, (wd_log_level)fresh->log_level);
    s->snap.reloads_ok++;
    s->snap.reload_trouble[0] = '\0';
    wd_config_shelf_sweep(s->shelf);
    reload_over(s, true, said);
}

/* Polls under way may point into an old configuration: the shelf keeps it for them. */
void wd_service_on_release(void *ctx, const wd_feed_config *feed)
{
    wd_service *s = ctx;
    wd_config_shelf_release(s->shelf, feed);
}
