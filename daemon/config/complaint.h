/*
 * daemon/config/complaint.h - what is wrong with what was read, and where; what follows from that
 * is not complained of.
 *
 * WD_CONFIG means: wrong, and noted.  The reading goes on with the next thing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"
#include "daemon/config/group.h"
#include "daemon/config/yaml.h"

typedef struct wd_config_loader wd_config_loader;

/* Notes what l->err says of that place: WD_CONFIG, with which the reading goes on.  WD_NOMEM is
 * nobody's mistake and stays what it is. */
wd_status wd_config_fail_at(wd_config_loader *l, uint32_t line, uint32_t column);
wd_status wd_config_fail_at_place(wd_config_loader *l, const wd_config_place *p);
wd_status wd_config_complain_at(wd_config_loader *l, const wd_config_place *p, const char *text);
wd_status wd_config_complain(wd_config_loader *l, uint32_t line, uint32_t column, const char *text);
wd_status wd_config_unknown_key(wd_config_loader *l,
                                const wd_yaml *v,
                                const char *where,
                                const char *nearest);

/* What `key` of `section` says (NULL: every key of it) was not understood: nothing that stands on
 * it is complained of. */
void wd_config_doubt(wd_config_loader *l, wd_span section, const char *key);
bool wd_config_doubts(const wd_config_loader *l, const char *section, const char *key);

/* After one of many: joins what it gave to what the others gave.  May the next be read? */
static inline bool wd_config_goes_on(wd_status *all, wd_status one)
{
    if (one != WD_OK)
        *all = one;
    return one == WD_OK || one == WD_CONFIG;
}
