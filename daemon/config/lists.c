/* daemon/config/lists.c - the section `lists`: subscription lists that are fetched, and what was
 * fetched of them last (daemon/list_keeper.h). */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "daemon/config/impl.h"

/* A list changes a few times a year; a minute is for tests beside one's own server. */
#define PUBLIC_INTERVAL_MS (10 * WD_MINUTE_MS)

static wd_status read_key(wd_config_loader *l, wd_feed_list *list, const wd_yaml *v)
{
    const wd_config_row *row =
        wd_config_row_find(wd_list_rows, wd_list_n_rows, WD_SPAN_LIT(""), v->key);
    if (row == NULL)
        return wd_config_unknown_key(l, v, " of a list",
                                     wd_config_nearest(wd_list_rows, wd_list_n_rows, "", v->key));
    return wd_config_set_value(l, row, list, v);
}

static const char *fault_of(const wd_config_loader *l, const wd_yaml *v)
{
    if (!wd_subscription_slug_valid(v->key))
        return "a list's name has letters, digits, '-', '_' and '.', at most 64 of them";
    if (v->kind != WD_YAML_MAP)
        return "a list is a mapping with a url";
    for (size_t i = 0; i < l->config->n_lists; i++)
        if (wd_span_is(v->key, l->config->lists[i].source.slug))
            return "this list is there twice";
    return NULL;
}

static wd_status read_list(wd_config_loader *l, wd_feed_list *list, const wd_yaml *yaml)
{
    const char *fault = fault_of(l, yaml);
    wd_status s = fault ? wd_config_complain(l, yaml->key_line, yaml->key_column, fault) : WD_OK;
    list->source.slug = wd_arena_copy(l->arena, yaml->key).ptr;
    if (list->source.slug == NULL ||
        wd_config_set_defaults(wd_list_rows, wd_list_n_rows, list, l->arena) != WD_OK)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    for (const wd_yaml *v = yaml->kind == WD_YAML_MAP ? yaml->first : NULL; v != NULL; v = v->next)
        if (!wd_config_goes_on(&s, read_key(l, list, v)))
            break;
    if (s == WD_OK && list->source.url == NULL)
        s = wd_config_complain(l, yaml->key_line, yaml->key_column, "this list has no url");
    if (s != WD_OK)
        list->source.url = NULL; /* nothing more is said of it */
    return s;
}

wd_status wd_config_read_lists(wd_config_loader *l, const wd_yaml *lists)
{
    wd_config *c = l->config;
    wd_feed_list *all = wd_config_room(l, c->lists, c->n_lists, sizeof(*all), lists);
    wd_config_place *places = wd_config_room(l, c->list_places, c->n_lists, sizeof(*places), lists);
    if (all == NULL || places == NULL)
        return WD_NOMEM;
    c->lists = l->feed_lists = all;
    c->list_places = places;
    wd_status s = WD_OK;
    for (const wd_yaml *v = lists->first; v != NULL; v = v->next) {
        places[c->n_lists] = (wd_config_place){ l->file, v->key_line, v->key_column };
        if (!wd_config_goes_on(&s, read_list(l, &all[c->n_lists], v)))
            break;
        c->n_lists++;
    }
    return s;
}

static wd_status settle_list(wd_config_loader *l, wd_feed_list *list, const wd_config_place *p)
{
    wd_status s = WD_OK;
    if (list->interval_ms < PUBLIC_INTERVAL_MS && list->source.allow_private == NULL &&
        l->config->http.allow_private == NULL && !wd_config_doubts(l, "http", "allow_private"))
        s = wd_config_complain_at(l, p,
                                  "an interval under 10m is only for allowed private addresses");
    (void)wd_config_goes_on(&s, wd_config_settle_manner(l, "list", &list->source, p));
    return s;
}

wd_status wd_config_settle_lists(wd_config_loader *l)
{
    wd_status s = WD_OK;
    wd_feed_list *lists = l->feed_lists;
    for (size_t i = 0; i < l->config->n_lists; i++)
        if (lists[i].source.url != NULL &&
            !wd_config_goes_on(&s, settle_list(l, &lists[i], &l->config->list_places[i])))
            break;
    return s;
}

void wd_feed_list_path(const char *state, const char *name, const char *end, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/lists/%s.%s", state, name, end);
}

wd_status wd_config_keep_lists(wd_config_loader *l)
{
    char path[PATH_MAX];
    wd_status s = WD_OK;
    for (size_t i = 0; i < l->config->n_lists; i++) {
        wd_feed_list_path(l->config->state, l->config->lists[i].source.slug, "opml", path);
        if (l->feed_lists[i].source.url != NULL &&
            access(path, R_OK) == 0 && /* else it was not fetched so far */
            !wd_config_goes_on(&s, wd_config_keep_opml(l, path, true)))
            break;
    }
    return s;
}
