/* daemon/config/hosts.c - the section `hosts`: patterns, each with what holds for them together. */
#include "daemon/config/impl.h"

static wd_status read_keys(wd_config_loader *l, wd_host_rule *rule, const wd_yaml *host)
{
    for (const wd_yaml *v = host->first; v != NULL; v = v->next) {
        const wd_config_row *row =
            wd_config_row_find(wd_host_rows, wd_host_n_rows, WD_SPAN_LIT(""), v->key);
        if (row == NULL)
            return wd_config_unknown_key(
                l, v, " of a host", wd_config_nearest(wd_host_rows, wd_host_n_rows, "", v->key));
        wd_status s = wd_config_set_value(l, row, rule, v);
        if (s != WD_OK)
            return s;
    }
    return WD_OK;
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
    for (const wd_yaml *v = hosts->first; s == WD_OK && v != NULL; v = v->next) {
        wd_host_rule *rule = &rules[c->n_hosts];
        places[c->n_hosts] = (wd_config_place){ l->file, v->key_line, v->key_column };
        s = check(l, v);
        if (s == WD_OK)
            s = wd_config_set_defaults(wd_host_rows, wd_host_n_rows, rule, l->arena);
        if (s == WD_OK)
            s = read_keys(l, rule, v);
        rule->pattern = wd_arena_copy(l->arena, v->key).ptr;
        if (s == WD_OK && rule->pattern == NULL)
            s = wd_fail(l->err, WD_NOMEM, "out of memory");
        c->n_hosts++;
    }
    return s;
}
