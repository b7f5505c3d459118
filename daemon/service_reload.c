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

/* One event a mistake: each can be found, and jumped to, by itself. */
static void log_failed(wd_log *log, const char *where, const char *text)
{
    wd_error_event(log, "daemon.reload_failed", WD_FIELDS({ "REASON", text }),
                   "the configuration stays as it was: %s%s%s", where, where[0] ? ": " : "", text);
}

static void reload_failed(wd_service *s, const wd_mistakes *wrong)
{
    const wd_error *first = &wrong->list[0];
    size_t told = wd_mistakes_told(wrong);
    char more[32] = "", said[sizeof(*first) + 96];
    s->snap.reloads_failed++;
    for (size_t i = 0; i < told; i++)
        log_failed(s->log, wrong->list[i].where, wrong->list[i].text);
    snprintf(more, sizeof(more), "and %zu more", wrong->n - told);
    if (wrong->n > told)
        log_failed(s->log, "", more);
    snprintf(more, sizeof(more), "; and %zu more", wrong->n - 1);
    const char *end = wrong->n > 1 ? more : "";
    const char *colon = first->where[0] ? ": " : "";
    snprintf(said, sizeof(said), "the configuration stays as it was: %s%s%s%s", first->where, colon,
             first->text, end);
    snprintf(s->snap.reload_trouble, sizeof(s->snap.reload_trouble), "%s%s%s%s", first->where,
             colon, first->text, end);
    reload_over(s, false, said);
}

static void reload_failed_by(wd_service *s, wd_status status)
{
    wd_mistakes wrong = { .n = 1 };
    wd_error_set(&wrong.list[0], status, "%s", wd_status_text(status));
    reload_failed(s, &wrong);
}

void wd_service_on_hangup(uv_signal_t *signal, int number)
{
    (void)number;
    wd_service_reload(signal->loop->data);
}

void wd_service_reload(wd_service *s)
{
    wd_mistakes wrong;
    wd_config *fresh;
    if (s->stopping || s->once != NULL)
        return;
    if (s->coming != NULL) {
        s->reload_again = true; /* it may have read older files */
        return;
    }
    wd_notify_reloading();
    if (wd_config_load(&fresh, s->config->file, &wrong) != WD_OK) {
        reload_failed(s, &wrong);
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
        reload_failed_by(s, status);
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
