/* daemon/config/hosts.c - the section `hosts`: patterns, each with what holds for them together. */
#include "daemon/config/impl.h"

static wd_status read_key(wd_config_loader *l, wd_host_rule *rule, const wd_yaml *v)
{
    const wd_config_row *row =
        wd_config_row_find(wd_host_rows, wd_host_n_rows, WD_SPAN_LIT(""), v->key);
    if (row == NULL)
        return wd_config_unknown_key(l, v, " of a host",
                                     wd_config_nearest(wd_host_rows, wd_host_n_rows, "", v->key));
    return wd_config_set_value(l, row, rule, v);
}

static wd_status check(wd_config_loader *l, const wd_yaml *v)
{
    const char *fault = wd_host_rule_fault(v->key);
    if (fault != NULL)
        return wd_config_complain(l, v->key_line, v->key_column, fault);
    if (v->kind != WD_YAML_MAP)
        return wd_config_complain(l, v->line, v->column, "a host has parallel, gap or both");
    for (size_t i = 0; i < l->config->n_hosts; i++)
        if (wd_span_is_nocase(v->key, l->config->hosts[i].pattern))
            return wd_config_complain(l, v->key_line, v->key_column,
                                      "this host is already in the list");
    return WD_OK;
}

static wd_status read_host(wd_config_loader *l, wd_host_rule *rule, const wd_yaml *host)
{
    wd_status s = check(l, host);
    rule->pattern = wd_arena_copy(l->arena, host->key).ptr;
    if (rule->pattern == NULL ||
        wd_config_set_defaults(wd_host_rows, wd_host_n_rows, rule, l->arena) != WD_OK)
        return wd_fail(l->err, WD_NOMEM, "out of memory");
    for (const wd_yaml *v = host->kind == WD_YAML_MAP ? host->first : NULL; v != NULL; v = v->next)
        if (!wd_config_goes_on(&s, read_key(l, rule, v)))
            break;
    return s;
}

wd_status wd_config_read_hosts(wd_config_loader *l, const wd_yaml *hosts)
{
    wd_config *c = l->config;
    wd_host_rule *rules = wd_config_room(l, c->hosts, c->n_hosts, sizeof(*rules), hosts);
    wd_config_place *places = wd_config_room(l, c->host_places, c->n_hosts, sizeof(*places), hosts);
    if (rules == NULL || places == NULL)
        return WD_NOMEM;
    c->hosts = rules;
    c->host_places = places;
    wd_status s = WD_OK;
    for (const wd_yaml *v = hosts->first; v != NULL; v = v->next) {
        places[c->n_hosts] = (wd_config_place){ l->file, v->key_line, v->key_column };
        if (!wd_config_goes_on(&s, read_host(l, &rules[c->n_hosts], v)))
            break;
        c->n_hosts++;
    }
    return s;
}
