/* daemon/config/complaint.c - what is wrong, with the file, line and column that an editor jumps
 * to. */
#include <stdio.h>

#include "daemon/config/impl.h"

wd_status wd_config_fail_at(wd_config_loader *l, uint32_t line, uint32_t column)
{
    snprintf(l->err->where, sizeof(l->err->where), "%s:%u:%u", l->file, line, column);
    return l->err->status;
}

wd_status wd_config_fail_at_place(wd_config_loader *l, const wd_config_place *p)
{
    l->file = p->file;
    return wd_config_fail_at(l, p->line, p->column);
}

wd_status wd_config_complain(wd_config_loader *l, uint32_t line, uint32_t column, const char *text)
{
    (void)wd_fail(l->err, WD_CONFIG, "%s", text);
    return wd_config_fail_at(l, line, column);
}

wd_status wd_config_unknown_key(wd_config_loader *l,
                                const wd_yaml *v,
                                const char *where,
                                const char *nearest)
{
    (void)wd_fail(l->err, WD_CONFIG, "unknown key '%.*s'%s%s%s%s", WD_SPAN_ARG(v->key), where,
                  nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return wd_config_fail_at(l, v->key_line, v->key_column);
}
